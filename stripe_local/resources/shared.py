"""Parameters and helpers that several resources share."""

from __future__ import annotations

from typing import Any

from stripe_local.store.objects import Body
from stripe_local.wire.currencies import ByCurrency, Currency
from stripe_local.wire.errors import no_such
from stripe_local.wire.operation import Context
from stripe_local.wire.params import (
    Bool,
    Dec,
    Enum,
    Int,
    ListOf,
    Obj,
    Off,
    OneOf,
    Param,
    Refused,
    Str,
    Timestamp,
    check_metadata,
)

# An amount may not be larger than what Stripe stores in 12 digits of minor units.
UNIT_AMOUNT = Int(minimum=0, maximum=999_999_999_999)
UNIT_AMOUNT_DECIMAL = Dec(minimum=0, maximum=999_999_999_999)
TAX_BEHAVIOR = Enum("exclusive", "inclusive", "unspecified")
INTERVAL = ("day", "month", "week", "year")

DISCOUNTS = ListOf(
    Obj({"coupon": Str(clearable=False), "discount": Str(clearable=False), "promotion_code": Str(clearable=False)}),
    clearable=True,
    max_items=20,
)
# https://docs.stripe.com/invoicing/taxes/tax-rates
TAX_RATES = ListOf(Str(clearable=False), clearable=True, max_items=10)
NO_CONNECT = Refused("connected accounts do not exist here.")
NO_SOURCES = Refused("payment sources do not exist here; use a payment method such as pm_card_visa.")
NO_CUSTOMER_ACCOUNTS = Refused("only customers are emulated, not accounts as customers.")
NO_PREBILLING = Refused("billing several periods in advance is not emulated.")
NO_TRIAL_OFFERS = Refused("trial offers do not exist here.")
NO_PLANS = Refused("plans are the predecessor of prices; use the parameter 'price'.")

CUSTOM_UNIT_AMOUNT = Obj(
    {
        "enabled": Bool(required=True),
        "maximum": Int(minimum=0),
        "minimum": Int(minimum=0),
        "preset": Int(minimum=0),
    }
)
TIERS = ListOf(
    Obj(
        {
            "flat_amount": UNIT_AMOUNT,
            "flat_amount_decimal": UNIT_AMOUNT_DECIMAL,
            "unit_amount": UNIT_AMOUNT,
            "unit_amount_decimal": UNIT_AMOUNT_DECIMAL,
            "up_to": OneOf(Enum("inf"), Int(minimum=1), required=True),
        }
    )
)


def currency_options(*, clearable: bool = False) -> ByCurrency:
    """Amounts in other currencies, by currency."""
    amounts: dict[str, Param] = {
        "custom_unit_amount": CUSTOM_UNIT_AMOUNT,
        "tax_behavior": TAX_BEHAVIOR,
        "tiers": TIERS,
        "unit_amount": UNIT_AMOUNT,
        "unit_amount_decimal": UNIT_AMOUNT_DECIMAL,
    }
    return ByCurrency(Obj(amounts), clearable=clearable)


_ADDRESS: dict[str, Param] = {name: Str() for name in ("city", "country", "line1", "line2", "postal_code", "state")}
ADDRESS = Obj(_ADDRESS, clearable=True)
SHIPPING = Obj({"address": Obj(_ADDRESS, required=True), "name": Str(required=True), "phone": Str()}, clearable=True)
CUSTOM_FIELDS = ListOf(Obj({"name": Str(40, required=True), "value": Str(140, required=True)}), clearable=True, max_items=4)


ISSUER = Obj({"account": NO_CONNECT, "type": Enum("account", "self", required=True, refused={"account": NO_CONNECT.reason})})
"""Who issues an invoice, or pays its tax: here always the account itself."""

AUTOMATIC_TAX = Obj({"enabled": Bool(required=True), "liability": ISSUER})
_NO_AUTOMATIC_TAX = "no tax is computed from places here; give tax rates ('default_tax_rates', 'tax_rates')."
NO_AUTOMATIC_TAX = Obj({"enabled": Off(_NO_AUTOMATIC_TAX, required=True), "liability": Refused(_NO_AUTOMATIC_TAX)})
TAX_DETAILS: dict[str, Param] = {"performance_location": Str(), "tax_code": Str()}

CREATED = OneOf(Timestamp(), Obj({"gt": Timestamp(), "gte": Timestamp(), "lt": Timestamp(), "lte": Timestamp()}))


def price_data(*, recurring: bool) -> Obj:
    """A price made on the spot, for one use."""
    # What is charged once may be a credit: https://docs.stripe.com/billing/subscriptions/prorations
    least = 0 if recurring else -999_999_999_999
    fields: dict[str, Param] = {
        "currency": Currency(required=True),
        "product": Str(required=True),
        "tax_behavior": TAX_BEHAVIOR,
        "unit_amount": Int(minimum=least, maximum=999_999_999_999),
        "unit_amount_decimal": Dec(minimum=least, maximum=999_999_999_999),
    }
    if recurring:
        fields["recurring"] = Obj({"interval": Enum(*INTERVAL, required=True), "interval_count": Int(minimum=1)}, required=True)
    return Obj(fields)


def merge_metadata(body: Body, params: dict[str, Any]) -> None:
    """Stripe's rules for metadata: keys are merged, an empty value unsets one, an empty hash unsets all."""
    if "metadata" not in params:
        return
    metadata = params["metadata"]
    if metadata is None:
        body["metadata"] = {}
        return
    merged = {key: value for key, value in {**body.get("metadata", {}), **metadata}.items() if value is not None}
    check_metadata(merged)
    body["metadata"] = merged


def copy(body: Body, params: dict[str, Any], *names: str) -> None:
    """Set the fields that were sent."""
    for name in names:
        if name in params:
            body[name] = params[name]


def deleted(kind: str, id: str) -> Body:
    """What Stripe answers to a deletion, and shows in the place of an object that is gone."""
    return {"id": id, "object": kind, "deleted": True}


def existing(context: Context, kind: str, noun: str, id: str, param: str, *, in_path: bool = False) -> Body:
    """The stored object, deleted ones excepted. Raises 404 when the path names it, else 400."""
    body = context.objects.get(kind, id)
    if body is None or body.get("deleted"):
        raise no_such(noun, id, param, status=404 if in_path else 400)
    return body
