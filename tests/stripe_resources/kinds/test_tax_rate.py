"""TaxRate: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import stripe.params as params

from tests.stripe_resources.sample import A_AND_B, Drift, Sample, Values, Wrong, without

TAX_RATE: Values = {"display_name": "VAT", "inclusive": False, "percentage": 23}
UNKNOWN_TAXES = (
    *("admissions_tax", "attendance_tax", "digital_excise_tax", "entertainment_tax", "get_fund", "gross_receipts_tax"),
    *("hospitality_tax", "luxury_tax", "nhil", "resort_tax", "tourism_tax", "utility_users_tax"),
)

SAMPLE = Sample(
    "TaxRate",
    "/v1/tax_rates",
    TAX_RATE,
    params.TaxRateCreateParams,
    params.TaxRateUpdateParams,
    wrong=[
        Wrong("tax without a name", without(TAX_RATE, "display_name"), "display_name"),
        Wrong("tax in or on top", without(TAX_RATE, "inclusive"), "inclusive"),
        Wrong("percentage as text", {**TAX_RATE, "percentage": "23"}, "percentage"),
        Wrong("five decimal places", {**TAX_RATE, "percentage": 8.87505}, "percentage"),
        Wrong("unknown tax", {**TAX_RATE, "tax_type": "window_tax"}, "tax_type"),
        Wrong("country in full", {**TAX_RATE, "country": "Ireland"}, "country"),
        Wrong("state with its country", {**TAX_RATE, "state": "US-NY"}, "state"),
    ],
    mutable=[
        Drift("active", True, False, left=True),
        Drift("country", "IE", "DE"),
        Drift("description", "since 2021", "Theirs"),
        Drift("display_name", "VAT", "Theirs"),
        Drift("jurisdiction", "Ireland", "Theirs"),
        Drift("metadata", *A_AND_B, left={"a": None, "b": None}),
        Drift("state", "NY", "CA"),
        Drift("tax_type", "vat", "gst"),
    ],
    immutable=[
        Drift("inclusive", False, True),
        Drift("percentage", 8.875, 9),
    ],
    texts={"[A-Z0-9]{1,3}": "NY"},
    newer={f"tax_type={value}": "not in the description of 2026-08-26.dahlia" for value in UNKNOWN_TAXES},
    retired_by="POST /v1/tax_rates/id_1",
)
