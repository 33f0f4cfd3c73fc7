"""Checkout sessions: what may be sold, how one is completed or expires, and who is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe
from stripe import StripeClient

from stripe_local.checkout.endpoints import FOLDER
from stripe_local.control.page_files import TYPES
from tests.stripe_local.guide import Guide, make_guide, price_params, refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.test_shapes import fields

DONE = "https://example.com/done?session={CHECKOUT_SESSION_ID}"
CARD = "pm_card_visa"


@pytest.fixture
def guide(client: StripeClient) -> Guide:
    return make_guide(client, product_data={"name": "Hypernian", "unit_label": "token"})


def params(guide: Guide, **more: Any) -> Any:
    made = {"mode": "subscription", "line_items": [{"price": guide.price.id}], "success_url": DONE, **more}
    return {name: value for name, value in made.items() if value is not None}


def create(guide: Guide, **more: Any) -> Any:
    return guide.client.v1.checkout.sessions.create(params(guide, **more))


def complete(server: LocalStripe, session: Any, **answer: Any) -> Any:
    return server.http("POST", f"/_local/checkout/{session.id}", json=answer, key=None)


def licensed(guide: Guide, **more: Any) -> str:
    return guide.client.v1.prices.create(
        price_params("", 2000, transform_quantity=None, recurring={"interval": "month"}, **more)
    ).id  # type: ignore[arg-type]


def test_its_shape(guide: Guide, server: LocalStripe) -> None:
    session = create(guide)
    shown = session.to_dict(for_json=True)
    left_out = {
        "branding_settings",
        "excluded_payment_method_types",
        "line_items",
        "name_collection",
        "presentment_details",
        "redirect_on_completion",
        "return_url",
        "tax_id_collection",
    }
    assert set(shown) == fields(stripe.checkout.Session) - left_out
    assert session.id.startswith("cs_test_")
    assert session.url == f"{server.url}/c/pay/{session.id}"
    assert (session.status, session.payment_status, session.expires_at - session.created) == ("open", "unpaid", 86400)
    (item,) = guide.client.v1.checkout.sessions.line_items.list(session.id).data
    assert set(item.to_dict(for_json=True)) == fields(stripe.LineItem) - {"quantity", "discounts", "taxes"}
    again = guide.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items", "customer"]})
    assert [one.id for one in again.line_items.data] == [item.id]  # type: ignore[union-attr]


def test_a_new_customer_subscribes(guide: Guide, server: LocalStripe) -> None:
    session = create(guide, subscription_data={"metadata": {"plan": "tokens"}}, metadata={"a": "b"}, client_reference_id="42")
    answer = complete(server, session, email="jane@example.com", name="Jane Roe", payment_method=CARD)
    assert answer.json() == {"redirect": DONE.replace("{CHECKOUT_SESSION_ID}", session.id)}
    done: Any = guide.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription", "customer"]})
    assert (done.status, done.url, done.payment_status, done.client_reference_id) == (
        "complete",
        None,
        "no_payment_required",
        "42",
    )
    assert (done.customer.name, done.customer_details.email) == ("Jane Roe", "jane@example.com")
    assert (done.subscription.status, done.subscription.metadata["plan"]) == ("active", "tokens")
    assert done.subscription["items"].data[0].price.id == guide.price.id
    assert done.subscription.default_payment_method.startswith("pm_1")
    again = complete(server, session, email="jane@example.com", payment_method=CARD)
    assert (again.status_code, "status of `complete`" in again.text) == (400, True)
    guide.use(3025, customer=done.customer.id)
    assert guide.client.v1.invoices.create_preview({"subscription": done.subscription.id}).total == 124


def test_a_customer_that_is_there_subscribes_to_two_prices_at_once(guide: Guide, server: LocalStripe) -> None:
    once = guide.client.v1.prices.create(price_params("", 500, transform_quantity=None, recurring=None)).id  # type: ignore[arg-type]
    items = [{"price": guide.price.id}, {"price": licensed(guide), "quantity": 2}, {"price": once, "quantity": 1}]
    session = create(guide, line_items=items, customer=guide.customer.id)
    assert session.amount_total == 4500
    assert complete(server, session, payment_method=CARD).status_code == 200
    done: Any = guide.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["invoice"]})
    assert (done.payment_status, done.customer, done.invoice.total, done.invoice.status) == (
        "paid",
        guide.customer.id,
        4500,
        "paid",
    )


def test_a_trial_without_a_card(guide: Guide, server: LocalStripe) -> None:
    items = [{"price": licensed(guide), "quantity": 1}]
    session = create(guide, line_items=items, subscription_data={"trial_period_days": 7}, payment_method_collection="if_required")
    assert session.amount_total == 0
    assert complete(server, session, email="jane@example.com").status_code == 200
    subscription: Any = guide.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]}).subscription
    assert (subscription.status, subscription.default_payment_method) == ("trialing", None)


REFUSALS: list[tuple[Callable[[Guide], dict[str, Any]], str, str]] = [
    (
        lambda g: {"line_items": [{"price": g.price.id, "quantity": 1}]},
        "Quantity should not be specified where usage_type is `metered`. Remove quantity from `line_items[0]`",
        "line_items[0][quantity]",
    ),
    (lambda g: {"line_items": [{"price": licensed(g)}]}, "Quantity is required", "line_items[0][quantity]"),
    (lambda g: {"line_items": [{"price": "price_none"}]}, "No such price", "line_items[0][price]"),
    (lambda g: {"line_items": None}, "Missing required param: line_items", "line_items"),
    (lambda g: {"success_url": "javascript:alert(1)"}, "Not a valid URL", "success_url"),
    (lambda g: {"success_url": None}, "Missing required param: success_url", "success_url"),
    (lambda g: {"mode": "payment"}, "The parameter 'mode' is not supported here", "mode"),
    (lambda g: {"customer": g.customer.id, "customer_email": "a@b.c"}, "only specify one of these parameters", "customer"),
    (lambda g: {"currency": "eur"}, "The price specified only supports `usd`", "line_items[0][price]"),
    (lambda g: {"expires_at": g.customer.created + 60}, "at least 30 minutes", "expires_at"),
    (lambda g: {"expires_at": g.customer.created + 10**6}, "less than 24 hours", "expires_at"),
    (lambda g: {"shipping_options": [{"shipping_rate": "x"}]}, "nothing is shipped here", "shipping_options"),
]


@pytest.mark.parametrize(("more", "said", "param"), REFUSALS, ids=[said[:24] for _, said, _ in REFUSALS])
def test_what_is_refused(guide: Guide, more: Any, said: str, param: str) -> None:
    refused: Any = refusal(guide.client.v1.checkout.sessions.create, params(guide, **more(guide)))
    assert said in str(refused)
    assert refused.param == param


def test_sessions_expire_by_themselves_or_when_told(guide: Guide, server: LocalStripe) -> None:
    sessions = guide.client.v1.checkout.sessions
    first, second = create(guide), create(guide, customer=guide.customer.id)
    assert sessions.expire(first.id).status == "expired"
    assert "status of `expired`" in str(refusal(sessions.expire, first.id))
    server.clock(advance=86400)
    assert sessions.retrieve(second.id).status == "expired"
    late = complete(server, second, payment_method=CARD)
    assert (late.status_code, "status of `expired`" in late.text) == (400, True)
    told = guide.client.v1.events.list({"type": "checkout.session.*"}).data
    assert [event.type for event in told] == ["checkout.session.expired"] * 2
    assert [s.id for s in sessions.list({"customer": guide.customer.id}).data] == [second.id]
    assert [s.id for s in sessions.list({"status": "expired"}).data] == [second.id, first.id]
    changed: Any = sessions.update(first.id, {"metadata": {"a": "b"}})
    assert changed.metadata["a"] == "b"


def test_what_a_customer_must_say(guide: Guide, server: LocalStripe) -> None:
    session = create(guide)
    for answer, param in (({"payment_method": CARD}, "email"), ({"email": "jane@example.com"}, "payment_method")):
        refused = complete(server, session, **answer)
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)
    refused = complete(server, session, email="jane", payment_method=CARD)
    assert "Invalid email address" in refused.text
    refused = complete(server, session, email="a@b.c", payment_method="pm_other")
    assert refused.status_code == 400
    before = len(guide.client.v1.customers.list().data)
    assert (before, guide.client.v1.checkout.sessions.retrieve(session.id).status) == (1, "open")


# How the page is served


def test_the_page_says_what_is_subscribed_to(guide: Guide, server: LocalStripe) -> None:
    items = [{"price": guide.price.id}, {"price": licensed(guide, product_data={"name": "Base"}), "quantity": 3}]
    session = create(guide, line_items=items, cancel_url="https://example.com/back", customer_email="jane@example.com")
    shown = server.http("GET", f"/_local/checkout/{session.id}", key=None).json()
    assert [(item["name"], item["words"][0]) for item in shown["items"]] == [
        ("Hypernian", "0.04 USD per 100 tokens, billed monthly"),
        ("3 × Base", "20.00 USD, billed monthly"),
    ]
    assert (shown["due_now"], shown["email"], shown["cancel_url"]) == (
        "60.00 USD",
        "jane@example.com",
        "https://example.com/back",
    )


FILES = sorted(path.name for path in FOLDER.iterdir() if path.suffix in TYPES)


@pytest.mark.parametrize("path", ["/c/pay/cs_test_x", *(f"/_local/checkout_page/{name}" for name in FILES)])
def test_files_come_with_a_strict_policy(server: LocalStripe, path: str) -> None:
    answer = server.http("GET", path, key=None)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"].startswith("default-src 'self'; ")
    for outside in ("http://", "https://", "innerHTML", "eval("):
        assert outside not in answer.text


def test_no_other_site_subscribes_anybody(guide: Guide, server: LocalStripe) -> None:
    session = create(guide)
    path = f"/_local/checkout/{session.id}"
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}):
        assert server.http("POST", path, json={"email": "a@b.c", "payment_method": CARD}, headers=headers).status_code == 403
    for other in ("/_local/checkout/cs_test_none", "/_local/checkout/none", "/_local/checkout_page/..%2fapp.py"):
        assert server.http("GET", other).status_code == 404
    assert guide.client.v1.checkout.sessions.retrieve(session.id).status == "open"


# What it charges


@pytest.mark.parametrize(("behavior", "charged"), [("create_prorations", 1000), ("none", 0)])
def test_amounts_are_those_of_the_first_invoice(guide: Guide, server: LocalStripe, behavior: str, charged: int) -> None:
    server.clock(set=1801440000)  # 2027-02-01T00:00:00Z
    data: Any = {"billing_cycle_anchor_config": {"day_of_month": 15, "hour": 0, "minute": 0, "second": 0}}
    items = [{"price": guide.price.id}, {"price": licensed(guide), "quantity": 1}]
    session = create(guide, line_items=items, subscription_data={**data, "proration_behavior": behavior})
    # 14 of the 31 days before 15 February.
    assert session.amount_total == (903 if charged else 0)
    assert complete(server, session, email="jane@example.com", payment_method=CARD).status_code == 200
    done: Any = guide.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["invoice", "line_items"]})
    invoiced = done.invoice.total if done.invoice else 0
    assert done.amount_total == done.amount_subtotal == invoiced == sum(line.amount_total for line in done.line_items.data)
    assert done.payment_status == ("paid" if charged else "no_payment_required")


def test_an_anchor_that_passes_while_the_session_is_open(guide: Guide, server: LocalStripe) -> None:
    now = server.clock()
    items = [{"price": licensed(guide), "quantity": 1}]
    session = create(guide, line_items=items, subscription_data={"billing_cycle_anchor": now + 3600})
    assert session.amount_total < 10
    server.clock(advance=7200)
    assert complete(server, session, email="jane@example.com", payment_method=CARD).status_code == 200
    done: Any = guide.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["invoice", "subscription"]})
    assert (done.amount_total, done.invoice.total) == (2000, 2000)
    assert done.subscription.billing_cycle_anchor == now + 3600


def test_what_a_subscription_refuses_is_refused_at_checkout(guide: Guide) -> None:
    data = {"billing_cycle_anchor": guide.customer.created + 400 * 86400}
    error = refusal(guide.client.v1.checkout.sessions.create, params(guide, subscription_data=data))
    assert error.param == "subscription_data[billing_cycle_anchor]"
