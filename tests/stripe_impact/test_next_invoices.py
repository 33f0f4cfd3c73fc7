"""Each kind of change to a price, for subscriptions that are declared, moved or left alone: what the impact says before a
deployment is what becomes of them, and what their next two invoices are. One deployment changes all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.e2e.project import ENGINE_PARAMS, Project
from tests.stripe_impact.command import run
from tests.stripe_local.server import LocalStripe

PROGRAM = """
import json

import pulumi

from stripe_resources import Customer, Meter, Price, Product, Subscription

cells = json.loads({cells!r})
product = Product("product", name="Product", unit_label="unit")
for name, cell in cells.items():
    price = {{**cell["price"]}}
    if price["recurring"].pop("usage_type", "") == "metered":
        meter = Meter(name, display_name=name, event_name=name, default_aggregation={{"formula": "sum"}})
        price["recurring"].update(usage_type="metered", meter=meter.id)
    elif cell["meter"]:
        Meter(name, display_name=name, event_name=name, default_aggregation={{"formula": "sum"}})
    made = Price(name, product=product.id, currency="usd", lookup_key=name, **price)
    if cell["declared"]:
        customer = Customer(name, name=name)
        item = {{"price": made.id}} if "meter" in price["recurring"] else {{"price": made.id, "quantity": 3}}
        sub = Subscription(
            name, customer=customer.id, items=[item], collection_method="send_invoice", days_until_due=30, **cell["subscription"]
        )
        pulumi.export(name, sub.id)
