"""What Stripe refuses: recorded from its API, or said on its pages.

Recordings: https://github.com/Kiln-AI/stripe_world (conformance cassettes of 2026-09).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import Guide, make_guide, refusal
from tests.stripe_local.server import LocalStripe

YEAR = 365 * 86400


@pytest.fixture
def guide(client: StripeClient) -> Guide:
    return make_guide(client)


RECORDED: list[tuple[str, Callable[[Guide], Any], tuple[int, str | None, str | None], str]] = [
    (
        "an unknown customer",
        lambda g: g.client.v1.subscriptions.create({"customer": "cus_none", "items": [{"price": g.price.id}]}),
        (404, "resource_missing", "customer"),
        "No such customer: 'cus_none'",
    ),
    (
        "a price twice",
        lambda g: g.client.v1.subscriptions.create({"customer": g.customer.id, "items": [{"price": g.price.id}] * 2}),
        (400, None, "plan"),
        "Cannot create a Subscription with multiple Subscription Items with the same Price",
    ),
    (
        "days until due of an automatic charge",
        lambda g: g.client.v1.subscriptions.create(
            {"customer": g.customer.id, "items": [{"price": g.price.id}], "days_until_due": 3}
        ),
        (400, None, None),
        "days_until_due",
    ),
    (
        "an unknown subscription item",
        lambda g: g.client.v1.subscription_items.retrieve("si_none"),
        (404, None, None),
        "Invalid subscription_item id: si_none",
    ),
    (
        "an item of a subscription that is over",
        lambda g: g.client.v1.subscription_items.create({"subscription": canceled(g), "price": g.price.id}),
        (404, "resource_missing", "subscription"),
        "No such subscription",
    ),
    (
        "resuming a subscription that is over",
        lambda g: g.client.v1.subscriptions.resume(canceled(g)),
        (404, "resource_missing", "id"),
        "No such subscription",
    ),
    (
        "both cursors",
        lambda g: g.client.v1.prices.list({"starting_after": g.price.id, "ending_before": g.price.id}),
        (400, None, None),
        "starting_after, ending_before",
    ),
]


def canceled(guide: Guide) -> str:
    return guide.client.v1.subscriptions.cancel(guide.subscription.id).id


@pytest.mark.parametrize(("call", "expected", "said"), [case[1:] for case in RECORDED], ids=[case[0] for case in RECORDED])
def test_recorded(guide: Guide, call: Callable[[Guide], Any], expected: tuple[int, str | None, str | None], said: str) -> None:
    error = refusal(call, guide)
    assert (error.http_status, error.code, error.param) == expected
    assert said in str(error.user_message)


def test_nobody_leaves_a_trial_by_hand_who_has_to_pay_and_cannot(client: StripeClient, guide: Guide) -> None:
    seat = client.v1.prices.create(
        {"currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}, "product": guide.price.product}
    )
    made = client.v1.subscriptions.create({"customer": guide.customer.id, "items": [{"price": seat.id}], "trial_period_days": 9})
    error = refusal(client.v1.subscriptions.update, made.id, {"trial_end": "now"})
    assert (error.http_status, error.code) == (400, "resource_missing")
    assert client.v1.subscriptions.retrieve(made.id).status == "trialing"


# What cannot be sold


def test_prices_of_an_archived_product(client: StripeClient, guide: Guide) -> None:
    seat: Any = {"currency": "usd", "unit_amount": 0, "recurring": {"interval": "month"}, "product": guide.price.product}
    other = client.v1.prices.create(seat).id
    once = client.v1.prices.create({"currency": "usd", "unit_amount": 50, "product": guide.price.product}).id
    client.v1.products.update(guide.price.product, {"active": False})
    assert client.v1.prices.retrieve(other).active is True
    subscriptions, sessions, links = client.v1.subscriptions, client.v1.checkout.sessions, client.v1.payment_links
    items: Any = [{"price": other, "quantity": 1}]
    new: Any = {"customer": guide.customer.id, "items": items}
    page: Any = {"mode": "subscription", "success_url": "https://example.com/", "line_items": items}
    fee: Any = {"add_invoice_items": [{"price": once}]}
    for call, arguments, param in (
        (subscriptions.create, (new,), "items[0][price]"),
        (subscriptions.update, (guide.subscription.id, {"items": items}), "items[0][price]"),
        (subscriptions.update, (guide.subscription.id, fee), "add_invoice_items[0][price]"),
        (sessions.create, (page,), "line_items[0][price]"),
        (links.create, ({"line_items": items},), "line_items[0][price]"),
    ):
        error = refusal(call, *arguments)
        assert (error.http_status, error.param) == (400, param)
    # Who has subscribed stays.
    assert subscriptions.update(guide.subscription.id, {"metadata": {"a": "b"}}).status == "active"


def test_nobody_else_issues_invoices(guide: Guide) -> None:
    other: Any = {"issuer": {"type": "account"}}
    v1, subscription = guide.client.v1, guide.subscription.id
    for call, arguments, param in (
        (v1.invoices.create_preview, ({"subscription": subscription, **other},), "issuer[type]"),
        (v1.subscriptions.update, (subscription, {"invoice_settings": other}), "invoice_settings[issuer][type]"),
    ):
        error = refusal(call, *arguments)
        assert (error.code, error.param) == ("not_supported_here", param)
    assert v1.subscriptions.update(subscription, {"invoice_settings": {"issuer": {"type": "self"}}}).id == subscription


# What cannot be searched

FIELDS = {
    "customers": ("email:'a@b.c'", "name~'abc'", "phone:'1'", "created>0", "metadata['a']:'b'"),
    "invoices": ("customer:'cus_1'", "number:'x'", "status:'open'", "subscription:'sub_1'", "total>1", "currency:'usd'"),
    "prices": ("active:'true'", "currency:'usd'", "lookup_key:'x'", "product:'p'", "type:'recurring'"),
    "products": ("active:'true'", "description~'abc'", "name:'x'", "shippable:'true'", "url:'x'"),
    "subscriptions": ("status:'active'", "created>0", "metadata['a']:'b'"),
}


@pytest.mark.parametrize("resource", FIELDS)
def test_search_fields(client: StripeClient, resource: str) -> None:
    search = getattr(client.v1, resource).search
    for query in FIELDS[resource]:
        assert search({"query": query}).data == []
    for field in ("id", "nickname", "default_price", "customer.email", "livemode"):
        error = refusal(search, {"query": f"-metadata['a']:'b' AND {field}:'x'"})
        assert f"Field `{field}` is an unsupported search field for resource `{resource}`." in str(error.user_message)
        assert error.http_status == 400


def test_invoices_are_found_by_their_subscription(client: StripeClient) -> None:
    guide = make_guide(client, subscription={"billing_mode": {"type": "classic"}})
    found = client.v1.invoices.search({"query": f"subscription:'{guide.subscription.id}'"}).data
    assert [invoice.id for invoice in found] == [guide.subscription.latest_invoice]


# What is too much


def test_metadata_has_at_most_fifty_keys(client: StripeClient, guide: Guide) -> None:
    full = {f"key{number}": "x" for number in range(50)}
    more: Any = {"metadata": {"another": "x"}}
    swap: Any = {"metadata": {"key7": "", "another": "x"}}
    for kind, id in (("subscriptions", guide.subscription.id), ("products", guide.price.product), ("prices", guide.price.id)):
        update = getattr(client.v1, kind).update
        assert len(update(id, {"metadata": full}).metadata.to_dict()) == 50
        error = refusal(update, id, more)
        assert (error.http_status, "Metadata can have up to 50 keys" in str(error.user_message)) == (400, True)
        assert "another" in update(id, swap).metadata.to_dict()
    assert refusal(client.v1.customers.create, {"metadata": {**full, "another": "x"}}).http_status == 400


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"expires_at": 86400}, "expires_at"),
        ({"expires_at": lambda now: now}, "expires_at"),
        ({"expires_at": lambda now: now + 5 * YEAR + 3 * 86400}, "expires_at"),
        ({"expires_at": lambda now: now + 5 * YEAR - 86400}, None),
        ({"code": "with space"}, "code"),
        ({"code": "what?"}, "code"),
        ({"code": "Ümlaut"}, "code"),
        ({"code": "Autumn_27-x"}, None),
    ],
)
def test_promotion_codes(server: LocalStripe, client: StripeClient, given: dict[str, Any], param: str | None) -> None:
    coupon = client.v1.coupons.create({"percent_off": 10, "duration": "once"}).id
    now = server.clock()
    more = {name: value(now) if callable(value) else value for name, value in given.items()}
    params: Any = {"promotion": {"type": "coupon", "coupon": coupon}, **more}
    if param is None:
        assert client.v1.promotion_codes.create(params).active is True
    else:
        error = refusal(client.v1.promotion_codes.create, params)
        assert (error.http_status, error.param) == (400, param)


# What can be expanded


def test_expansions_of_an_invoice_and_its_neighbours(client: StripeClient) -> None:
    guide = make_guide(client, subscription={"billing_mode": {"type": "classic"}})
    empty = ["total_discount_amounts.discount", "total_taxes.tax_rate_details.tax_rate", "lines.data.discount_amounts.discount"]
    invoice: Any = client.v1.invoices.retrieve(str(guide.subscription.latest_invoice), {"expand": empty})
    assert invoice.total_discount_amounts == []
    paths: Any = {"expand": ["latest_invoice.total_discount_amounts.discount", "default_tax_rates"]}
    shown: Any = client.v1.subscriptions.retrieve(guide.subscription.id, paths)
    assert shown.latest_invoice.id == invoice.id
    whole: Any = {"expand": ["subscriptions.data.latest_invoice", "subscriptions.data.items"]}
    customer: Any = client.v1.customers.retrieve(guide.customer.id, whole)
    assert customer.subscriptions.data[0].latest_invoice.id == invoice.id


def test_expansions_of_alerts_and_sessions(client: StripeClient, guide: Guide) -> None:
    filters: Any = [{"type": "customer", "customer": guide.customer.id}]
    threshold: Any = {"meter": guide.meter.id, "gte": 1, "recurrence": "one_time", "filters": filters}
    wanted: Any = {"expand": ["usage_threshold.meter", "usage_threshold.filters.customer"]}
    alert: Any = client.v1.billing.alerts.create(
        {"title": "x", "alert_type": "usage_threshold", "usage_threshold": threshold, **wanted}
    )
    assert alert.usage_threshold.meter.event_name == guide.meter.event_name
    assert alert.usage_threshold.filters[0].customer.name == "John Doe"
    page: Any = {"mode": "subscription", "success_url": "https://example.com/", "line_items": [{"price": guide.price.id}]}
    session: Any = client.v1.checkout.sessions.create({**page, "expand": ["line_items.data.price.product"]})
    assert session.line_items.data[0].price.product.name == "Hypernian tokens"
    summary: Any = client.v1.billing.credit_balance_summary.retrieve(
        {
            "customer": guide.customer.id,
            "filter": {"type": "applicability_scope", "applicability_scope": {"price_type": "metered"}},
            "expand": ["customer"],
        }
    )
    assert summary.customer.id == guide.customer.id
    error = refusal(client.v1.products.retrieve, guide.price.product, {"expand": ["tax_code"]})
    assert (error.code, "tax codes are not kept here" in str(error.user_message)) == ("not_supported_here", True)
