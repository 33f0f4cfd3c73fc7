"""Fields that several kinds of resources have, for kinds and components: money, prices, metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Required, TypedDict

from .declare import ADOPTION, DECIMAL, MINOR_UNITS, Between, Default, Form, Input, Length

__all__ = [
    "Adopt",
    "Amount",
    "Currency",
    "CurrencyOption",
    "CurrencyOptions",
    "CustomUnitAmount",
    "Interval",
    "Metadata",
    "TaxBehavior",
    "Tier",
    "TransformQuantity",
]

Currency = Annotated[str, Form("[a-z]{3}", "a three-letter ISO currency code in lower case, such as usd")]
"""https://stripe.com/docs/currencies"""

Amount = Annotated[int, MINOR_UNITS]
"""Money, in minor currency units: 4 is 0.04 USD, and 4 JPY."""

Interval = Literal["day", "week", "month", "year"]

Adopt = Annotated[Input[bool | Annotated[str, Form(r"[\w-]+", "an id")]], ADOPTION]
"""The existing object that the resource begins with instead of making one: its id, or True for the one with the same natural key,
if there is one. Fields that Stripe cannot change must be the same; the others are brought in line. Matters at creation only."""

Metadata = Mapping[
    Annotated[str, Length(40), Form(r"[^\[\]]+", "a key without square brackets")],
    Annotated[Input[str], Length(500)],
]
"""https://docs.stripe.com/metadata; up to 49 keys, since one of Stripe's 50 holds the resource's name."""

TaxBehavior = Literal["exclusive", "inclusive", "unspecified"]


class CustomUnitAmount(TypedDict, total=False):
    """The customer decides on the amount, within limits in minor currency units."""

    enabled: Required[Input[bool]]
    maximum: Annotated[Input[Amount], Between(0)]
    minimum: Annotated[Input[Amount], Between(0)]
    preset: Annotated[Input[Amount], Between(0)]


class Tier(TypedDict, total=False):
    """One tier: `up_to` units ("inf" for the last), each at `unit_amount` minor currency units, plus a `flat_amount` once."""

    up_to: Required[Input[Literal["inf"] | Annotated[int, Between(1)]]]
    unit_amount: Annotated[Input[Amount], Between(0)]
    unit_amount_decimal: Annotated[Input[str], DECIMAL]
    flat_amount: Annotated[Input[Amount], Between(0)]
    flat_amount_decimal: Annotated[Input[str], DECIMAL]


class TransformQuantity(TypedDict, total=False):
    """Bills packages: the quantity is divided by `divide_by` and rounded `up` or `down` before it is multiplied."""

    divide_by: Required[Annotated[Input[int], Between(1)]]
    round: Required[Input[Literal["down", "up"]]]


class CurrencyOption(TypedDict, total=False):
    """The price in one more currency; amounts in that currency's minor units."""

    custom_unit_amount: Input[CustomUnitAmount]
    tax_behavior: Annotated[Input[TaxBehavior], Default("unspecified")]
    tiers: Input[Sequence[Input[Tier]]]
    unit_amount: Annotated[Input[Amount], Between(0)]
    unit_amount_decimal: Annotated[Input[str], DECIMAL]


CurrencyOptions = Mapping[Currency, Input[CurrencyOption]]
