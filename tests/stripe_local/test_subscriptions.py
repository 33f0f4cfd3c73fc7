"""Subscriptions and their items: creation, changes, cancellation."""

from __future__ import annotations

from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import Guide, make_guide, refusal
from tests.stripe_local.server import LocalStripe

DAY = 86400


@pytest.fixture
def guide(client: StripeClient) -> Guide:
    return make_guide(client)


def licensed(client: StripeClient, unit_amount: int = 1000, **more: Any) -> Any:
    params: Any = {
        "currency": "usd",
        "unit_amount": unit_amount,
        "recurring": {"interval": "month"},
        "product_data": {"name": "Seat"},
        **more,
    }
    return client.v1.prices.create(params)


def subscribe(guide: Guide, *items: Any, **more: Any) -> Any:
    params: Any = {"customer": guide.customer.id, "items": list(items), **more}
    return guide.client.v1.subscriptions.create(params)


def update(guide: Guide, **params: Any) -> Any:
    return guide.client.v1.subscriptions.update(guide.subscription.id, params)


def prices_of(subscription: Any) -> list[str]:
    return [item.price.id for item in subscription.items.data]


# Creation


def test_a_metered_subscription(guide: Guide) -> None:
    made = guide.subscription
    assert (made.status, made.collection_method, made.currency) == ("active", "charge_automatically", "usd")
    assert made.billing_mode.type == "flexible"
    assert made.latest_invoice is None
    assert (made.cancel_at_period_end, made.cancel_at, made.canceled_at) == (False, None, None)
    item = guide.item
    assert item.current_period_start == made.billing_cycle_anchor == made.start_date == made.created
    assert 28 * DAY <= item.current_period_end - item.current_period_start <= 31 * DAY
    assert guide.client.v1.customers.retrieve(guide.customer.id).currency == "usd"


def test_classic_mode_has_a_first_invoice_of_nothing(client: StripeClient) -> None:
    guide = make_guide(client, subscription={"billing_mode": {"type": "classic"}})
    first = client.v1.invoices.retrieve(guide.subscription.latest_invoice)
    assert (first.total, first.status, first.billing_reason, len(first.lines.data)) == (0, "paid", "subscription_create", 1)


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"customer": None}, "customer"),
        ({"items": []}, "items"),
        ({"items": [{"price": "price_none"}]}, "items[0][price]"),
        ({"items": [{"quantity": 1}]}, "items[0][price]"),
        ({"collection_method": "send_invoice"}, "days_until_due"),
        ({"days_until_due": 5}, None),
        ({"trial_end": 1}, "trial_end"),
        ({"trial_period_days": 0}, "trial_period_days"),
        ({"billing_cycle_anchor": 1}, "billing_cycle_anchor"),
        ({"billing_cycle_anchor": 9999999999}, "billing_cycle_anchor"),
        ({"cancel_at": 1}, "cancel_at"),
        ({"currency": "eur"}, "currency"),
        ({"discounts": [{"coupon": "x"}]}, "discounts[0][coupon]"),
        ({"default_payment_method": "pm_none"}, "default_payment_method"),
        ({"billing_cycle_anchor": {"type": "now"}}, "billing_cycle_anchor"),
    ],
)
def test_refusals(guide: Guide, params: Any, param: str | None) -> None:
    wanted = {"customer": guide.customer.id, "items": [{"price": guide.price.id}], **params}
    error = refusal(guide.client.v1.subscriptions.create, {k: v for k, v in wanted.items() if v is not None})
    assert (error.http_status, error.param) == (400, param)
    assert len(guide.client.v1.subscriptions.list().data) == 1


def test_items_that_are_refused(client: StripeClient, guide: Guide) -> None:
    seat = licensed(client, 0)
    once = client.v1.prices.create({"currency": "usd", "unit_amount": 1, "product": guide.price.product})
    archived = licensed(client, 0)
    client.v1.prices.update(archived.id, {"active": False})
    for items in (
        [{"price": guide.price.id, "quantity": 1}],
        [{"price": once.id}],
        [{"price": archived.id}],
        [{"price": seat.id}, {"price": seat.id}],
        [{"price": seat.id}] * 21,
    ):
        assert refusal(subscribe, guide, *items).http_status == 400


def test_intervals_mix_in_flexible_mode_only(client: StripeClient, guide: Guide) -> None:
    yearly = licensed(client, 0, recurring={"interval": "year"})
    made = subscribe(guide, {"price": guide.price.id}, {"price": yearly.id})
    monthly_item, yearly_item = made.items.data
    assert yearly_item.current_period_end > monthly_item.current_period_end
    error = refusal(subscribe, guide, {"price": guide.price.id}, {"price": yearly.id}, billing_mode={"type": "classic"})
    assert error.http_status == 400


