"""The comment on a pull request, from an engine's preview and the local Stripe, number by number.

Each customer has, besides the subscription that the change is about, one to a twin of the new price, from the same moment on. So
the invoice previews of both are the bills before and after, made by the local Stripe.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stripe_pricing import money, signed
from tests.e2e.project import ENGINE_PARAMS, Project
from tests.stripe_impact.command import run
from tests.stripe_local.server import LocalStripe

PROGRAM = """
from stripe_resources import Meter, Price, Product

tokens = Meter("tokens", display_name="Tokens", event_name="tokens", default_aggregation={"formula": "sum"})
images = Meter("images", display_name="Images", event_name="images", default_aggregation={"formula": "sum"})
product = Product("models", name="Models", unit_label="token")


def metered(meter):
    return {"interval": "month", "usage_type": "metered", "meter": meter.id}


Price(
    "tokens-monthly",
    product=product.id,
    currency="usd",
    unit_amount=4,
    transform_quantity={"divide_by": 100, "round": "up"},
    recurring=metered(tokens),
    lookup_key="tokens",
    existing_subscriptions="migrate",
)
Price(
    "images-monthly",
    product=product.id,
    currency="usd",
    billing_scheme="tiered",
    tiers_mode="graduated",
    tiers=[{"up_to": 1000, "unit_amount_decimal": "2.5"}, {"up_to": "inf", "unit_amount": 2}],
    recurring=metered(images),
    lookup_key="images",
    existing_subscriptions="migrate",
)
"""
PACKAGES = {"transform_quantity": {"divide_by": 100, "round": "up"}}
DEARER = {"unit_amount": 5, **PACKAGES}
TIERS = [
    {"up_to": 1000, "unit_amount_decimal": "2.5"},
    {"up_to": 2000, "unit_amount": 2},
    {"up_to": "inf", "unit_amount_decimal": "1.25"},
]
TIERED = {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": TIERS}
USED = {"tokens": [3025, 25, 1000], "images": [999, 3333]}


class Scene:
    """A deployed catalogue, its customers, and what the local Stripe would bill them."""

    def __init__(self, engine: str, folder: Path, server: LocalStripe) -> None:
        self.server, self.client, self.folder = server, server.client(), folder
        self.project = Project(engine, folder, server.url)
        self.project.program(PROGRAM)
        assert self.project.up().code == 0
        ids = {name: r.get("id", "") for name, r in self.project.resources().items()}
        self.bills: dict[str, dict[str, tuple[int, int]]] = {}
        for meter, new in (("tokens", DEARER), ("images", TIERED)):
            recurring = {"interval": "month", "usage_type": "metered", "meter": ids[meter]}
            twin = self.client.v1.prices.create(
                {"currency": "usd", "product": ids["models"], "recurring": recurring, **new}  # type: ignore[typeddict-item]
            )
            self.bills[meter] = dict(self._customer(meter, (ids[f"{meter}-monthly"], twin.id), used) for used in USED[meter])

    def _customer(self, meter: str, prices: tuple[str, str], used: int) -> tuple[str, tuple[int, int]]:
        customer = self.client.v1.customers.create({"name": "Eve Example", "email": "eve@example.com"}).id
        subscriptions = [
            self.client.v1.subscriptions.create(
                {"customer": customer, "items": [{"price": p}], "collection_method": "send_invoice", "days_until_due": 30}
            ).id
            for p in prices
        ]
        payload = {"stripe_customer_id": customer, "value": str(used)}
        self.client.v1.billing.meter_events.create({"event_name": meter, "payload": payload})
        old, new = (self.client.v1.invoices.create_preview({"subscription": s}).total for s in subscriptions)
        return customer, (old, new)

    def preview(self, program: str, streaming: str = "") -> str:
        self.project.program(program)
        done = self.project.run("preview", "--json", "--stack", "dev", PULUMI_ENABLE_STREAMING_JSON_PREVIEW=streaming, check=True)
        return done.stdout

    def impact(self, preview: str, *options: str) -> str:
        self.server.forget_requests()
        done = run(self.folder, preview, *options, STRIPE_API_BASE=self.server.url)
        assert (done.returncode, done.stderr) == (0, "")
        assert {r["method"] for r in self.server.requests()} <= {"GET"}, "Stripe is only read"
        return done.stdout

    def both(self, program: str) -> tuple[str, dict[str, Any]]:
        """The comment, and the same as data."""
        preview = self.preview(program)
        return self.impact(preview, "--format", "markdown"), json.loads(self.impact(preview, "--format", "json"))


@pytest.fixture(scope="module", params=ENGINE_PARAMS)
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with LocalStripe() as server:
        yield Scene(request.param, tmp_path_factory.mktemp("shop"), server)


def held(comment: str, data: dict[str, Any], bills: dict[str, tuple[int, int]]) -> None:
    """Each customer's bill, and all of them together, as the local Stripe bills them; in the comment as in the data."""
    assert {b["customer"]: (b["before"], b["after"]) for b in data["bills"]} == bills
    before, after = (sum(side) for side in zip(*bills.values(), strict=True))
    (total,) = data["totals"]
    assert (total["before"], total["after"]) == (before, after)
    for customer, (old, new) in bills.items():
        assert f"| `{customer}` | {money(old, 'usd')} | {money(new, 'usd')} | {signed(new - old, 'usd')} |" in comment
    assert (
        f"| total, a month | {len(bills)} | {money(before, 'usd')} | {money(after, 'usd')} | {signed(after - before, 'usd')}"
        in comment
    )
    assert "Eve" not in comment
    assert "example.com" not in comment


