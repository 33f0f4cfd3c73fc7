"""The application of examples/shop as a process, and the road by which events come to it, on which things happen."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from tests.clients.installing import NPM_INSTALL, install, need

SHOP = Path(__file__).parents[2] / "examples" / "shop"
FILES = {"node": "app.mjs", "python": "app.py"}

REFUSED, LOST = "refused", "lost"
"""What happens to an event: it does not come through, or its answer does not come back."""

_START_SECONDS = 60.0
# Less than what the local Stripe waits for an answer.
_ANSWER_SECONDS = 4.5


def command(language: str) -> tuple[list[str], Path]:
    """What starts the application, and in which folder. Skips where Node or its packages are not to be had."""
    if language == "python":
        return [sys.executable, FILES[language]], SHOP
    node, npm = need("node", "install Node.js 20 or later"), need("npm", "install npm")
    sources = [SHOP / "package.json", SHOP / FILES[language]]
    return [node, FILES[language]], install("shop", sources, [npm, *NPM_INSTALL], "node_modules/stripe/package.json")


class App:
    """Starts the application on entering, and kills it on leaving. What it writes to stderr is in `log`."""

    def __init__(self, language: str, folder: Path, settings: Mapping[str, str]) -> None:
        self._command, self._cwd = command(language)
        self._environment = {**os.environ, **settings, "DATABASE": str(folder / "shop.db"), "PORT": "0"}
        self.log = folder / "shop.log"
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Starts it, the second time at the same address."""
        with self.log.open("a") as log:
            process = subprocess.Popen(
                self._command, cwd=self._cwd, env=self._environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self._process = process
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
        line = process.stdout.readline() if readable else ""
        assert "ready on " in line, self.log.read_text()
        self.url = line.split("ready on ")[1].strip()
        self._environment["PORT"] = self.url.rsplit(":", 1)[1]

    def kill(self) -> None:
        """As a crash would (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def __enter__(self) -> App:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()


@dataclass(frozen=True)
class Arrival:
    """An event that came: which, and what Stripe was told of it."""

    event: str
    status: int

    @property
    def was_taken(self) -> bool:
        return 200 <= self.status < 300


class Road:
    """Where Stripe sends events: on to the application at `leads_to`, but for what `happens` to the nth one that is new."""

    def __init__(self, happens: Callable[[int], str | None]) -> None:
        self.arrivals: list[Arrival] = []
        self._seen: set[str] = set()
        self._happens = happens
        self.leads_to = ""
        road = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(road._told(body, self.headers["Stripe-Signature"]))
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhook"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _told(self, body: bytes, signature: str) -> int:
        """What Stripe is told of an event."""
        event = json.loads(body)
        is_new = event["id"] not in self._seen
        what = self._happens(len(self._seen)) if is_new else None
        self._seen.add(event["id"])
        status = 503 if what == REFUSED else self._passed_on(body, signature)
        if what == LOST:
            status = 504
        self.arrivals.append(Arrival(event["id"], status))
        return status

    def _passed_on(self, body: bytes, signature: str) -> int:
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        try:
            return httpx.post(f"{self.leads_to}/webhook", content=body, headers=headers, timeout=_ANSWER_SECONDS).status_code
        except httpx.HTTPError:
            return 502
