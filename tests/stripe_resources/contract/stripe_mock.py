"""stripe-mock, Stripe's own checker of requests against its OpenAPI description. https://github.com/stripe/stripe-mock"""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

VERSION = "v0.203.0"
MODULE = f"github.com/stripe/stripe-mock@{VERSION}"
HOW_TO_GET_IT = f"there is no stripe-mock; get it with `go install {MODULE}` (Go: https://go.dev/dl/)"

_GO_SECONDS = 90
_START_SECONDS = 100.0
_LISTENING = re.compile(r"^Listening for HTTP at address: (\S+)$", re.MULTILINE)
_EXCHANGE = re.compile(
    r"^Request: (?P<method>[A-Z]+) (?P<path>\S+)$\n(?P<rest>(?:(?!^Request: [A-Z]).*\n)*?)^Response: .*status=(?P<status>\d+)$",
    re.MULTILINE,
)


class Exchange(NamedTuple):
    """One request, and how it was answered."""

    method: str
    path: str
    status: int


@functools.cache
def find() -> str | None:
    """The program: on PATH, where Go puts it, or installed now; None where there is no Go or it cannot download."""
    return shutil.which("stripe-mock") or _in_go_path() or _installed()


def _in_go_path() -> str | None:
    found = _go("env", "GOBIN", "GOPATH").splitlines()
    folders = [Path(found[0])] if found and found[0] else [Path(p) / "bin" for p in found[1:] if p]
    return next((str(f / "stripe-mock") for f in folders if (f / "stripe-mock").exists()), None)


def _installed() -> str | None:
    _go("install", MODULE)
    return _in_go_path()


def _go(*arguments: str) -> str:
    """What a command of Go prints; "" where it fails, takes too long, or there is no Go."""
    try:
        done = subprocess.run(["go", *arguments], capture_output=True, text=True, timeout=_GO_SECONDS, check=True)
    except (OSError, subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def description() -> dict[str, Any] | None:
    """Stripe's description of its API (OpenAPI), out of the module's source; None where the source cannot be had."""
    module = _go("mod", "download", "-json", MODULE)
    if not module:
        return None
    found: dict[str, Any] = json.loads((Path(json.loads(module)["Dir"]) / "embedded/openapi/spec3.json").read_text())
    return found


def strict_description(folder: Path) -> Path | None:
    """The description, made to refuse unknown parameters at every depth; None where it cannot be had.

    As it is, it refuses them at the top only.
    """
    found = description()
    if found is None:
        return None
    for path in found["paths"].values():
        for operation in path.values():
            _close(operation.get("requestBody"))
    strict = folder / "spec3.json"
    strict.write_text(json.dumps(found))
    return strict


def _close(schema: Any) -> None:
    if isinstance(schema, dict):
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
        for part in schema.values():
            _close(part)
    elif isinstance(schema, list):
        for part in schema:
            _close(part)


class StripeMock:
    """A running stripe-mock on free ports of loopback. It keeps no state: it only checks what it is sent.

    `strict` says whether it refuses unknown parameters at every depth, for which it takes Go (`go mod download`).
    """

    def __init__(self, program: str, folder: Path) -> None:
        self._log = folder / "stripe-mock.log"
        # Without an address for HTTPS it would listen on all interfaces.
        command = [program, "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0"]
        strict = strict_description(folder)
        self.strict = strict is not None
        if strict:
            command += ["-spec", str(strict)]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self.url = f"http://{self._address()}"

    def _address(self) -> str:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if found := _LISTENING.search(self._log.read_text()):
                return found.group(1)
            time.sleep(0.05)
        self._stop()
        raise RuntimeError(f"stripe-mock did not start: {self._log.read_text().strip()}")

    def exchanges(self) -> list[Exchange]:
        """All requests so far, in order."""
        found = _EXCHANGE.finditer(self._log.read_text())
        return [Exchange(m["method"], m["path"], int(m["status"])) for m in found]

    def __enter__(self) -> StripeMock:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    def _stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
