"""The parameters of Checkout sessions. https://docs.stripe.com/api/checkout/sessions"""

from __future__ import annotations

from stripe_local.resources.billing.subscription_parameters import BILLING_CYCLE_ANCHOR_CONFIG, BILLING_MODE
from stripe_local.resources.shared import CREATED, NO_AUTOMATIC_TAX, NO_CONNECT, NO_CUSTOMER_ACCOUNTS
from stripe_local.wire.currencies import Currency
from stripe_local.wire.pagination import PAGE
from stripe_local.wire.params import AnyWord, Bool, Enum, Int, ListOf, Metadata, Obj, Param, Refused, Str, Timestamp

MAX_ITEMS = 20

_TAX_RATES = ListOf(Str(clearable=False), max_items=10)
_ONE_CARD = Refused("customers pay with one of Stripe's test cards here.")
_NO_GOODS = Refused("nothing is shipped here.")
_NO_PAYMENTS = Refused("only subscriptions are emulated, not payments or setups.")
_NOT_ON_THE_PAGE = Refused("the page here asks for a customer's name, e-mail address and card, and for nothing else.")
_ONE_LOOK = Refused("the look of the page here is fixed.")
_INVOICES = Refused("set it on the subscription, once there is one.")

SUBSCRIPTION: dict[str, Param] = {
    "application_fee_percent": NO_CONNECT,
    "billing_cycle_anchor": Timestamp(),
    "billing_cycle_anchor_config": BILLING_CYCLE_ANCHOR_CONFIG,
    "billing_mode": BILLING_MODE,
    "default_tax_rates": _TAX_RATES,
    "description": Str(500),
    "invoice_settings": _INVOICES,
    "metadata": Metadata(),
    "on_behalf_of": NO_CONNECT,
    "pending_invoice_item_interval": _INVOICES,
    "proration_behavior": Enum("create_prorations", "none"),
    "transfer_data": NO_CONNECT,
    "trial_end": Timestamp(),
    "trial_period_days": Int(minimum=1, maximum=730),
    "trial_settings": Obj(
        {"end_behavior": Obj({"missing_payment_method": Enum("cancel", "create_invoice", "pause", required=True)}, required=True)}
    ),
}
CREATE: dict[str, Param] = {
    "adaptive_pricing": Refused("prices are charged in their own currencies here."),
    "after_expiration": Refused("an expired session is not recovered here; create another."),
    "allow_promotion_codes": Bool(),
    "allowed_payment_method_types": _ONE_CARD,
    "automatic_tax": NO_AUTOMATIC_TAX,
    "billing_address_collection": _NOT_ON_THE_PAGE,
    "branding_settings": _ONE_LOOK,
    "cancel_url": Str(clearable=False),
    "client_reference_id": Str(200, clearable=False),
    "consent_collection": _NOT_ON_THE_PAGE,
    "currency": Currency(),
    "custom_fields": _NOT_ON_THE_PAGE,
    "custom_text": _ONE_LOOK,
    "customer": Str(clearable=False),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "customer_creation": _NO_PAYMENTS,
    "customer_email": Str(512, clearable=False),
    "customer_update": _NOT_ON_THE_PAGE,
    "discounts": ListOf(Obj({"coupon": Str(clearable=False), "promotion_code": Str(clearable=False)}), max_items=1),
    "excluded_payment_method_types": _ONE_CARD,
    "expires_at": Timestamp(),
    "integration_identifier": Refused("integrations are not told apart here."),
    "invoice_creation": _NO_PAYMENTS,
    "line_items": ListOf(
        Obj(
            {
                "adjustable_quantity": _NOT_ON_THE_PAGE,
                "metadata": Refused("line items have no metadata here."),
                "price": Str(clearable=False),
                "price_data": Refused("create a price first, and give its id."),
                "quantity": Int(minimum=0),
                "tax_rates": _TAX_RATES,
            }
        ),
        max_items=MAX_ITEMS,
    ),
    "locale": AnyWord(clearable=False),
    "managed_payments": _ONE_CARD,
    "metadata": Metadata(),
    "mode": Enum(
        "payment",
        "setup",
        "subscription",
        refused=dict.fromkeys(("payment", "setup"), "only subscriptions are, not payments or setups."),
    ),
    "name_collection": _NOT_ON_THE_PAGE,
    "optional_items": _NOT_ON_THE_PAGE,
    "origin_context": _ONE_LOOK,
    "payment_intent_data": _NO_PAYMENTS,
    "payment_method_collection": Enum("always", "if_required"),
    "payment_method_configuration": _ONE_CARD,
    "payment_method_data": _ONE_CARD,
    "payment_method_options": _ONE_CARD,
    "payment_method_types": _ONE_CARD,
    "permissions": _NO_GOODS,
    "phone_number_collection": _NOT_ON_THE_PAGE,
    "redirect_on_completion": Refused("it belongs to embedded pages; the page here stands alone."),
    "return_url": Refused("it belongs to embedded pages; the page here stands alone."),
    "saved_payment_method_options": _ONE_CARD,
    "setup_intent_data": _NO_PAYMENTS,
    "shipping_address_collection": _NO_GOODS,
    "shipping_options": _NO_GOODS,
    "submit_type": _ONE_LOOK,
    "subscription_data": Obj(SUBSCRIPTION),
    "success_url": Str(clearable=False),
    "tax_id_collection": _NOT_ON_THE_PAGE,
    "ui_mode": Enum(
        "elements",
        "embedded_page",
        "form",
        "hosted_page",
        refused=dict.fromkeys(("elements", "embedded_page", "form"), "the page here stands alone."),
    ),
    "wallet_options": _ONE_CARD,
}
UPDATE: dict[str, Param] = {
    "collected_information": _NO_GOODS,
    "line_items": Refused("line items stay as they are here; create another session."),
    "metadata": Metadata(),
    "payment_intent_data": _NO_PAYMENTS,
    "shipping_options": _NO_GOODS,
}
LIST: dict[str, Param] = {
    "created": CREATED,
    "customer": Str(),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "customer_details": Obj({"email": Str(required=True)}),
    "payment_intent": _NO_PAYMENTS,
    "payment_link": Refused("nothing answers at a payment link's address here, so no session comes from one."),
    "status": Enum("complete", "expired", "open"),
    "subscription": Str(),
    **PAGE,
}
