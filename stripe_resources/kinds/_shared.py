"""Types that several resources share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from typing_extensions import Required, TypedDict

from stripe_resources._core.schema import UNKNOWN, Failure
from stripe_resources.declare import ADOPTION, DECIMAL, MINOR_UNITS, Between, Default, Form, Input, Length, Size

Currency = Annotated[str, Form("[a-z]{3}", "a three-letter ISO currency code in lower case, such as usd")]
"""https://stripe.com/docs/currencies"""

Amount = Annotated[int, MINOR_UNITS]
"""Money, in minor currency units: 4 is 0.04 USD, and 4 JPY."""

Interval = Literal["day", "week", "month", "year"]

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

Adopt = Annotated[Input[bool | Annotated[str, Form(r"[\w-]+", "an id")]], ADOPTION]
"""The existing object that the resource begins with instead of making one: its id, or True for the one with the same natural key,
if there is one. Fields that Stripe cannot change must be the same; the others are brought in line. Matters at creation only."""

Metadata = Mapping[
    Annotated[str, Length(40), Form(r"[^\[\]]+", "a key without square brackets")],
    Annotated[Input[str], Length(500)],
]
"""https://docs.stripe.com/metadata; up to 49 keys, since one of Stripe's 50 holds the resource's name."""


class Address(TypedDict, total=False):
    """A postal address; `country` is a two-letter ISO code."""

    city: Input[str]
    country: Annotated[Input[str], Form("[A-Z]{2}", "a two-letter ISO country code in capitals, such as US")]
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


class Recurring(TypedDict, total=False):
    """How often an inline price is billed."""

    interval: Required[Input[Interval]]
    interval_count: Annotated[Input[int], Between(1), Default(1)]


TaxBehavior = Literal["exclusive", "inclusive", "unspecified"]


class CurrencyOption(TypedDict, total=False):
    """The price in one more currency; amounts in that currency's minor units."""

    custom_unit_amount: Input[CustomUnitAmount]
    tax_behavior: Annotated[Input[TaxBehavior], Default("unspecified")]
    tiers: Input[Sequence[Input[Tier]]]
    unit_amount: Annotated[Input[Amount], Between(0)]
    unit_amount_decimal: Annotated[Input[str], DECIMAL]


CurrencyOptions = Mapping[Currency, Input[CurrencyOption]]


# -- rules that several resources share


def at_most_one(inputs: Mapping[str, Any], names: Sequence[str], why: str) -> Iterable[Failure]:
    """Fields that exclude each other."""
    given = [n for n in names if n in inputs]
    if len(given) > 1:
        yield Failure(given[1], f"cannot be given together with `{given[0]}`: {why}; remove one of them")


def tier_rules(tiers: Any, path: str) -> Iterable[Failure]:
    """Tiers rise, end in "inf", and each costs something, said once."""
    if not isinstance(tiers, Sequence) or isinstance(tiers, str):
        return
    if not tiers:
        yield Failure(path, 'is empty; give at least one tier, the last with `"up_to": "inf"`')
        return
    before = 0
    for i, tier in enumerate(tiers):
        if not isinstance(tier, Mapping):
            continue
        yield from _amounts_of(tier, f"{path}[{i}]")
        up_to, last = tier.get("up_to"), i == len(tiers) - 1
        if up_to is UNKNOWN or up_to is None:
            continue
        if last and up_to != "inf":
            yield Failure(f"{path}[{i}].up_to", f'{up_to} ends the tiers; the last one needs `"up_to": "inf"`')
        elif not last and up_to == "inf":
            yield Failure(f"{path}[{i}].up_to", '"inf" can only be the last tier; give a number of units')
        elif isinstance(up_to, int):
            if up_to <= before:
                yield Failure(f"{path}[{i}].up_to", f"{up_to} is not above the tier before ({before}); sort the tiers")
            before = up_to


def _amounts_of(tier: Mapping[str, Any], path: str) -> Iterable[Failure]:
    for a in ("unit_amount", "flat_amount"):
        if a in tier and f"{a}_decimal" in tier:
            yield Failure(f"{path}.{a}_decimal", f"cannot be given together with `{a}`; remove one of them")
    if not any(k in tier for k in ("unit_amount", "unit_amount_decimal", "flat_amount", "flat_amount_decimal")):
        yield Failure(path, "has no amount; give `unit_amount`, `unit_amount_decimal` or `flat_amount` (0 is one)")
