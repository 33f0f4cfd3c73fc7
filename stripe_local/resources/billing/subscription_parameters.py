"""The parameters of subscriptions and their items. https://docs.stripe.com/api/subscriptions"""

from __future__ import annotations

from stripe_local.resources.shared import (
    CREATED,
    CUSTOM_FIELDS,
    DISCOUNTS,
    INTERVAL,
    ISSUER,
    NO_AUTOMATIC_TAX,
    NO_CONNECT,
    NO_CUSTOMER_ACCOUNTS,
    NO_PLANS,
    NO_PREBILLING,
    NO_SOURCES,
    NO_TRIAL_OFFERS,
    TAX_RATES,
    price_data,
)
from stripe_local.wire.currencies import Currency
from stripe_local.wire.pagination import PAGE
from stripe_local.wire.params import Bool, Enum, Int, ListOf, Metadata, Obj, OneOf, Param, Refused, Str, Timestamp

MAX_ITEMS = 20

PRORATION_BEHAVIOR = Enum("always_invoice", "create_prorations", "none")
# In the order of a recorded refusal.
_PAYMENT_BEHAVIOR = Enum("allow_incomplete", "error_if_incomplete", "pending_if_incomplete", "default_incomplete")
_CANCELLATION_DETAILS = Obj(
    {
        "comment": Str(),
        "feedback": Enum(
            "customer_service",
            "low_quality",
            "missing_features",
            "other",
            "switched_service",
            "too_complex",
            "too_expensive",
            "unused",
            clearable=True,
        ),
        "feedback_option": Refused("feedback options do not exist here; use 'feedback'."),
    }
)

# https://docs.stripe.com/billing/subscriptions/usage-based/thresholds#monetary-thresholds
BILLING_THRESHOLDS = Obj({"amount_gte": Int(minimum=50), "reset_billing_cycle_anchor": Bool()}, clearable=True)

# An item as it is created; `ITEM_CHANGE` is one as it is changed or removed.
ITEM: dict[str, Param] = {
    "billing_thresholds": Obj({"usage_gte": Int(required=True, minimum=1)}, clearable=True),
    "current_trial": NO_TRIAL_OFFERS,
    "discounts": DISCOUNTS,
    "metadata": Metadata(),
    "plan": NO_PLANS,
    "price": Str(clearable=False),
    "price_data": price_data(recurring=True),
    "quantity": Int(minimum=0),
    "tax_rates": TAX_RATES,
}
ITEM_CHANGE: dict[str, Param] = {
    **ITEM,
    "clear_usage": Bool(),
    "deleted": Bool(),
    "id": Str(clearable=False),
}
_ITEM_OPTIONS: dict[str, Param] = {
    "payment_behavior": _PAYMENT_BEHAVIOR,
    "proration_behavior": PRORATION_BEHAVIOR,
    "proration_date": Timestamp(),
}
ITEM_CREATE: dict[str, Param] = {**ITEM, **_ITEM_OPTIONS, "subscription": Str(required=True)}
ITEM_UPDATE: dict[str, Param] = {**ITEM, **_ITEM_OPTIONS, "off_session": Bool()}
ITEM_DELETE: dict[str, Param] = {**_ITEM_OPTIONS, "clear_usage": Bool()}
ITEM_LIST: dict[str, Param] = {"subscription": Str(required=True), **PAGE}

ADD_INVOICE_ITEMS = ListOf(
    Obj(
        {
            "discountable": Bool(),
            "discounts": DISCOUNTS,
            "metadata": Metadata(),
            "period": Refused("an added invoice item is for the moment it is added."),
            "price": Str(clearable=False),
            "price_data": price_data(recurring=False),
            "quantity": Int(minimum=0),
            "tax_rates": TAX_RATES,
        }
    ),
    max_items=20,
)
BILLING_CYCLE_ANCHOR_CONFIG = Obj(
    {
        "day_of_month": Int(required=True, minimum=1, maximum=31),
        "hour": Int(minimum=0, maximum=23),
        "minute": Int(minimum=0, maximum=59),
        "month": Int(minimum=1, maximum=12),
        "second": Int(minimum=0, maximum=59),
    }
)
BILLING_MODE = Obj(
    {
        "flexible": Obj({"proration_discounts": Enum("included", "itemized")}),
        "type": Enum("classic", "flexible", required=True),
    }
)
CANCEL_AT = OneOf(Enum("max_billed_until", "max_period_end", "min_period_end"), Timestamp(), clearable=True)
TRIAL_END = OneOf(Enum("now"), Timestamp())