"""
MONTH, USAGE = {"interval": "month"}, {"interval": "month", "usage_type": "metered"}
PACKAGES = {"transform_quantity": {"divide_by": 100, "round": "up"}, "recurring": USAGE}
TIERS = [{"up_to": 1000, "unit_amount_decimal": "2.5"}, {"up_to": "inf", "unit_amount": 2}]
GRADUATED = {"billing_scheme": "tiered", "tiers_mode": "graduated", "recurring": USAGE}
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "usage": ({"unit_amount": 4, **PACKAGES}, {"unit_amount": 5, **PACKAGES}),
    "tiers": ({**GRADUATED, "tiers": TIERS}, {**GRADUATED, "tiers": [{**TIERS[0], "flat_amount": 300}, TIERS[1]]}),
    "seats": ({"unit_amount": 1000, "recurring": MONTH}, {"unit_amount": 900, "recurring": MONTH}),
    "interval": ({"unit_amount": 1000, "recurring": MONTH}, {"unit_amount": 10000, "recurring": {"interval": "year"}}),
    "to-seats": ({"unit_amount": 4, **PACKAGES}, {"unit_amount": 900, "recurring": MONTH}),
    "to-usage": ({"unit_amount": 1000, "recurring": MONTH}, {"unit_amount": 4, **PACKAGES}),
}
MOVED = {"usage", "tiers", "seats"}
USED, SEATS = 3025, 3


class Cell(NamedTuple):
    """A change, and whose subscription it is about."""

    change: str
    whose: str

    @property
    def name(self) -> str:
        return f"{self.change}-{self.whose}"

    @property
    def moves(self) -> bool:
        return self.whose in ("declared", "unprorated") or (self.whose in ("migrate", "leaving") and self.change in MOVED)

    @property
    def stops(self) -> bool:
        """Whether a migration stops the deployment, since the subscription cannot be moved."""
        return self.whose in ("migrate", "leaving") and not self.moves

    def inputs(self, new: bool) -> dict[str, Any]:
        before, after = CHANGES[self.change]
        existing = "grandfather" if self.whose == "grandfather" else "migrate"
        return {
            "price": {**(after if new else before), "existing_subscriptions": existing},
            "declared": self.whose in ("declared", "unprorated"),
            "subscription": {"proration_behavior": "none"} if self.whose == "unprorated" else {},
            "meter": any("usage_type" in side["recurring"] for side in (before, after)),
        }


CELLS = [
    *(Cell(change, whose) for change in CHANGES for whose in ("migrate", "grandfather", "leaving")),
    *(Cell(change, "declared") for change in ("usage", "tiers", "seats", "interval")),
    Cell("seats", "unprorated"),
]


@pytest.mark.parametrize("engine", ENGINE_PARAMS)
@pytest.mark.thorough
def test_what_the_impact_says_is_what_becomes_of_bills(engine: str, tmp_path: Path, shared_server: LocalStripe) -> None:
    shared_server.reset()
    stripe, project = shared_server.client(), Project(engine, tmp_path, shared_server.url)

    def program(*new: Cell) -> None:
        project.program(PROGRAM.format(cells=json.dumps({c.name: c.inputs(c in new) for c in CELLS})))

    program()
    assert project.up().code == 0
    subscriptions: dict[str, str] = {}
    customers: dict[str, str] = {}

    def use() -> None:
        for cell in CELLS:
            if "usage_type" in CHANGES[cell.change][0]["recurring"]:
                payload = {"stripe_customer_id": customers[cell.name], "value": str(USED)}
                stripe.v1.billing.meter_events.create({"event_name": cell.name, "payload": payload})

    for cell in CELLS:
        if cell.inputs(False)["declared"]:
            subscriptions[cell.name] = project.outputs()[cell.name]
            customers[cell.name] = str(stripe.v1.subscriptions.retrieve(subscriptions[cell.name]).customer)
            continue
        customers[cell.name] = stripe.v1.customers.create({}).id
        prices = shared_server.http("GET", "/v1/prices", params={"lookup_keys[]": cell.name}).json()["data"]
        item: Any = {
            "price": prices[0]["id"],
            **({"quantity": SEATS} if prices[0]["recurring"]["usage_type"] == "licensed" else {}),
        }
        made = stripe.v1.subscriptions.create(
            {"customer": customers[cell.name], "items": [item], "collection_method": "send_invoice", "days_until_due": 30}
        )
        subscriptions[cell.name] = made.id
        if cell.whose == "leaving":
            stripe.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    use()
    shared_server.clock(advance=86400)

    def invoices() -> dict[str, int]:
        return {name: stripe.v1.invoices.create_preview({"subscription": id}).total for name, id in subscriptions.items()}

    before = invoices()
    program(*CELLS)
    preview = project.run("preview", "--json", "--stack", "dev", check=True).stdout
    done = run(tmp_path, preview, "--format", "json", STRIPE_API_BASE=shared_server.url)
    report = json.loads(done.stdout)
    parts = {s["id"]: s for b in report["bills"] for s in b["subscriptions"]}
    said = {cell: parts[subscriptions[cell.name]] for cell in CELLS}
    assert {c.name: s["what"] == "moves" for c, s in said.items()} == {c.name: c.moves for c in CELLS}
    assert {c.name: s["this_period"]["before"] for c, s in said.items()} == before
    stop = {n["text"].split(" error at ")[1].split(":")[0] for n in report["notices"] if "end with an error" in n["text"]}
    assert stop == {c.name for c in CELLS if c.stops}
    program(*(c for c in CELLS if not c.stops))
    up = project.up()
    assert up.code == 0, up.text
    then = invoices()
    known = {c.name: s["this_period"]["after"] for c, s in said.items() if s["this_period"]["after"] is not None}
    assert known == {name: then[name] for name in known}
    assert {c.name for c in CELLS} - known.keys() == {"seats-declared", "interval-declared"}
    shared_server.clock(advance=32 * 86400)
    use()
    full = {c: sum(line["invoice"] for line in s["after"]) for c, s in said.items() if c.whose != "leaving"}
    assert {c.name: amount for c, amount in full.items() if c.change != "interval"} == {
        c.name: stripe.v1.invoices.create_preview({"subscription": subscriptions[c.name]}).total
        for c in full
        if c.change != "interval"
    }
    for cell in CELLS:
        if cell.whose == "leaving":
            assert stripe.v1.subscriptions.retrieve(subscriptions[cell.name]).status == "canceled"
    program(*CELLS)
    up = project.up()
    assert up.code == 1
    assert any(f'Price "{name}" could not be' in up.text for name in stop)
