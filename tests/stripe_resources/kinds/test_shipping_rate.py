"""ShippingRate: what tests need to know of it."""

from __future__ import annotations

import stripe.params as params

from tests.stripe_resources.sample import A_AND_B, Drift, Plan, Sample, Values, Wrong, without

AMOUNT: Values = {"amount": 500, "currency": "usd"}
SHIPPING_RATE: Values = {"display_name": "Ground", "fixed_amount": AMOUNT}
OPTIONS = {"currency_options": {"eur": {"amount": 450}}}

SAMPLE = Sample(
    "ShippingRate",
    "/v1/shipping_rates",
    SHIPPING_RATE,
    params.ShippingRateCreateParams,
    params.ShippingRateUpdateParams,
    wrong=[
        Wrong("shipping without a name", without(SHIPPING_RATE, "display_name"), "display_name"),
        Wrong("shipping for nothing said", without(SHIPPING_RATE, "fixed_amount"), "fixed_amount"),
        Wrong(
            "shipping for less than nothing", {**SHIPPING_RATE, "fixed_amount": {**AMOUNT, "amount": -1}}, "fixed_amount.amount"
        ),
        Wrong(
            "shipping in one currency twice",
            {**SHIPPING_RATE, "fixed_amount": {**AMOUNT, "currency_options": {"usd": {"amount": 5}}}},
            'fixed_amount.currency_options["usd"]',
        ),
        Wrong(
            "delivery in a fortnight",
            {**SHIPPING_RATE, "delivery_estimate": {"maximum": {"unit": "fortnight", "value": 1}}},
            "delivery_estimate.maximum.unit",
        ),
    ],
    mutable=[
        Drift("active", True, False, left=True),
        Drift("metadata", *A_AND_B, left={"a": None, "b": None}),
        Drift("tax_behavior", "inclusive", "exclusive", left="unspecified"),
    ],
    immutable=[
        Drift("delivery_estimate", {"minimum": {"unit": "day", "value": 1}}, {"minimum": {"unit": "day", "value": 2}}),
        Drift("display_name", "Ground", "Air"),
        Drift("fixed_amount", {**AMOUNT, **OPTIONS}, AMOUNT),
        Drift("tax_code", "txcd_92010001", "txcd_00000000"),
    ],
    plans=[Plan("all", choose={"fixed_amount.currency": ["usd"]})],
    retired_by="POST /v1/shipping_rates/id_1",
)
