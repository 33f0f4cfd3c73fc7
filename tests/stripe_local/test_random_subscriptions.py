"""Random subscriptions through the pure calculation: prices of every kind, backdated starts, changes at random moments."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from stripe_local.calculation.periods import Grid
from stripe_local.calculation.pricing import Terms, Tier, amount, prorated
from stripe_local.calculation.stretches import opening, rest

LENGTHS = {"day": 86_400, "week": 7 * 86_400, "month": 28 * 86_400, "year": 365 * 86_400}


def decimal(random: Random) -> Decimal:
    return Decimal(random.randrange(10**9)).scaleb(-random.randrange(13))


def terms(random: Random) -> Terms:
    kind = random.randrange(3)
    if kind == 0:
        return Terms(decimal(random))
    if kind == 1:
        return Terms(decimal(random), random.randint(2, 10_000), random.random() < 0.5)
    bounds = sorted(random.sample(range(1, 10_000), random.randrange(4)))
    tiers = [Tier(bound, decimal(random), random.choice([None, decimal(random)])) for bound in [*bounds, None]]
    return Terms(tiers=tuple(tiers), graduated=random.random() < 0.5)


def told(random: Random) -> None:
    interval, count = random.choice(list(LENGTHS)), random.randint(1, 3)
    now = random.randrange(1_735_689_600, 1_893_456_000)
    length = LENGTHS[interval] * count
    grid = Grid(now + random.randrange(-length, length), interval, count, random.choice([None, None, *range(28, 32)]))
    lines = opening(grid, now - random.choice([0, random.randrange(20 * length)]), now, classic=random.random() < 0.5)
    for _ in range(random.randrange(4)):
        whole = amount(terms(random), Decimal(random.randrange(20_000)))
        assert all(prorated(whole, line.part, line.whole) >= 0 for line in lines)
        left = rest(grid, now)
        since = left.end - left.whole
        now = random.randrange(since, left.end)
        used, unused = rest(grid, since).until(now), rest(grid, now)
        charged, credited = prorated(whole, used.part, used.whole), prorated(-whole, unused.part, unused.whole)
        assert charged >= 0 >= credited
        assert abs(whole - charged + credited) <= 1  # each is rounded by itself
        now = left.end


@pytest.mark.timeout(600)
@pytest.mark.parametrize("many", [1_000, pytest.param(100_000, marks=pytest.mark.thorough)])
def test_what_is_used_and_what_is_credited_are_the_whole(many: int) -> None:
    random = Random(many)
    for _ in range(many):
        told(random)
