"""A small catalogue that is deployed once and then changed outside, again and again, each time to be repaired."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import stripe

from tests.e2e.project import Project, Run, written
from tests.stripe_local.server import LocalStripe

PROGRAM = """
import pulumi

from stripe_resources import Customer, Meter, Price, Product, Subscription

product = Product("product", name="Hypernian", description="Tokens", metadata={"team": "billing"})
spare = Product("spare", name="A product without prices")
meter = Meter("meter", display_name="Tokens", event_name="tokens", default_aggregation={"formula": "sum"})
metered = {"interval": "month", "usage_type": "metered", "meter": meter.id}
price = Price(
    "price",
    product=product.id,
    currency="usd",
    unit_amount=4,
    currency_options={"eur": {"unit_amount": 5}},
    recurring=metered,
    lookup_key="tokens",
    nickname="Tokens",
    metadata={"team": "billing"},
)
tiered = Price(
    "tiered",
    product=product.id,
    currency="usd",
    billing_scheme="tiered",
    tiers_mode="graduated",
    tiers=[{"up_to": 10, "unit_amount_decimal": "0.04"}, {"up_to": "inf", "unit_amount": 0}],
    currency_options={"eur": {"tiers": [{"up_to": 10, "unit_amount": 5}, {"up_to": "inf", "unit_amount": 3}]}},
    recurring=metered,
)
seats = Price("seats", product=product.id, currency="usd", unit_amount=900, recurring={"interval": "month"})
customer = Customer("customer", name="John Doe")
subscription = Subscription(
    "subscription",
    customer=customer.id,
    items=[{"price": price.id}, {"price": seats.id, "quantity": 2}],
    collection_method="send_invoice",
    days_until_due=30,
)
"""


class Shop:
    """The catalogue on one engine, at a local Stripe that nobody else uses."""

    def __init__(self, engine: str, folder: Path, server: LocalStripe) -> None:
        self.server = server
        self._engine, self._folder, self._deployments = engine, folder, 0
        self._ids: dict[str, str] = {}
        self.project: Project
        self.settled = False

    def open(self) -> None:
        """Deploys the catalogue, unless it is there and as declared."""
        if not self.settled:
            self.server.reset()
            self._deployments += 1
            folder = self._folder / str(self._deployments)
            folder.mkdir()
            self.project = Project(self._engine, folder, self.server.url)
            self.project.program(PROGRAM)
            self.up()
        self.server.forget_requests()
        self.settled = False

    # -- what a test does with it

    @property
    def stripe(self) -> stripe.V1Services:
        """Stripe's own client, as somebody outside uses it."""
        return self.server.client().v1

    def id(self, name: str) -> str:
        """The id of a resource, by its name in the program, as of the last `up`."""
        if not self._ids:
            self._ids = {name: r["id"] for name, r in self.project.resources().items() if "id" in r}
        return self._ids[name]

    def up(self, *flags: str) -> list[tuple[str, str]]:
        """What `up` did, which went well."""
        self._ids = {}
        up = self.project.up(*flags)
        assert up.code == 0, up.text
        return changes(up)

    def seen(self) -> list[tuple[str, str]]:
        """What `preview --refresh` says that `up --refresh` would do."""
        preview = self.project.preview("--refresh")
        assert preview.code == 0, preview.text
        return changes(preview)

    def repaired(self) -> list[tuple[str, str]]:
        """What `up --refresh` does; afterwards everything is as declared, and both ways of looking see nothing."""
        done = self.up("--refresh")
        self.settle()
        return done

    def settle(self) -> None:
        """Nothing shows any more: neither in the program against the state, nor in the state against Stripe."""
        again = self.project.preview("--refresh", "--expect-no-changes")
        assert again.code == 0, again.text
        self.settled = True

    def wrote(self) -> list[dict[str, Any]]:
        """The requests that changed something since the last call."""
        found = written(self.server.requests())
        self.server.forget_requests()
        return found


def changes(run: Run) -> list[tuple[str, str]]:
    """The steps of a run, without the reads of its refresh."""
    return [step for step in run.steps if step[0] != "refresh"]
