"""The parameters of invoices that are written. https://docs.stripe.com/api/invoices"""

from __future__ import annotations

from stripe_local.resources.shared import (
    CUSTOM_FIELDS,
    DISCOUNTS,
    ISSUER,
    NO_AUTOMATIC_TAX,
    NO_CONNECT,
    NO_CUSTOMER_ACCOUNTS,
    NO_SOURCES,
    SHIPPING,
    TAX_RATES,
)
from stripe_local.wire.currencies import Currency
from stripe_local.wire.params import Bool, Enum, Int, ListOf, Metadata, Obj, Off, Param, Refused, Str, Timestamp

from .written_lines import LINE

_RENDERING = Obj(
    {
        "amount_tax_display": Enum("exclude_tax", "include_inclusive_tax", clearable=True),
        "pdf": Obj({"page_size": Enum("a4", "auto", "letter")}),
        "template": Refused("there are no templates of invoices here."),
        "template_version": Refused("there are no templates of invoices here.", clearable=True),
    }
)
_WRITTEN: dict[str, Param] = {
    "account_tax_ids": Refused("the account's tax ids are on no invoice here.", clearable=True),
    "application_fee_amount": NO_CONNECT,
    "auto_advance": Bool(),
    "automatic_tax": NO_AUTOMATIC_TAX,
    "automatically_finalizes_at": Timestamp(),
    "collection_method": Enum("charge_automatically", "send_invoice"),
    "custom_fields": CUSTOM_FIELDS,
    "days_until_due": Int(minimum=0),
    "default_payment_method": Str(),
    "default_source": NO_SOURCES,
    "default_tax_rates": TAX_RATES,
    "description": Str(1500),
    "discounts": DISCOUNTS,
    "due_date": Timestamp(),
    "effective_at": Timestamp(clearable=True),
    "footer": Str(),
    "issuer": ISSUER,
    "metadata": Metadata(),
    "number": Str(26),
    "on_behalf_of": NO_CONNECT,
    "payment_settings": Obj(
        {
            "default_mandate": Refused("there are no mandates here.", clearable=True),
            "payment_method_options": Refused("only test cards are emulated, and they have no options."),
            "payment_method_types": ListOf(Str(), clearable=True),
        }
    ),
    "rendering": _RENDERING,
    "shipping_cost": Refused("shipping is not charged here.", clearable=True),
    "shipping_details": SHIPPING,
    "statement_descriptor": Str(22),
    "transfer_data": NO_CONNECT,
}
CREATE: dict[str, Param] = {
    **_WRITTEN,
    "currency": Currency(),
    "customer": Str(clearable=False),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "from_invoice": Refused("invoices are not revised here; void one, and write another."),
    "pending_invoice_items_behavior": Enum("exclude", "include"),
    "subscription": Str(clearable=False),
}
UPDATE = _WRITTEN
FINALIZE: dict[str, Param] = {"auto_advance": Bool()}
PAY: dict[str, Param] = {
    "forgive": Off("less than all is never paid here."),
    "mandate": Refused("there are no mandates here.", clearable=True),
    "off_session": Bool(),
    "paid_out_of_band": Bool(),
    "payment_method": Str(clearable=False),
    "source": NO_SOURCES,
}
ADD_LINES: dict[str, Param] = {
    "invoice_metadata": Metadata(),
    "lines": ListOf(Obj({**LINE, "invoice_item": Str(clearable=False)}), required=True, max_items=250),
}
UPDATE_LINES: dict[str, Param] = {
    "invoice_metadata": Metadata(),
    "lines": ListOf(Obj({**LINE, "id": Str(required=True)}), required=True, max_items=250),
}
REMOVE_LINES: dict[str, Param] = {
    "invoice_metadata": Metadata(),
    "lines": ListOf(
        Obj({"behavior": Enum("delete", "unassign", required=True), "id": Str(required=True)}), required=True, max_items=250
    ),
}
UPDATE_LINE = LINE