def test_nothing_to_charge(server: LocalStripe, client: StripeClient, guide: Guide) -> None:
    seat = licensed(client)
    error = refusal(subscribe, guide, {"price": seat.id})
    assert (error.http_status, error.code) == (400, "resource_missing")
    assert (error.user_message or "").startswith("This customer has no attached payment source or default payment method.")
    assert len(client.v1.subscriptions.list({"status": "all"}).data) == 1
    assert len(client.v1.invoices.list().data) == 0
    # What makes it possible:
    assert subscribe(guide, {"price": seat.id}, payment_behavior="default_incomplete").status == "incomplete"
    assert subscribe(guide, {"price": seat.id}, trial_period_days=7).status == "trialing"
    sent = subscribe(guide, {"price": seat.id}, collection_method="send_invoice", days_until_due=10)
    invoice = client.v1.invoices.retrieve(sent.latest_invoice)
    due = invoice.created + 10 * DAY
    assert (sent.status, invoice.status, invoice.amount_due, invoice.due_date) == ("active", "draft", 1000, due)
    assert invoice.automatically_finalizes_at == invoice.created + 3600
    server.clock(advance=3601)
    invoice = client.v1.invoices.retrieve(sent.latest_invoice)
    assert (invoice.status, invoice.due_date) == ("open", due)
    paid = subscribe(guide, {"price": seat.id, "quantity": 3}, default_payment_method="pm_card_visa")
    invoice = client.v1.invoices.retrieve(paid.latest_invoice)
    assert (paid.status, invoice.status, invoice.amount_paid) == ("active", "paid", 3000)


def test_inline_prices(client: StripeClient, guide: Guide) -> None:
    made = subscribe(
        guide,
        {
            "price_data": {
                "currency": "usd",
                "product": guide.price.product,
                "unit_amount": 500,
                "recurring": {"interval": "month"},
            }
        },
        default_payment_method="pm_card_visa",
    )
    price = made.items.data[0].price
    assert (price.active, price.unit_amount) == (False, 500)
    assert refusal(client.v1.prices.update, price.id, {"nickname": "x"}).http_status == 400
    assert price.id not in [found.id for found in client.v1.prices.list().data]


def test_a_price_without_the_currency(client: StripeClient, guide: Guide) -> None:
    customer = client.v1.customers.create({})
    params: Any = {"customer": customer.id, "items": [{"price": guide.price.id}], "currency": "eur"}
    error = refusal(client.v1.subscriptions.create, params)
    assert error.param == "items[0][price]"


def test_currencies(client: StripeClient) -> None:
    guide = make_guide(client, subscription={"currency": "eur"}, currency_options={"eur": {"unit_amount": 7}})
    guide.use(150)
    preview = guide.preview()
    assert (preview.currency, preview.total) == ("eur", 14)
    error = refusal(subscribe, guide, {"price": guide.price.id}, currency="usd")
    assert (error.user_message or "").startswith("You cannot combine currencies on a single customer.")


# Updates


def test_a_price_is_swapped_by_the_items_id(guide: Guide) -> None:
    dearer = guide.new_price(5)
    changed = update(guide, items=[{"id": guide.item.id, "price": dearer.id}])
    assert prices_of(changed) == [dearer.id]
    assert changed.items.data[0].id == guide.item.id


def test_another_price_without_a_quantity_is_one_of_it(client: StripeClient, guide: Guide) -> None:
    seat, dearer = licensed(client, 0), licensed(client, 0)
    seats = update(guide, items=[{"price": seat.id, "quantity": 3}]).items.data[1]
    swapped = update(guide, items=[{"id": seats.id, "price": dearer.id}]).items.data[1]
    assert (swapped.id, swapped.price.id, swapped.quantity) == (seats.id, dearer.id, 1)
    swapped = update(guide, items=[{"id": seats.id, "price": seat.id, "quantity": 3}]).items.data[1]
    assert swapped.quantity == 3


def test_items_without_an_id_are_added_and_others_untouched(client: StripeClient, guide: Guide) -> None:
    seat = licensed(client, 0)
    changed = update(guide, items=[{"price": seat.id, "quantity": 3, "metadata": {"a": "1"}}])
    assert prices_of(changed) == [guide.price.id, seat.id]
    added = changed.items.data[1]
    changed = update(guide, items=[{"id": added.id, "quantity": 5, "metadata": {"b": "2"}}])
    assert changed.items.data[1].quantity == 5
    assert changed.items.data[1].metadata.to_dict() == {"a": "1", "b": "2"}
    changed = update(guide, items=[{"id": guide.item.id, "deleted": True}])
    assert prices_of(changed) == [seat.id]
    assert refusal(update, guide, items=[{"id": added.id, "deleted": True}]).http_status == 400
    assert refusal(update, guide, items=[{"id": guide.item.id, "quantity": 1}]).http_status == 400
    assert refusal(update, guide, items=[{"price": seat.id}]).http_status == 400
    assert prices_of(client.v1.subscriptions.retrieve(guide.subscription.id)) == [seat.id]


