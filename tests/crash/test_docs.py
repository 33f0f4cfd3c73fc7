"""docs/crashes.md: what it says to type helps, and what it says cannot be helped is so."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.crash.catalogue import Catalogue, assert_exactly, in_use
from tests.crash.conftest import Scene
from tests.crash.crash import crash
from tests.crash.points import Point
from tests.crash.rig import ABSENT, ONE_CHECKPOINT
from tests.e2e.project import ENGINE_PARAMS, ROOT

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(300)]

PAGE = (ROOT / "docs" / "crashes.md").read_text()
COMMANDS = [line.partition("#")[0].split()[1:] for line in re.findall(r"^pulumi .*$", PAGE, re.MULTILINE)]


@pytest.mark.parametrize("engine", ENGINE_PARAMS)
def test_the_commands_of_the_page_leave_nothing_pending(engine: str, scene: Callable[[str, bool], Scene]) -> None:
    at = scene(engine, False)
    crash(Point("create", "POST /v1/prices 1", "engine", "after-work"), at.server, lambda: at.begin("up"))
    cancel, up, clear = COMMANDS
    assert "locked" in at.rig.run(*up, "--yes", "--stack", at.rig.stack).stdout
    for command in (cancel, [*up, "--yes", "--skip-preview"], [*clear, "--skip-preview"]):
        at.rig.run(*command, "--stack", at.rig.stack, check=True)
    again = at.rig.run("up", "--yes", "--skip-preview", "--stack", at.rig.stack, check=True)
    assert "pending operations" not in again.stdout
    assert_exactly(Catalogue().objects(), at.rig, at.server)


@pytest.mark.parametrize("engine", ENGINE_PARAMS)
def test_an_empty_file_beside_the_state_is_deleted(engine: str, scene: Callable[[str, bool], Scene]) -> None:
    at = scene(engine, True)
    beside = at.rig.folder / "state" / ".pulumi" / "stacks" / "hypernian" / "dev.json.attrs"
    beside.write_text("")
    export = at.rig.run("stack", "export", "--stack", at.rig.stack)
    if engine == "cli":
        assert (export.returncode != 0, export.stdout.strip()) == (True, "error: failed to load checkpoint: EOF")
    else:
        assert export.returncode == 0
    at.rig.mend()
    assert at.rig.preview("--expect-no-changes").code == 0


@ABSENT
def test_with_one_checkpoint_a_killed_run_leaves_the_state_from_before_it(scene: Callable[[str, bool], Scene]) -> None:
    at = scene(ONE_CHECKPOINT, False)
    before = at.rig.saved()
    crash(Point("create", "POST /v1/subscriptions 1", "engine", "after-work"), at.server, lambda: at.begin("up"))
    at.rig.unlock()
    assert in_use(at.server)["prices"]
    assert at.rig.saved() == before
    assert at.rig.up().code == 0
    assert_exactly(Catalogue().objects(), at.rig, at.server)


@pytest.mark.parametrize("engine", ENGINE_PARAMS)
def test_a_meter_edited_after_a_crash_is_refused_and_taken_over(engine: str, scene: Callable[[str, bool], Scene]) -> None:
    at = scene(engine, False)
    crash(Point("create", "POST /v1/billing/meters 1", "engine", "after-work"), at.server, lambda: at.begin("up"))
    at.rig.unlock()
    at.rig.edit('display_name="Tokens"', 'display_name="LLM tokens"')
    up = at.rig.up()
    assert up.code != 0
    assert 'event_name: "tokens" is counted by mtr_' in up.text
    assert "adopt=True" in up.text
    at.rig.edit('display_name="LLM tokens"', 'display_name="LLM tokens", adopt=True')
    assert at.rig.up().code == 0
    assert_exactly(Catalogue().objects(), at.rig, at.server)


@pytest.mark.parametrize("engine", ENGINE_PARAMS)
def test_a_program_that_is_put_back_wants_the_change_once_more(engine: str, scene: Callable[[str, bool], Scene]) -> None:
    at = scene(engine, True)
    at.rig.program(Catalogue(amount=5).program)
    crash(Point("price", "POST /v1/prices 1", "engine", "after-work"), at.server, lambda: at.begin("up"))
    at.rig.unlock()
    at.rig.program(Catalogue().program)
    assert at.rig.up().code == 0
    assert len(in_use(at.server)["prices"]) == 3, "nothing has changed as far as the state knows"
    for amount in (5, 4):
        at.rig.program(Catalogue(amount=amount).program)
        assert at.rig.up().code == 0
        assert_exactly(Catalogue(amount=amount).objects(), at.rig, at.server)
