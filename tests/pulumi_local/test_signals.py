"""Signals to a command at various moments, and a reader of its output that goes away: no lock stays, and nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from pulumi_local.errors import Signalled
from pulumi_local.state.backend import lock
from tests.pulumi_local.shop import TYPE, Shop
from tests.pulumi_local.test_terminal import Terminal

SIGNALS = [signal.SIGHUP, *(pytest.param(number, marks=pytest.mark.thorough) for number in (signal.SIGINT, signal.SIGTERM))]
NAMES = {signal.SIGINT: "^C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}
HANGS = "import os, pathlib, time\npathlib.Path({here!r}).touch()\ntime.sleep(600)\n"
UP = ("up", "--yes", "--skip-preview")


def locks(shop: Shop) -> list[Path]:
    return list((shop.backend / ".pulumi" / "locks").rglob("*.json"))


def until_there(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.02)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    text = process.communicate(timeout=60)[0]
    assert "Traceback" not in text
    return process.returncode, text


@pytest.mark.parametrize("number", SIGNALS)
def test_at_the_question(dev: Shop, number: signal.Signals) -> None:
    dev.wants({"a": {"size": 1}})
    terminal = Terminal(dev, "up")
    terminal.until("[yes/no/details] ")
    assert locks(dev)
    if number == signal.SIGINT:
        terminal.interrupt()
    else:
        terminal.process.send_signal(number)
    code, text = terminal.end()
    if number == signal.SIGINT:
        assert (code, "error: confirmation cancelled, not proceeding with the update: interrupt\n" in text) == (1, True)
    else:
        assert (code, f"error: {NAMES[number]} received; not proceeding with the update\n" in text) == (128 + number, True)
    assert (locks(dev), dev.live()) == ([], {})


@pytest.mark.parametrize("number", SIGNALS)
def test_while_the_program_starts(dev: Shop, tmp_path: Path, number: signal.Signals) -> None:
    here = tmp_path / "here"
    (dev.folder / "__main__.py").write_text(HANGS.format(here=str(here)))
    process = dev.start(*UP)
    until_there(here)
    process.send_signal(number)
    code, text = ended(process)
    assert code == 1
    assert f"{NAMES[number]} received; cancelling." in text
    assert "error: update canceled" in text
    assert locks(dev) == []
    assert "pending_operations" not in dev.state()


@pytest.mark.parametrize("number", SIGNALS[:2])
def test_during_steps(dev: Shop, tmp_path: Path, number: signal.Signals) -> None:
    go = tmp_path / "go"
    dev.wants({"a": {}, "b": {"wait": str(go)}, "c": {}, "options": {"b": {"depends_on": ["a"]}, "c": {"depends_on": ["b"]}}})
    process = dev.start(*UP)
    dev.wait_for_objects(2)
    process.send_signal(number)
    assert process.stdout is not None
    text = ""
    while "received; cancelling" not in text:
        text += process.stdout.readline()
    go.touch()
    code, rest = ended(process)
    assert (code, "    + 3 created" in rest, "error: update canceled" in rest) == (1, True, True)
    assert locks(dev) == []
    state = dev.state()
    assert sorted(r["id"] for r in state["resources"] if r["type"] == TYPE) == ["shelf-1", "shelf-2"] == sorted(dev.live())
    assert "pending_operations" not in state


def test_a_terminal_that_goes_away_during_steps(dev: Shop, tmp_path: Path) -> None:
    go = tmp_path / "go"
    dev.wants({"a": {"wait": str(go)}, "b": {}, "options": {"b": {"depends_on": ["a"]}}})
    terminal = Terminal(dev, *UP)
    dev.wait_for_objects(1)
    os.close(terminal.master)
    time.sleep(0.5)  # what follows holds either way; this gives the hang-up the time to be first
    go.touch()
    assert terminal.process.wait(60) == 1
    assert locks(dev) == []
    assert [r["id"] for r in dev.state()["resources"] if r["type"] == TYPE] == ["shelf-1"] == sorted(dev.live())


@pytest.mark.parametrize("number", SIGNALS)
def test_while_a_policy_pack_starts(dev: Shop, tmp_path: Path, number: signal.Signals) -> None:
    here = tmp_path / "here"
    process = dev.start(*UP, "--policy-pack", pack(tmp_path, HANGS.format(here=str(here))))
    until_there(here)
    process.send_signal(number)
    code, text = ended(process)
    assert code == 128 + number
    assert text.endswith(f"error: {NAMES[number]} received; the update had not begun\n")
    assert (locks(dev), dev.live()) == ([], {})


@pytest.mark.thorough
def test_two_signals_while_a_policy_thinks(dev: Shop, tmp_path: Path) -> None:
    here = tmp_path / "here"
    judge = "def judge(args, report):\n    " + HANGS.format(here=str(here)).replace("\n", "\n    ")
    policy = "from pulumi_policy import *\n" + judge + "\nPolicyPack('slow', [ResourceValidationPolicy('p', 'd', judge)])\n"
    dev.wants({"a": {}})
    process = dev.start(*UP, "--policy-pack", pack(tmp_path, policy))
    until_there(here)
    for _ in range(2):
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)  # two that arrive together are one
    code, text = ended(process)
    assert (code, text.endswith("error: update cancelled\n")) == (8, True)
    assert (locks(dev), dev.live()) == ([], {})


def pack(folder: Path, main: str) -> str:
    made = folder / "slow-pack"
    made.mkdir()
    (made / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (made / "__main__.py").write_text(main)
    return str(made)


@pytest.mark.parametrize("after", [0.6, *(pytest.param(after, marks=pytest.mark.thorough) for after in (0.2, 0.4, 0.8, 1.0))])
def test_while_a_stack_is_made(shop: Shop, after: float) -> None:
    process = shop.start("stack", "init", "dev")
    time.sleep(after)  # whichever moment this is, what follows has to hold
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    code = process.returncode
    assert code in (0, 1, 128 + signal.SIGINT, -signal.SIGINT)  # 1: the interpreter itself was just starting
    assert locks(shop) == []
    if code == 0 or "dev" in shop.ok("stack", "ls").out:
        shop.ok("up", "--yes", "--skip-preview", "--stack", "dev")
    else:
        shop.ok("stack", "init", "dev")


def test_at_every_line_of_taking_and_releasing_a_lock(tmp_path: Path) -> None:
    """A signal raises between any two lines: the trace function raises in its stead, at one more line each time."""
    held = lock.StackLock(tmp_path / "locks", "file:///locks/{name}")
    at = 0
    while True:
        at += 1
        raised = True
        try:
            _interrupted(held, at)
        except Signalled:
            pass
        else:
            raised = False
        assert [p.name for p in tmp_path.rglob("*.json")] == [], f"at line event {at}"
        if not raised:
            break
    assert at > 15


def _interrupted(held: lock.StackLock, at: int) -> None:
    lines = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal lines
        if frame.f_code.co_filename != lock.__file__:
            return None
        if event == "line":
            lines += 1
            if lines == at:
                raise Signalled(signal.SIGINT)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with held.held():
            pass
    finally:
        sys.settrace(before)


@pytest.fixture
def slow(dev: Shop, tmp_path: Path) -> Iterator[Shop]:
    """A shop whose first shelf takes until the test is over, or "go" is there."""
    dev.wants({"a": {"wait": str(tmp_path / "go")}, "b": {}, "options": {"b": {"depends_on": ["a"]}}})
    yield dev
    (tmp_path / "go").touch()


@pytest.mark.parametrize(
    "flags", [(), *(pytest.param((flag,), marks=pytest.mark.thorough) for flag in ("--json", "--diff"))], ids=lambda f: "".join(f)
)
def test_a_reader_that_goes_away(slow: Shop, tmp_path: Path, flags: tuple[str, ...]) -> None:
    process = subprocess.Popen(
        [*slow.cli, *UP, *flags],
        cwd=slow.folder,
        env=slow.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    slow.wait_for_objects(1)
    process.stdout.close()
    (tmp_path / "go").touch()
    assert process.stderr is not None
    with process.stderr:
        said = process.stderr.read()
    assert process.wait(60) == 1
    assert "error: the output cannot be written (Broken pipe): the update was cancelled; resources changed: " in said
    assert locks(slow) == []
    assert [r["id"] for r in slow.state()["resources"] if r["type"] == TYPE] == sorted(slow.live())
