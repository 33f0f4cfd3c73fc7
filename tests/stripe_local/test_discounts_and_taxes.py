"""The arithmetic of discounts and taxes: what holds whatever the numbers are, and the pages' own numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_local.calculation.discounts import Charge, Discount, share, split, taken
from stripe_local.calculation.taxes import Rate, taxed

AMOUNTS = st.integers(-20_000, 20_000_000)
PERCENTS = st.decimals(0, 100, places=2).filter(bool)
PRODUCTS = st.sampled_from("abc")
FEW = settings(max_examples=40)
RATES = st.lists(
    st.builds(Rate, st.uuids().map(str), st.decimals(0, 100, places=4), st.booleans()), max_size=5, unique_by=lambda rate: rate.id
)
INCLUSIVE = st.lists(
    st.builds(Rate, st.uuids().map(str), st.decimals(1, 100, places=4), st.just(True)),
    min_size=1,
    max_size=5,
    unique_by=lambda r: r.id,
)


@st.composite
def discounts(draw: st.DrawFn, prefix: str) -> list[Discount]:
    made = []
    for number in range(draw(st.integers(0, 3))):
        products = draw(st.none() | st.frozensets(PRODUCTS, min_size=1))
        by_percent = draw(st.booleans())
        percent, amount = (draw(PERCENTS), 0) if by_percent else (None, draw(st.integers(1, 5_000_000)))
        made.append(Discount(f"{prefix}{number}", percent, amount, products))
    return made


@st.composite
def charges(draw: st.DrawFn) -> list[Charge]:
    own = {product: tuple(draw(discounts(product))) for product in "abc"}
    found = []
    for _ in range(draw(st.integers(1, 6))):
        product = draw(PRODUCTS)
        found.append(Charge(draw(AMOUNTS), product, own[product], draw(st.booleans())))
    return found


@FEW
@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**8), min_size=1))
def test_the_parts_are_the_whole(amount: int, weights: list[int]) -> None:
    parts = split(amount, weights)
    assert sum(parts) == (amount if any(weights) else 0)
    if amount <= sum(weights):
        assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@FEW
@given(charges(), discounts("whole"))
def test_discounts(lines: list[Charge], common: list[Discount]) -> None:
    found = taken(lines, common)
    known = {discount.id: discount for line in lines for discount in line.own} | {d.id: d for d in common}
    for line, off in zip(lines, found, strict=True):
        left = line.amount - sum(off.values())
        assert abs(left) <= abs(line.amount), "never beyond nothing"
        assert left * line.amount >= 0
        assert line.discountable or not off
        assert all(known[id].products is None or line.product in (known[id].products or ()) for id in off)
    for id, discount in known.items():
        if discount.percent is None:
            assert 0 <= sum(off.get(id, 0) for off in found) <= discount.amount, "once, however many lines there are"


@FEW
@given(st.integers(0, 10**7), st.lists(st.integers(0, 10**5), max_size=3), st.integers(0, 100), st.integers(1, 100))
def test_a_share_is_the_same_with_and_without_its_discounts(whole: int, off: list[int], part: int, all: int) -> None:
    named = {str(place): min(amount, whole // 3) for place, amount in enumerate(off)}
    gross, shares = share(whole, named, part, all)
    net, _ = share(whole - sum(named.values()), {}, part, all)
    assert gross - sum(shares.values()) == net
    back, returned = share(-whole, {id: -amount for id, amount in named.items()}, all, all)
    assert (back, sum(returned.values())) == (-whole, -sum(named.values()))


@FEW
@given(AMOUNTS, RATES)
def test_taxes(amount: int, rates: list[Rate]) -> None:
    found = taxed(amount, rates)
    included = sum(tax.amount for tax in found.taxes if tax.rate.inclusive)
    assert found.excluding + included == amount
    assert found.total == amount + sum(tax.amount for tax in found.taxes if not tax.rate.inclusive)
    exempt = taxed(amount, rates, exempt=True)
    assert (exempt.total, exempt.excluding, {tax.amount for tax in exempt.taxes} - {0}) == (
        found.excluding,
        found.excluding,
        set(),
    )


@FEW
@given(st.integers(1000, 20_000_000), INCLUSIVE)
def test_an_inclusive_rate_never_changes_the_total(amount: int, rates: list[Rate]) -> None:
    found = taxed(amount, rates)
    assert found.total == amount
    assert all(tax.amount > 0 for tax in found.taxes)
    assert taxed(amount, rates, exempt=True).total == found.excluding < amount, "but for who is exempt, and pays less"


@FEW
@given(st.lists(st.tuples(st.integers(1, 10**7), PERCENTS | st.none()), min_size=1, max_size=6), st.integers(1, 10**8))
def test_the_parts_of_a_discount_sum_to_it(lines: list[tuple[int, Decimal | None]], amount: int) -> None:
    whole = Discount("whole", amount=amount)
    own = [(Discount(str(place), percent),) if percent else () for place, (_, percent) in enumerate(lines)]
    found = taken([Charge(line, own=first) for (line, _), first in zip(lines, own, strict=True)], [whole])
    left = sum(line - sum(off.get(str(place), 0) for off in found) for place, (line, _) in enumerate(lines))
    assert sum(off["whole"] for off in found) == min(amount, left)


TEN_PERCENT, FIVE_OFF = Discount("percent", Decimal(10)), Discount("amount", amount=500)


@pytest.mark.parametrize(
    ("lines", "common", "expected"),
    [
        # Nothing goes below zero. https://docs.stripe.com/api/coupons/object
        ([10000], [Discount("amount", amount=20000)], [[10000]]),
        ([30000], [Discount("amount", amount=20000)], [[20000]]),
        # The order counts. https://docs.stripe.com/billing/subscriptions/coupons
        ([10000], [TEN_PERCENT, FIVE_OFF], [[1000, 500]]),
        ([10000], [FIVE_OFF, TEN_PERCENT], [[500, 950]]),
        # Two items. https://docs.stripe.com/billing/subscriptions/prorations
        ([1000, 2000], [FIVE_OFF], [[166], [334]]),
        # A half goes up.
        ([105], [TEN_PERCENT], [[11]]),
        # The rest never makes the last line negative.
        ([1, 1, 1], [Discount("amount", amount=2)], [[0], [1], [1]]),
    ],
)
def test_examples(lines: list[int], common: list[Discount], expected: list[list[int]]) -> None:
    assert [list(off.values()) for off in taken([Charge(amount) for amount in lines], common)] == expected


def test_own_discounts_come_first() -> None:
    lines = [Charge(10000, own=(Discount("own", Decimal(50)),)), Charge(10000)]
    assert taken(lines, [TEN_PERCENT]) == [{"own": 5000, "percent": 500}, {"percent": 1000}]


@pytest.mark.parametrize(
    ("amount", "rates", "expected"),
    [
        # https://docs.stripe.com/tax/tax-rates
        (500, [("25", False)], (625, [125])),
        (500, [("25", True)], (500, [100])),
        # https://support.stripe.com/questions/inclusive-and-exclusive-tax-options-in-the-tax-rate-api-and-stripe-tax
        (60000, [("10", True)], (60000, [5455])),
        (60000, [("10", False)], (66000, [6000])),
        # https://support.stripe.com/questions/rounding-rules-for-stripe-fees
        (43, [("15", False)], (49, [6])),
        (484, [("15", False)], (557, [73])),
        # Exclusive rates are on one base, not on one another.
        (10000, [("5", False), ("9.975", False)], (11498, [500, 998])),
        # A credit is taxed too.
        (-1000, [("25", False)], (-1250, [-250])),
    ],
)
def test_tax_examples(amount: int, rates: list[tuple[str, bool]], expected: tuple[int, list[int]]) -> None:
    made = [Rate(str(place), Decimal(percentage), inclusive) for place, (percentage, inclusive) in enumerate(rates)]
    found = taxed(amount, made)
    assert (found.total, [tax.amount for tax in found.taxes]) == expected
