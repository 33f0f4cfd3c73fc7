"""Amounts, prices and invoice lines in words. Pure; amounts are minor currency units as decimals, never floats."""

from __future__ import annotations

from decimal import Decimal
from math import ceil, floor
from typing import Any

from stripe_local.calculation.money import major

Json = dict[str, Any]


def number(value: Decimal | int | str) -> str:
    """In fixed point, thousands apart, without trailing zeros: "3,025", "0.0004"."""
    text = format(Decimal(value), ",f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(minor: Decimal | int | str, currency: str) -> str:
    """An amount of minor units with its currency: 124 usd is "1.24 USD", 0.04 usd "0.0004 USD", 500 jpy "500 JPY"."""
    return f"{major(minor, currency, thousands=',')} {currency.upper()}"


def price(body: Json, unit: str | None = None, counted: bool = False) -> list[str]:
    """What a price costs, a sentence in one or more lines: "0.04 USD per 100 tokens, billed monthly".

    `body` is Stripe's price, its tiers expanded, `unit` the product's `unit_label` ("token"); `counted` says that a meter counts.
    """
    unit, currency, every = unit or "unit", body["currency"], _interval(body["recurring"])
    if body["billing_scheme"] == "tiered":
        how = "each for what falls into it" if body["tiers_mode"] == "graduated" else "the one reached for all"
        return [f"By tier, {how}{every}:", *_tiers(body["tiers"], currency, unit)]
    if body["unit_amount_decimal"] is None:
        return [f"an amount that the customer chooses, in {currency.upper()}"]
    amount, package = money(body["unit_amount_decimal"], currency), body["transform_quantity"]
    if package is not None:
        begun = "each package that was begun counts in full" if package["round"] == "up" else "only full packages count"
        return [f"{amount} per {number(package['divide_by'])} {plural(unit)}{every}", begun]
    if counted:
        return [f"{amount} per {unit}{every}"]
    return [f"{amount}{every}" if body["recurring"] else f"{amount} once"]


def in_currency(body: Json, currency: str) -> Json:
    """A stored price with its amounts in one currency in place of its own."""
    option = body["currency_options"][currency]
    said = {"unit_amount_decimal": option["unit_amount_decimal"], "tiers": option.get("tiers")}
    return {**body, **said, "currency": currency}


def _interval(recurring: Json | None) -> str:
    if recurring is None:
        return ""
    names = {"day": "daily", "week": "weekly", "month": "monthly", "year": "yearly"}
    count, interval = recurring["interval_count"], recurring["interval"]
    return f", billed {names[interval]}" if count == 1 else f", billed every {count} {interval}s"


def _tiers(tiers: list[Json], currency: str, unit: str) -> list[str]:
    lines, below = [], 0
    for tier in tiers:
        parts = []
        if Decimal(tier["unit_amount_decimal"] or 0) or not tier["flat_amount_decimal"]:
            parts.append(f"{money(tier['unit_amount_decimal'] or 0, currency)} per {unit}")
        if Decimal(tier["flat_amount_decimal"] or 0):
            parts.append(f"{money(tier['flat_amount_decimal'], currency)} flat")
        to = f"{number(below + 1)} and more" if tier["up_to"] is None else f"{number(below + 1)} to {number(tier['up_to'])}"
        lines.append(f"{to}: {' + '.join(parts) or money(0, currency)}")
        below = tier["up_to"] or below
    return lines


def plural(unit: str) -> str:
    """An English plural, good enough for a unit's label."""
    if unit.endswith("s"):
        return unit
    return f"{unit[:-1]}ies" if unit.endswith("y") and unit[-2:-1] not in "aeiou" else f"{unit}s"


def arithmetic(body: Json, quantity: Decimal, unit: str | None = None) -> str:
    """How an amount comes about: "3,025 tokens → 31 packages of 100 × 0.04 USD".

    `body` is Stripe's price in the invoice's currency, its tiers expanded. A negative quantity counts as nothing.
    """
    unit, currency, quantity = unit or "unit", body["currency"], max(quantity, Decimal(0))
    counted = f"{number(quantity)} {unit if quantity == 1 else plural(unit)}"
    if body["billing_scheme"] == "tiered":
        return f"{counted} → {' + '.join(_by_tier(body, quantity))}"
    amount, package = money(body["unit_amount_decimal"] or 0, currency), body["transform_quantity"]
    if package is None:
        return f"{counted} × {amount}"
    packages = quantity / package["divide_by"]
    count = ceil(packages) if package["round"] == "up" else floor(packages)
    return f"{counted} → {number(count)} {'package' if count == 1 else 'packages'} of {number(package['divide_by'])} × {amount}"


def _by_tier(body: Json, quantity: Decimal) -> list[str]:
    currency, parts, below = body["currency"], [], Decimal(0)
    graduated = body["tiers_mode"] == "graduated"
    for position, tier in enumerate(body["tiers"]):
        upper = quantity if tier["up_to"] is None else min(quantity, Decimal(tier["up_to"]))
        if graduated and quantity <= below and position > 0:
            break
        if not graduated and tier["up_to"] is not None and quantity > tier["up_to"]:
            continue
        part = upper - below if graduated else quantity
        parts.append(f"{number(part)} × {money(tier['unit_amount_decimal'] or 0, currency)}")
        if Decimal(tier["flat_amount_decimal"] or 0):
            parts.append(f"{money(tier['flat_amount_decimal'], currency)} flat")
        if not graduated:
            break
        below = upper
    return parts
