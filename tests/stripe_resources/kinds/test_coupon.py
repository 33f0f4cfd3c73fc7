"""Coupon: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import time

import stripe.params as params

from tests.stripe_resources.sample import A_AND_B, REPLACES, Drift, Plan, Sample, Values, Wrong

SOON = int(time.time()) + 10_000_000
COUPON: Values = {"percent_off": 25}
AMOUNT_OFF: Values = {"amount_off": 500, "currency": "usd"}
REPEATING: Values = {**COUPON, "duration": "repeating"}
OF_AN_AMOUNT = {"amount_off", "currency", "currency_options"}

SAMPLE = Sample(
    "Coupon",
    "/v1/coupons",
    COUPON,
    params.CouponCreateParams,
    params.CouponUpdateParams,
    wrong=[
        Wrong("no discount", {}, "amount_off"),
        Wrong("two discounts", {**COUPON, **AMOUNT_OFF}, "percent_off"),
        Wrong("nothing off", {"percent_off": 0}, "percent_off"),
        Wrong("more than all off", {"percent_off": 101}, "percent_off"),
        Wrong("negative discount", {**AMOUNT_OFF, "amount_off": -5}, "amount_off"),
        Wrong("amount without currency", {"amount_off": 500}, "currency"),
        Wrong("currency without amount", {**COUPON, "currency": "usd"}, "currency"),
        Wrong("options without amount", {**COUPON, "currency_options": {"eur": {"amount_off": 4}}}, "currency_options"),
        Wrong(
            "own currency as an option", {**AMOUNT_OFF, "currency_options": {"usd": {"amount_off": 4}}}, 'currency_options["usd"]'
        ),
        Wrong("repeating without end", {**COUPON, "duration": "repeating"}, "duration_in_months"),
        Wrong("months of one discount", {**COUPON, "duration_in_months": 3}, "duration_in_months"),
        Wrong("unknown duration", {**COUPON, "duration": "yearly"}, "duration"),
        Wrong("long name", {**COUPON, "name": "x" * 41}, "name"),
        Wrong("never redeemed", {**COUPON, "max_redemptions": 0}, "max_redemptions"),
        Wrong("blank in an id", {**COUPON, "coupon_id": "25 OFF"}, "coupon_id"),
        Wrong("for no product", {**COUPON, "applies_to": {"products": []}}, "applies_to.products"),
    ],
    mutable=[
        Drift("currency_options", {"eur": {"amount_off": 450}}, {"eur": {"amount_off": 1}}, AMOUNT_OFF, left=REPLACES),
        Drift("metadata", *A_AND_B, left={"a": None, "b": None}),
        Drift("name", "A quarter off", "Theirs"),
    ],
    immutable=[
        Drift("amount_off", 500, 400, {"currency": "usd"}),
        Drift("applies_to", {"products": ["{product}"]}, {"products": ["{other_product}"]}),
        Drift("coupon_id", "OURS", "THEIRS"),
        Drift("currency", "usd", "eur", {"amount_off": 500}),
        Drift("duration", "forever", "once"),
        Drift("duration_in_months", 3, 4, REPEATING),
        Drift("max_redemptions", 10, 20),
        Drift("percent_off", 25, 12.5),
        Drift("redeem_by", SOON, SOON + 60),
    ],
    plans=[
        Plan("percentage", frozenset(OF_AN_AMOUNT), {"duration": ["repeating"]}),
        Plan("amount", frozenset({"percent_off", "duration_in_months"}), {"currency": ["usd"], "duration": ["forever", "once"]}),
    ],
)
