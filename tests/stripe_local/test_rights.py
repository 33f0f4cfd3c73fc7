"""Restricted keys: each operation needs one of Stripe's permissions, and without it is answered as Stripe answers."""

from __future__ import annotations

import re

import pytest
import stripe

from stripe_local.resources import OPERATIONS
from stripe_local.testing import Account
from stripe_local.wire.operation import Operation
from stripe_local.wire.rights import PERMISSIONS, RESOURCES, needed
from tests.stripe_local.guide import make_guide, refusal
from tests.stripe_local.server import LocalStripe

WITH_KEYS = [operation for operation in OPERATIONS if not operation.by_session]

# https://docs.stripe.com/keys/permissions-reference and https://docs.stripe.com/stripe-apps/reference/permissions
STRIPES = {
    "GET /v1/account": "connected_account_read",
    "GET /v1/billing/meters": "billing_meter_read",
    "POST /v1/billing/meters": "billing_meter_write",
    "POST /v1/billing/meter_events": "billing_meter_event_write",
    "POST /v2/billing/meter_event_session": "billing_meter_event_write",
    "POST /v1/billing_portal/sessions": "customer_portal_write",
    "GET /v1/checkout/sessions": "checkout_session_read",
    "DELETE /v1/coupons/{coupon}": "coupon_write",
    "POST /v1/customers": "customer_write",
    "GET /v1/entitlements/features": "entitlement_read",
    "POST /v1/entitlements/features": "product_write",
    "GET /v1/events": "event_read",
    "GET /v1/invoices/{invoice}": "invoice_read",
    "POST /v1/prices": "plan_write",
    "GET /v1/prices/search": "plan_read",
    "DELETE /v1/products/{id}": "product_write",
    "POST /v1/promotion_codes": "promotion_code_write",
    "POST /v1/refunds": "charge_write",
    "POST /v1/subscription_schedules": "subscription_write",
    "POST /v1/subscriptions": "subscription_write",
    "GET /v1/tax_rates": "tax_rate_read",
    "POST /v1/test_helpers/test_clocks": "billing_clock_write",
    "POST /v1/webhook_endpoints": "webhook_write",
}


ONE_ACT = {"entitlement_read", "event_read"}
"""What Stripe has no permission to write of."""


def ask(server: LocalStripe, operation: Operation, key: str) -> tuple[int, str]:
    """The status and the words of the answer to an operation, on an object that is not there, without parameters."""
    path = re.sub(r"\{\w+\}", "x", operation.path)
    body = {"json": {}} if operation.version == 2 and operation.method == "POST" else {}
    answer = server.http(operation.method, path, key=key, **body)
    return answer.status_code, answer.json().get("error", {}).get("message", "")


def test_the_permissions_are_those_of_stripes_pages() -> None:
    there = {f"{operation.method} {operation.path}" for operation in OPERATIONS}
    assert STRIPES.keys() <= there
    assert {name: needed(*name.split(" ")) for name in STRIPES} == STRIPES
    assert {one for one in PERMISSIONS if f"{one.rsplit('_', 1)[0]}_write" not in PERMISSIONS} == ONE_ACT


def test_every_operation_needs_a_permission_or_shows_what_one_was_needed_for() -> None:
    assert {needed(operation.method, operation.path) for operation in WITH_KEYS} <= PERMISSIONS
    (stream,) = [operation for operation in OPERATIONS if operation.by_session]
    assert stream.path == "/v2/billing/meter_event_stream"
    assert needed("POST", "/v2/billing/meter_event_session") == "billing_meter_event_write", "which makes the token that it takes"


def test_every_operation_is_refused_without_its_permission_and_not_with_it(server: LocalStripe) -> None:
    nothing = server.restricted_key()
    keys = {permission: server.restricted_key(permission) for permission in PERMISSIONS}
    used = set()
    for operation in WITH_KEYS:
        permission = needed(operation.method, operation.path)
        used.add(permission)
        status, said = ask(server, operation, nothing)
        assert (status, f"('{permission}')" in said) == (403, True), (operation.path, said)
        status, said = ask(server, operation, keys[permission])
        assert status != 403, (operation.path, said)
    assert {one.rsplit("_", 1)[0] for one in used} == {resource.name for resource in RESOURCES}


