"""The parameters of subscription schedules. https://docs.stripe.com/api/subscription_schedules"""

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
    TAX_RATES,
)
from stripe_local.wire.currencies import Currency
from stripe_local.wire.errors import not_supported
from stripe_local.wire.pagination import PAGE
from stripe_local.wire.params import Bool, Enum, Int, ListOf, Metadata, Obj, OneOf, Param, Refused, Str, Timestamp

from .subscription_parameters import ADD_INVOICE_ITEMS, BILLING_MODE, BILLING_THRESHOLDS, ITEM, MAX_ITEMS, PRORATION_BEHAVIOR

_NO_PAUSES = Refused("pausing a whole subscription is not emulated.", clearable=True)
_NOW_OR_THEN = OneOf(Enum("now"), Timestamp())


class _EndBehavior(Enum):
    """What becomes of the subscription at the end; two of the words are of earlier versions of the API."""

    def convert(self, raw: object, path: str) -> str:
        """As `Param.convert`."""
        word = super().convert(raw, path)
        if word in ("none", "renew"):
            raise not_supported(path, f"'{word}' is of earlier versions of the API; use 'release' or 'cancel'.")
        return word


_END_BEHAVIOR = _EndBehavior("cancel", "none", "release", "renew")

_INVOICE_SETTINGS: dict[str, Param] = {
    "account_tax_ids": Refused("the account has no tax ids."),
    "days_until_due": Int(minimum=0),
    "issuer": ISSUER,
}
_SETTINGS: dict[str, Param] = {
    "application_fee_percent": NO_CONNECT,
    "automatic_tax": NO_AUTOMATIC_TAX,
    "billing_cycle_anchor": Enum("automatic", "phase_start"),
    "billing_thresholds": BILLING_THRESHOLDS,
    "collection_method": Enum("charge_automatically", "send_invoice"),
    "default_payment_method": Str(),
    "description": Str(500),
    "invoice_settings": Obj(
        {**_INVOICE_SETTINGS, "custom_fields": CUSTOM_FIELDS, "description": Str(1500), "footer": Str()},
    ),
    "on_behalf_of": NO_CONNECT,
    "transfer_data": NO_CONNECT,
}
_ITEM: dict[str, Param] = {"price": ITEM["price"], **{name: param for name, param in ITEM.items() if name != "current_trial"}}
_PHASE: dict[str, Param] = {
    **_SETTINGS,
    "add_invoice_items": ADD_INVOICE_ITEMS,
    "currency": Currency(),
    "default_tax_rates": TAX_RATES,
    "discounts": DISCOUNTS,
    "duration": Obj({"interval": Enum(*INTERVAL, required=True), "interval_count": Int(minimum=1)}),
    "items": ListOf(Obj(_ITEM), max_items=MAX_ITEMS, required=True),
    "metadata": Metadata(),
    "proration_behavior": PRORATION_BEHAVIOR,
    "trial": Bool(),
}
_CHANGED_PHASE: dict[str, Param] = {
    **_PHASE,
    "end_date": _NOW_OR_THEN,
    "start_date": _NOW_OR_THEN,
    "trial_end": _NOW_OR_THEN,
}
CREATE: dict[str, Param] = {
    "billing_mode": BILLING_MODE,
    "customer": Str(clearable=False),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "default_settings": Obj(_SETTINGS),
    "end_behavior": _END_BEHAVIOR,
    "from_subscription": Str(clearable=False),
    "metadata": Metadata(),
    "pause_schedules": _NO_PAUSES,
    "phases": ListOf(Obj({**_PHASE, "end_date": Timestamp(), "trial_end": Timestamp()})),
    "start_date": _NOW_OR_THEN,
}
UPDATE: dict[str, Param] = {
    "default_settings": Obj(_SETTINGS),
    "end_behavior": _END_BEHAVIOR,
    "metadata": Metadata(),
    "pause_schedules": _NO_PAUSES,
    "phases": ListOf(Obj(_CHANGED_PHASE)),
    "proration_behavior": PRORATION_BEHAVIOR,
}
PREVIEWED: dict[str, Param] = {
    "billing_mode": BILLING_MODE,
    "end_behavior": Enum("cancel", "release"),
    "pause_schedules": _NO_PAUSES,
    "phases": ListOf(Obj({**_CHANGED_PHASE, "invoice_settings": Obj(_INVOICE_SETTINGS)})),
    "proration_behavior": PRORATION_BEHAVIOR,
}
CANCEL: dict[str, Param] = {"invoice_now": Bool(), "prorate": Bool()}
RELEASE: dict[str, Param] = {"preserve_cancel_date": Bool()}
LIST: dict[str, Param] = {
    "canceled_at": CREATED,
    "completed_at": CREATED,
    "created": CREATED,
    "customer": Str(),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "released_at": CREATED,
    "scheduled": Bool(),
    **PAGE,
}