def test_a_refused_change_changes_nothing(client: StripeClient, guide: Guide) -> None:
    dearer = guide.new_price(5)
    error = refusal(update, guide, items=[{"id": guide.item.id, "price": dearer.id}, {"price": "price_none"}], description="x")
    assert (error.http_status, error.param) == (400, "items[1][price]")
    found = client.v1.subscriptions.retrieve(guide.subscription.id)
    assert (prices_of(found), found.description) == ([guide.price.id], None)


def test_clear_usage_is_refused_in_flexible_mode(guide: Guide) -> None:
    error = refusal(update, guide, items=[{"id": guide.item.id, "deleted": True, "clear_usage": True}])
    assert error.user_message == (
        "With `billing_mode.type=flexible` set on a subscription, the following parameters are not supported: clear_usage."
    )


def test_quantity_is_refused_on_metered_items(guide: Guide) -> None:
    assert refusal(update, guide, items=[{"id": guide.item.id, "quantity": 2}]).http_status == 400


def test_settings_and_clearing_them(guide: Guide) -> None:
    changed = update(
        guide,
        description="a",
        metadata={"a": "1"},
        collection_method="send_invoice",
        days_until_due=7,
        invoice_settings={"footer": "f"},
        default_payment_method="pm_card_visa",
        pause_collection={"behavior": "void"},
        payment_settings={"payment_method_types": ["card"], "save_default_payment_method": "on_subscription"},
        trial_settings={"end_behavior": {"missing_payment_method": "cancel"}},
    )
    assert (changed.description, changed.days_until_due) == ("a", 7)
    assert changed.pause_collection.to_dict() == {"behavior": "void", "resumes_at": None}
    assert changed.trial_settings.end_behavior.missing_payment_method == "cancel"
    changed = update(
        guide,
        description="",
        metadata="",
        collection_method="charge_automatically",
        default_payment_method="",
        pause_collection="",
    )
    assert (changed.description, changed.days_until_due, changed.pause_collection) == (None, None, None)
    assert (changed.default_payment_method, changed.metadata.to_dict()) == (None, {})


@pytest.mark.parametrize(
    "params",
    [{"customer": "cus_1"}, {"currency": "eur"}, {"billing_mode": {"type": "classic"}}, {"trial_period_days": 3}],
)
def test_create_only_parameters(guide: Guide, params: Any) -> None:
    assert refusal(update, guide, **params).code == "parameter_unknown"


def test_canceling_at_the_end_of_the_period_and_back(guide: Guide) -> None:
    changed = update(guide, cancel_at_period_end=True)
    assert (changed.cancel_at_period_end, changed.cancel_at) == (True, guide.item.current_period_end)
    assert changed.canceled_at is not None
    changed = update(guide, cancel_at_period_end=False)
    assert (changed.cancel_at_period_end, changed.cancel_at, changed.canceled_at) == (False, None, None)


def test_migration(client: StripeClient) -> None:
    guide = make_guide(client, subscription={"billing_mode": {"type": "classic"}})
    migrate = client.v1.subscriptions.migrate
    assert migrate(guide.subscription.id, {"billing_mode": {"type": "flexible"}}).billing_mode.type == "flexible"
    assert refusal(migrate, guide.subscription.id, {"billing_mode": {"type": "classic"}}).http_status == 400
    assert refusal(client.v1.subscriptions.resume, guide.subscription.id).http_status == 400


# Cancellation


def test_cancellation(server: LocalStripe, guide: Guide) -> None:
    cancel = guide.client.v1.subscriptions.cancel
    details: Any = {"cancellation_details": {"comment": "bye", "feedback": "unused"}}
    gone = cancel(guide.subscription.id, details)
    assert gone.status == "canceled"
    assert gone.ended_at == gone.canceled_at is not None
    assert gone.cancellation_details is not None
    assert gone.cancellation_details.to_dict() == {
        "comment": "bye",
        "feedback": "unused",
        "feedback_option": None,
        "reason": "cancellation_requested",
    }
    again = refusal(cancel, guide.subscription.id)
    assert (again.http_status, again.code) == (404, "resource_missing")
    assert again.user_message == f"No such subscription: '{guide.subscription.id}'"
    assert update(guide, metadata={"a": "1"}).metadata.to_dict() == {"a": "1"}
    error = refusal(update, guide, description="x")
    assert (error.code, error.user_message) == (
        "invalid_canceled_subscription_fields",
        "A canceled subscription can only update its cancellation_details and metadata.",
    )
    assert server.requests()[-4]["parameters"] != {}


