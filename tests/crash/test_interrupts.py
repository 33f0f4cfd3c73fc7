"""Ctrl-C while a request is under way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.crash.catalogue import live_ids, state_ids
from tests.crash.conftest import Scene
from tests.crash.crash import wait_until, wait_until_held
from tests.crash.points import CHANGES, Point, chosen
from tests.crash.rig import RIG_PARAMS

pytestmark = pytest.mark.timeout(300)

UNDER_WAY = [
    Point(change, request, "engine", moment)
    for change, request in (
        ("create", "POST /v1/prices 1"),
        ("price", "POST /v1/subscriptions/* 1"),
        ("destroy", "DELETE /v1/subscriptions/* 1"),
    )
    for moment in ("before-work", "after-work")
]


INTERRUPTS = [(times, point) for times in (1, 2) for point in UNDER_WAY]


@pytest.mark.thorough
@pytest.mark.parametrize("engine", RIG_PARAMS)
@pytest.mark.parametrize(
    ("times", "point"),
    [
        pytest.param(times, point, id=f"{'twice' if times == 2 else 'once'}-{str(point).replace('-engine', '')}")
        for times, point in chosen(INTERRUPTS, 2)
    ],
)
def test_ctrl_c_loses_nothing(point: Point, times: int, engine: str, scene: Callable[[str, bool], Scene]) -> None:
    change = CHANGES[point.change]
    at = scene(engine, change.deployed)
    at.rig.program(change.after.program)
    at.server.fault(match=point.match, hold=point.moment.replace("-", "_"))
    command = at.begin(change.command)
    wait_until_held(at.server, command)
    command.interrupt()
    wait_until(lambda: "^C received; cancelling" in command.text, lambda: command.text)
    if times == 1:
        at.server.clear_faults()
        assert command.wait() != 0
        assert set(live_ids(at.server)) <= set(state_ids(at.rig)), "what was under way came to its end, and is in the state"
    else:
        command.interrupt()
        assert command.wait() != 0
        at.server.clear_faults()
    if engine == "local":  # the CLI shows that of the program, which the SDK prints when a registration fails
        assert "Traceback" not in command.text

    at.make_right(change)
