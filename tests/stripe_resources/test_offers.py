"""What the resources of the guide's next steps do specially, against a real local Stripe."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_client.errors import NotAllowed
from stripe_resources import StripeError
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.kinds.test_alert import ALERT
from tests.stripe_resources.kinds.test_coupon import COUPON
from tests.stripe_resources.kinds.test_credit_grant import CREDIT_GRANT
from tests.stripe_resources.kinds.test_entitlement_feature import FEATURE
from tests.stripe_resources.kinds.test_portal_configuration import PORTAL
from tests.stripe_resources.kinds.test_webhook_endpoint import WEBHOOK_ENDPOINT

from .run import Run
from .sample import Values
from .world import World


def read(run: Run, kind: str, id_: str, outputs: Values) -> Values:
    found = run.read(kind, id_, outputs)
    assert found is not None
    return found[0]


# -- webhook endpoints


def test_a_secret_is_kept_whatever_becomes_of_the_endpoint(run: Run, world: World) -> None:
    id_, outputs = run.create("WebhookEndpoint", "it", {**WEBHOOK_ENDPOINT, "disabled": True})
    secret = outputs["secret"]
    assert secret.startswith("whsec_")
    assert "secret" not in world.live("WebhookEndpoint", id_)
    assert read(run, "WebhookEndpoint", id_, outputs) == outputs
    for change in ({"url": "https://example.com/other"}, {"description": "x"}, {}):
        outputs = run.update("WebhookEndpoint", id_, outputs, {**WEBHOOK_ENDPOINT, **change}) or outputs
        assert outputs["secret"] == secret
        assert read(run, "WebhookEndpoint", id_, outputs)["secret"] == secret
    assert not any(secret in line for line in run.said)


def test_after_a_crash_the_endpoint_and_its_secret_are_found(server: LocalStripe, world: World) -> None:
    """Stripe repeats its answer for a day: the same endpoint, with its secret."""
    id_, outputs = Run(server).create("WebhookEndpoint", "it", WEBHOOK_ENDPOINT)
    again, found = Run(server).create("WebhookEndpoint", "it", WEBHOOK_ENDPOINT)
    assert (again, found) == (id_, outputs)


def test_after_a_crash_days_ago_there_is_a_new_one_with_a_known_secret(server: LocalStripe) -> None:
    lost, _ = Run(server).create("WebhookEndpoint", "it", WEBHOOK_ENDPOINT)
    server.clock(advance=40 * 86400)
    run = Run(server)
    id_, outputs = run.create("WebhookEndpoint", "it", WEBHOOK_ENDPOINT)
    assert id_ != lost
    assert outputs["secret"]
    assert [e.id for e in server.client().v1.webhook_endpoints.list().data] == [id_]
    assert any(f"retired {lost}" in line for line in run.said)


def test_an_adopted_endpoint_has_no_known_secret(run: Run, world: World) -> None:
    theirs = world.made("/v1/webhook_endpoints", **WEBHOOK_ENDPOINT)["id"]
    id_, outputs = run.create("WebhookEndpoint", "it", {**WEBHOOK_ENDPOINT, "adopt": True})
    assert id_ == theirs
    assert "secret" not in outputs


# -- what comes back


@pytest.mark.parametrize(
    ("kind", "args", "same"),
    [("Coupon", {**COUPON, "coupon_id": "SUMMER"}, True), ("EntitlementFeature", FEATURE, True), ("Alert", ALERT, False)],
)
def test_what_was_destroyed_is_made_again(kind: str, args: Values, same: bool, server: LocalStripe, world: World) -> None:
    args = {**args, "usage_threshold": {**args["usage_threshold"], "meter": world.meter}} if kind == "Alert" else args
    run = Run(server)
    id_, outputs = run.create(kind, "it", args)
    run.handler(kind).delete(id_, outputs)
    again, found = Run(server).create(kind, "it", args)
    assert (again == id_) == same
    assert found.get("active", True)
    assert Run(server).read(kind, again, found) is not None


def test_an_archived_feature_of_somebody_else_stays(run: Run, world: World) -> None:
    theirs = world.made("/v1/entitlements/features", **FEATURE)["id"]
    world.made(f"/v1/entitlements/features/{theirs}", active=False)
    with pytest.raises(StripeError, match="already uses that lookup key"):
        run.create("EntitlementFeature", "it", FEATURE)


def test_a_deactivated_alert_shows_and_comes_back(run: Run, world: World) -> None:
    args = {**ALERT, "usage_threshold": {**ALERT["usage_threshold"], "meter": world.meter}}
    id_, outputs = run.create("Alert", "it", args)
    world.made(f"/v1/billing/alerts/{id_}/deactivate")
    shown = read(run, "Alert", id_, outputs)
    assert shown == {**outputs, "status": "inactive"}
    assert run.update("Alert", id_, shown, args) == outputs
    world.made(f"/v1/billing/alerts/{id_}/archive")
    assert run.read("Alert", id_, outputs) is None


def test_a_code_is_free_for_its_successor(run: Run, world: World) -> None:
    args: Values = {"promotion": {"type": "coupon", "coupon": world.coupon}, "code": "SUMMER"}
    id_, outputs = run.create("PromotionCode", "it", args)
    new, after = run.replace("PromotionCode", id_, outputs, {**args, "max_redemptions": 5})
    assert not world.live("PromotionCode", id_)["active"]
    assert world.live("PromotionCode", new)["active"]
    assert after["code"] == "SUMMER"


# -- features of products


def test_a_feature_is_attached_replaced_and_detached(run: Run, world: World) -> None:
    args = {"product": world.product, "entitlement_feature": world.feature}
    id_, outputs = run.create("ProductFeature", "it", args)
    assert read(run, "ProductFeature", id_, outputs) == outputs
    features = f"/v1/products/{world.product}/features"
    other = world.made(features, entitlement_feature=world.other_feature)["id"]
    shown = read(run, "ProductFeature", other, outputs)
    assert {k for k in outputs if shown[k] != outputs[k]} == {"entitlement_feature"}
    run.handler("ProductFeature").delete(id_, outputs)
    new, after = run.replace("ProductFeature", other, shown, args)
    assert after["entitlement_feature"] == world.feature
    assert [f["id"] for f in world.server.http("GET", features).json()["data"]] == [new]
    run.handler("ProductFeature").delete(new, after)
    assert run.read("ProductFeature", new, after) is None


def test_a_feature_that_somebody_else_attached_stays_theirs(run: Run, world: World) -> None:
    args = {"product": world.product, "entitlement_feature": world.feature}
    world.made(f"/v1/products/{world.product}/features", entitlement_feature=world.feature)
    with pytest.raises(StripeError, match="this stack declares neither"):
        run.create("ProductFeature", "it", args)


# -- credits


def granted(world: World, **more: Any) -> Values:
    return {**CREDIT_GRANT, "customer": world.customer, **more}


def test_a_grant_that_expired_outside_shows(run: Run, world: World) -> None:
    id_, outputs = run.create("CreditGrant", "it", granted(world))
    world.made(f"/v1/billing/credit_grants/{id_}/expire")
    shown = read(run, "CreditGrant", id_, outputs)
    assert {k for k in shown if shown[k] != outputs.get(k)} == {"expires_at"}
    world.made(f"/v1/billing/credit_grants/{id_}", expires_at="")
    world.made(f"/v1/billing/credit_grants/{id_}/void")
    assert run.read("CreditGrant", id_, outputs) is None


def test_a_live_stack_takes_no_credits_away(server: LocalStripe) -> None:
    client = server.client()
    customer = client.v1.customers.create({}).id
    run = Run(server, livemode=True)
    id_, outputs = run.create("CreditGrant", "it", {**CREDIT_GRANT, "customer": customer})
    with pytest.raises(NotAllowed, match="stripe:allowDelete CreditGrant"):
        run.handler("CreditGrant").delete(id_, outputs)
    Run(server, livemode=True, allow_delete=("CreditGrant",)).handler("CreditGrant").delete(id_, outputs)
    assert client.v1.billing.credit_grants.retrieve(id_).voided_at is not None


# -- payment links


def test_quantities_of_a_link_change_in_place_and_prices_replace_it(run: Run, world: World) -> None:
    metered, flat = {"price": world.metered_price}, {"price": world.price, "quantity": 1}
    args: Values = {"line_items": [metered, flat]}
    id_, outputs = run.create("PaymentLink", "it", args)
    assert read(run, "PaymentLink", id_, outputs) == outputs
    assert outputs["url"].startswith("https://buy.stripe.com/test_")
    more = {**flat, "quantity": 2, "adjustable_quantity": {"enabled": True, "maximum": 5}}
    outputs = run.update("PaymentLink", id_, outputs, {"line_items": [more, metered]}) or {}
    shown = world.live("PaymentLink", id_)["line_items"]["data"]
    assert [(i["price"]["id"], i["quantity"]) for i in shown] == [(world.metered_price, None), (world.price, 2)]
    assert shown[1]["adjustable_quantity"] == {"enabled": True, "maximum": 5, "minimum": 0}
    assert run.update("PaymentLink", id_, outputs, {"line_items": [metered, more]}) is None, "their order says nothing"
    plain = run.update("PaymentLink", id_, outputs, {"line_items": [metered, {**flat, "quantity": 2}]}) or {}
    assert world.live("PaymentLink", id_)["line_items"]["data"][1]["adjustable_quantity"] is None
    new, after = run.replace("PaymentLink", id_, plain, {"line_items": [metered]})
    assert (world.live("PaymentLink", id_)["active"], world.live("PaymentLink", new)["active"]) == (False, True)
    assert after["url"] != outputs["url"]


def test_metadata_of_a_links_subscriptions_is_sent_whole(run: Run, world: World) -> None:
    """Stripe does not merge it, so that a key which is not sent is lost."""
    args: Values = {"line_items": [{"price": world.metered_price}]}
    id_, outputs = run.create("PaymentLink", "it", {**args, "subscription_data": {"metadata": {"a": "1", "b": "2"}}})
    run.update("PaymentLink", id_, outputs, {**args, "subscription_data": {"metadata": {"a": "1", "b": "3"}}})
    assert world.live("PaymentLink", id_)["subscription_data"]["metadata"] == {"a": "1", "b": "3"}


def test_what_a_link_cannot_sell_is_refused_by_stripe(run: Run, world: World) -> None:
    with pytest.raises(StripeError, match="Quantity should not be specified where usage_type is `metered`"):
        run.create("PaymentLink", "it", {"line_items": [{"price": world.metered_price, "quantity": 1}]})
    with pytest.raises(StripeError, match="Quantity is required"):
        run.create("PaymentLink", "it", {"line_items": [{"price": world.price}]})


@pytest.mark.parametrize("kind", ["PaymentLink", "PortalConfiguration"])
def test_what_a_lost_state_had_is_found_again(kind: str, server: LocalStripe, world: World) -> None:
    args: Values = PORTAL if kind == "PortalConfiguration" else {"line_items": [{"price": world.metered_price}]}
    id_, outputs = Run(server).create(kind, "it", args)
    server.clock(advance=40 * 86400)
    assert Run(server).create(kind, "it", args) == (id_, outputs)


def test_a_link_that_a_dead_run_left_is_retired(server: LocalStripe, world: World) -> None:
    args: Values = {"line_items": [{"price": world.metered_price}]}
    left, _ = Run(server).create("PaymentLink", "it", args)
    run = Run(server)
    id_, _ = run.create("PaymentLink", "it", {"line_items": [{"price": world.other_metered_price}]})
    assert (world.live("PaymentLink", left)["active"], world.live("PaymentLink", id_)["active"]) == (False, True)
    assert any(f"retired {left}" in line for line in run.said)


# -- the portal


def test_features_that_leave_the_program_are_off(run: Run, world: World) -> None:
    products = [{"product": world.product, "prices": [world.price]}]
    update = {"enabled": True, "default_allowed_updates": ["price"], "products": products}
    reasons = {"enabled": True, "options": ["unused"]}
    cancel = {"enabled": True, "mode": "immediately", "cancellation_reason": reasons}
    args: Values = {"features": {**PORTAL["features"], "subscription_update": update, "subscription_cancel": cancel}}
    id_, outputs = run.create("PortalConfiguration", "it", args)
    assert read(run, "PortalConfiguration", id_, outputs) == outputs
    assert run.update("PortalConfiguration", id_, outputs, PORTAL)
    features = world.live("PortalConfiguration", id_)["features"]
    assert features["invoice_history"]["enabled"]
    assert not any(features[name]["enabled"] for name in ("subscription_update", "subscription_cancel"))
    assert features["subscription_cancel"]["mode"] == "at_period_end"
    assert features["subscription_cancel"]["cancellation_reason"]["options"] == []


def test_the_accounts_default_configuration_stays_when_it_leaves_the_program(run: Run, world: World) -> None:
    default = "bpc_local_default"
    id_, outputs = run.create("PortalConfiguration", "it", {**PORTAL, "adopt": default})
    assert (id_, outputs["is_default"]) == (default, True)
    run = Run(world.server)
    run.handler("PortalConfiguration").delete(id_, outputs)
    assert world.live("PortalConfiguration", default)["active"]
    assert any("stays active: it is the account's default portal configuration" in line for line in run.said)
    other, made = run.create("PortalConfiguration", "other", PORTAL)
    run.handler("PortalConfiguration").delete(other, made)
    assert not world.live("PortalConfiguration", other)["active"]
