"""What to try of each resource: its rules exclude some fields where others are, so it takes several plans to have them all.

stripe-mock's description of the API (2026-08-26) is older than the API version that the SDK speaks (2026-10-28). `NEWER` lists
what only the newer one has; the tests hold that each of them really is refused, so that the list cannot outlive its reasons.
"""

from __future__ import annotations

from .samples import Plan

AMOUNTS = ("unit_amount", "unit_amount_decimal", "custom_unit_amount")
TIERS = [
    {"up_to": 10, "unit_amount": 4, "flat_amount": 0},
    {"up_to": "inf", "unit_amount_decimal": "0.5", "flat_amount_decimal": "1.5"},
]


def _amounts_but(kept: str, prefix: str = "") -> set[str]:
    others = {*AMOUNTS, "tiers"} - {kept}
    return {prefix + name for name in others} | {f"{prefix}currency_options.{name}" for name in others}


def _price(name: str, kept: str, omit: set[str], **choose: list[str]) -> Plan:
    tiers = {"tiers": [TIERS], "currency_options.tiers": [TIERS]}
    scheme = ["tiered"] if kept == "tiers" else ["per_unit"]
    dotted = {key.replace("__", "."): values for key, values in choose.items()}
    return Plan(
        name,
        frozenset(_amounts_but(kept) | omit),
        {"currency": ["usd"], "billing_scheme": scheme, **tiers, **dotted},
    )


def _product(name: str, kept: str) -> Plan:
    data = "default_price_data"
    return Plan(
        name,
        frozenset({"default_price"} | _amounts_but(kept, f"{data}.")),
        {f"{data}.currency": ["usd"]},
    )


YEARS_AWAY = 4_000_000_000
PRICES_OF_ITEMS = {"items.price": [f"price_{i}" for i in range(1, 5)]}

PLANS: dict[str, list[Plan]] = {
    "stripe:Meter": [Plan("all")],
    "stripe:Product": [
        Plan("default price", frozenset({"default_price_data"})),
        *(_product(f"default price data, {amount}", amount) for amount in AMOUNTS),
        Plan(
            "default price data, tiers",
            frozenset({"default_price", *_amounts_but("tiers", "default_price_data.")} - {"default_price_data.unit_amount"}),
            {"default_price_data.currency": ["usd"], "default_price_data.currency_options.tiers": [TIERS]},
        ),
    ],
    "stripe:Price": [
        _price("metered", "unit_amount", {"product_data", "tiers_mode"}, recurring__usage_type=["metered"]),
        _price(
            "licensed", "unit_amount_decimal", {"product", "tiers_mode", "recurring.meter"}, recurring__usage_type=["licensed"]
        ),
        _price("one-time", "custom_unit_amount", {"product_data", "tiers_mode", "recurring"}),
        _price("tiered", "tiers", {"product_data", "transform_quantity"}, recurring__usage_type=["metered"]),
    ],
    "stripe:DefaultPrice": [Plan("all")],
    "stripe:Customer": [Plan("all")],
    "stripe:Subscription": [
        Plan(
            "invoices",
            frozenset({"customer_account", "trial_period_days", "billing_cycle_anchor_config", "cancel_at_period_end"}),
            {**PRICES_OF_ITEMS, "collection_method": ["send_invoice"]},
        ),
        Plan(
            "charges",
            frozenset({"customer", "days_until_due", "trial_end", "billing_cycle_anchor", "cancel_at"}),
            {**PRICES_OF_ITEMS, "collection_method": ["charge_automatically"]},
        ),
    ],
}

_CANCEL = "features.subscription_cancel"
_PRORATION = f"{_CANCEL}.proration_behavior"
_PRODUCTS = {"features.subscription_update.products.product": ["prod_1", "prod_2"]}
_OF_AN_AMOUNT = {"amount_off", "currency", "currency_options"}
PLANS |= {
    "stripe:Coupon": [
        Plan("percentage", frozenset(_OF_AN_AMOUNT), {"duration": ["repeating"]}),
        Plan("amount", frozenset({"percent_off", "duration_in_months"}), {"currency": ["usd"], "duration": ["forever", "once"]}),
    ],
    "stripe:PromotionCode": [
        Plan("customer", frozenset({"customer_account"}), {"restrictions.minimum_amount_currency": ["usd"]}),
        Plan("account", frozenset({"customer"}), {"restrictions.minimum_amount_currency": ["usd"]}),
    ],
    "stripe:TaxRate": [Plan("all")],
    "stripe:EntitlementFeature": [Plan("all")],
    "stripe:ProductFeature": [Plan("all")],
    "stripe:CreditGrant": [
        Plan("metered", frozenset({"customer_account", "applicability_config.scope.prices"}), {"expires_at": [YEARS_AWAY]}),
        Plan("prices", frozenset({"customer", "applicability_config.scope.price_type"}), {"expires_at": [YEARS_AWAY]}),
    ],
    "stripe:Alert": [Plan("all")],
    "stripe:PaymentLink": [
        Plan("redirect", frozenset({"after_completion.hosted_confirmation"}), {"after_completion.type": ["redirect"]}),
        Plan("confirmation", frozenset({"after_completion.redirect"}), {"after_completion.type": ["hosted_confirmation"]}),
    ],
    "stripe:PortalConfiguration": [
        Plan("at once", choose={**_PRODUCTS, f"{_CANCEL}.mode": ["immediately"], _PRORATION: ["create_prorations", "none"]}),
        Plan("later", choose={**_PRODUCTS, f"{_CANCEL}.mode": ["at_period_end"], _PRORATION: ["none"]}),
    ],
    "stripe:WebhookEndpoint": [Plan("all", choose={"api_version": ["2026-07-29.dahlia", "2026-08-26.dahlia"]})],
}
"""Of a webhook's API versions two stand for all: there are more than a hundred."""

