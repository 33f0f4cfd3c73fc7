"""Ctrl-C, SIGTERM and SIGHUP: nothing stays locked, and one line says what was done."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stripe_project import children
from tests.docs.checkout import free_port
from tests.e2e.project import written
from tests.stripe_local.server import LocalStripe
from tests.stripe_project.conftest import Folder

SECONDS = 60
REST = "what is shown as done is done, and in the state; `stripe-project up` does the rest"


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)


def hold_the_price(server: LocalStripe) -> None:
    server.fault(match={"method": "POST", "path": "/v1/prices"}, hold="after_work")


def held(server: LocalStripe) -> bool:
    return any(r["held"] for r in server.requests())


def gone_on(folder: Folder) -> None:
    """What was begun is finished, the rest is not begun, and the next command does it."""
    assert folder.locks() == []
    assert not folder.deployment().get("pending_operations")
    assert {"tokens-monthly", "tokens", "john-doe"} <= {*folder.resources()}
    assert "john-doe-tokens" not in folder.resources()
    again = folder.run("up")
    assert (again.returncode, "+ 1 created" in again.stdout) == (0, True), again.stdout


@pytest.mark.thorough
def test_ctrl_c_on_a_terminal(folder: Folder, server: LocalStripe) -> None:
    hold_the_price(server)
    terminal = folder.on_terminal("up")
    until(lambda: held(server))
    terminal.interrupt()
    terminal.until("^C received; cancelling")
    server.clear_faults()
    code, text = terminal.end()
    assert code == 130
    assert text.endswith(f"\nInterrupted: {REST}.\n"), text
    gone_on(folder)


@pytest.mark.thorough
def test_ctrl_c_at_the_question(folder: Folder, server: LocalStripe) -> None:
    terminal = folder.on_terminal("up", "--stack", "staging")
    terminal.until("[yes/no/details] ")
    terminal.interrupt()
    code, text = terminal.end()
    assert code == 130
    assert "Traceback" not in text
    assert text.count("Interrupted: ") == 1
    assert folder.locks() == []
    assert written(server.requests()) == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, marks=pytest.mark.thorough),
        signal.SIGTERM,
        pytest.param(signal.SIGHUP, marks=pytest.mark.thorough),
    ],
)
def test_a_signal_to_the_whole_group_is_one_request_to_stop(folder: Folder, server: LocalStripe, number: signal.Signals) -> None:
    hold_the_price(server)
    process = folder.begin("up")
    until(lambda: held(server))
    os.killpg(process.pid, number)
    if number != signal.SIGINT:  # as of `timeout`, which tells its child besides
        os.kill(process.pid, number)
    time.sleep(0.5)  # nothing waits for this: were the engine to leave at once, it would do so now
    server.clear_faults()
    text, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 128 + number, text
    assert text.endswith(f"\nInterrupted: {REST}.\n"), text
    gone_on(folder)


@pytest.mark.thorough
def test_ctrl_c_in_a_preview(folder: Folder, server: LocalStripe) -> None:
    (folder.path / "__main__.py").write_text("import time\nopen('running', 'w').close()\ntime.sleep(60)\n")
    process = folder.begin("preview")
    until((folder.path / "running").exists)
    process.send_signal(signal.SIGINT)
    text, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert text.endswith("\nInterrupted: a preview changes nothing.\n"), text


def test_ctrl_c_while_the_local_stripe_starts(tmp_path: Path) -> None:
    port = free_port()
    folder = Folder(tmp_path, f"http://127.0.0.1:{port}")
    (tmp_path / ".local").mkdir()
    pid_file = tmp_path / ".local" / f"stripe-{port}.pid"
    with sqlite3.connect(tmp_path / ".local" / f"stripe-{port}.db", isolation_level=None) as db:
        db.execute("BEGIN EXCLUSIVE")  # for which it waits
        process = folder.begin("up")
        until(lambda: pid_file.exists() and pid_file.read_text())
        pid = int(pid_file.read_text())
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=SECONDS)
    db.close()
    assert (process.returncode, text) == (130, "\nInterrupted: nothing was changed at Stripe.\n")
    assert not pid_file.exists()
    assert not alive(pid)


AT_A_LINE = """
import os, signal, sys
from stripe_project import children, local_stripe
left = int(sys.argv[2])
def line(frame, event, argument):
    global left
    if event == "line":
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGINT)
    return line
children.listen()
sys.settrace(lambda frame, event, argument: line if frame.f_code is local_stripe.ensure.__code__ else None)
try:
    local_stripe.ensure(sys.argv[1])
except children.Stopped as e:
    sys.exit(children.report(e))
sys.exit(0 if left > 0 else 1)
"""


def test_ctrl_c_at_each_line_of_the_start(tmp_path: Path) -> None:
    """The local Stripe runs and `stripe-project stop` knows it, or there is none; the last round gets to the end undisturbed."""
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    at = f"http://127.0.0.1:{free_port()}"
    codes: list[int] = []
    while 0 not in codes:
        started = [sys.executable, "-c", AT_A_LINE, at, str(len(codes) + 1)]
        codes.append(subprocess.run(started, cwd=tmp_path, timeout=SECONDS, capture_output=True).returncode)
        found = list((tmp_path / ".local").glob("*.pid"))
        for path in found:
            pid = int(path.read_text())
            assert alive(pid), f"at line {len(codes)}"
            os.kill(pid, signal.SIGTERM)
            until(lambda pid=pid: not alive(pid))
            path.unlink()
        with socket.socket() as free:
            assert free.connect_ex(("127.0.0.1", int(at.rpartition(":")[2]))), f"at line {len(codes)} it runs, and nobody knows"
    assert set(codes) == {0, 130}
    assert len(codes) > 10


def test_an_installation_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    """While the release is fetched."""
    program = (
        "import sys\nfrom pathlib import Path\nfrom stripe_project import children, installer\n"
        "children.listen()\ntry:\n    installer.install('3.0.0', Path(sys.argv[1]), sys.argv[2], sys.argv[2])\n"
        "except children.Stopped as e:\n    sys.exit(children.report(e))\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-c", program, str(tmp_path / "home" / "cli"), address]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        until(lambda: any((tmp_path / "home").glob("cli-*")))
        process.send_signal(signal.SIGINT)
        _, text = process.communicate(timeout=SECONDS)
    assert (process.returncode, text) == (130, "\nInterrupted.\n")
    assert list((tmp_path / "home").iterdir()) == []


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_what_the_caller_ignores_stays_ignored(tmp_path: Path) -> None:
    """As `nohup` has it."""
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom stripe_project import children\n"
        "children.listen()\nos.kill(os.getpid(), signal.SIGHUP)\n"
        "command = ['sh', '-c', 'kill -HUP $PPID; kill -HUP $$; echo on']\n"
        "print(children.run(command, Path('.'), dict(os.environ)))\n"
    )
    done = subprocess.run(["nohup", sys.executable, "-c", program], capture_output=True, text=True, timeout=SECONDS)
    assert "Ended(code=0" in done.stdout, done.stderr


def test_a_program_that_is_killed_has_the_exit_code_that_shells_give_it(tmp_path: Path) -> None:
    ended = children.run(["sh", "-c", "kill -KILL $$"], tmp_path, dict(os.environ))
    assert (ended.code, ended.stopped) == (137, None)
