"""Subscription: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import stripe.params as params

from tests.stripe_resources.sample import A_AND_B, YEARS_AWAY, Drift, Plan, Sample, Values, Wrong, without

SUBSCRIPTION: Values = {"customer": "{customer}", "items": [{"price": "{price}"}]}
METHODS = "payment_settings.payment_method_options"
PRICES = {"items.price": [f"price_{i}" for i in range(1, 5)]}


def settings_of_a_trial(ending: str) -> Values:
    return {"end_behavior": {"missing_payment_method": ending}}


SAMPLE = Sample(
    "Subscription",
    "/v1/subscriptions",
    SUBSCRIPTION,
    params.SubscriptionCreateParams,
    params.SubscriptionUpdateParams,
    wrong=[
        Wrong("no customer", without(SUBSCRIPTION, "customer"), "customer"),
        Wrong("no items", without(SUBSCRIPTION, "items"), "items"),
        Wrong("no item", {**SUBSCRIPTION, "items": []}, "items"),
        Wrong("one price twice", {**SUBSCRIPTION, "items": [{"price": "p"}, {"price": "p"}]}, "items[1].price"),
        Wrong("invoice without a due date", {**SUBSCRIPTION, "collection_method": "send_invoice"}, "days_until_due"),
        Wrong("due date without invoice", {**SUBSCRIPTION, "days_until_due": 30}, "days_until_due"),
        Wrong("two ends of a trial", {**SUBSCRIPTION, "trial_end": "now", "trial_period_days": 7}, "trial_period_days"),
        Wrong("two ends", {**SUBSCRIPTION, "cancel_at": 1800000000, "cancel_at_period_end": True}, "cancel_at"),
    ],
    mutable=[
        Drift(
            "items",
            [{"price": "{price}", "quantity": 2}],
            [{"id": "{item}", "price": "{other_price}", "quantity": 3}],
            {"customer": "{customer}", "collection_method": "send_invoice", "days_until_due": 30},
        ),
        Drift("automatic_tax", {"enabled": True}, {"enabled": False}, left={"enabled": False}),
        Drift("cancel_at", YEARS_AWAY, YEARS_AWAY + 60),
        Drift("cancel_at_period_end", True, False, left=False),
        Drift(
            "collection_method",
            "send_invoice",
            "charge_automatically",
            {**SUBSCRIPTION, "days_until_due": 30},
            along=("days_until_due",),
            left="charge_automatically",
        ),
        Drift(
            "days_until_due", 30, 60, {**SUBSCRIPTION, "collection_method": "send_invoice"}, leaves_with=("collection_method",)
        ),
        Drift("default_payment_method", "{card}", "{other_card}"),
        Drift("description", "Tokens", "Theirs"),
        Drift("invoice_settings", {"footer": "Thanks"}, {"footer": "Theirs"}, left={"footer": None}),
        Drift("metadata", *A_AND_B, left={"a": None, "b": None}),
        Drift("pause_collection", {"behavior": "void"}, {"behavior": "keep_as_draft"}),
        Drift(
            "payment_settings",
            {"payment_method_types": ["card"]},
            {"payment_method_types": ["link"]},
            left={"payment_method_types": None},
        ),
        Drift(
            "trial_settings",
            settings_of_a_trial("pause"),
            settings_of_a_trial("cancel"),
            left=settings_of_a_trial("create_invoice"),
        ),
    ],
    immutable=[
        Drift("billing_mode", {"type": "classic"}, {"type": "flexible"}),
        Drift("currency", "usd", "eur"),
        Drift("customer", "{customer}", "{other_customer}"),
    ],
    own=("items",),
    absent={
        "application_fee_percent": 10,
        "billing_thresholds": {"amount_gte": 1000},
        "customer_account": "acct_1",
        "default_source": "card_1",
        "default_tax_rates": ["txr_1"],
        "on_behalf_of": "acct_1",
        "pending_invoice_item_interval": {"interval": "month"},
        "transfer_data": {"destination": "acct_1"},
    },
    plans=[
        Plan(
            "invoices",
            frozenset({"customer_account", "trial_period_days", "billing_cycle_anchor_config", "cancel_at_period_end"}),
            {**PRICES, "collection_method": ["send_invoice"]},
        ),
        Plan(
            "charges",
            frozenset({"customer", "days_until_due", "trial_end", "billing_cycle_anchor", "cancel_at"}),
            {**PRICES, "collection_method": ["charge_automatically"]},
        ),
    ],
    newer={
        "items.current_trial": "new in 2026-09-30.endive",
        "trial_settings.end_behavior.billing_cycle_anchor": "new in 2026-09-30.endive",
        f"{METHODS}.billie.company_details": "not in the description of 2026-08-26.dahlia",
        f"{METHODS}.blik": "not in the description of 2026-08-26.dahlia",
        "payment_settings.payment_method_types=blik": "not in the description of 2026-08-26.dahlia",
        "payment_settings.payment_method_types=sequra": "not in the description of 2026-08-26.dahlia",
    },
    retired_with={
        "invoice_now": False,
        "prorate": True,
        "cancellation_details": {"comment": "text", "feedback": "other", "feedback_option": "text"},
    },
)
