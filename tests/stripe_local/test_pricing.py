"""The arithmetic of prices against a plain calculation that counts unit by unit."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_local.calculation.pricing import Part, Terms, Tier, amount, parts, prorated, round_half_up, unbilled
from tests.stripe_local.unhurried import unhurried

AMOUNTS = st.decimals(min_value=0, max_value=1000, places=4)
COUNTS = st.integers(0, 300)


def rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("quantity", "expected"), [(25, 4), (3000, 120), (3025, 124), (0, 0), (1, 4), (100, 4), (101, 8), (-7, 0)]
)
def test_the_guides_price(quantity: int, expected: int) -> None:
    assert amount(Terms(Decimal(4), 100, True), Decimal(quantity)) == expected


@unhurried
@given(AMOUNTS, COUNTS)
def test_per_unit(unit_amount: Decimal, quantity: int) -> None:
    total = Decimal(0)
    for _ in range(quantity):
        total += unit_amount
    assert amount(Terms(unit_amount), Decimal(quantity)) == rounded(total)


@unhurried
@given(AMOUNTS, COUNTS, st.integers(1, 50), st.booleans())
def test_packages(unit_amount: Decimal, quantity: int, divide_by: int, up: bool) -> None:
    packages, left = 0, quantity
    while left >= divide_by or (up and left > 0):
        packages, left = packages + 1, left - divide_by
    assert amount(Terms(unit_amount, divide_by, up), Decimal(quantity)) == rounded(unit_amount * packages)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    bounds = sorted(draw(st.sets(st.integers(1, 280), max_size=4)))
    return tuple(Tier(bound, draw(AMOUNTS), draw(st.none() | AMOUNTS)) for bound in [*bounds, None])


def tier_of(found: tuple[Tier, ...], unit: int) -> Tier:
    """The tier that the unit-th unit falls into; no unit at all counts as the first."""
    return next(tier for tier in found if tier.up_to is None or unit <= tier.up_to)


@unhurried
@given(tiers(), COUNTS)
def test_graduated(found: tuple[Tier, ...], quantity: int) -> None:
    # Tiers may be equal as values, so each is known by its bound.
    units: dict[int | None, Decimal] = {found[0].up_to: Decimal(0)}
    for unit in range(1, quantity + 1):
        tier = tier_of(found, unit)
        units[tier.up_to] = units.get(tier.up_to, Decimal(0)) + tier.unit_amount
    expected = []
    for tier in found:
        if tier.up_to in units:
            expected.append(rounded(units[tier.up_to]))
            expected += [] if tier.flat_amount is None else [rounded(tier.flat_amount)]
    lines = parts(Terms(tiers=found), Decimal(quantity))
    assert [line.amount for line in lines] == expected
    assert sum(line.quantity for line in lines) == quantity
    assert amount(Terms(tiers=found), Decimal(quantity)) == sum(expected)


@unhurried
@given(tiers(), COUNTS)
def test_volume(found: tuple[Tier, ...], quantity: int) -> None:
    tier = tier_of(found, quantity)
    total = tier.unit_amount * quantity + (tier.flat_amount or 0)
    assert amount(Terms(tiers=found, graduated=False), Decimal(quantity)) == rounded(total)


@unhurried
@given(st.decimals(min_value=0, max_value=10**12, places=12), st.integers(0, 10**15))
def test_nothing_is_lost_before_rounding(unit_amount: Decimal, quantity: int) -> None:
    scaled = int(unit_amount.scaleb(12)) * quantity
    assert amount(Terms(unit_amount), Decimal(quantity)) == round_half_up(Fraction(scaled, 10**12))


@unhurried
@given(tiers(), COUNTS, COUNTS)
def test_more_never_costs_less_in_graduated_tiers(found: tuple[Tier, ...], first: int, second: int) -> None:
    less, more = sorted((first, second))
    # Each line is rounded by itself, so a flat amount's half cent may be in either.
    assert amount(Terms(tiers=found), Decimal(less)) <= amount(Terms(tiers=found), Decimal(more))


@pytest.mark.parametrize(("value", "expected"), [("0.5", 1), ("0.4999", 0), ("1.5", 2), ("-0.5", -1), ("-0.49", 0)])
def test_rounding(value: str, expected: int) -> None:
    assert round_half_up(Fraction(value)) == expected


@unhurried
@given(st.integers(0, 10**9), st.integers(1, 10**7), st.integers(0, 10**7))
def test_shares_add_up(whole: int, length: int, part: int) -> None:
    part = min(part, length)
    assert abs(prorated(whole, part, length) + prorated(whole, length - part, length) - whole) <= 1
    assert prorated(whole, length, length) == whole
    assert prorated(whole, 0, length) == 0


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """Of any kind of price."""
    kind = draw(st.sampled_from(["per unit", "packages", "graduated", "volume"]))
    if kind == "per unit":
        return Terms(draw(AMOUNTS))
    if kind == "packages":
        return Terms(draw(AMOUNTS), draw(st.integers(1, 50)), draw(st.booleans()))
    return Terms(tiers=draw(tiers()), graduated=kind == "graduated")


@unhurried
@given(terms(), st.lists(COUNTS, min_size=1, max_size=5))
def test_what_is_billed_bit_by_bit_costs_as_much_as_all_at_once(price: Terms, quantities: list[int]) -> None:
    billed: list[Part] = []
    total, counted = 0, Decimal(0)
    for quantity in quantities:
        whole = parts(price, Decimal(quantity))
        found = unbilled(whole, billed)
        total, counted, billed = total + sum(part.amount for part in found), counted + sum(part.quantity for part in found), whole
        assert found
        assert (total, counted) == (amount(price, Decimal(quantity)), quantity)


@unhurried
@given(terms(), COUNTS, COUNTS)
def test_only_another_volume_tier_takes_back_what_was_billed(price: Terms, quantity: int, more: int) -> None:
    """https://docs.stripe.com/billing/subscriptions/usage-based/thresholds#volume-tiers"""
    before, after = parts(price, Decimal(quantity)), parts(price, Decimal(quantity + more))
    moved = not price.graduated and before[0].tier != after[0].tier
    assert any(part.before for part in unbilled(after, before)) == moved
