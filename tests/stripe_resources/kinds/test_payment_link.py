"""PaymentLink: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import pytest
import stripe.params as params

from stripe_resources import StripeError
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.run import Run, read
from tests.stripe_resources.sample import A_AND_B, Drift, Plan, Sample, Values, Wrong
from tests.stripe_resources.world import World

PAYMENT_LINK: Values = {"line_items": [{"price": "{metered_price}"}]}
SESSIONS: Values = {"completed_sessions": {"limit": 5}}
ON, OFF = {"enabled": True}, {"enabled": False}


def redirect(url: str) -> Values:
    return {"type": "redirect", "redirect": {"url": url}}


def text(message: str) -> Values:
    return {"submit": {"message": message}}


SAMPLE = Sample(
    "PaymentLink",
    "/v1/payment_links",
    PAYMENT_LINK,
    params.PaymentLinkCreateParams,
    params.PaymentLinkUpdateParams,
    wrong=[
        Wrong("link to nothing", {}, "line_items"),
        Wrong("link to no price", {"line_items": []}, "line_items"),
        Wrong("link to more than it shows", {"line_items": [{"price": f"p{i}"} for i in range(11)]}, "line_items"),
        Wrong("none of a price", {"line_items": [{"price": "p", "quantity": 0}]}, "line_items[0].quantity"),
        Wrong("redirect to nowhere", {**PAYMENT_LINK, "after_completion": {"type": "redirect"}}, "after_completion.redirect"),
        Wrong(
            "two pages afterwards",
            {
                **PAYMENT_LINK,
                "after_completion": {"type": "redirect", "redirect": {"url": "https://a"}, "hosted_confirmation": {}},
            },
            "after_completion.hosted_confirmation",
        ),
        Wrong(
            "trial without a day",
            {**PAYMENT_LINK, "subscription_data": {"trial_period_days": 0}},
            "subscription_data.trial_period_days",
        ),
        Wrong(
            "subscriptions with empty metadata",
            {**PAYMENT_LINK, "subscription_data": {"metadata": {"a": ""}}},
            'subscription_data.metadata["a"]',
        ),
    ],
    mutable=[
        Drift("active", True, False, left=True),
        Drift("after_completion", redirect("https://a"), redirect("https://b"), left={"type": "hosted_confirmation"}),
        Drift("allow_promotion_codes", True, False, left=False),
        Drift("automatic_tax", ON, OFF, left=OFF),
        Drift("billing_address_collection", "required", "auto", left="auto"),
        Drift(
            "consent_collection",
            {"terms_of_service": "required"},
            {"terms_of_service": "none"},
            left={"terms_of_service": "none"},
        ),
        Drift("custom_text", text("ours"), text("theirs"), left={"submit": None}),
        Drift("inactive_message", "Ours", "Theirs"),
        Drift("metadata", *A_AND_B, left={"a": None, "b": None}),
        Drift("name_collection", {"business": ON}, {"business": OFF}),
        Drift("payment_method_collection", "if_required", "always", left="always"),
        Drift("phone_number_collection", ON, OFF, left=OFF),
        Drift("restrictions", SESSIONS, {"completed_sessions": {"limit": 6}}),
        Drift("submit_type", "subscribe", "pay", left="auto"),
        Drift(
            "subscription_data",
            {"metadata": {"a": "1", "b": "2"}, "trial_period_days": 7},
            {"metadata": {"a": "x", "b": "2"}},
            left={"metadata": {}, "trial_period_days": None},
        ),
        Drift("tax_id_collection", ON, OFF, left=OFF),
    ],
    immutable=[
        Drift("currency", "eur", "usd", {"line_items": [{"price": "{price}", "quantity": 1}]}),
        Drift("line_items", [{"price": "{metered_price}"}], [{"price": "{other_metered_price}"}]),
    ],
    own=("line_items", "url"),
    plans=[
        Plan("redirect", frozenset({"after_completion.hosted_confirmation"}), {"after_completion.type": ["redirect"]}),
        Plan("confirmation", frozenset({"after_completion.redirect"}), {"after_completion.type": ["hosted_confirmation"]}),
    ],
    newer={
        f"subscription_data.invoice_settings.{name}": "not in the description of 2026-08-26.dahlia"
        for name in ("account_tax_ids", "custom_fields", "description", "footer")
    },
    retired_by="POST /v1/payment_links/id_1",
)


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


def test_a_link_that_a_dead_run_left_is_retired(server: LocalStripe, world: World) -> None:
    args: Values = {"line_items": [{"price": world.metered_price}]}
    left, _ = Run(server).create("PaymentLink", "it", args)
    run = Run(server)
    id_, _ = run.create("PaymentLink", "it", {"line_items": [{"price": world.other_metered_price}]})
    assert (world.live("PaymentLink", left)["active"], world.live("PaymentLink", id_)["active"]) == (False, True)
    assert any(f"retired {left}" in line for line in run.said)
