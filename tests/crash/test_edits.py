"""A crash, and before the next run somebody edits the program: no trace of what it said in between."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.crash.catalogue import BILL, Catalogue, assert_exactly, bill
from tests.crash.conftest import Scene
from tests.crash.crash import crash
from tests.crash.points import CHANGES, MOMENTS, Point, chosen

pytestmark = pytest.mark.timeout(300)

EDITED = {
    "create": Catalogue(amount=6, name="LLM tokens", customer_name="Jane Doe"),
    "price": Catalogue(amount=6),
    "event-name": Catalogue(event_name="tokens_v2", amount=6),
    "formula": Catalogue(formula="last"),
    "remove": Catalogue(amount=6),
}
"""What the program says after the crash of a change."""

POINTS = [
    Point(name, request, victim, moment)
    for name in EDITED
    for request in CHANGES[name].requests
    for victim in ("engine", "host")
    for moment in MOMENTS
]


@pytest.mark.thorough
@pytest.mark.parametrize("point", [pytest.param(point, id=str(point)) for point in chosen(POINTS, 1)])
def test_a_crash_and_then_the_program_says_something_else(
    point: Point, scene: Callable[[str, bool], Scene], record_property: Callable[[str, object], None]
) -> None:
    record_property("counted: kill points", 1)
    change = CHANGES[point.change]
    at = scene("local", change.deployed)
    at.rig.program(change.after.program)
    crash(point, at.server, lambda: at.begin(change.command))

    at.rig.unlock()
    if point.change == "remove":  # what was being retired is wanted again: docs/crashes.md asks for a refresh
        assert at.rig.refresh().code == 0
    edited = EDITED[point.change]
    at.rig.program(edited.program)
    up = at.rig.up()
    assert up.code == 0, up.text
    assert_exactly(edited.objects(), at.rig, at.server)
    if change.deployed:
        assert bill(at.server) == BILL, "usage is billed once"
