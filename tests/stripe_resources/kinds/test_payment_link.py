"""PaymentLink: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import stripe.params as params

from tests.stripe_resources.sample import A_AND_B, Drift, Plan, Sample, Values, Wrong

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
