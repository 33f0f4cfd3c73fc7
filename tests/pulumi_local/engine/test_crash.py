"""Interrupts, and kill -9 of the engine and of a provider host."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import threading

import pytest

from pulumi_local.interfaces import Cancellation, Deployment
from tests.pulumi_local.engine.lab import FileState, Lab
from tests.sampling import ALL, THOROUGH

ROOT = pathlib.Path(__file__).parents[3]
BEFORE = 'a = Box("a", fixed=1)\nBox("b", size=a.id)\nBox("gone")\nBox("first", first=True, fixed=1)\npulumi.export("x", 1)'
AFTER = (
    'a = Box("a", fixed=2)\nBox("b", size=a.id)\nBox("new", size=a.id)\nBox("first", first=True, fixed=2)\npulumi.export("x", 2)'
)
SAVES = 15
"""How often the second of these is saved. Each is a point at which everything could end."""

POINTS = [(save, when) for save in range(1, SAVES + 1) for when in ("before", "after")]
FEW = [(2, "before"), (7, "after"), (11, "before")] if THOROUGH else [(7, "after")]
CHOSEN = POINTS if ALL or os.environ.get("CRASH") == "all" else FEW
"""All of them with CRASH=all; each takes four runs."""


@pytest.mark.parametrize(("save", "when"), CHOSEN)
def test_killed_at_a_save(tmp_path: pathlib.Path, save: int, when: str) -> None:
    lab = Lab(tmp_path)
    lab.up(BEFORE)
    lab.write(AFTER)
    command = [sys.executable, "-m", "tests.pulumi_local.engine.crash", str(tmp_path), str(save), when]
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False).returncode
    assert code == -signal.SIGKILL
    # A create that was under way may have left an object that the state does not know; it says so.
    uncertain = {p["resource"]["urn"].rpartition("::")[2] for p in lab.deployment.get("pending_operations", [])}
    known = {r["id"] for r in lab.resources.values()}
    assert {i for i in lab.live if i not in known} <= {i for i in lab.live if i.rpartition("-")[0] in uncertain}
    assert lab.run().ok, lab.errors
    assert ("pending operations" in "".join(lab.diagnostics("warning"))) == bool(uncertain)
    resources = lab.resources
    assert sorted(resources) == ["a", "b", "first", "new"]
    assert {r["id"] for r in resources.values()} <= set(lab.live)
    assert lab.outputs == {"x": 2}
    assert set(lab.run(preview=True).changes) == {"same"}


def test_the_number_of_saves(lab: Lab) -> None:
    lab.up(BEFORE)
    before = lab.state.saves
    lab.up(AFTER)
    assert lab.state.saves - before >= SAVES


def test_one_interrupt_lets_the_call_end_and_starts_nothing_new(lab: Lab) -> None:
    cancellation = Cancellation()

    def interrupt() -> None:
        lab.wait_for("create b")
        cancellation.stop.set()
        # The program is not answered any more; only then may the call end.
        threading.Event().wait(0.3)
        lab.go()

    thread = threading.Thread(target=interrupt)
    thread.start()
    result = lab.run('a = Box("a")\nb = Box("b", hang="create", size=a.id)\nBox("c", size=b.id)', cancellation=cancellation)
    thread.join()
    assert not result.ok
    assert not result.cancelled
    assert lab.errors == ["update canceled"]
    assert lab.live == ["a-1", "b-1"]
    assert sorted(lab.resources) == ["a", "b"]
    assert "pending_operations" not in lab.deployment


def test_two_interrupts_leave_at_once(lab: Lab) -> None:
    cancellation = Cancellation()

    def interrupt() -> None:
        lab.wait_for("create b")
        cancellation.stop.set()
        cancellation.terminate.set()

    thread = threading.Thread(target=interrupt)
    thread.start()
    result = lab.run('a = Box("a")\nBox("b", hang="create", size=a.id)', cancellation=cancellation)
    thread.join()
    assert result.cancelled
    assert [p["type"] for p in lab.deployment["pending_operations"]] == ["creating"]
    assert list(lab.resources) == ["a"]
    # Pending creates stay recorded until somebody says that they are settled; other operations do not.
    lab.up('a = Box("a")\nBox("b", size=a.id)')
    assert "interrupted while creating" in lab.diagnostics("warning")[0]
    assert [p["type"] for p in lab.deployment["pending_operations"]] == ["creating"]


def test_a_provider_host_that_dies_is_a_readable_error(lab: Lab) -> None:
    (lab.project / "dies.py").write_text(
        "import os, sys\nfrom pulumi.dynamic import *\n"
        "class P(ResourceProvider):\n"
        "    serialize_as_secret_always = False\n"
        "    def create(self, props):\n"
        "        print('about to die', file=sys.stderr, flush=True)\n"
        "        os.kill(os.getpid(), 9)\n"
    )
    result = lab.run('from dies import P\nclass R(pulumi.dynamic.Resource): ...\nR(P(), "r", {})')
    assert not result.ok
    assert "went away during create" in lab.errors[0]
    assert "about to die" in lab.errors[0]
    assert "Traceback" not in lab.errors[0]


def test_a_provider_host_does_not_outlive_the_engine(tmp_path: pathlib.Path) -> None:
    lab = Lab(tmp_path)
    (lab.project / "tells.py").write_text(
        "import os, pathlib\nfrom pulumi.dynamic import *\n"
        "class P(ResourceProvider):\n"
        "    serialize_as_secret_always = False\n"
        "    def create(self, props):\n"
        f"        pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\n"
        "        return CreateResult('x', {})\n"
    )
    lab.write('from tells import P\nclass R(pulumi.dynamic.Resource): ...\nR(P(), "r", {})')
    command = [sys.executable, "-m", "tests.pulumi_local.engine.crash", str(tmp_path), "6", "before"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    pid = int((tmp_path / "pid").read_text())
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        threading.Event().wait(0.02)
    raise AssertionError(json.dumps({"still running": pid}))


class Full(FileState):
    """No room for more after so many saves."""

    def __init__(self, path: pathlib.Path, room: int) -> None:
        super().__init__(path)
        self.room = room

    def save(self, deployment: Deployment) -> None:
        if self.saves >= self.room:
            raise OSError(28, "No space left on device")
        super().save(deployment)


@pytest.mark.parametrize(("room", "live"), [(0, []), (4, []), (5, ["a-1"])])
def test_a_state_that_cannot_be_saved_ends_the_run(lab: Lab, room: int, live: list[str]) -> None:
    # Saves: the stack begins, is done; the provider, too; then the box begins: unrecorded, it is not even tried.
    lab.state = Full(lab.state.path, room)
    assert not lab.run('a = Box("a")\nBox("b", size=a.id)').ok
    assert lab.errors == ["the state could not be saved: [Errno 28] No space left on device", "update failed"]
    assert lab.live == live
    if room == 5:
        assert [p["type"] for p in lab.deployment["pending_operations"]] == ["creating"]