def test_cancellation_takes_its_parameters_from_the_query(server: LocalStripe, guide: Guide) -> None:
    guide.use(25)
    path = f"/v1/subscriptions/{guide.subscription.id}?invoice_now=true&prorate=false"
    gone = server.http("DELETE", path).json()
    assert guide.client.v1.invoices.retrieve(gone["latest_invoice"]).total == 4


# Finding


def test_filters(client: StripeClient, guide: Guide) -> None:
    other = make_other(guide)
    client.v1.subscriptions.cancel(other.id)
    incomplete = subscribe(guide, {"price": licensed(client).id}, payment_behavior="default_incomplete")
    mine = guide.subscription.id
    filters: list[tuple[Any, list[str]]] = [
        ({}, [incomplete.id, mine]),
        ({"status": "all"}, [incomplete.id, other.id, mine]),
        ({"status": "canceled"}, [other.id]),
        ({"status": "ended"}, [other.id]),
        ({"status": "active"}, [mine]),
        ({"price": guide.price.id, "status": "all"}, [other.id, mine]),
        ({"customer": guide.customer.id}, [incomplete.id, mine]),
        ({"collection_method": "send_invoice"}, []),
        ({"current_period_end": {"gt": guide.item.current_period_end + 100}}, []),
    ]
    for params, expected in filters:
        assert [found.id for found in client.v1.subscriptions.list(params).data] == expected, params
    query: Any = {"query": "status:'canceled'"}
    assert [found.id for found in client.v1.subscriptions.search(query).data] == [other.id]


def test_those_with_a_price_page_by_page(client: StripeClient, guide: Guide) -> None:
    seat = licensed(client, 0)
    both = subscribe(guide, {"price": guide.price.id}, {"price": seat.id})
    made = [*[make_other(guide).id for _ in range(4)][::-1], both.id, guide.subscription.id]
    subscribe(guide, {"price": guide.new_price(5).id})
    client.v1.subscriptions.cancel(made[0])
    active: Any = {"price": guide.price.id, "status": "active", "limit": 2}
    first = client.v1.subscriptions.list(active)
    assert ([found.id for found in first.data], first.has_more) == (made[1:3], True)
    assert [found.id for found in client.v1.subscriptions.list(active).auto_paging_iter()] == made[1:]
    back = client.v1.subscriptions.list({**active, "ending_before": made[3]})
    assert [found.id for found in back.data] == made[1:3]
    assert [found.id for found in client.v1.subscriptions.list({**active, "status": "canceled"}).data] == [made[0]]
    assert [found.id for found in client.v1.subscriptions.list({"price": seat.id}).data] == [both.id]
    # A price that was swapped away no longer counts, one that was archived does.
    client.v1.subscriptions.update(both.id, {"items": [{"id": both.items.data[1].id, "deleted": True}]})
    client.v1.prices.update(guide.price.id, {"active": False})
    assert client.v1.subscriptions.list({"price": seat.id, "status": "all"}).data == []
    assert len(client.v1.subscriptions.list({"price": guide.price.id, "status": "all"}).data) == 6


def make_other(guide: Guide) -> Any:
    customer = guide.client.v1.customers.create({})
    return guide.client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": guide.price.id}]})


# Items by their own endpoints


def test_items_by_their_own_endpoints(client: StripeClient, guide: Guide) -> None:
    seat = licensed(client, 0)
    items = client.v1.subscription_items
    added = items.create({"subscription": guide.subscription.id, "price": seat.id, "quantity": 2})
    assert (added.price.id, added.quantity) == (seat.id, 2)
    assert items.update(added.id, {"quantity": 4}).quantity == 4
    assert items.retrieve(added.id).quantity == 4
    listed = items.list({"subscription": guide.subscription.id}).data
    assert {found.id for found in listed} == {guide.item.id, added.id}
    assert items.delete(added.id).to_dict() == {"id": added.id, "object": "subscription_item", "deleted": True}
    assert refusal(items.retrieve, added.id).http_status == 404
    assert refusal(items.delete, guide.item.id).http_status == 400
    error = refusal(items.create, {"subscription": guide.subscription.id, "price": "price_none"})
    assert error.param == "price"
    error = refusal(items.create, {"subscription": "sub_none", "price": seat.id})
    assert error.param == "subscription"
