"""Fifteen situations in which a tool for Stripe's catalogue can go wrong: what the user sees, and what Stripe has afterwards.

Stripe's own Terraform provider, measured in the same situations, archives the old price first, sees no drift, leaves destroyed
subscriptions billing, fails at the first 429 and makes duplicates after a crash.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.project import Project, sent, written
from tests.e2e.shop import Shop, changes
from tests.stripe_local.server import LocalStripe

pytestmark = pytest.mark.thorough

ONE_PRICE = """
from stripe_resources import Price, Product

product = Product("product", name="Hypernian")
price = Price("price", product=product.id, currency="usd", unit_amount=4, lookup_key="tokens")
"""


def prices_of(subscription: Any) -> list[tuple[str, str]]:
    """(item's id, price's id), in order."""
    return [(item.id, item.price.id) for item in subscription["items"].data]


# 1


def test_a_dearer_price_is_made_first_then_the_live_subscription_moves_then_the_old_price_is_archived(shop: Shop) -> None:
    old, subscription = shop.id("seats"), shop.id("subscription")
    items = prices_of(shop.stripe.subscriptions.retrieve(subscription))
    shop.project.edit("unit_amount=900", "unit_amount=950")
    preview = shop.project.preview()
    assert preview.steps == [
        ("create-replacement", "seats"),
        ("replace", "seats"),
        ("update", "subscription"),
        ("delete-replaced", "seats"),
    ]
    assert shop.wrote() == [], "a preview changes nothing"
    shop.up()
    requests = shop.wrote()
    new = shop.id("seats")
    assert sent(requests) == ["POST /v1/prices", f"POST /v1/subscriptions/{subscription}", f"POST /v1/prices/{old}"]
    assert requests[1]["parameters"]["items"] == [{"id": items[1][0], "price": new, "quantity": "2"}]
    assert prices_of(shop.stripe.subscriptions.retrieve(subscription)) == [items[0], (items[1][0], new)]
    assert [p.active for p in map(shop.stripe.prices.retrieve, (old, new))] == [False, True]
    shop.settle()


# 2


def test_a_meter_that_leaves_its_mappings_to_stripe_never_shows_a_change(shop: Shop) -> None:
    live = shop.stripe.billing.meters.retrieve(shop.id("meter"))
    assert live.customer_mapping.event_payload_key == "stripe_customer_id", "Stripe filled it in"
    assert live.value_settings.event_payload_key == "value"
    assert shop.project.refresh("--expect-no-changes").code == 0
    assert shop.up("--expect-no-changes") == []
    assert shop.wrote() == []
    shop.settled = True


# 3


def test_a_meter_deactivated_outside_shows_as_drift_and_is_reactivated(shop: Shop) -> None:
    meter = shop.id("meter")
    shop.stripe.billing.meters.deactivate(meter)
    refresh = shop.project.refresh()
    assert (refresh.code, refresh.summary.get("update")) == (0, 1)
    assert shop.project.resources()["meter"]["outputs"]["status"] == "inactive"
    assert changes(shop.project.preview()) == [("update", "meter")]
    assert shop.repaired() == [("update", "meter")]
    assert shop.id("meter") == meter, "the same meter, with its events"
    assert shop.stripe.billing.meters.retrieve(meter).status == "active"


# 4


def test_a_price_archived_outside_is_put_back_into_use_and_what_nobody_declared_is_left_alone(shop: Shop) -> None:
    price, undeclared = shop.id("price"), shop.id("seats")
    shop.stripe.prices.update(price, {"active": False})
    shop.stripe.prices.update(undeclared, {"nickname": "theirs", "metadata": {"theirs": "kept"}})
    assert shop.repaired() == [("update", "price")]
    assert shop.stripe.prices.retrieve(price).active is True
    theirs = shop.stripe.prices.retrieve(undeclared)
    assert (theirs.nickname, theirs.metadata["theirs"]) == ("theirs", "kept")


# 5


def test_a_subscription_cancelled_outside_is_made_anew(shop: Shop) -> None:
    old = shop.id("subscription")
    shop.stripe.subscriptions.cancel(old)
    assert shop.seen() == [("create", "subscription")]
    assert shop.repaired() == [("create", "subscription")]
    assert [s.id for s in shop.stripe.subscriptions.list().data] == [shop.id("subscription")]
    assert shop.id("subscription") != old


# 6


def test_a_customer_deleted_outside_is_made_anew_with_the_subscription(shop: Shop) -> None:
    old = shop.id("customer")
    shop.stripe.customers.delete(old)
    assert shop.repaired() == [("create", "customer"), ("create", "subscription")]
    assert [c.id for c in shop.stripe.customers.list().data] == [shop.id("customer")]
    assert [s.customer for s in shop.stripe.subscriptions.list().data] == [shop.id("customer")]


# 7


def test_a_product_that_is_gone_breaks_no_preview_and_is_made_anew(shop: Shop) -> None:
    shop.stripe.products.delete(shop.id("spare"))
    assert shop.project.preview("--expect-no-changes").code == 0, "a preview asks Stripe nothing"
    assert shop.seen() == [("create", "spare")]
    assert shop.repaired() == [("create", "spare")]
    assert shop.stripe.products.retrieve(shop.id("spare")).active is True


# 8


def test_currency_options_changed_outside_show_and_are_put_back(shop: Shop) -> None:
    price, tiered = shop.id("price"), shop.id("tiered")
    dearer: Any = {"eur": {"unit_amount": 50}}
    tiers: Any = {"eur": {"tiers": [{"up_to": 10, "unit_amount": 50}, {"up_to": "inf", "unit_amount": 3}]}}
    shop.stripe.prices.update(price, {"currency_options": dearer})
    shop.stripe.prices.update(tiered, {"currency_options": tiers})
    assert sorted(shop.repaired()) == [("update", "price"), ("update", "tiered")]
    option = shop.stripe.prices.retrieve(price, {"expand": ["currency_options"]}).currency_options
    assert option is not None
    assert option["eur"].unit_amount == 5


# 9


def test_a_price_with_currency_options_is_adopted_without_a_change(project: Project, stripe_server: LocalStripe) -> None:
    stripe = stripe_server.client().v1
    product = stripe.products.create({"name": "Hypernian"})
    price = stripe.prices.create(
        {"product": product.id, "currency": "usd", "unit_amount": 4, "currency_options": {"eur": {"unit_amount": 5}}}
    )
    project.program(f"""