COMMENT = """\
<!-- billing-impact: dev -->
### Billing impact of hypernian/dev

**3 customers pay more: 1.68 USD → 2.10 USD (+0.42 USD, +25.0%).**

- :information_source: 1 of 3 invoices then is below 0.50 USD, the minimum charge: not charged, but due with the next one.

| Price |  | Formula | On it now |
| --- | --- | --- | --- |
| `tokens-monthly` | replaced | 0.04 USD per 100 tokens → 0.05 USD per 100 tokens | 3 subscriptions of 3 customers: 3 move |

| Bills | Customers | Now | Then | Change |
| --- | ---: | ---: | ---: | ---: |
| total, a month | 3 | 1.68 USD | 2.10 USD | +0.42 USD (+25.0%) |
| this period's invoices: usage before a move stays at the old price |  | 1.68 USD | 1.68 USD |  |

<details><summary>Each customer's bill</summary>

| Customer | Now | Then | Change | Why | Calculation then |
| --- | ---: | ---: | ---: | --- | --- |
| `cus_1` | 1.24 USD | 1.55 USD | +0.31 USD | moves | 3,025 tokens → 31 packages of 100 × 0.05 USD = 1.55 USD |
| `cus_2` | 0.40 USD | 0.50 USD | +0.10 USD | moves | 1,000 tokens → 10 packages of 100 × 0.05 USD = 0.50 USD |
| `cus_3` | 0.04 USD | 0.05 USD | +0.01 USD | moves | 25 tokens → 1 package of 100 × 0.05 USD = 0.05 USD |

</details>

<sub>Totals compare a full period at either price, with the usage of the present one so far and the present licenses; before \
discounts, credits, prorations and taxes, except those that a price includes.</sub>
"""


def numbered(comment: str) -> str:
    """With the customers' ids in the order of their mention."""
    ids = dict.fromkeys(word.strip("`") for word in comment.split() if word.startswith("`cus_"))
    for number, id_ in enumerate(ids, 1):
        comment = comment.replace(id_, f"cus_{number}")
    return comment


def test_four_becomes_five(scene: Scene) -> None:
    comment, data = scene.both(PROGRAM.replace("unit_amount=4", "unit_amount=5"))
    held(comment, data, scene.bills["tokens"])
    assert numbered(comment) == COMMENT


def test_both_forms_of_a_preview_say_the_same(scene: Scene) -> None:
    dearer = PROGRAM.replace("unit_amount=4", "unit_amount=5")
    assert numbered(scene.impact(scene.preview(dearer, "true"), "--format", "markdown")) == COMMENT


@pytest.mark.thorough
def test_a_new_tier(scene: Scene) -> None:
    old, new = (
        '{"up_to": "inf", "unit_amount": 2}',
        '{"up_to": 2000, "unit_amount": 2}, {"up_to": "inf", "unit_amount_decimal": "1.25"}',
    )
    comment, data = scene.both(PROGRAM.replace(old, new))
    held(comment, data, scene.bills["images"])
    assert "**1 customer pays less: 96.64 USD → 86.64 USD (-10.00 USD, -10.3%).**" in comment
    assert (
        "the first 1,000 tokens: 0.025 USD each; all above 1,000: 0.02 USD each → the first 1,000 tokens: 0.025 USD each; "
        "the next 1,000 tokens: 0.02 USD each; all above 2,000: 0.0125 USD each" in comment
    )
    assert (
        "3,333 tokens → 1,000 × 0.025 USD + 1,000 × 0.02 USD + 1,333 × 0.0125 USD = 61.6625 USD, rounded to 61.66 USD" in comment
    )


@pytest.mark.thorough
def test_a_retired_price(scene: Scene) -> None:
    comment, data = scene.both(PROGRAM.partition('Price(\n    "images-monthly"')[0])
    held(comment, data, {customer: (old, old) for customer, (old, _) in scene.bills["images"].items()})
    assert "**No bill changes: 2 customers pay as before.**" in comment
    assert "2 subscriptions of 2 customers: 2 stay" in comment
    assert "stays: the price is archived" in comment


def test_nothing(scene: Scene) -> None:
    comment, data = scene.both(PROGRAM)
    assert scene.server.requests() == [], "nothing is asked where nothing changes"
    assert comment == (
        "<!-- billing-impact: dev -->\n### Billing impact of hypernian/dev\n\n**No bill changes: nothing that is billed does.**\n"
    )
    assert data["bills"] == []


@pytest.mark.thorough
def test_who_is_said_to_move_has_moved_after_the_deployment(scene: Scene) -> None:
    """Last, since it deploys; one more subscription is of the kind that a migration leaves alone."""
    price = scene.project.resources()["tokens-monthly"]["id"]
    scene.client.v1.subscriptions.create(
        {
            "customer": scene.client.v1.customers.create().id,
            "items": [{"price": price}],
            "billing_mode": {"type": "classic"},
            "collection_method": "send_invoice",
            "days_until_due": 30,
        }
    )
    preview = scene.preview(PROGRAM.replace("unit_amount=4", "unit_amount=5"))
    parts = [p for b in json.loads(scene.impact(preview, "--format", "json"))["bills"] for p in b["subscriptions"]]
    assert [p["what"] for p in parts].count("moves") == 3
    assert len(parts) == 4
    up = scene.project.up()
    assert (up.code, "1 subscription would stay on" in up.text) == (1, True), "who cannot be moved keeps the old price in use"
    for part in parts:
        (item,) = scene.client.v1.subscriptions.retrieve(part["id"]).to_dict(for_json=True)["items"]["data"]
        assert (item["price"]["id"] != price) is (part["what"] == "moves"), part
