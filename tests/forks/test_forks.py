"""What is forked is as what is started anew: what it gets, how it ends, how it dies, and what it makes of a history."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.crash.rig import Rig
from tests.forks import NO_FORKS, Forks
from tests.histories.accidents import Kill
from tests.histories.engines import EngineStack
from tests.histories.history import Edit, Lose, Step, Up, tell
from tests.histories.test_found import FLEXIBLE, PRICE, declared
from tests.stripe_local.server import LocalStripe

pytestmark = pytest.mark.skipif(NO_FORKS, reason="the parent of forks needs pidfd_open, which Linux has")

TELLING = """
import json, os, sys

told = {"arguments": sys.argv, "folder": os.getcwd(), "path": sys.path, "environment": dict(os.environ), "name": __name__,
        "session": os.getsid(0) == os.getpid(), "input": sys.stdin.read()}
print(json.dumps(told))
print("an error", file=sys.stderr)
sys.exit(7)
"""


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with Forks() as forks:
        yield forks


def run(python: Path | str, folder: Path, *arguments: str) -> tuple[dict[str, Any], str, int]:
    """What the program says of itself, what it has on standard error, and its exit code."""
    environment = {"A": "b", "PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder / "more")}
    done = subprocess.run(
        [str(python), *arguments],
        cwd=folder,
        env=environment,
        input="text",
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=60,
    )
    told = json.loads(done.stdout)
    for name in ("PWD", "SHLVL", "_", "OLDPWD"):  # a shell's
        told["environment"].pop(name, None)
    return told, done.stderr, done.returncode


@pytest.mark.parametrize(
    "arguments", [("telling.py", "one", "two"), ("-u", "telling.py"), ("-m", "telling", "-x"), ("-u", "-m", "telling")]
)
def test_a_fork_gets_what_a_new_process_gets(forks: Forks, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "telling.py").write_text(TELLING)
    forked, plain = run(forks.python, tmp_path, *arguments), run(sys.executable, tmp_path, *arguments)
    assert forked == plain
    assert plain[1:] == ("an error\n", 7)


def test_what_is_no_module_and_no_script_is_run_by_python_itself(forks: Forks, tmp_path: Path) -> None:
    forked = subprocess.run(
        [str(forks.python), "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True, check=True
    )
    assert forked.stdout == f"{sys.prefix}\n"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_end_of_a_fork_is_the_end_of_its_client(forks: Forks, tmp_path: Path, number: signal.Signals) -> None:
    client, fork = sleeping(forks, tmp_path)
    fork.send_signal(number)
    ends = {signal.SIGKILL: (-9,), signal.SIGTERM: (-15,), signal.SIGINT: (-2, 130)}
    assert client.wait(30) in ends[number]
    assert not fork.is_running()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_end_of_a_client_is_the_end_of_its_fork(forks: Forks, tmp_path: Path, number: signal.Signals) -> None:
    client, fork = sleeping(forks, tmp_path)
    client.send_signal(number)
    assert client.wait(30) == -number
    fork.wait(30)


def sleeping(forks: Forks, folder: Path) -> tuple[subprocess.Popen[bytes], psutil.Process]:
    """A client, and its fork, which does nothing."""
    (folder / "sleeping.py").write_text("import time\nprint('asleep', flush=True)\ntime.sleep(60)\n")
    client = subprocess.Popen([str(forks.python), "sleeping.py"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert client.stdout is not None
    with client.stdout as lines:
        assert lines.readline() == b"asleep\n"
    pid = forks.fork_of(client.pid)
    assert pid is not None
    return client, psutil.Process(pid)


HISTORY: list[Step] = [
    *declared(FLEXIBLE),
    Up(),
    Edit("Price/a", {**PRICE, "unit_amount": 2}),
    Up(Kill("POST", 2, "after_work")),
    Up(),
    Lose(),
    Up(),
]


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_a_history_sends_the_same_requests(
    forks: Forks, tmp_path_factory: pytest.TempPathFactory, shared_server: LocalStripe
) -> None:
    def requests(forks: Forks | None) -> Counter[tuple[str, str, int]]:
        shared_server.reset()
        rig = Rig("local", tmp_path_factory.mktemp("stack"), shared_server.url, forks=forks)
        tell(HISTORY, EngineStack(rig, shared_server), shared_server)
        sent = shared_server.requests()
        return Counter((r["method"], re.sub(r"_\w{14,}", "_…", r["path"]), r["status"]) for r in sent)

    assert requests(forks) == requests(None)


def test_a_client_that_is_killed_while_it_asks_takes_no_other_along(forks: Forks, tmp_path: Path) -> None:
    asking = socket.socket(socket.AF_UNIX)
    asking.connect(str(forks.socket))
    socket.send_fds(asking, [(1000).to_bytes(4, "big")], [0, 1, 2])
    asking.close()
    (tmp_path / "telling.py").write_text(TELLING)
    assert run(forks.python, tmp_path, "telling.py")[2] == 7
