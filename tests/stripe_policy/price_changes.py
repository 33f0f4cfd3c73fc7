"""Random changes of prices: each number makes the same one each time."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from tests.stripe_policy.bills import Price, currencies, quantities, sides

CURRENCIES = ("usd", "eur", "gbp", "jpy", "krw", "kwd", "bhd", "ugx", "isk", "chf")
"""Of none, two and three decimal places, and of such as are charged in whole units only."""
MOST_QUANTITIES = 4000
FACTORS = ("0.1", "0.5", "0.99", "1.01", "1.25", "1.4999", "1.5", "1.50001", "1.6", "2", "3", "10", "100", "10000")


@dataclass(frozen=True)
class Change:
    before: Price
    after: Price
    other: Price
    """What the price could have become as well."""


def change(number: int) -> Change:
    random = Random(f"price change {number}")
    before = price(random)
    return Change(before, _changed(before, random), _changed(before, random))


def _changed(before: Price, random: Random) -> Price:
    """One to three things otherwise; such that all quantities that count can be looked at."""
    while True:
        after = copy.deepcopy(before)
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            after = random.choice(WAYS)(after, random)
        shared = [currency for currency in currencies(before) if currency in currencies(after)]
        # How many there are is the same for all currencies, but for the ends of tiers.
        if "custom_unit_amount" in before or all(_few(before, after, currency) for currency in shared):
            return after


def _few(before: Price, after: Price, currency: str) -> bool:
    both = sides(before, after, currency)
    turn = max((both[i].package or Fraction(1)).numerator for i in (0, 1))
    return turn <= 100 * MOST_QUANTITIES and len(quantities(both)) <= MOST_QUANTITIES


# -- prices


def price(random: Random) -> Price:
    made: Price = {"currency": random.choice(CURRENCIES), "product": "prod_1", "lookup_key": "it"}
    if random.random() < 0.8:
        made["tax_behavior"] = random.choice(("inclusive", "exclusive", "unspecified"))
    if random.random() < 0.05:
        return {**made, "custom_unit_amount": _custom(random)}
    if random.random() < 0.85:
        made["recurring"] = _recurring(random)
    amounts = random.choice((_unit, _unit, _packages, _tiers, _tiers))(random)
    made |= amounts
    if random.random() < 0.4:
        for currency in random.sample(CURRENCIES, random.choice((1, 1, 2))):
            if currency != made["currency"]:
                made.setdefault("currency_options", {})[currency] = _option(made, random)
    return made


def _recurring(random: Random) -> Price:
    every: Price = {"interval": random.choice(("day", "week", "month", "month", "month", "year"))}
    if random.random() < 0.4:
        every["interval_count"] = random.choice((1, 2, 3, 6))
    if random.random() < 0.5:
        return {**every, "usage_type": "metered", "meter": "mtr_1"}
    if random.random() < 0.3:
        every["usage_type"] = "licensed"
    if random.random() < 0.1:
        every["trial_period_days"] = random.choice((7, 14))
    return every


def _amount(random: Random, name: str) -> Price:
    """A whole number or one with up to twelve decimal places, sometimes nothing, sometimes far too much."""
    kind = random.random()
    if kind < 0.05:
        return {name: 0}
    if kind < 0.35:
        return {name: random.randint(1, 60)}
    if kind < 0.65:
        return {name: random.choice((50, 99, 100, 500, 1000, 1999, 2000, 25000, 1_000_000, 1_000_001))}
    places = random.choice((1, 2, 4, 9, 12))
    return {f"{name}_decimal": f"{Decimal(random.randint(1, 10 ** min(places + 2, 12))).scaleb(-places):f}"}


def _unit(random: Random) -> Price:
    return _amount(random, "unit_amount")


def _package(random: Random) -> Price:
    by = random.choice((2, 3, 5, 7, 10, 12, 33, 50, 100, 120, 1000))
    return {"divide_by": by, "round": random.choice(("up", "up", "down"))}


def _packages(random: Random) -> Price:
    return {**_unit(random), "transform_quantity": _package(random)}


def _tier(random: Random, up_to: Any) -> Price:
    flat = _amount(random, "flat_amount") if random.random() < 0.3 else {}
    return {"up_to": up_to, **(_unit(random) if not flat or random.random() < 0.7 else {}), **flat}


def _tier_list(random: Random) -> list[Price]:
    ends = sorted(random.sample((1, 2, 5, 9, 10, 11, 50, 99, 100, 101, 500, 1000, 9999, 10000), random.randint(0, 3)))
    return [_tier(random, up_to) for up_to in (*ends, "inf")]


def _tiers(random: Random) -> Price:
    mode = random.choice(("graduated", "volume"))
    return {"billing_scheme": "tiered", "tiers_mode": mode, "tiers": _tier_list(random)}


def _custom(random: Random) -> Price:
    made: Price = {"enabled": True}
    for name in ("minimum", "preset", "maximum"):
        if random.random() < 0.6:
            made[name] = random.choice((10, 50, 100, 2000, 2_000_000))
    return made


def _option(price: Price, random: Random) -> Price:
    """Amounts in a further currency."""
    option = {"tiers": _tier_list(random)} if "tiers" in price else _unit(random)
    return {**option, "tax_behavior": price["tax_behavior"]} if "tax_behavior" in price and random.random() < 0.8 else option


# -- changes


def _holders(price: Price) -> list[Price]:
    """What has amounts: the price, its further currencies, or the tiers of each."""
    each = [price, *(price.get("currency_options") or {}).values()]
    return [tier for one in each for tier in one["tiers"]] if "tiers" in price else each


def _scaled(fields: Price, name: str, factor: Fraction) -> None:
    for key in (name, f"{name}_decimal"):
        if key in fields:
            value = Fraction(str(fields.pop(key))) * factor
            whole = round(value * 10**12)
            value = Fraction(whole, 10**12)
            if value.denominator == 1:
                fields[name] = int(value)
            else:
                fields[f"{name}_decimal"] = f"{Decimal(whole).scaleb(-12).normalize():f}"
            return


def _one_amount(price: Price, random: Random) -> Price:
    holder = random.choice(_holders(price))
    _scaled(holder, random.choice(("unit_amount", "flat_amount")), Fraction(random.choice(FACTORS)))
    return price


def _all_amounts(price: Price, random: Random) -> Price:
    factor = Fraction(random.choice(FACTORS))
    for holder in _holders(price):
        for name in ("unit_amount", "flat_amount"):
            _scaled(holder, name, factor)
    return price


def _another_package(price: Price, random: Random) -> Price:
    if "tiers" in price or "custom_unit_amount" in price:
        return price
    price.pop("transform_quantity", None)
    return {**price, "transform_quantity": _package(random)} if random.random() < 0.8 else price


def _package_and_amount(price: Price, random: Random) -> Price:
    """Ten times as much for ten times as many, or nearly."""
    if "transform_quantity" not in price:
        return _another_package(price, random)
    factor = random.choice((2, 3, 10))
    price["transform_quantity"]["divide_by"] *= factor
    for holder in _holders(price):
        _scaled(holder, "unit_amount", Fraction(factor))
    return price


def _tier_end(price: Price, random: Random) -> Price:
    for holder in [price, *(price.get("currency_options") or {}).values()]:
        tiers = holder.get("tiers") or []
        if len(tiers) > 1 and random.random() < 0.8:
            at = random.randrange(len(tiers) - 1)
            begins = tiers[at - 1]["up_to"] if at else 0
            until = tiers[at + 1]["up_to"]
            moved = tiers[at]["up_to"] + random.choice((-50, -1, 1, 50))
            if moved > begins and (until == "inf" or moved < until):
                tiers[at]["up_to"] = moved
    return price


def _more_tiers(price: Price, random: Random) -> Price:
    """A tier divided in two, or the last two made one."""
    if "tiers" not in price:
        return price
    tiers = price["tiers"]
    begins = tiers[-2]["up_to"] if len(tiers) > 1 else 0
    if len(tiers) > 1 and random.random() < 0.4:
        del tiers[-2]
    else:
        tiers.insert(-1, {**copy.deepcopy(tiers[-1]), "up_to": begins + random.choice((1, 10, 100))})
    return price


def _mode(price: Price, random: Random) -> Price:
    if "tiers" in price:
        price["tiers_mode"] = "volume" if price["tiers_mode"] == "graduated" else "graduated"
    return price


def _interval(price: Price, random: Random) -> Price:
    if "custom_unit_amount" not in price:
        price["recurring"] = {**(price.get("recurring") or {}), **_recurring(random)}
        if price["recurring"].get("usage_type") != "metered":
            price["recurring"].pop("meter", None)
    return price


def _once(price: Price, random: Random) -> Price:
    if random.random() < 0.3:
        price.pop("recurring", None)
    return price


def _scheme(price: Price, random: Random) -> Price:
    if "custom_unit_amount" in price:
        return price
    kept = {k: v for k, v in price.items() if k in ("currency", "product", "lookup_key", "tax_behavior", "recurring")}
    kept |= random.choice((_unit, _packages, _tiers))(random)
    options = {currency: _option(kept, random) for currency in price.get("currency_options") or {}}
    return {**kept, "currency_options": options} if options else kept


def _currency(price: Price, random: Random) -> Price:
    """Another one, one more, one less, or the first and a further one in each other's place."""
    if "custom_unit_amount" in price:
        return price
    options = dict(price.pop("currency_options", None) or {})
    free = [currency for currency in CURRENCIES if currency != price["currency"] and currency not in options]
    way = random.choice(("another", "more", "less", "swap"))
    if way == "another":
        price["currency"] = random.choice(free)
    elif way == "more":
        options[random.choice(free)] = _option(price, random)
    elif options and way == "less":
        del options[random.choice(list(options))]
    elif options:
        currency = random.choice(list(options))
        further = options.pop(currency)
        names = ("unit_amount", "unit_amount_decimal", "tiers", "tax_behavior")
        options[price["currency"]] = {name: price.pop(name) for name in names if name in price}
        price = {**price, **further, "currency": currency}
    return {**price, "currency_options": options} if options else price


