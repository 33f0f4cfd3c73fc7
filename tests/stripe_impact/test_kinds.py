"""Every kind of change to a price or a subscription, for those that are declared, migrated and grandfathered: what the impact
says before a deployment is what becomes of them, and what their next two invoices are.

One deployment changes all of them. Who is not touched by a kind of change shows what the others would have paid without it.
"""

from __future__ import annotations

import heapq
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import COUNTED
from tests.e2e.project import ENGINE_PARAMS, Project
from tests.stripe_impact.command import run
from tests.stripe_impact.kinds import A_FEW, DAYS, KINDS, LATER, MUCH_LATER, STOPPING, USED, Cell, Values, cells
from tests.stripe_local.server import LocalStripe

PROGRAM = """
import json

from stripe_resources import Customer, Meter, Price, Product, Subscription

cells = json.loads({cells!r})
products = {{name: Product(name, name=name.title(), unit_label="unit") for name in ("product", "other")}}


def meter(name, **more):
    return Meter(name, display_name=name, **{{"event_name": name, "default_aggregation": {{"formula": "sum"}}, **more}})


shared = {{name: meter(name) for name in ("tokens", "images")}}
for cell, wanted in cells.items():
    meters = {{**shared, **{{n: meter(f"{{cell}}-{{n}}", **more) for n, more in wanted["meters"].items()}}}}
    prices = {{}}
    for name, price in wanted["prices"].items():
        if "meter" in price["recurring"]:
            price["recurring"]["meter"] = meters[price["recurring"]["meter"]].id
        price["product"] = products[price.get("product", "product")].id
        prices[name] = Price(f"{{cell}}-{{name}}", **price)
    if wanted["declared"]:
        customer = Customer(cell, name=cell)
        items = [{{**item, "price": prices[item["price"]].id}} for item in wanted["items"]]
        Subscription(
            cell, customer=customer.id, items=items, collection_method="send_invoice", days_until_due=30, **wanted["subscription"]
        )
"""
GRACE = 2 * 3600
"""So long after the end of a period its invoice is final."""


@dataclass
class Seen:
    """What became of a subscription."""

    preview: int = 0
    """The next invoice, before discounts and taxes, if nothing is deployed."""
    prices: list[list[str]] = field(default_factory=list)
    """The prices of its items before the deployment, right after, and later."""
    present: int = 0
    """All invoices of its present period."""
    following: int = 0
    """All invoices of the next period."""