from stripe_resources import Price, Product

product = Product("product", name="Hypernian", adopt="{product.id}")
options = {{"eur": {{"unit_amount": 5}}}}
Price("price", product=product.id, currency="usd", unit_amount=4, currency_options=options, adopt="{price.id}")
""")
    stripe_server.forget_requests()
    up = project.up()
    assert (up.code, up.summary) == (0, {"create": 3}), up.text
    assert [set(r["parameters"]) - {"expand"} for r in written(stripe_server.requests())] == [{"metadata"}, {"metadata"}]
    found = project.resources()
    assert (found["product"]["id"], found["price"]["id"]) == (product.id, price.id)
    assert project.preview("--refresh", "--expect-no-changes").code == 0


# 10


def test_a_nickname_and_metadata_that_leave_the_program_are_unset_at_stripe(shop: Shop) -> None:
    price = shop.id("price")
    shop.stripe.prices.update(price, {"metadata": {"theirs": "kept"}})
    kept = '    nickname="Tokens",\n    metadata={"team": "billing"},\n'
    shop.project.edit(kept, "    # none\n")
    assert shop.up() == [("update", "price")]
    live = shop.stripe.prices.retrieve(price)
    assert live.nickname is None
    assert set(live.metadata.to_dict()) == {"theirs", "pulumi_resource"}
    shop.project.edit("    # none\n", kept)
    assert shop.repaired() == [("update", "price")]


# 11


def test_three_429s_in_a_row_are_waited_out(shop: Shop) -> None:
    shop.project.edit('name="A product without prices"', 'name="A product without prices, renamed"')
    shop.server.fault(match={"method": "POST"}, times=3, status=429, headers={"Retry-After": "0"})
    assert shop.up() == [("update", "spare")]
    requests = shop.wrote()
    assert [r["status"] for r in requests] == [429, 429, 429, 200]
    assert len({r["idempotency_key"] for r in requests}) == 1
    shop.settle()


# 12


def test_the_first_of_two_items_that_leaves_is_removed_and_the_other_is_left_untouched(shop: Shop) -> None:
    subscription = shop.id("subscription")
    first, second = prices_of(shop.stripe.subscriptions.retrieve(subscription))
    shop.project.edit('{"price": price.id}, ', "")
    assert shop.up() == [("update", "subscription")]
    assert [r["parameters"]["items"] for r in shop.wrote()] == [[{"id": first[0], "deleted": "true"}]]
    assert prices_of(shop.stripe.subscriptions.retrieve(subscription)) == [second]
    shop.project.edit("items=[", 'items=[{"price": price.id}, ')
    assert shop.repaired() == [("update", "subscription")]
    assert [price for _, price in prices_of(shop.stripe.subscriptions.retrieve(subscription))] == [second[1], first[1]]


# 13


def test_a_destroy_leaves_nothing_that_bills_and_bills_what_was_used(project: Project, stripe_server: LocalStripe) -> None:
    assert project.up().code == 0
    ids = project.outputs()
    stripe = stripe_server.client().v1
    usage: Any = {"stripe_customer_id": ids["customer_id"], "value": "250"}
    stripe.billing.meter_events.create({"event_name": ids["event_name"], "payload": usage})
    assert project.destroy().code == 0
    assert stripe.subscriptions.retrieve(ids["subscription_id"]).status == "canceled"
    assert [i.total for i in stripe.invoices.list({"subscription": ids["subscription_id"]}).data] == [12]
    assert stripe.billing.meters.retrieve(ids["meter_id"]).status == "inactive"
    assert stripe.prices.retrieve(ids["price_id"]).active is False
    assert stripe.products.retrieve(ids["product_id"]).active is False, "it has a price, so it cannot be deleted"
    assert getattr(stripe.customers.retrieve(ids["customer_id"]), "deleted", False) is True


# 14


def test_a_run_that_lost_its_state_finds_its_objects_again(project: Project, stripe_server: LocalStripe) -> None:
    project.program(ONE_PRICE)
    (project.folder / "before.json").write_text(project.run("stack", "export", "--stack", "dev", check=True).stdout)
    assert project.up().code == 0
    made = project.resources()
    project.run("stack", "import", "--stack", "dev", "--file", "before.json", check=True)
    assert "price" not in project.resources(), "as after a crash between Stripe's answer and the state file"
    again = project.up()
    assert again.code == 0, again.text
    found = project.resources()
    assert [found[name]["id"] for name in ("product", "price")] == [made[name]["id"] for name in ("product", "price")]
    stripe = stripe_server.client().v1
    assert (len(stripe.products.list().data), len(stripe.prices.list().data)) == (1, 1)
    assert project.preview("--refresh", "--expect-no-changes").code == 0


# 15


def test_the_address_is_a_setting_so_that_everything_can_be_tried_at_a_local_stripe(
    make_project: Callable[[str], Project], stripe_server: LocalStripe, tmp_path: Path
) -> None:
    project = make_project("dev")
    del project.environment["STRIPE_API_BASE"]
    project.config("stripe:apiBase", stripe_server.url)
    project.program(ONE_PRICE)
    assert project.preview().summary == {"create": 3}
    assert written(stripe_server.requests()) == []
    assert project.up().code == 0
    assert [p.lookup_key for p in stripe_server.client().v1.prices.list().data] == ["tokens"]
