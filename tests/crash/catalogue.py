"""A small catalogue as a program, what can become of it, and whether Stripe has exactly that."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tests.crash.rig import Rig
from tests.stripe_local.server import LocalStripe

OWNER = "hypernian/dev"
"""Project and stack, as objects at Stripe name whose they are."""

USAGE = 250
"""Tokens that the customer uses before anything happens to the catalogue."""

BILL = 287
"""Cents that he owes for them: three packages at 4 cents; and 100 at 2 cents, the rest at half a cent."""

BODY = """
import pulumi
from stripe_resources import Customer, Meter, Price, Product, Subscription

meter = Meter("tokens", display_name="Tokens", event_name=EVENT_NAME, default_aggregation={"formula": FORMULA})
product = Product("llm", name=NAME)
common = {
    "product": product.id,
    "currency": "usd",
    "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
}
packages = Price(
    "packages",
    unit_amount=AMOUNT,
    transform_quantity={"divide_by": 100, "round": "up"},
    lookup_key="tokens_monthly",
    **common,
)
if SUBSCRIBED:
    tiers = [{"up_to": 100, "unit_amount": 2}, {"up_to": "inf", "unit_amount_decimal": "0.5"}]
    tiered = Price("tiered", billing_scheme="tiered", tiers_mode="graduated", tiers=tiers, **common)
    customer = Customer("john", name=CUSTOMER_NAME)
    Subscription(
        "john",
        customer=customer.id,
        items=[{"price": packages.id}, {"price": tiered.id}],
        collection_method="send_invoice",
        days_until_due=30,
    )
"""


@dataclass(frozen=True)
class Catalogue:
    """What the program declares."""

    amount: int = 4
    """Cents per package of 100 tokens, at the price that has a lookup key."""
    event_name: str = "tokens"
    formula: str = "sum"
    subscribed: bool = True
    """With a customer, a tiered price without a lookup key, and his subscription to both prices."""
    name: str = "Tokens"
    """What the product is called."""
    customer_name: str = "John Doe"

    @property
    def program(self) -> str:
        """The text of `__main__.py`."""
        return "".join(f"{name.upper()} = {value!r}\n" for name, value in asdict(self).items()) + BODY

    def objects(self) -> dict[str, list[Any]]:
        """What has to be in use at Stripe, as `in_use` tells it."""
        packages = (f"{OWNER}/Price/packages", f"{self.amount} cents", "tokens_monthly", "its product", "its meter")
        tiered = (f"{OWNER}/Price/tiered", "None cents", "no key", "its product", "its meter")
        items = [f"{OWNER}/Price/packages", f"{OWNER}/Price/tiered"]
        more = self.subscribed
        return {
            "meters": [(self.event_name, self.formula)],
            "products": [(f"{OWNER}/Product/llm", self.name)],
            "prices": [packages, tiered] if more else [packages],
            "customers": [(f"{OWNER}/Customer/john", self.customer_name)] if more else [],
            "subscriptions": [(f"{OWNER}/Subscription/john", "its customer", items)] if more else [],
        }


NOTHING: dict[str, list[Any]] = {"meters": [], "products": [], "prices": [], "customers": [], "subscriptions": []}
"""What is in use after a destroy."""


def assert_exactly(objects: dict[str, list[Any]], rig: Rig, server: LocalStripe) -> None:
    """These are in use at Stripe and in the state, nothing else is, and nothing is left to do."""
    assert in_use(server) == objects
    assert state_ids(rig) == live_ids(server)
    if objects != NOTHING:
        preview = rig.preview("--expect-no-changes")
        assert preview.code == 0, preview.text


def in_use(server: LocalStripe) -> dict[str, list[Any]]:
    """All that is in use at Stripe, whoever made it, in words; references are told as what they lead to."""
    live = _live(server)
    ids = {kind: {o.id: o for o in objects} for kind, objects in live.items()}

    def leads(kind: str, id_: Any) -> str:
        return f"its {kind}" if id_ in ids[f"{kind}s"] else f"{id_}, which is not in use"

    return {
        "meters": [(m.event_name, m.default_aggregation.formula) for m in live["meters"]],
        "products": [(_tag(p), p.name) for p in live["products"]],
        "prices": sorted(
            (
                _tag(p),
                f"{p.unit_amount} cents",
                p.lookup_key or "no key",
                leads("product", p.product),
                leads("meter", p.recurring.meter),
            )
            for p in live["prices"]
        ),
        "customers": [(_tag(c), c.name) for c in live["customers"]],
        "subscriptions": [
            (
                _tag(s),
                leads("customer", s.customer),
                sorted(_tag(ids["prices"][i.price.id]) if i.price.id in ids["prices"] else i.price.id for i in s["items"].data),
            )
            for s in live["subscriptions"]
        ],
    }


def live_ids(server: LocalStripe) -> list[str]:
    """The ids of all that is in use at Stripe."""
    return sorted(o.id for objects in _live(server).values() for o in objects)


def state_ids(rig: Rig) -> list[str]:
    """The ids of all objects that the state has."""
    return sorted(r["id"] for r in rig.saved() if r["type"].startswith("pulumi-python:dynamic/stripe:"))


def made(server: LocalStripe) -> dict[str, int]:
    """How many objects were made in all, retired ones included (deleted ones Stripe lists no more)."""
    v1 = server.client().v1
    return {
        "meters": len(v1.billing.meters.list().data),
        "products": len(v1.products.list().data),
        "prices": len(v1.prices.list().data),
        "subscriptions": len(v1.subscriptions.list({"status": "all"}).data),
    }


def use(server: LocalStripe) -> None:
    """The customer uses tokens."""
    v1 = server.client().v1
    customer = v1.customers.list().data[0].id
    v1.billing.meter_events.create({"event_name": "tokens", "payload": {"stripe_customer_id": customer, "value": str(USAGE)}})


def bill(server: LocalStripe) -> int:
    """What the customer owes or will owe for his usage so far, in cents: invoices, and what the next ones will be."""
    v1 = server.client().v1
    invoiced = sum(i.total for i in v1.invoices.list().data)
    return invoiced + sum(v1.invoices.create_preview({"subscription": s.id}).total for s in v1.subscriptions.list().data)


def _tag(live: Any) -> str:
    return str(live.metadata.to_dict().get("pulumi_resource", "nobody"))


def _live(server: LocalStripe) -> dict[str, list[Any]]:
    v1 = server.client().v1
    return {
        "meters": v1.billing.meters.list({"status": "active"}).data,
        "products": v1.products.list({"active": True}).data,
        "prices": v1.prices.list({"active": True}).data,
        "customers": v1.customers.list().data,
        "subscriptions": v1.subscriptions.list().data,
    }