_COMMON: dict[str, Param] = {
    "add_invoice_items": ADD_INVOICE_ITEMS,
    "application_fee_percent": NO_CONNECT,
    "automatic_tax": NO_AUTOMATIC_TAX,
    "billing_schedules": NO_PREBILLING,
    "billing_thresholds": BILLING_THRESHOLDS,
    "cancel_at": CANCEL_AT,
    "cancel_at_period_end": Bool(),
    "collection_method": Enum("charge_automatically", "send_invoice"),
    "days_until_due": Int(minimum=0, clearable=True),
    "default_payment_method": Str(),
    "default_source": NO_SOURCES,
    "default_tax_rates": TAX_RATES,
    "description": Str(500),
    "discounts": DISCOUNTS,
    "invoice_settings": Obj(
        {
            "account_tax_ids": Refused("the account's tax ids are on no invoice here."),
            "custom_fields": CUSTOM_FIELDS,
            "description": Str(1500),
            "footer": Str(),
            "issuer": ISSUER,
        }
    ),
    "metadata": Metadata(),
    "off_session": Bool(),
    "on_behalf_of": NO_CONNECT,
    "payment_behavior": _PAYMENT_BEHAVIOR,
    "payment_settings": Obj(
        {
            "payment_method_options": Refused("only test cards are emulated, and they have no options."),
            "payment_method_types": ListOf(Str(), clearable=True),
            "save_default_payment_method": Enum("off", "on_subscription"),
        }
    ),
    "pending_invoice_item_interval": Obj(
        {"interval": Enum(*INTERVAL, required=True), "interval_count": Int(minimum=1)}, clearable=True
    ),
    "proration_behavior": PRORATION_BEHAVIOR,
    "transfer_data": NO_CONNECT,
    "trial_end": TRIAL_END,
    "trial_from_plan": Bool(),
    "trial_settings": Obj(
        {
            "end_behavior": Obj(
                {
                    "billing_cycle_anchor": Enum("now", "unchanged"),
                    "missing_payment_method": Enum("cancel", "create_invoice", "pause"),
                },
                required=True,
            )
        }
    ),
}
CREATE: dict[str, Param] = {
    **_COMMON,
    "backdate_start_date": Timestamp(),
    "billing_cycle_anchor": Timestamp(),
    "billing_cycle_anchor_config": BILLING_CYCLE_ANCHOR_CONFIG,
    "billing_mode": BILLING_MODE,
    "currency": Currency(),
    "customer": Str(clearable=False),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "items": ListOf(Obj(ITEM), max_items=MAX_ITEMS),
    "trial_period_days": Int(minimum=1, maximum=730),
}
UPDATE: dict[str, Param] = {
    **_COMMON,
    "billing_cycle_anchor": Obj({"type": Enum("now", "unchanged", required=True)}),
    "cancellation_details": _CANCELLATION_DETAILS,
    "items": ListOf(Obj(ITEM_CHANGE), max_items=2 * MAX_ITEMS),
    "pause_collection": Obj(
        {
            "behavior": Enum("keep_as_draft", "mark_uncollectible", "void", required=True),
            "resumes_at": Timestamp(),
        },
        clearable=True,
    ),
    "proration_date": Timestamp(),
}
LIST: dict[str, Param] = {
    "automatic_tax": Obj({"enabled": Bool(required=True)}),
    "collection_method": Enum("charge_automatically", "send_invoice"),
    "created": CREATED,
    "current_period_end": CREATED,
    "current_period_start": CREATED,
    "customer": Str(),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "plan": NO_PLANS,
    "price": Str(),
    "status": Enum(
        "active",
        "all",
        "canceled",
        "ended",
        "incomplete",
        "incomplete_expired",
        "past_due",
        "paused",
        "trialing",
        "unpaid",
    ),
    "test_clock": Str(clearable=False),
    **PAGE,
}
CANCEL: dict[str, Param] = {
    "cancellation_details": _CANCELLATION_DETAILS,
    "invoice_now": Bool(),
    "prorate": Bool(),
}
MIGRATE: dict[str, Param] = {
    "billing_mode": Obj(
        {
            "flexible": Obj({"proration_discounts": Enum("included", "itemized")}),
            "type": Enum("flexible", required=True),
        },
        required=True,
    )
}
RESUME: dict[str, Param] = {
    "billing_cycle_anchor": Obj({"type": Enum("now", "unchanged", required=True)}),
    "payment_behavior": Enum("resume_on_payment_attempt", "resume_on_payment_success"),
    "proration_behavior": PRORATION_BEHAVIOR,
    "proration_date": Timestamp(),
}

PAUSE: dict[str, Param] = {
    "bill_for": Obj(
        {
            "outstanding_usage_through": Obj({"type": Enum("none", "now", required=True)}),
            "unused_time_from": Obj({"type": Enum("item_current_period_start", "none", "now", required=True)}),
        }
    ),
    "invoicing_behavior": Enum("invoice", "pending_invoice_item"),
    "type": Enum("subscription"),
}
