"""`usage generate`: the same file for the same seed, and usage that looks like usage."""

from __future__ import annotations

import csv
import json
from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stripe_usage.events.generator import DAY, Model, generated
from stripe_usage.events.values import timestamp_of

from .running import Usage

START = 1793491200  # Sunday, 2026-11-01


@given(st.integers(0, 300), st.integers(1, 20), st.integers(1, 35), st.integers(0, 2**32))
def test_as_many_as_asked_for_in_order_and_in_time(events: int, customers: int, days: int, seed: int) -> None:
    ids, models = [f"c{n}" for n in range(customers)], [Model("a", 10), Model("b", 1000, 5)]
    made = list(generated(ids, models, START, days, events, seed))
    assert made == list(generated(ids, models, START, days, events, seed))
    assert len(made) == events
    assert all(a.timestamp <= b.timestamp for a, b in pairwise(made))
    assert all(START <= e.timestamp < START + days * DAY and e.value >= 1 for e in made)


def test_it_looks_like_usage() -> None:
    made = list(generated([f"c{n}" for n in range(100)], [Model("a", 1000)], START, 28, 20_000, 1))
    values = sorted(e.value for e in made)
    assert 900 < values[10_000] < 1100
    assert values[-1] > 20 * values[10_000]
    by_customer = Counter(e.customer for e in made).most_common()
    assert by_customer[0][1] > 10 * by_customer[50][1]
    hours, weekdays = Counter(e.timestamp % DAY // 3600 for e in made), Counter((e.timestamp // DAY + 3) % 7 for e in made)
    assert hours[10] > 5 * hours[3]
    assert weekdays[1] > 2 * weekdays[6]


def test_the_same_file_again(usage: Usage) -> None:
    options = ("generate", "--customers", "3", "--days", "2", "--start", "2026-11-01T00:00:00Z")
    first = usage.run(*options)
    assert first.code == 0
    assert first.out == usage.run(*options).out
    assert first.out != usage.run(*options, "--seed", "2").out
    rows = [json.loads(line) for line in first.out.splitlines()]
    assert len(rows) == 3 * 2 * 20
    assert usage.run(*options, "--out", "events.csv").code == 0
    with open("events.csv", newline="") as file:
        assert [(r["customer"], int(r["value"]), r["timestamp"], r["model"]) for r in csv.DictReader(file)] == [
            (r["customer"], r["value"], r["timestamp"], r["model"]) for r in rows
        ]
    assert timestamp_of(rows[0]["timestamp"]) >= START


def test_what_it_does_not_take(usage: Usage) -> None:
    for options, said in (
        (("--customers", "0"), "give 1 or more"),
        (("--customers", "none.txt"), "No such file"),
        (("--models", "a:b:c"), "is not a model"),
        (("--days", "0"), "too few"),
        (("--start", "noon"), "is not a time"),
        (("--start", "2026-11-01T00:30:00Z"), "not a whole hour"),
        (("--out", "none/x"), "give another --out"),
    ):
        ran = usage.run("generate", *options)
        assert (ran.code, said in ran.err) == (1, True), ran.err
