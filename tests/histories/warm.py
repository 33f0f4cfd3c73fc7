"""An interpreter whose processes begin with their imports done, which is most of what a short command costs.

A process that has imported everything is forked for each of them; the one that was asked for stays in its place: its end is the
end of the other, by whatever signal, and it ends as the other does. Run as a module: `python -m tests.histories.warm SOCKET`.
"""

from __future__ import annotations

import array
import contextlib
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.crash.crash import wait_until
from tests.stripe_local.server import ROOT

IMPORTED = (
    *("cryptography.hazmat.primitives.ciphers.aead", "google.rpc.status_pb2", "grpc.experimental", "pulumi.dynamic.dynamic"),
    *("pulumi_local.cli", "pulumi_local.display", "pulumi_local.engine.deployment", "stripe_resources.provider"),
)

PYTHON = """#!{python} -IS
import array, json, os, socket, sys

warm = socket.socket(socket.AF_UNIX)
warm.connect({address!r})
told = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()
warm.sendmsg([len(told).to_bytes(4, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
warm.sendall(told)
for fd in (0, 1, 2):
    os.close(fd)
os._exit(int(warm.recv(4) or b"1"))
"""


class Warm:
    """The process that has imported everything; `virtualenv` has the interpreter."""

    def __init__(self, folder: Path) -> None:
        self.virtualenv = folder / "venv"
        self._address = str(folder / "socket")

    def __enter__(self) -> Warm:
        python = self.virtualenv / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(PYTHON.format(python=sys.executable, address=self._address))
        python.chmod(0o755)
        command = [sys.executable, "-m", "tests.histories.warm", self._address]
        self._process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
        wait_until(lambda: os.path.exists(self._address), lambda: self._process.poll())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()


def _serve(address: str) -> list[str]:
    """Forks for each connection. Returns in the processes that were asked for, each with its arguments."""
    for name in IMPORTED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"{address}.new")
    server.listen(64)
    os.rename(f"{address}.new", address)
    while True:
        connection, _ = server.accept()
        if os.fork():
            connection.close()
            continue
        server.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        return _asked(connection)


def _asked(connection: socket.socket) -> list[str]:
    """The arguments, in the process that was asked for; this one waits for its end, and ends it when the other one is gone."""
    fds = array.array("i")
    size, ancillary, _, _ = connection.recvmsg(4, socket.CMSG_LEN(3 * fds.itemsize))
    fds.frombytes(ancillary[0][2])
    told = bytearray()
    while len(told) < int.from_bytes(size, "big"):
        told += connection.recv(1 << 16)
    arguments, environment, folder = json.loads(told)
    worker = os.fork()
    if worker:
        for fd in (0, 1, 2, *fds):
            os.close(fd)
        ended = os.pidfd_open(worker)
        if ended not in select.select([connection.fileno(), ended], [], [])[0]:
            os.kill(worker, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
        with contextlib.suppress(OSError):  # it is gone
            connection.sendall(str(code if code >= 0 else 128 - code).encode())
        os._exit(0)
    connection.close()
    for at, fd in enumerate(fds):
        os.dup2(fd, at)
        os.close(fd)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, write_through=True)  # type: ignore[union-attr]
    return list(arguments)


def _run(arguments: list[str]) -> Any:
    """As `python ARGUMENTS` does: a module, or a script."""
    if arguments[0] == "-u":
        arguments = arguments[1:]
    if arguments[0] == "-m":
        sys.argv, sys.path[0] = arguments[1:], os.getcwd()
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv, sys.path[0] = arguments, os.path.dirname(arguments[0])
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    _run(_serve(sys.argv[1]))