class Scene:
    """The cells, deployed, changed and billed twice."""

    def __init__(self, engine: str, folder: Path, server: LocalStripe, cells: Sequence[Cell]) -> None:
        server.reset()
        self.cells, self.server, self.stripe, self.folder = cells, server, server.client(), folder
        self.project = Project(engine, folder, server.url)
        if len(cells) > 20:
            self.project.config("stripe:requestsPerSecond", "1000")
        self.times = {LATER: server.clock() + 20 * DAYS, MUCH_LATER: server.clock() + 25 * DAYS}
        self.seen = {cell: Seen() for cell in cells}
        self.ids: dict[Cell, str] = {}
        self.customers: dict[Cell, str] = {}
        self.ends: dict[Cell, int] = {}
        self._begin()
        self._use(new=False)
        self.server.clock(advance=10 * DAYS)
        for cell, seen in self.seen.items():
            seen.preview = self.stripe.v1.invoices.create_preview({"subscription": self.ids[cell]}).subtotal
            self.ends[cell], _ = self._look(cell)
        self.report = self._report()
        self.since = self.server.clock()
        self.up = self._deploy(new=True)
        self._bill()

    def _deploy(self, new: bool) -> str:
        cells = {c.name: c.inputs(new, self.times) for c in self.cells}
        self.project.program(PROGRAM.format(cells=json.dumps(cells)))
        return self.project.up("--continue-on-error").text

    def _begin(self) -> None:
        assert "error" not in (text := self._deploy(new=False)), text
        listed = self.server.client().v1.prices.list({"limit": 100}).auto_paging_iter()
        prices = {str(p.lookup_key): p.id for p in listed}
        for cell in self.cells:
            wanted = cell.inputs(False, self.times)
            items: Any = [{**i, "price": prices[wanted["prices"][i["price"]]["lookup_key"]]} for i in wanted["items"]]
            if wanted["declared"]:
                (declared,) = self.stripe.v1.subscriptions.list({"price": items[0]["price"]}).data
                self.ids[cell], self.customers[cell] = declared.id, str(declared.customer)
                continue
            self.customers[cell] = self.stripe.v1.customers.create({}).id
            made = self.stripe.v1.subscriptions.create(
                {
                    "customer": self.customers[cell],
                    "items": items,
                    "collection_method": "send_invoice",
                    "days_until_due": 30,
                    **wanted["subscription"],
                }
            )
            self.ids[cell] = made.id

    def _use(self, new: bool, cells: Sequence[Cell] = (), often: int = 1) -> None:
        for cell in cells or self.cells:
            own = cell.inputs(new, self.times)["meters"]
            names = cell.of.meters_of(False) | cell.of.meters_of(True)
            for name in names & {"tokens", "images", *own}:
                event = own[name]["event_name"] if name in own else name
                payload = {"stripe_customer_id": self.customers[cell], "value": str(USED[name] * often)}
                self.stripe.v1.billing.meter_events.create({"event_name": event, "payload": payload})

    def _look(self, cell: Cell) -> tuple[int, str]:
        """Notes the prices that the subscription has. Returns the end of its present period, and its status."""
        found = self.stripe.v1.subscriptions.retrieve(self.ids[cell])
        data = found["items"].data
        self.seen[cell].prices.append(sorted(i.price.id for i in data))
        return min((int(i.current_period_end) for i in data), default=0), found.status

    def _report(self) -> dict[str, Any]:
        cells = {c.name: c.inputs(True, self.times) for c in self.cells}
        self.project.program(PROGRAM.format(cells=json.dumps(cells)))
        preview = self.project.run("preview", "--json", "--stack", "dev", check=True).stdout
        done = run(self.folder, preview, "--format", "json", STRIPE_API_BASE=self.server.url)
        assert done.returncode == 0, done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def _bill(self) -> None:
        """Lets two periods of each subscription pass, with the same usage in the second one."""
        windows: dict[Cell, list[int]] = {}
        ends: list[tuple[int, Cell]] = []
        for cell in self.cells:
            before = self.ends[cell]
            end, status = self._look(cell)
            heapq.heappush(ends, (end, cell))
            windows[cell] = []
            if end != before and status == "active":
                # The deployment ended the period, and billed it at once.
                windows[cell] = [self.since]
                self._use(True, [cell], _months(end - self.since))
        while ends:
            now = self.server.clock(set=max(ends[0][0] + GRACE, self.server.clock()))
            while ends and ends[0][0] + GRACE // 2 <= now:
                end, cell = heapq.heappop(ends)
                windows[cell].append(end)
                next_end, status = self._look(cell)
                if len(windows[cell]) < 2 and status != "canceled":
                    heapq.heappush(ends, (next_end, cell))
                    self._use(True, [cell], _months(next_end - end))
                else:
                    self._add_up(cell, windows[cell])

    def _add_up(self, cell: Cell, ends: list[int]) -> None:
        """The invoices, each period's up to its end; and nothing more of the subscription."""
        seen, first = self.seen[cell], ends[0] + GRACE
        for invoice in self.stripe.v1.invoices.list({"subscription": self.ids[cell], "limit": 100}).data:
            if self.since <= invoice.created <= first:
                seen.present += invoice.subtotal
            elif first < invoice.created:
                seen.following += invoice.subtotal
        if self.stripe.v1.subscriptions.retrieve(self.ids[cell]).status != "canceled":
            self.stripe.v1.subscriptions.cancel(self.ids[cell])

    @cached_property
    def said(self) -> dict[str, Values]:
        """What the report says of each subscription that it knows, by id."""
        return {s["id"]: s for b in self.report["bills"] for s in b["subscriptions"]}

    def found(self, cell: Cell) -> dict[str, Any]:
        """What the report says of the cell."""
        said = self.said.get(self.ids[cell])
        if said is None:
            return {"what": ""}
        return {
            "what": said["what"],
            "moves": said["what"] == "moves",
            "present before": said["this_period"]["before"],
            "present after": said["this_period"]["after"],
            "period before": sum(line["invoice"] for line in said["before"]),
            "period after": sum(line["invoice"] for line in said["after"]),
        }

    def expected(self, cell: Cell) -> dict[str, Any]:
        """What became of it; where nothing is said, what is paid stays the same."""
        seen, twin = self.seen[cell], self.seen[Cell(cell.kind, "grandfather")]
        untouched = Cell(cell.kind, "grandfather").what in ("", "stays") and not cell.of.meters[0]
        left, leaving = ("cancel_at_period_end" in options for options in cell.of.subscription)
        if not cell.what:
            assert (seen.present, seen.prices[0]) == (seen.preview, seen.prices[1]), (cell, seen)
            return {"what": ""}
        prorated = cell.of.prorated and cell.whose == "declared"
        return {
            "what": cell.what,
            "moves": seen.prices[0] != seen.prices[1],
            "present before": seen.preview,
            "present after": None if prorated else seen.present,
            "period before": twin.following if untouched and not left else seen.preview,
            # Who leaves has no other period: what counts is the usage on the last invoice.
            "period after": seen.present if left and leaving and not prorated else seen.following,
        }


