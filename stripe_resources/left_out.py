"""What Stripe's API takes for these resources and this package does not, and why. A test holds the list against Stripe's SDK."""

from __future__ import annotations

_REQUEST = "concerns the request, not the object: the provider asks for what it needs"
_INLINE = "an inline price is nobody's to manage: declare a Price"
_PLAN = "plans are what prices were before 2020: give `price`"
_ITEM = "part of how items are changed, which the provider works out"

_CONNECT = "concerns connected accounts"
_ONE_TIME = "concerns prices that are paid once"
_GOODS = "concerns goods that are shipped"
_DASHBOARD = "set in the Dashboard, where it stays as it is"

_PRODUCT = "a field of the product: declare it there"

LEFT_OUT: dict[str, dict[str, str]] = {
    "stripe:Meter": {"expand": _REQUEST},
    "stripe:Product": {"expand": _REQUEST},
    "stripe:Price": {"expand": _REQUEST},
    "stripe:DefaultPrice": {
        "expand": _REQUEST,
        **dict.fromkeys(
            (
                *("active", "description", "images", "marketing_features", "metadata", "name", "package_dimensions", "shippable"),
                *("statement_descriptor", "tax_code", "tax_details", "unit_label", "url"),
            ),
            _PRODUCT,
        ),
    },
    "stripe:Customer": {"expand": _REQUEST},
    "stripe:Coupon": {"expand": _REQUEST},
    "stripe:PromotionCode": {"expand": _REQUEST},
    "stripe:TaxRate": {"expand": _REQUEST},
    "stripe:EntitlementFeature": {"expand": _REQUEST},
    "stripe:ProductFeature": {"expand": _REQUEST},
    "stripe:CreditGrant": {"expand": _REQUEST},
    "stripe:Alert": {"expand": _REQUEST},
    "stripe:WebhookEndpoint": {"expand": _REQUEST},
    "stripe:PaymentLink": {
        "expand": _REQUEST,
        "line_items.id": _ITEM,
        "line_items.price_data": _INLINE,
        **dict.fromkeys(("application_fee_amount", "application_fee_percent", "on_behalf_of", "transfer_data"), _CONNECT),
        **dict.fromkeys(("customer_creation", "invoice_creation", "payment_intent_data"), _ONE_TIME),
        **dict.fromkeys(("shipping_address_collection", "shipping_options"), _GOODS),
        **dict.fromkeys(("custom_fields", "managed_payments", "payment_method_options", "payment_method_types"), _DASHBOARD),
        "optional_items": "each needs a quantity, so that none can be metered",
        "subscription_data.description": "no update changes it",
    },
    "stripe:PortalConfiguration": {"expand": _REQUEST},
    "stripe:Subscription": {
        "expand": _REQUEST,
        "items.plan": _PLAN,
        "items.price_data": _INLINE,
        "items.id": _ITEM,
        "items.deleted": _ITEM,
        "items.clear_usage": "throws usage away unbilled, and Stripe refuses it under flexible billing",
    },
}
"""By token: the parameter's path → the reason it is left out of both requests."""

CREATE_ONLY: dict[str, dict[str, str]] = {
    "stripe:PromotionCode": {
        "restrictions": "an update takes amounts in further currencies only: restrictions that change are a new code",
        **dict.fromkeys(
            ("restrictions.currency_options", "restrictions.currency_options.minimum_amount"), "a part of the restrictions"
        ),
    },
    "stripe:Subscription": {
        "add_invoice_items": "billed once: sent again with every update it would be billed again",
        "billing_cycle_anchor": "a time at creation, {now, unchanged} later: a declared time that changes is a new subscription",
        "trial_from_plan": "says how a subscription starts",
        "cancellation_details": "sent when the subscription is cancelled",
    },
}
"""By token: parameters that Stripe's update request takes as well, and why they are not sent with it."""
