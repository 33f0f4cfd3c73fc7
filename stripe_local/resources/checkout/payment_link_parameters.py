"""The parameters of payment links. https://docs.stripe.com/api/payment-link/create"""

from __future__ import annotations

from stripe_local.resources.shared import AUTOMATIC_TAX, CUSTOM_FIELDS, ISSUER, NO_CONNECT
from stripe_local.wire.currencies import Currency
from stripe_local.wire.pagination import PAGE
from stripe_local.wire.params import Bool, Enum, Int, ListOf, Metadata, Obj, Param, Refused, Str

MAX_ITEMS = 20

_NO_ONE_TIME = Refused("only subscriptions are emulated, not payments.")
_NO_GOODS = Refused("nothing is shipped here.")
_NO_INLINE = Refused("declare a price first, and give its id.")
_NO_CHECKOUT = Refused("nothing answers at a link's address here.")

_QUANTITY = Obj(
    {"enabled": Bool(required=True), "maximum": Int(minimum=0, maximum=999_999), "minimum": Int(minimum=0, maximum=999_999)}
)
_TEXT = Obj({"message": Str(1200, required=True)}, clearable=True)
_NAME = Obj({"enabled": Bool(required=True), "optional": Bool()})
_TRIAL = {
    "end_behavior": Obj({"missing_payment_method": Enum("cancel", "create_invoice", "pause", required=True)}, required=True)
}


def _shared(*, clearable: bool) -> dict[str, Param]:
    """What both requests take; an update can also clear some of it."""
    subscription: dict[str, Param] = {
        "invoice_settings": Obj(
            {
                "account_tax_ids": ListOf(Str(), clearable=True),
                "custom_fields": CUSTOM_FIELDS,
                "description": Str(1500),
                "footer": Str(5000),
                "issuer": ISSUER,
            }
        ),
        "metadata": Metadata(),
        "trial_period_days": Int(minimum=1, clearable=clearable),
        "trial_settings": Obj(_TRIAL, clearable=clearable),
    }
    if not clearable:
        subscription["description"] = Str(500)
    return {
        "after_completion": Obj(
            {
                "hosted_confirmation": Obj({"custom_message": Str(500)}),
                "redirect": Obj({"url": Str(required=True)}),
                "type": Enum("hosted_confirmation", "redirect", required=True),
            }
        ),
        "allow_promotion_codes": Bool(),
        "application_fee_amount": NO_CONNECT,
        "application_fee_percent": NO_CONNECT,
        "automatic_tax": AUTOMATIC_TAX,
        "billing_address_collection": Enum("auto", "required"),
        "consent_collection": Obj(
            {
                "payment_method_reuse_agreement": Obj({"position": Enum("auto", "hidden", required=True)}),
                "promotions": Enum("auto", "none"),
                "terms_of_service": Enum("none", "required"),
            }
        ),
        "custom_fields": _NO_CHECKOUT,
        "custom_text": Obj(dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance"), _TEXT)),
        "customer_creation": _NO_ONE_TIME,
        "inactive_message": Str(500),
        "invoice_creation": _NO_ONE_TIME,
        "metadata": Metadata(),
        "name_collection": Obj({"business": _NAME, "individual": _NAME}, clearable=clearable),
        "on_behalf_of": NO_CONNECT,
        "optional_items": _NO_CHECKOUT,
        "payment_intent_data": _NO_ONE_TIME,
        "payment_method_collection": Enum("always", "if_required"),
        "payment_method_options": _NO_CHECKOUT,
        "payment_method_types": _NO_CHECKOUT,
        "phone_number_collection": Obj({"enabled": Bool(required=True)}),
        "restrictions": Obj(
            {"completed_sessions": Obj({"limit": Int(required=True, minimum=1)}, required=True)}, clearable=clearable
        ),
        "shipping_address_collection": _NO_GOODS,
        "shipping_options": _NO_GOODS,
        "submit_type": Enum("auto", "book", "donate", "pay", "subscribe"),
        "subscription_data": Obj(subscription),
        "tax_id_collection": Obj({"enabled": Bool(required=True), "required": Enum("if_supported", "never")}),
        "transfer_data": NO_CONNECT,
    }


CREATE: dict[str, Param] = {
    **_shared(clearable=False),
    "currency": Currency(),
    "line_items": ListOf(
        Obj({"adjustable_quantity": _QUANTITY, "price": Str(), "price_data": _NO_INLINE, "quantity": Int(minimum=0)}),
        required=True,
        max_items=MAX_ITEMS,
    ),
    "managed_payments": _NO_CHECKOUT,
}
UPDATE: dict[str, Param] = {
    **_shared(clearable=True),
    "active": Bool(),
    "line_items": ListOf(
        Obj({"adjustable_quantity": _QUANTITY, "id": Str(required=True), "quantity": Int(minimum=0)}), max_items=MAX_ITEMS
    ),
}
LIST: dict[str, Param] = {"active": Bool(), **PAGE}
