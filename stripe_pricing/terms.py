"""How a price charges, from Stripe's parameters or Stripe's object. https://docs.stripe.com/api/prices/object"""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal


class NoTerms(ValueError):
    """The price has no amount that can be computed; the text says which field is wrong."""


@dataclass(frozen=True)
class Tier:
    """Units up to and including `up_to` (None: without end). Amounts in minor units: for each unit, and once."""

    up_to: int | None
    unit_amount: Decimal
    flat_amount: Decimal


@dataclass(frozen=True)
class Terms:
    """How a price charges in one currency; amounts in its minor units.

    Without `tiers`: `unit_amount` for each unit or, where `rounding` is "up" or "down", for each package of `divide_by` units,
    with a package that is not full counted whole or not at all. With `tiers`: each unit at the rate of its tier ("graduated"), or
    all at the rate of the tier that the quantity falls into ("volume").
    """

    currency: str
    unit_amount: Decimal = Decimal(0)
    divide_by: int = 1
    rounding: Literal["up", "down"] | None = None
    tiers: tuple[Tier, ...] = ()
    tiers_mode: Literal["graduated", "volume"] = "graduated"


def terms(price: Mapping[str, Any], currency: str | None = None) -> Terms:
    """The terms of a price in a currency, by default the price's own.

    `price` is what the API takes or gives (`tiers` and `currency_options` expanded): numbers may be int, Decimal or text, and the
    last tier ends in "inf" or None. Raises `NoTerms`, also for a currency that the price does not have.
    """
    own = _text(price, "currency")
    wanted = (currency or own).lower()
    amounts = price if wanted == own else _option(price, wanted)
    if amounts.get("custom_unit_amount") or price.get("custom_unit_amount"):
        raise NoTerms("custom_unit_amount: the customer decides on the amount")
    if price.get("billing_scheme") == "tiered" or amounts.get("tiers"):
        mode = price.get("tiers_mode")
        if mode not in ("graduated", "volume"):
            raise NoTerms(f"tiers_mode: {mode!r} is neither graduated nor volume")
        return Terms(wanted, tiers=_tiers(amounts.get("tiers")), tiers_mode="volume" if mode == "volume" else "graduated")
    unit_amount = _amount(amounts, "unit_amount")
    if unit_amount is None:
        raise NoTerms("unit_amount: there is none")
    transform = price.get("transform_quantity")
    if not transform:
        return Terms(wanted, unit_amount)
    rounding = transform.get("round")
    if rounding not in ("up", "down"):
        raise NoTerms(f"transform_quantity.round: {rounding!r} is neither up nor down")
    divide_by = _whole(transform.get("divide_by"), "transform_quantity.divide_by")
    return Terms(wanted, unit_amount, divide_by, "up" if rounding == "up" else "down")


def is_metered(price: Mapping[str, Any]) -> bool:
    """Whether a price bills what a meter counted."""
    return _recurring(price).get("usage_type") == "metered"


def meter_of(price: Mapping[str, Any]) -> str:
    """The id of the meter behind a price; "" where there is none."""
    return str(_recurring(price).get("meter") or "")


def _recurring(price: Mapping[str, Any]) -> Mapping[str, Any]:
    recurring = price.get("recurring")
    return recurring if isinstance(recurring, Mapping) else {}


def _option(price: Mapping[str, Any], currency: str) -> Mapping[str, Any]:
    options = price.get("currency_options") or {}
    option = options.get(currency) if isinstance(options, Mapping) else None
    if not isinstance(option, Mapping):
        raise NoTerms(f"currency_options: the price has no amount in {currency}")
    return option


def _tiers(given: object) -> tuple[Tier, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        raise NoTerms("tiers: there are none; from Stripe they come only when expanded")
    tiers: list[Tier] = []
    for position, tier in enumerate(given):
        if not isinstance(tier, Mapping):
            raise NoTerms(f"tiers[{position}]: {tier!r} is not a tier")
        end = tier.get("up_to")
        up_to = None if end in (None, "inf") else _whole(end, f"tiers[{position}].up_to")
        unit, flat = _amount(tier, "unit_amount"), _amount(tier, "flat_amount")
        tiers.append(Tier(up_to, unit or Decimal(0), flat or Decimal(0)))
    ends = [t.up_to for t in tiers[:-1]]
    if tiers[-1].up_to is not None or any(e is None for e in ends) or sorted({e for e in ends if e}) != ends:
        raise NoTerms("tiers: their ends do not rise up to the last, which has none (inf)")
    return tuple(tiers)


def _amount(values: Mapping[str, Any], name: str) -> Decimal | None:
    """The decimal form, which is exact, before the whole one, which Stripe leaves empty for a fraction of a minor unit."""
    for field in (f"{name}_decimal", name):
        value = values.get(field)
        if value is not None:
            amount = _number(value, field)
            if amount < 0:
                raise NoTerms(f"{field}: {value} is below 0")
            return amount
    return None


def _number(value: object, field: str) -> Decimal:
    if isinstance(value, (int, str, Decimal)) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except decimal.InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            return number
    raise NoTerms(f"{field}: {value!r} is not an exact number")


def _whole(value: object, field: str) -> int:
    number = _number(value, field)
    if number != int(number) or number < 1:
        raise NoTerms(f"{field}: {value} is not a whole number above 0")
    return int(number)


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise NoTerms(f"{name}: there is none")
    return value.lower()
