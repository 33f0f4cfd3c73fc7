"""Amounts, prices and invoice lines in words. Pure; amounts are minor currency units as decimals, never floats."""

from __future__ import annotations

from decimal import Decimal
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
    lines = []
    for place, tier in enumerate(tiers):
        parts = []
        if Decimal(tier["unit_amount_decimal"] or 0) or not tier["flat_amount_decimal"]:
            parts.append(f"{money(tier['unit_amount_decimal'] or 0, currency)} per {unit}")
        if Decimal(tier["flat_amount_decimal"] or 0):
            parts.append(f"{money(tier['flat_amount_decimal'], currency)} flat")
        lines.append(f"{reach(tiers, place)}: {' + '.join(parts) or money(0, currency)}")
    return lines


def reach(tiers: list[Json], place: int) -> str:
    """From which quantity to which a tier reaches: "1 to 1,000", "1,001 and more"."""
    first, last = tiers[place - 1]["up_to"] + 1 if place else 1, tiers[place]["up_to"]
    return f"{number(first)} and more" if last is None else f"{number(first)} to {number(last)}"


def plural(unit: str) -> str:
    """An English plural, good enough for a unit's label."""
    if unit.endswith("s"):
        return unit
    return f"{unit[:-1]}ies" if unit.endswith("y") and unit[-2:-1] not in "aeiou" else f"{unit}s"
