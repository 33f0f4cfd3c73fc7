"""The parent of all forks: imports what they need, and forks one for each command that a client sends.

    python -m tests.forks.parent SOCKET

Ends, and its forks with it, when its standard input is closed. It starts no thread, and of gRPC nothing but its import.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
import importlib
import io
import locale
import marshal
import os
import runpy
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import yaml

from pulumi_local.state import secrets

ROOT = Path(__file__).parents[2]
IMPORTED = (
    *("dill", "grpc", "stripe", "cryptography.hazmat.primitives.ciphers.aead"),
    *("pulumi", "pulumi.dynamic", "pulumi.metadata", "pulumi.runtime._serialization", "pulumi.runtime._grpc_settings"),
    *("pulumi_local.cli", "pulumi_local.cli.operations", "pulumi_local.cli.stacks", "pulumi_local.cli.states"),
    *("pulumi_local.display", "pulumi_local.engine", "stripe_resources", "stripe_resources.register"),
)
"""What the engine, a program, and the provider host import first."""


class Forks:
    """Those that run."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(64)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(0, selectors.EVENT_READ)
        self._running: dict[int, int] = {}
        """The pids of forks, by the descriptors that tell of their ends."""

    def serve(self) -> list[str]:
        """Forks as long as anybody may ask for it. Returns in each fork, with its command."""
        while True:
            key, _ = self._selector.select()[0]  # one at a time: each may be the end of the others
            if key.fileobj == 0:
                for pid in self._running.values():
                    os.kill(pid, signal.SIGKILL)
                os._exit(0)
            elif key.fileobj is self._listener:
                command = self._fork(self._listener.accept()[0])
                if command is not None:
                    return command
            elif key.fd in self._running:
                self._ended(key.fd, *key.data)
            else:  # the client is gone: nobody waits for its fork any more
                self._selector.unregister(key.fileobj)
                os.kill(key.data, signal.SIGKILL)

    def _fork(self, client: socket.socket) -> list[str] | None:
        length, files, _, _ = socket.recv_fds(client, 4, 3)
        size = int.from_bytes(length, "big")
        data = client.recv(size, socket.MSG_WAITALL)
        if not data or len(data) < size:  # the client was killed while it asked
            for each in files:
                os.close(each)
            client.close()
            return None
        asking, arguments, folder, environment = marshal.loads(data)
        place = Path(f"{self._path}.{asking}")
        pid = os.fork()
        if pid == 0:
            place.symlink_to(str(os.getpid()))  # it is known before it does anything
            self._leave()
            client.close()
            _become(files, folder, environment, unbuffered=arguments[0] == "-u")
            return list(arguments[arguments[0] == "-u" :])
        for each in files:
            os.close(each)
        end = os.pidfd_open(pid)
        self._running[end] = pid
        self._selector.register(end, selectors.EVENT_READ, (client, place))
        self._selector.register(client, selectors.EVENT_READ, pid)
        self._tell(client, pid)
        return None

    def _ended(self, end: int, client: socket.socket, place: Path) -> None:
        _, status = os.waitpid(self._running.pop(end), 0)
        place.unlink(missing_ok=True)  # it may have been killed at once
        self._selector.unregister(end)
        os.close(end)
        if client.fileno() in self._selector.get_map():
            self._selector.unregister(client)
        self._tell(client, status)
        client.close()

    def _tell(self, client: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError):  # it may have been killed
            client.sendall(number.to_bytes(4, "big"))

    def _leave(self) -> None:
        """A fork has nothing to do with the others."""
        for end in self._running:
            client, _ = self._selector.get_key(end).data
            client.close()
            os.close(end)
        self._selector.close()
        self._listener.close()


def _become(files: list[int], folder: str, environment: dict[str, str], *, unbuffered: bool) -> None:
    """Makes this fork what the client would be if it were Python."""
    os.setsid()
    for number, each in enumerate(files):
        os.dup2(each, number)
        os.close(each)
    os.chdir(folder)
    own = _path(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = [*_path(os.environ), *(each for each in sys.path[1:] if each not in own)]
    importlib.invalidate_caches()
    encoding = locale.getencoding()
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0)), encoding)
    sys.stdout = _output(1, encoding, "strict", unbuffered)
    sys.stderr = _output(2, encoding, "backslashreplace", unbuffered)


def _path(environment: Any) -> list[str]:
    return [os.path.abspath(each) for each in environment.get("PYTHONPATH", "").split(os.pathsep) if each]


def _output(number: int, encoding: str, errors: str, unbuffered: bool) -> io.TextIOWrapper:
    raw = io.FileIO(number, "w")
    file: Any = raw if unbuffered else io.BufferedWriter(raw)
    return io.TextIOWrapper(file, encoding, errors, line_buffering=number == 2, write_through=unbuffered)


def _derive_once() -> None:
    """The key of the stack's secrets is in each fork already: to derive it takes as long as all else that an engine does."""
    hashlib.pbkdf2_hmac = functools.cache(hashlib.pbkdf2_hmac)
    secrets.unlock("", yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["encryptionsalt"])


def main() -> None:
    for module in IMPORTED:
        importlib.import_module(module)
    _derive_once()
    forks = Forks(sys.argv[1])
    assert len(os.listdir("/proc/self/task")) == 1, "with threads there is no fork that is sound"
    gc.collect()
    gc.freeze()
    print("ready", flush=True)
    command = forks.serve()
    if command[0] == "-m":
        sys.argv = command[1:]
        sys.path.insert(0, os.getcwd())
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = command
        sys.path.insert(0, os.path.dirname(os.path.abspath(command[0])))
        runpy.run_path(command[0], run_name="__main__")


main()
