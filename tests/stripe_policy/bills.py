"""What Stripe's pages say a price bills for a quantity, and by how much a change raises the worst bill.

Written from the pages alone, in fractions, and sharing nothing with `stripe_pricing` and `stripe_policy`, so that both are
unlikely to make one mistake. Pages, below docs.stripe.com: api/prices/create, products-prices/pricing-models,
billing/subscriptions/usage-based/transform-quantities, billing/subscriptions/usage-based/pricing-models.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Price = dict[str, Any]
"""What the API takes."""


def amount(fields: Price, name: str) -> Fraction | None:
    """An amount in minor units: "Only one of unit_amount and unit_amount_decimal can be set." """
    given = fields.get(f"{name}_decimal", fields.get(name))
    return None if given is None else Fraction(str(given))


def in_currency(price: Price, currency: str) -> Price:
    """The price as customers of that currency pay it; `tiers_mode` and `transform_quantity` are the same in all."""
    amounts = price if currency == price["currency"] else price["currency_options"][currency]
    return {**amounts, "tiers_mode": price.get("tiers_mode"), "transform_quantity": price.get("transform_quantity")}


def currencies(price: Price) -> list[str]:
    return [price["currency"], *(price.get("currency_options") or {})]


def bill(price: Price, currency: str, quantity: Fraction) -> Fraction:
    """One period's, in minor units, before an invoice line is rounded to whole ones."""
    terms = in_currency(price, currency)
    if terms.get("tiers"):
        return _by_tiers(terms["tiers"], terms["tiers_mode"], quantity)
    each = amount(terms, "unit_amount")
    assert each is not None
    if package := terms["transform_quantity"]:
        # "Divide usage by this number", then "either round the result up or down".
        quantity = quantity / int(package["divide_by"])
        quantity = Fraction(math.ceil(quantity) if package["round"] == "up" else math.floor(quantity))
    return quantity * each


def _by_tiers(tiers: list[Price], mode: str, quantity: Fraction) -> Fraction:
    """Volume: "the entire quantity is multiplied by the unit cost of the tier"; graduated: "the quantity is multiplied by the
    amount for each tier and the totals for each tier are summed together". A flat amount is "for an entire tier, regardless of
    the number of units in the tier", and the first tier is one that nothing falls into as well."""
    total, begins = Fraction(0), Fraction(0)
    for tier in tiers:
        unit, flat = amount(tier, "unit_amount") or Fraction(0), amount(tier, "flat_amount") or Fraction(0)
        is_its = tier["up_to"] == "inf" or quantity <= tier["up_to"]
        if mode == "volume":
            if is_its:
                return quantity * unit + flat
        else:
            ends = quantity if is_its else Fraction(tier["up_to"])
            total += (ends - begins) * unit + flat
            if is_its:
                return total
            begins = ends
    raise AssertionError("the last tier has an end")


def unit_for_ever(price: Price, currency: str) -> Fraction:
    """What a unit costs at ever larger quantities."""
    terms = in_currency(price, currency)
    each = amount(terms["tiers"][-1] if terms.get("tiers") else terms, "unit_amount") or Fraction(0)
    return each / (int(terms["transform_quantity"]["divide_by"]) if terms["transform_quantity"] else 1)


def periods(price: Price) -> Fraction:
    """How many of its periods a year has; what is paid once is paid once in it."""
    every = price.get("recurring")
    if not every:
        return Fraction(1)
    in_a_year = {"day": Fraction(365), "week": Fraction(365, 7), "month": Fraction(12), "year": Fraction(1)}
    return in_a_year[every["interval"]] / int(every.get("interval_count", 1))


def is_metered(price: Price) -> bool:
    return (price.get("recurring") or {}).get("usage_type") == "metered"


@dataclass(frozen=True)
class Side:
    """A price in one currency, as the bills of a year. `share`: how much of the quantity falls into one of its own periods, which
    is more than one where usage is counted over the shorter periods of the other price."""

    price: Price
    currency: str
    share: Fraction

    def a_year(self, quantity: int) -> Fraction:
        return bill(self.price, self.currency, quantity * self.share) * periods(self.price)

    @property
    def for_ever(self) -> Fraction:
        return unit_for_ever(self.price, self.currency) * self.share * periods(self.price)

    @property
    def package(self) -> Fraction | None:
        how = self.price.get("transform_quantity")
        return int(how["divide_by"]) / self.share if how else None

    @property
    def ends(self) -> list[Fraction]:
        tiers = in_currency(self.price, self.currency).get("tiers") or []
        return [tier["up_to"] / self.share for tier in tiers if tier["up_to"] != "inf"]


def sides(before: Price, after: Price, currency: str) -> tuple[Side, Side]:
    """Both, with the same usage at any time where both are metered, and as many licences where not."""
    a_year = [periods(before), periods(after)]
    shares = [max(a_year) / p if is_metered(before) and is_metered(after) else Fraction(1) for p in a_year]
    return Side(before, currency, shares[0]), Side(after, currency, shares[1])


def period_of_packages(both: tuple[Side, Side]) -> int:
    """After how many units the packages of both begin anew together."""
    packages = [side.package for side in both if side.package is not None]
    return math.lcm(*(package.numerator for package in packages)) if packages else 1


def reach(both: tuple[Side, Side]) -> int:
    """Up to where anything changes for the first time. Beyond, bills grow by the same with each turn of the packages, so that one
    against the other only goes on towards what it is for ever."""
    return math.ceil(max([*both[0].ends, *both[1].ends, Fraction(0)])) + period_of_packages(both) + 1


def quantities(both: tuple[Side, Side]) -> list[int]:
    """All whole ones at which anything changes, each with the one before and the one after, and a very large one."""
    last = reach(both)
    places = {Fraction(0), Fraction(1), *both[0].ends, *both[1].ends, Fraction(last)}
    for side in both:
        if side.package is not None:
            places |= {side.package * n for n in range(math.ceil(last / side.package) + 1)}
    near = {q for place in places for q in (math.floor(place) - 1, math.floor(place), math.ceil(place), math.ceil(place) + 1)}
    return [*sorted(q for q in near if 0 <= q <= last), 10**12]


@dataclass(frozen=True)
class Rise:
    """Of one bill. `quantity`: None for ever larger ones. `percent`: None for something that was nothing."""

    currency: str
    quantity: int | None
    percent: Fraction | None


def rises(before: Price, after: Price) -> Iterator[Rise]:
    """What becomes of all bills that there were, in each currency that both have; those of nothing left out."""
    for currency in currencies(before):
        if currency not in currencies(after):
            continue
        both = sides(before, after, currency)
        bills = [(q, both[0].a_year(q), both[1].a_year(q)) for q in quantities(both)]
        for quantity, old, new in (*bills, (None, both[0].for_ever, both[1].for_ever)):
            if old or new:
                yield Rise(currency, quantity, (new / old - 1) * 100 if old else None)


def exceeds(rise: Rise, percent: Fraction) -> bool:
    return rise.percent is None or rise.percent > percent


def costs_nothing(price: Price, currency: str) -> bool:
    """At any quantity."""
    alone = Side(price, currency, Fraction(1))
    return not alone.for_ever and not any(alone.a_year(q) for q in quantities((alone, alone)))


def unit_costs(price: Price, currency: str) -> list[Fraction]:
    """What one more unit costs within each tier, flat amounts aside."""
    alone, half = Side(price, currency, Fraction(1)), Fraction(1, 2)
    inside = [*(end - half for end in alone.ends), max([Fraction(0), *alone.ends]) + half]
    return [4 * (bill(price, currency, q + half / 2) - bill(price, currency, q)) for q in inside]
