"""A Postgres of the tests' own, on loopback, with a password, under a user without rights."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "pg%pass@word"
USER = "billing"
_HOW = "there is no Postgres here to try it on: apt-get install postgresql (or put its initdb and postgres on PATH)"


class Postgres:
    """A server that runs. Each database is new."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._numbers = count(1)

    def address(self, database: str, password: str = PASSWORD) -> str:
        quoted = password.replace("%", "%25").replace("@", "%40")
        return f"postgresql://{USER}:{quoted}@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """The address of a new one."""
        import psycopg

        name = f"tests{next(self._numbers)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.address(name)


def _program(name: str) -> str | None:
    """Debian keeps them off PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return shutil.which(name) or (str(found[-1]) if found else None)


@contextmanager
def running() -> Iterator[Postgres]:
    """Skips the test where there is no Postgres, or no driver of it."""
    pytest.importorskip("psycopg", reason="the extra postgres is not installed: pip install 'pulumi-stripe-billing[postgres]'")
    initdb, server = _program("initdb"), _program("postgres")
    if initdb is None or server is None:
        pytest.skip(_HOW)
    # It refuses to run as root, and a folder of pytest's is for its owner alone.
    who: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="tests-postgres-"))
    try:
        if who:
            shutil.chown(folder, who["user"])
        password = folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        options = ("--auth=scram-sha-256", f"--username={USER}", f"--pwfile={password}", "--encoding=UTF8", "--no-sync")
        subprocess.run([initdb, "-D", folder / "data", *options], check=True, capture_output=True, cwd=folder, **who)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off"}
        # It ends with its standard input, so with the tests, however these end.
        script = '"$0" "$@" </dev/null & cat; kill -INT $!; wait $!'
        command = ["sh", "-c", script, server, "-D", folder / "data", *(f"--{name}={value}" for name, value in settings.items())]
        with open(folder / "log", "w") as log:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder, **who)
        try:
            while not _answers(port):
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.05)
            yield Postgres(port)
        finally:
            process.communicate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _answers(port: int) -> bool:
    import psycopg

    try:
        psycopg.connect(Postgres(port).address("postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
