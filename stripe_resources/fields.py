"""Fields that several kinds of resources have, for kinds and components: money, prices, metadata."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Required, TypedDict

from .declare import ADOPTION, DECIMAL, MINOR_UNITS, TIME, Between, Default, Form, Input, Length, List, Size

__all__ = [
    "COUNTRY",
    "OWN_ID",
    "STATEMENT_DESCRIPTOR",
    "TAX_CODE",
    "WEB_ADDRESS",
    "Address",
    "Adopt",
    "Amount",
    "CancellationReason",
    "Currency",
    "CurrencyOption",
    "CurrencyOptions",
    "CustomField",
    "CustomUnitAmount",
    "Interval",
    "Issuer",
    "Metadata",
    "Recurring",
    "SubscriptionInvoiceSettings",
    "TaxBehavior",
    "Tier",
    "Timestamp",
    "TransformQuantity",
]

COUNTRY = Form("[A-Z]{2}", "a two-letter ISO country code in capitals, such as US")
OWN_ID = Form(r"[\w-]+", "an id of letters, digits, hyphens and underscores")
STATEMENT_DESCRIPTOR = Form(
    r"""(?=.*[A-Za-z])(?!.*[<>\\"'])[ -~]+""", "ASCII characters other than <, >, \\, \" and ', at least one of them a letter"
)
"""Stripe strips other characters without a word. https://docs.stripe.com/api/products/create#create_product-statement_descriptor"""
TAX_CODE = Form("txcd_[0-9]+", "the id of a tax code, such as txcd_10103001")
"""https://docs.stripe.com/tax/tax-codes"""
WEB_ADDRESS = Form(
    r"https?://([^\s/?#@\[\]]+@)?(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(:[0-9]+)?([/?#]\S*)?",
    "a web address such as https://example.com",
)

Currency = Annotated[str, Form("[a-z]{3}", "a three-letter ISO currency code in lower case, such as usd")]
"""https://stripe.com/docs/currencies"""

Amount = Annotated[int, MINOR_UNITS]
"""Money, in minor currency units: 4 is 0.04 USD, and 4 JPY."""

Interval = Literal["day", "week", "month", "year"]

Adopt = Annotated[Input[bool | Annotated[str, Form(r"[\w-]+", "an id")]] | None, ADOPTION]
"""The existing object that the resource begins with instead of making one: its id, or True for the one with the same natural key,
if there is one. Fields that Stripe cannot change must be the same; the others are brought in line. Matters at creation only."""

Metadata = Mapping[
    Annotated[str, Length(40), Form(r"[^\[\]]+", "a key without square brackets")],
    Annotated[Input[str], Length(500)],
]
"""https://docs.stripe.com/metadata; up to 48 keys, since two of Stripe's 50 say whose an object is."""

TaxBehavior = Literal["exclusive", "inclusive", "unspecified"]


class CustomUnitAmount(TypedDict, total=False):
    """The customer decides on the amount, within limits in minor currency units."""

    enabled: Required[Input[bool]]
    maximum: Annotated[Input[Amount] | None, Between(0)]
    minimum: Annotated[Input[Amount] | None, Between(0)]
    preset: Annotated[Input[Amount] | None, Between(0)]


class Tier(TypedDict, total=False):
    """One tier: `up_to` units ("inf" for the last), each at `unit_amount` minor currency units, plus a `flat_amount` once."""

    up_to: Required[Input[Literal["inf"] | Annotated[int, Between(1)]]]
    unit_amount: Annotated[Input[Amount] | None, Between(0)]
    unit_amount_decimal: Annotated[Input[str | Decimal] | None, DECIMAL]
    flat_amount: Annotated[Input[Amount] | None, Between(0)]
    flat_amount_decimal: Annotated[Input[str | Decimal] | None, DECIMAL]


class TransformQuantity(TypedDict, total=False):
    """Bills packages: the quantity is divided by `divide_by` and rounded `up` or `down` before it is multiplied."""

    divide_by: Required[Annotated[Input[int], Between(1)]]
    round: Required[Input[Literal["down", "up"]]]


class CurrencyOption(TypedDict, total=False):
    """The price in one more currency; amounts in that currency's minor units."""

    custom_unit_amount: Input[CustomUnitAmount] | None
    tax_behavior: Annotated[Input[TaxBehavior] | None, Default("unspecified")]
    tiers: Input[List[Input[Tier]]] | None
    unit_amount: Annotated[Input[Amount] | None, Between(0)]
    unit_amount_decimal: Annotated[Input[str | Decimal] | None, DECIMAL]


CurrencyOptions = Mapping[Currency, Input[CurrencyOption]]

CancellationReason = Literal[
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
]
"""Why a subscription was cancelled."""

Timestamp = Annotated[int | datetime, TIME]
"""Unix seconds, UTC; or a datetime with a time zone, of whole seconds."""


class Address(TypedDict, total=False):
    """A postal address; `country` is a two-letter ISO code."""

    city: Input[str] | None
    country: Annotated[Input[str] | None, COUNTRY]
    line1: Input[str] | None
    line2: Input[str] | None
    postal_code: Input[str] | None
    state: Input[str] | None


class CustomField(TypedDict, total=False):
    """A line that invoices show: at most 40 and 140 characters."""

    name: Required[Annotated[Input[str], Length(40)]]
    value: Required[Annotated[Input[str], Length(140)]]


class Issuer(TypedDict, total=False):
    """The account that an invoice is from, or that is liable for tax."""

    type: Required[Input[Literal["account", "self"]]]
    account: Input[str] | None


class SubscriptionInvoiceSettings(TypedDict, total=False):
    """What a subscription's invoices have."""

    account_tax_ids: Input[List[Input[str]]] | None
    custom_fields: Annotated[Input[List[Input[CustomField]]] | None, Size(4)]
    description: Annotated[Input[str] | None, Length(1500)]
    footer: Annotated[Input[str] | None, Length(5000)]
    issuer: Annotated[Input[Issuer] | None, Default({"type": "self"})]


class Recurring(TypedDict, total=False):
    """How often an inline price is billed."""

    interval: Required[Input[Interval]]
    interval_count: Annotated[Input[int] | None, Between(1), Default(1)]
