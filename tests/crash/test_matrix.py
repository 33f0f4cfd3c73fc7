"""Kill -9 around every request of every kind of change: one more run, and all is as if nothing had happened."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.crash.catalogue import assert_exactly, made
from tests.crash.conftest import Scene
from tests.crash.crash import crash
from tests.crash.points import CHANGES, POINTS, Change, Point, chosen
from tests.crash.rig import ABSENT, ONE_CHECKPOINT
from tests.e2e.project import written
from tests.sampling import spread

SAMPLES = {"local": 5, "cli": 4, ONE_CHECKPOINT: 4}

pytestmark = [pytest.mark.timeout(300), pytest.mark.thorough]


def points() -> list[object]:
    """Pairs of an engine and a point. CRASH says how many on the local engine, or on that of CRASH_ENGINE alone."""
    only = os.environ.get("CRASH_ENGINE")
    return [
        pytest.param(engine, point, id=f"{engine}-{point}", marks=() if engine == "local" else ABSENT)
        for engine, sample in SAMPLES.items()
        if only in (None, engine)
        for point in (chosen(POINTS, sample) if engine in ("local", only) else spread(POINTS, sample))
    ]


@pytest.mark.parametrize(("engine", "point"), points())
def test_after_a_crash_one_more_run_makes_everything_right(
    engine: str, point: Point, scene: Callable[[str, bool], Scene], record_property: Callable[[str, object], None]
) -> None:
    record_property("counted: kill points", 1)
    change = CHANGES[point.change]
    at = scene(engine, change.deployed)
    at.rig.program(change.after.program)
    command = crash(point, at.server, lambda: at.begin(change.command))
    if point.victim in ("stripe", "connection"):
        assert command.wait() == 0, command.text  # what fails in passing is tried again
    if engine == "local":  # the CLI shows that of the program, which the SDK prints when a registration fails
        assert "Traceback" not in command.text

    at.make_right(change)


@pytest.mark.parametrize("change", CHANGES.values(), ids=lambda c: c.name)
def test_the_points_are_at_all_requests(change: Change, scene: Callable[[str, bool], Scene]) -> None:
    at = scene("local", change.deployed)
    at.rig.program(change.after.program)
    command = at.begin(change.command)
    assert command.wait() == 0, command.text
    assert numbered(at.server.requests()) == sorted(r for r in change.requests if not r.startswith("GET"))
    assert_exactly(change.objects(), at.rig, at.server)
    assert made(at.server) == change.made


def numbered(requests: list[dict[str, Any]]) -> list[str]:
    """The requests that change something, as points name them, sorted: `POST /v1/prices/* 2` is the second change of a price."""
    seen: Counter[str] = Counter()
    for request in written(requests):
        path = re.sub(r"/(cus|mtr|price|prod|sub)_\w+", "/*", request["path"])
        seen[f"{request['method']} {path}"] += 1
    return sorted(f"{request} {nth}" for request, times in seen.items() for nth in range(1, times + 1))
