"""On a terminal: the question before an update, and the tree that is redrawn in place."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.pulumi_local.shop import TYPE, Shop

SECONDS = 90
AROUND = """
import signal, subprocess, sys
inner = subprocess.Popen(sys.argv[1:])
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.exit(inner.wait())
"""


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, shop: Shop, *args: str) -> None:
        self.master, slave = pty.openpty()
        env = {**shop.env, "TERM": "xterm", "COLUMNS": "120", "LINES": "40", "NO_COLOR": "1"}
        env.pop("CI", None)
        self.process = subprocess.Popen(
            [*shop.cli, *args],
            cwd=shop.folder,
            env=env,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            close_fds=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that its Ctrl-C is one
        )
        os.close(slave)
        self.seen = ""

    def until(self, text: str) -> None:
        """Reads until the text turned up."""
        deadline = time.monotonic() + SECONDS
        while text not in self.seen:
            assert time.monotonic() < deadline, f"it never said {text!r}:\n{self.seen}"
            if not self._read():
                raise AssertionError(f"it ended without saying {text!r}:\n{self.seen}")

    def _read(self) -> bool:
        if not select.select([self.master], [], [], 1)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.seen += data.decode(errors="replace")
        return bool(data)

    def say(self, line: str) -> None:
        os.write(self.master, f"{line}\n".encode())

    def interrupt(self) -> None:
        """Ctrl-C: a signal to every process of the foreground process group."""
        os.write(self.master, b"\x03")

    def end(self) -> tuple[int, str]:
        """The exit code, and everything it said without control sequences."""
        while self._read():
            pass
        os.close(self.master)
        return self.process.wait(SECONDS), re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", self.seen).replace("\r", "")


def test_yes_after_the_details(dev: Shop) -> None:
    dev.wants({"a": {"size": 1}})
    terminal = Terminal(dev, "up")
    terminal.until("Do you want to perform this update? [yes/no/details] ")
    terminal.say("details")
    terminal.until(f"+ {TYPE}: (create)")
    terminal.until("[yes/no/details] ")
    terminal.say("yes")
    code, text = terminal.end()
    assert code == 0
    assert re.search(rf"\+  +└─ {re.escape(TYPE)} +a +created \(", text)
    assert "    + 2 created" in text
    assert len(dev.live()) == 1


@pytest.mark.parametrize("command", ["up", pytest.param("destroy", marks=pytest.mark.thorough)])
def test_no(dev: Shop, command: str) -> None:
    dev.wants({"a": {"size": 1}})
    if command != "up":
        dev.up()
        dev.wants({})
    before = dev.live()
    terminal = Terminal(dev, command)
    terminal.until("[yes/no/details] ")
    terminal.say("no")
    code, text = terminal.end()
    operation = "update" if command == "up" else command
    assert code == 1
    assert f"confirmation declined, not proceeding with the {operation}" in text
    assert dev.live() == before


def test_nobody_is_asked_with_non_interactive(dev: Shop) -> None:
    code, text = Terminal(dev, "up", "--non-interactive").end()
    assert code == 2
    assert "must be passed in to proceed when running in non-interactive mode" in text


def test_removal_asks_for_the_name(dev: Shop) -> None:
    terminal = Terminal(dev, "stack", "rm")
    terminal.until("by typing `dev`: ")
    terminal.say("prod")
    code, text = terminal.end()
    assert (code, "confirmation declined" in text) == (1, True)
    assert dev.run("stack", "ls").out.count("dev") == 1


@pytest.mark.parametrize("wrapped", [False, True], ids=["engine", "script around it"])
def test_ctrl_c_loses_nothing(dev: Shop, tmp_path: Path, wrapped: bool) -> None:
    go = tmp_path / "go"
    # The program goes on until it is ended: were it interrupted, it would say so.
    program = dev.folder / "__main__.py"
    program.write_text(program.read_text() + "\nimport asyncio\npulumi.export('never', asyncio.sleep(600))\n")
    dev.wants({"a": {"wait": str(go)}, "b": {"wait": str(go)}})
    if wrapped:
        # As `make` runs it: other processes are in the group, and get the signal, too.
        dev.cli = [sys.executable, "-c", AROUND, *dev.cli]
    terminal = Terminal(dev, "up", "--yes", "--skip-preview", "--parallel", "8")
    dev.wait_for_objects(2)
    terminal.interrupt()
    terminal.until("^C received; cancelling")
    go.touch()
    code, text = terminal.end()
    assert code == 1
    assert "error: update canceled" in text
    assert "KeyboardInterrupt" not in text
    assert "went away" not in text
    dev.cli = Shop(tmp_path).cli
    state = dev.state()
    assert sorted(r["id"] for r in state["resources"] if r["type"] == TYPE) == ["shelf-1", "shelf-2"] == sorted(dev.live())
    assert "pending_operations" not in state
    assert not list((dev.backend / ".pulumi" / "locks").rglob("*.json"))
