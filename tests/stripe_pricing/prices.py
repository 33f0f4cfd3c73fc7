"""Prices as Stripe takes them, at random."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

CURRENCIES = ("usd", "jpy", "kwd", "eur")

_WHOLE = st.integers(0, 20_000)
_FRACTION = st.decimals(0, 500, places=6).map(lambda d: f"{d.normalize():f}")
_AMOUNT = st.one_of(st.builds(lambda a: {"unit_amount": a}, _WHOLE), st.builds(lambda a: {"unit_amount_decimal": a}, _FRACTION))
_FLAT = st.one_of(
    st.just({}),
    st.builds(lambda a: {"flat_amount": a}, _WHOLE),
    st.builds(lambda a: {"flat_amount_decimal": a}, _FRACTION),
)


@st.composite
def tiers(draw: st.DrawFn) -> list[dict[str, Any]]:
    ends = sorted(draw(st.sets(st.integers(1, 5000), max_size=3)))
    return [{"up_to": end, **draw(_AMOUNT), **draw(_FLAT)} for end in (*ends, "inf")]


@st.composite
def prices(draw: st.DrawFn) -> dict[str, Any]:
    """Without a product, and without `recurring`; with one further currency."""
    own, other = draw(st.permutations(CURRENCIES))[:2]
    if draw(st.booleans()):
        return {
            "currency": own,
            "billing_scheme": "tiered",
            "tiers_mode": draw(st.sampled_from(["graduated", "volume"])),
            "tiers": draw(tiers()),
            "currency_options": {other: {"tiers": draw(tiers())}},
        }
    price = {"currency": own, **draw(_AMOUNT), "currency_options": {other: draw(_AMOUNT)}}
    if draw(st.booleans()):
        price["transform_quantity"] = {"divide_by": draw(st.integers(1, 1000)), "round": draw(st.sampled_from(["up", "down"]))}
    return price


QUANTITIES = st.one_of(
    st.integers(-10, 20_000).map(Decimal),
    st.decimals(0, 10_000, places=3),
    st.integers(10**12, 10**15 - 1).map(Decimal),
)
"""Among them corrections below 0, and values of 15 digits, the most that a meter takes."""
