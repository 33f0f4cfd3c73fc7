"""docs/replacement.md: its figures are what the local Stripe bills for what the resources ask of it, and its example runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stripe_resources import StripeError
from tests.docs.checkout import blocks
from tests.e2e.project import Project
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.kinds.test_meter import METER
from tests.stripe_resources.kinds.test_product import PRODUCT
from tests.stripe_resources.run import Run
from tests.stripe_resources.sample import Values

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "replacement.md").read_text()
(EXAMPLE,) = blocks("docs/replacement.md", "python")

START = 1806580800  # 2027-04-01, a month of thirty days
HALF, WHOLE = 15 * 86400, 30 * 86400
MONTHLY = {"interval": "month"}
INVOICED = {"collection_method": "send_invoice", "days_until_due": 30}
CLASSIC, FLEXIBLE = {"billing_mode": {"type": "classic"}}, {"billing_mode": {"type": "flexible"}}


class Month:
    """One customer, one price, which is replaced in the middle of the month."""

    def __init__(self, server: LocalStripe, terms: Values, dearer: Values, params: Values, *, declared: bool) -> None:
        server.reset()
        server.clock(set=START)
        self.server, self.run, self.client = server, Run(server), server.client()
        self.meter, _ = self.run.create("Meter", "m", METER)
        self.product, _ = self.run.create("Product", "p", PRODUCT)
        usage = {"usage_type": "metered", "meter": self.meter} if "transform_quantity" in terms else {}
        self.terms = {"currency": "usd", "product": self.product, "recurring": {**MONTHLY, **usage}, **terms}
        self.dearer = {**self.terms, **dearer}
        self.old, self.outputs = self.run.create("Price", "price", self.terms)
        self.customer, _ = self.run.create("Customer", "c", {"name": "John Doe"})
        quantity = {} if usage else {"quantity": 3}
        self.args = {"customer": self.customer, "items": [{"price": self.old, **quantity}], **INVOICED, **params}
        if declared:
            self.subscription, self.subscribed = self.run.create("Subscription", "s", self.args)
        else:
            self.subscription = self.client.v1.subscriptions.create(self.args).id  # type: ignore[arg-type]

    def use(self, tokens: int) -> None:
        payload = {"stripe_customer_id": self.customer, "value": str(tokens)}
        self.client.v1.billing.meter_events.create({"event_name": "tokens", "payload": payload})

    def replaced(self, **setting: str) -> None:
        """Replaces the price, with nothing declared to go over to the new one."""
        self.server.clock(set=START + HALF)
        self.run.replace("Price", self.old, self.outputs, {**self.dearer, **setting})

    def moved(self, **params: Any) -> None:
        """Makes the new price, and declares the subscription with it."""
        self.server.clock(set=START + HALF)
        new, _ = self.run.create("Price", "dearer", self.dearer)
        items = [{**i, "price": new} for i in self.args["items"]]
        self.run.update("Subscription", self.subscription, self.subscribed, {**self.args, "items": items, **params})

    def lines(self) -> list[Values]:
        """All that the invoices of this month have, when it is over."""
        self.server.clock(set=START + WHOLE + 7200)
        invoices = self.client.v1.invoices.list({"subscription": self.subscription, "limit": 100}).data
        return [line.to_dict(for_json=True) for invoice in reversed(invoices) for line in invoice.lines.data]


TOKENS = {"transform_quantity": {"divide_by": 100, "round": "up"}, "unit_amount": 4}
SEATS = {"unit_amount": 1000}


def tokens(server: LocalStripe, name: str, params: Values, what: str, change: Callable[[Month], None], **more: Any) -> str:
    month = Month(server, TOKENS, {"unit_amount": 5}, params, declared=name.startswith("declared"))
    month.use(3025)
    change(month)
    month.use(2000)
    billed: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
    for line in month.lines():
        if line["quantity"] and line["amount"]:
            at_old = line["pricing"]["price_details"]["price"] == month.old
            billed[at_old].append((line["quantity"], line["amount"]))
    old, new = (" and ".join(f"{q:,} tokens: {a}" for q, a in billed[at]) for at in (True, False))
    mode = params.get("billing_mode", {"type": "flexible"})["type"]
    total = sum(amount for side in billed.values() for _, amount in side)
    return f"| {name} | {mode} | {what} | {old} | {new} | {total} |"


def refused(**params: Any) -> Callable[[Month], None]:
    def change(month: Month) -> None:
        with pytest.raises(StripeError, match="is metered and goes"):
            month.moved(**params)

    return change


def removed(month: Month) -> None:
    month.server.clock(set=START + HALF)
    free = {"currency": "usd", "product": month.product, "recurring": MONTHLY, "unit_amount": 0}
    other = {"price": month.run.create("Price", "other", free)[0]}
    both = {**month.args, "items": [*month.args["items"], other]}
    outputs = month.run.update("Subscription", month.subscription, month.subscribed, both)
    assert outputs is not None
    month.run.update("Subscription", month.subscription, outputs, {**month.args, "items": [other]})


def cancelled(month: Month) -> None:
    month.server.clock(set=START + HALF)
    month.run.handler("Subscription").delete(month.subscription, month.subscribed)


def migrate(month: Month) -> None:
    month.replaced(existing_subscriptions="migrate")


def not_migrated(month: Month) -> None:
    with pytest.raises(StripeError, match="would stay on"):
        migrate(month)


def section(name: str) -> str:
    return PAGE.partition(f"<!-- {name}: begin")[2].partition("-->\n")[2].partition(f"\n<!-- {name}: end -->")[0]


def test_usage(shared_server: LocalStripe) -> None:
    none = {"proration_behavior": "none"}
    cases: list[tuple[str, Values, str, Callable[[Month], None]]] = [
        ("not declared, `grandfather`", {}, "stays", Month.replaced),
        ("not declared, `grandfather`", CLASSIC, "stays", Month.replaced),
        ("not declared, `migrate`", {}, "is moved", migrate),
        ("not declared, `migrate`", CLASSIC, "is refused: stays", not_migrated),
        ("declared", {}, "is moved", Month.moved),
        ('declared, `proration_behavior="none"`', none, "is refused: stays", refused()),
        ("declared", CLASSIC, "is refused: stays", refused()),
        ("declared, and made flexible", CLASSIC, "is moved", lambda month: month.moved(**FLEXIBLE)),
        ("declared, the item is removed", {}, "loses the item", removed),
        ("declared, cancelled", {}, "ends", cancelled),
    ]
    header = ["| subscription | billing | what happens | at the old price | at the new price | in all |", "| --- " * 6 + "|"]
    table = "\n".join([*header, *(tokens(shared_server, *case) for case in cases)])
    assert section("usage") == table, f"The table in docs/replacement.md should be:\n{table}"


def seats(server: LocalStripe, name: str, params: Values, change: Callable[[Month], None]) -> str:
    month = Month(server, SEATS, {"unit_amount": 1200}, params, declared=name.startswith("declared"))
    change(month)
    plain, prorations = [], []
    for line in month.lines():
        parent = line["parent"]["invoice_item_details"] or line["parent"]["subscription_item_details"]
        (prorations if parent["proration"] else plain).append(line["amount"])
    this, after = plain
    return f"| {name} | {this} | {' and '.join(map(str, prorations)) or 'none'} | {after} |"


def test_seats(shared_server: LocalStripe) -> None:
    cases: list[tuple[str, Values, Callable[[Month], None]]] = [
        ("not declared, `grandfather`", {}, Month.replaced),
        ("not declared, `migrate`", {}, migrate),
        ("declared", {}, Month.moved),
        ('declared, `proration_behavior="none"`', {"proration_behavior": "none"}, Month.moved),
    ]
    header = ["| subscription | paid for this month | credit and charge for its rest | for the next month |", "| --- " * 4 + "|"]
    table = "\n".join([*header, *(seats(shared_server, *case) for case in cases)])
    assert section("seats") == table, f"The table in docs/replacement.md should be:\n{table}"


def test_usage_reported_late(shared_server: LocalStripe) -> None:
    """At the new price, whatever time it carries, and once."""
    month = Month(shared_server, TOKENS, {"unit_amount": 5}, {}, declared=False)
    month.use(3025)
    migrate(month)
    payload = {"stripe_customer_id": month.customer, "value": "1000"}
    month.client.v1.billing.meter_events.create({"event_name": "tokens", "payload": payload, "timestamp": START + 86400})
    month.use(2000)
    billed = [(line["pricing"]["price_details"]["price"] == month.old, line["amount"]) for line in month.lines()]
    assert billed == [(True, 124), (False, 150)]


@pytest.mark.thorough
def test_the_example(tmp_path: Path, shared_server: LocalStripe) -> None:
    shared_server.reset()
    project = Project("local", tmp_path, shared_server.url)
    program = tmp_path / "__main__.py"
    program.write_text(program.read_text() + EXAMPLE)
    assert project.up().code == 0
    ids = project.outputs()
    assert shared_server.client().v1.products.retrieve(ids["product_id"]).default_price == ids["price_id"]
    assert project.destroy().code == 0
