"""PortalConfiguration: what tests need to know of it, and what it does specially."""

from __future__ import annotations

from typing import Any

from stripe.params import billing_portal

from tests.stripe_resources.run import Run, read
from tests.stripe_resources.sample import A_AND_B, Drift, Plan, Sample, Values, Wrong
from tests.stripe_resources.world import World

PORTAL: Values = {"features": {"invoice_history": {"enabled": True}}}
PRODUCTS = "features.subscription_update.products"
CANCEL = "features.subscription_cancel"
CHOSEN = {"features.subscription_update.products.product": ["prod_1", "prod_2"]}
ON, OFF = {"enabled": True}, {"enabled": False}


def portal(**features: Any) -> Values:
    return {"features": features}


def updates(behavior: str, prices: str = "{price}") -> Values:
    products = [{"product": "{product}", "prices": [prices]}]
    return {"subscription_update": {**ON, "products": products, "proration_behavior": behavior}}


SAMPLE = Sample(
    "PortalConfiguration",
    "/v1/billing_portal/configurations",
    PORTAL,
    billing_portal.ConfigurationCreateParams,
    billing_portal.ConfigurationUpdateParams,
    wrong=[
        Wrong("portal without features", {}, "features"),
        Wrong("portal with no feature", {"features": {}}, "features"),
        Wrong("portal changes to nothing", portal(subscription_update={"enabled": True}), PRODUCTS),
        Wrong(
            "portal has a product twice",
            portal(
                subscription_update={
                    "enabled": True,
                    "products": [{"product": "p", "prices": ["a"]}, {"product": "p", "prices": ["b"]}],
                }
            ),
            f"{PRODUCTS}[1].product",
        ),
        Wrong(
            "portal has a product without prices",
            portal(subscription_update={"enabled": True, "products": [{"product": "p", "prices": []}]}),
            f"{PRODUCTS}[0].prices",
        ),
        Wrong(
            "portal invoices cancellations",
            portal(subscription_cancel={"enabled": True, "proration_behavior": "always_invoice"}),
            f"{CANCEL}.proration_behavior",
        ),
        Wrong(
            "portal prorates at the period's end",
            portal(subscription_cancel={"enabled": True, "proration_behavior": "create_prorations"}),
            f"{CANCEL}.proration_behavior",
        ),
        Wrong(
            "portal pauses for no time",
            portal(subscription_pause={"enabled": True, "duration": {"type": "interval_options"}}),
            "features.subscription_pause.duration.interval_options",
        ),
        Wrong(
            "unknown reason to cancel",
            portal(subscription_cancel={"enabled": True, "cancellation_reason": {"enabled": True, "options": ["bored"]}}),
            f"{CANCEL}.cancellation_reason.options[0]",
        ),
        Wrong("long headline", {**PORTAL, "business_profile": {"headline": "x" * 61}}, "business_profile.headline"),
        Wrong(
            "privacy without scheme",
            {**PORTAL, "business_profile": {"privacy_policy_url": "example.com"}},
            "business_profile.privacy_policy_url",
        ),
    ],
    mutable=[
        Drift("active", True, False, left=True),
        Drift("business_profile", {"headline": "Ours"}, {"headline": "Theirs"}, left={"headline": None}),
        Drift("default_return_url", "https://example.com/a", "https://example.com/b"),
        Drift("features", updates("none"), updates("always_invoice", "{other_price}")),
        Drift("login_page", ON, OFF, along=("login_page_url",), left=OFF),
        Drift("metadata", *A_AND_B, left={"a": None, "b": None}),
        Drift("name", "Ours", "Theirs"),
    ],
    plans=[
        Plan(
            "at once",
            choose={**CHOSEN, f"{CANCEL}.mode": ["immediately"], f"{CANCEL}.proration_behavior": ["create_prorations", "none"]},
        ),
        Plan("later", choose={**CHOSEN, f"{CANCEL}.mode": ["at_period_end"], f"{CANCEL}.proration_behavior": ["none"]}),
    ],
    newer={"features.subscription_pause": "not in the description of 2026-08-26.dahlia"},
    not_in_example=("login_page_url",),
    retired_by="POST /v1/billing_portal/configurations/id_1",
)


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
    assert any("stays in use: it is the account's default PortalConfiguration" in line for line in run.said)
    other, made = run.create("PortalConfiguration", "other", PORTAL)
    run.handler("PortalConfiguration").delete(other, made)
    assert not world.live("PortalConfiguration", other)["active"]
