"""Fields that several kinds have, and nobody else uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Required, TypedDict

from stripe_resources.declare import Between, Default, Form, Input, Length, Size
from stripe_resources.fields import Interval

COUNTRY = Form("[A-Z]{2}", "a two-letter ISO country code in capitals, such as US")
OWN_ID = Form(r"[\w-]+", "an id of letters, digits, hyphens and underscores")
WEB_ADDRESS = Form("https?://.+", "a web address such as https://example.com")

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

Timestamp = Annotated[int, Between(0, 253402300799)]
"""Unix seconds, UTC."""


class Address(TypedDict, total=False):
    """A postal address; `country` is a two-letter ISO code."""

    city: Input[str]
    country: Annotated[Input[str], COUNTRY]
    line1: Input[str]
    line2: Input[str]
    postal_code: Input[str]
    state: Input[str]


class CustomField(TypedDict, total=False):
    """A line that invoices show: at most 40 and 140 characters."""

    name: Required[Annotated[Input[str], Length(40)]]
    value: Required[Annotated[Input[str], Length(140)]]


class Issuer(TypedDict, total=False):
    """The account that an invoice is from, or that is liable for tax."""

    type: Required[Input[Literal["account", "self"]]]
    account: Input[str]


class SubscriptionInvoiceSettings(TypedDict, total=False):
    """What a subscription's invoices have."""

    account_tax_ids: Input[Sequence[Input[str]]]
    custom_fields: Annotated[Input[Sequence[Input[CustomField]]], Size(4)]
    description: Annotated[Input[str], Length(1500)]
    footer: Annotated[Input[str], Length(5000)]
    issuer: Annotated[Input[Issuer], Default({"type": "self"})]


class Recurring(TypedDict, total=False):
    """How often an inline price is billed."""

    interval: Required[Input[Interval]]
    interval_count: Annotated[Input[int], Between(1), Default(1)]