def _months(seconds: int) -> int:
    return round(seconds / (30.4 * DAYS))


SCENES = [
    pytest.param(A_FEW, id="a few"),
    *(pytest.param(tuple(some), id=name, marks=pytest.mark.thorough) for name, some in KINDS.items()),
]


@pytest.mark.parametrize("engine", ENGINE_PARAMS)
@pytest.mark.parametrize("kinds", SCENES)
def test_what_the_impact_says_is_what_becomes_of_bills(
    kinds: tuple[str, ...],
    engine: str,
    tmp_path: Path,
    shared_server: LocalStripe,
    record_property: Callable[[str, object], None],
) -> None:
    scene = Scene(engine, tmp_path, shared_server, cells(kinds))
    sides = {cell.name: (scene.found(cell), scene.expected(cell)) for cell in scene.cells}
    assert [f"{name}: {said}, but {became}" for name, (said, became) in sides.items() if said != became] == []
    assert {n["text"].split(" error at ")[1].split(":")[0] for n in scene.report["notices"] if " error at " in n["text"]} == set(
        re.findall(r'Price "(\S+)" could not be deleted', scene.up)
    )
    refused = {cell.name for cell in scene.cells if "will refuse" in scene.said.get(scene.ids[cell], {}).get("why", "")}
    assert refused == set(re.findall(r'Subscription "(\S+)" could not be updated', scene.up))
    record_property(f"{COUNTED}changes to bills, each billed twice,", len(scene.cells))


@pytest.mark.thorough
@pytest.mark.parametrize("engine", ENGINE_PARAMS)
@pytest.mark.parametrize("cell", STOPPING, ids=lambda cell: cell.name)
def test_a_deployment_that_stops_leaves_the_bill_as_it_is(
    cell: Cell, engine: str, tmp_path: Path, shared_server: LocalStripe
) -> None:
    scene = Scene(engine, tmp_path, shared_server, [cell])
    seen, paid = scene.seen[cell], scene.seen[cell].preview
    assert scene.found(cell) == {
        "what": "stays",
        "moves": False,
        "present before": paid,
        "present after": seen.present,
        "period before": paid,
        "period after": seen.following,
    }
    assert paid == seen.present == seen.following > 0
    assert seen.prices[0] == seen.prices[1]
    assert [n["text"] for n in scene.report["notices"] if f" error at {cell.name}-price: " in n["text"]]
    assert f'Price "{cell.name}-price" could not be deleted' in scene.up