_ENDIVE = "new in 2026-09-30.endive"
_UNKNOWN = "not in the description of 2026-08-26.dahlia"
_HIDDEN = "deprecated: the SDK has it still, the description no more"
_TAX_IDS = (
    *("au_acn", "au_wpn", "bw_vat", "ci_vat", "cz_dic", "fr_siren", "fr_siret", "fr_spi", "gh_tin", "is_kt", "md_cf", "mu_vat"),
    *("mz_nuit", "nz_bn", "pt_nif", "sm_coe", "tt_bir", "tt_vat"),
)
_EVENTS = (
    *(
        "apps.install.created",
        "apps.install.deleted",
        "apps.install.updated",
        "three_d_secure.authentication.canceled",
    ),
    *(
        "three_d_secure.authentication.challenge_started",
        "three_d_secure.authentication.errored",
    ),
    *(
        "three_d_secure.authentication.failed",
        "three_d_secure.authentication.requires_challenge",
    ),
    *(
        "three_d_secure.authentication.requires_submission",
        "three_d_secure.authentication.succeeded",
    ),
)
_TAX_TYPES = (
    *(
        "admissions_tax",
        "attendance_tax",
        "digital_excise_tax",
        "entertainment_tax",
        "get_fund",
        "gross_receipts_tax",
    ),
    *(
        "hospitality_tax",
        "luxury_tax",
        "nhil",
        "resort_tax",
        "tourism_tax",
        "utility_users_tax",
    ),
)
_METHODS = "payment_settings.payment_method_options"

NEWER: dict[str, dict[str, str]] = {
    "stripe:Meter": {},
    "stripe:Product": {"tax_details": _ENDIVE, "type": _HIDDEN},
    "stripe:Price": {"product_data.tax_details": _ENDIVE, "recurring.trial_period_days": _HIDDEN},
    "stripe:DefaultPrice": {},
    "stripe:Coupon": {},
    "stripe:PromotionCode": {},
    "stripe:TaxRate": {f"tax_type={value}": _UNKNOWN for value in _TAX_TYPES},
    "stripe:EntitlementFeature": {},
    "stripe:ProductFeature": {},
    "stripe:CreditGrant": {},
    "stripe:Alert": {},
    "stripe:PaymentLink": {
        f"subscription_data.invoice_settings.{name}": _UNKNOWN
        for name in ("account_tax_ids", "custom_fields", "description", "footer")
    },
    "stripe:PortalConfiguration": {"features.subscription_pause": _UNKNOWN},
    "stripe:WebhookEndpoint": {f"enabled_events={value}": _UNKNOWN for value in _EVENTS},
    "stripe:Customer": {"validate": _UNKNOWN, **{f"tax_id_data.type={value}": _UNKNOWN for value in _TAX_IDS}},
    "stripe:Subscription": {
        "items.current_trial": _ENDIVE,
        "trial_settings.end_behavior.billing_cycle_anchor": _ENDIVE,
        f"{_METHODS}.billie.company_details": _UNKNOWN,
        f"{_METHODS}.blik": _UNKNOWN,
        "payment_settings.payment_method_types=blik": _UNKNOWN,
        "payment_settings.payment_method_types=sequra": _UNKNOWN,
    },
}
"""By token: path, or path=value → why stripe-mock does not know it."""

NOT_AT_CREATION: dict[str, dict[str, str]] = {
    "stripe:Customer": {"tax.validate_location=auto": "Stripe takes this value when a customer is updated only"},
}
"""By token: path=value → why a create request with it is refused."""


def known(token: str) -> list[Plan]:
    """The plans of a resource, without what stripe-mock does not know."""
    return [plan.without(NEWER[token]) for plan in PLANS[token]]


def creatable(token: str) -> list[Plan]:
    """Those, without what only an update takes."""
    return [plan.without(NOT_AT_CREATION.get(token, {})) for plan in known(token)]