def test_what_stripe_says_of_a_permission_that_is_missing(server: LocalStripe) -> None:
    """As recorded of Stripe: https://docs.stripe.com/keys/restricted-api-keys calls it an invalid request error."""
    key = server.restricted_key("product_write", key="rk_test_51HypernianABCD")
    error = refusal(server.client(key).v1.prices.create, {"currency": "usd", "unit_amount": 1, "product": "tokens"})
    assert isinstance(error, stripe.PermissionError)
    assert error.http_status == 403
    assert error.json_body["error"]["code"] == "more_permissions_required"
    assert error.json_body["error"]["type"] == "invalid_request_error"
    assert error.user_message == (
        "Permission denied. The provided key 'rk_test_...ABCD' does not have the required permissions for this endpoint on "
        "account 'acct_1LocalStripe0001'. Enabling Prices Write ('plan_write') permissions on this key would allow this "
        f"request to continue. You can edit permissions at {server.url}/_local/keys"
    )
    assert [request["status"] for request in server.requests()] == [403]
    server.restricted_key("product_write", "plan_write", key=key)
    product = server.client(key).v1.products.create({"name": "Tokens"})
    assert server.client(key).v1.prices.create({"currency": "usd", "unit_amount": 1, "product": product.id}).active


def test_who_may_write_may_read_and_some_permissions_imply_others(server: LocalStripe) -> None:
    guide = make_guide(server.client())
    for permission, implied in (
        ("customer_write", ["customers", "test_helpers/test_clocks"]),
        ("plan_read", ["prices", "products", f"prices/{guide.price.id}?expand[]=product"]),
        ("invoice_read", ["invoices", "credit_notes"]),
    ):
        key = server.restricted_key(permission)
        assert [server.http("GET", f"/v1/{path}", key=key).status_code for path in implied] == [200] * len(implied)
        assert server.http("GET", "/v1/coupons", key=key).status_code == 403


def test_an_object_that_is_expanded_needs_its_own_permission(server: LocalStripe) -> None:
    guide = make_guide(server.client())
    key = server.restricted_key("subscription_read")
    v1 = server.client(key).v1
    assert v1.subscriptions.retrieve(guide.subscription.id).id == guide.subscription.id
    error = refusal(v1.subscriptions.list, {"expand": ["data.customer"]})
    assert "('customer_read')" in str(error)
    server.restricted_key("subscription_read", "customer_read", key=key)
    assert v1.subscriptions.list({"expand": ["data.customer"]}).data[0].customer.name == "John Doe"


def test_an_expansion_that_is_refused_undoes_the_work(server: LocalStripe) -> None:
    guide = make_guide(server.client())
    v1 = server.client(server.restricted_key("subscription_write")).v1
    params = {"description": "Changed", "expand": ["customer"]}
    assert refusal(v1.subscriptions.update, guide.subscription.id, params).http_status == 403
    assert server.client().v1.subscriptions.retrieve(guide.subscription.id).description is None


def test_a_restricted_key_is_one_of_the_account_it_was_made_for(server: LocalStripe) -> None:
    one = server.account()
    key = one.restricted_key("product_write", livemode=True)
    assert key.startswith("rk_live_")
    assert server.client(key).v1.products.create({"name": "Mine"}).livemode is True
    assert server.client(one.key.replace("_test_", "_live_")).v1.products.list().data[0].name == "Mine"
    assert [request["path"] for request in Account(server.url, key).requests()] == ["/v1/products", "/v1/products"]


def test_a_restricted_key_that_nobody_made_is_no_key(server: LocalStripe) -> None:
    answer = server.http("GET", "/v1/products", key="rk_test_nobodymadethis")
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, "Invalid API Key provided: rk_test_**********this")


@pytest.mark.parametrize("word", ["price_write", "rak_plan_write", "plan"])
def test_a_word_that_is_no_permission_is_refused_by_name(server: LocalStripe, word: str) -> None:
    with pytest.raises(RuntimeError, match=f"There is no permission '{word}' here; there are billing_clock_read"):
        server.restricted_key(word)