def _limits(price: Price, random: Random) -> Price:
    return {**price, "custom_unit_amount": _custom(random)} if "custom_unit_amount" in price else _one_amount(price, random)


def _of_another(price: Price, random: Random) -> Price:
    kind = random.choice(("product", "meter", "tax"))
    if kind == "product":
        price["product"] = random.choice(("prod_2", "prod_3"))
    elif kind == "tax":
        price["tax_behavior"] = random.choice(("inclusive", "exclusive", "unspecified"))
    elif (price.get("recurring") or {}).get("meter"):
        price["recurring"]["meter"] = random.choice(("mtr_2", "mtr_3"))
    return price


def _written_otherwise(price: Price, random: Random) -> Price:
    """The same to Stripe."""
    price |= {"nickname": "N", "metadata": {"n": "1"}}
    if "tiers" not in price and "custom_unit_amount" not in price:
        price["billing_scheme"] = "per_unit"
    if price.get("recurring"):
        price["recurring"] = {"interval_count": 1, "usage_type": "licensed", **price["recurring"]}
    for holder in _holders(price):
        if "unit_amount" in holder:
            holder["unit_amount_decimal"] = f"{holder.pop('unit_amount')}{random.choice(('', '.0', '.000'))}"
        if "tiers" in price and "flat_amount_decimal" not in holder:
            holder.setdefault("flat_amount", 0)
    if price.get("currency_options"):
        price["currency_options"] = dict(reversed(price["currency_options"].items()))
    price.setdefault("tax_behavior", "unspecified")
    return price


WAYS: tuple[Callable[[Price, Random], Price], ...] = (
    _one_amount,
    _one_amount,
    _all_amounts,
    _another_package,
    _package_and_amount,
    _tier_end,
    _more_tiers,
    _mode,
    _interval,
    _interval,
    _once,
    _scheme,
    _currency,
    _limits,
    _of_another,
    _written_otherwise,
)
