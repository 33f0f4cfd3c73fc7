"""A local Stripe for tests: a real `python -m stripe_local` process on a free port of loopback."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import stripe

ROOT = Path(__file__).resolve().parents[2]
TEST_KEY = "sk_test_local"
LIVE_KEY = "sk_live_local"

_START_SECONDS = 20.0


class LocalStripe:
    """Starts the server on entering and stops it on leaving.

        with LocalStripe() as server:
            server.client().v1.products.create({"name": "Hypernian"})
            server.requests()  # [{"method": "POST", "path": "/v1/products", ...}]

    `db` is the SQLite file (default: one that is gone afterwards). `kill()` is `kill -9`; `start()` starts it again on
    the same file and port. `latency` is in milliseconds, `event_lag` and `search_lag` in seconds, `rate_limit` in requests
    a second.
    """

    def __init__(
        self,
        db: Path | None = None,
        *,
        port: int = 0,
        latency: float = 0,
        rate_limit: float | None = None,
        event_lag: float = 0,
        search_lag: float = 0,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="stripe_local") if db is None else None
        self.db = Path(self._folder.name) / "stripe.db" if self._folder is not None else db
        self.port = port
        self._options = ["--latency", str(latency), "--event-lag", str(event_lag), "--search-lag", str(search_lag)]
        if rate_limit is not None:
            self._options += ["--rate-limit", str(rate_limit)]
        self.url = ""
        self.process: subprocess.Popen[str] | None = None
        self._http = httpx.Client(timeout=30)

    # The process

    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "stripe_local", "--port", str(self.port), "--db", str(self.db)),
            *self._options,
        ]

    def start(self) -> LocalStripe:
        process = self.process = subprocess.Popen(
            self.command(), cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
        line = process.stdout.readline() if readable else ""
        if "ready on " not in line:
            self.stop()
            raise RuntimeError(f"stripe_local did not start: {line!r}")
        self.url = line.split("ready on ")[1].strip()
        self.port = int(self.url.rsplit(":", 1)[1])
        return self

    def stop(self) -> int:
        """Ask it to end, and wait. Returns the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self._wait()

    def kill(self) -> int:
        """Kill it as a crash would (SIGKILL)."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        return self._wait()

    def _wait(self) -> int:
        process = self.process
        assert process is not None
        assert process.stdout is not None
        try:
            code = process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        process.stdout.close()
        self.process = None
        return code

    def __enter__(self) -> LocalStripe:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process is not None:
            self.stop()
        self._http.close()
        if self._folder is not None:
            self._folder.cleanup()

    # Talking to it

    def client(self, key: str = TEST_KEY, **options: Any) -> stripe.StripeClient:
        """Stripe's own client, pointed here."""
        stripe.enable_telemetry = False
        return stripe.StripeClient(key, base_addresses={"api": self.url}, **options)

    def http(self, method: str, path: str, *, key: str | None = TEST_KEY, **options: Any) -> httpx.Response:
        """A request without any client's help."""
        headers = dict(options.pop("headers", {}))
        if path.startswith("/v2/"):
            headers.setdefault("Stripe-Version", stripe.api_version)
        if key is not None:
            headers.setdefault("Authorization", f"Bearer {key}")
        return self._http.request(method, self.url + path, headers=headers, **options)

    def _local(self, method: str, path: str, **options: Any) -> Any:
        response = self._http.request(method, f"{self.url}/_local/{path}", **options)
        assert response.status_code == 200, response.text
        return response.json()

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """The requests to Stripe's API so far, in order; `since` is the number of the last one already seen."""
        found: list[dict[str, Any]] = self._local("GET", "requests", params={"since": since})["requests"]
        return found

    def forget_requests(self) -> None:
        self._local("DELETE", "requests")

    def stats(self) -> dict[str, Any]:
        """How requests came in since `clear_stats`: how many, how fast, how many at once, and how they were answered."""
        found: dict[str, Any] = self._local("GET", "stats")
        return found

    def clear_stats(self) -> None:
        self._local("DELETE", "stats")

    def fault(self, **order: Any) -> dict[str, Any]:
        """Order a fault, such as `fault(match={"path": "/v1/prices"}, times=2, status=503)`."""
        ordered: dict[str, Any] = self._local("POST", "faults", json=order)
        return ordered

    def faults(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._local("GET", "faults")["faults"]
        return found

    def clear_faults(self) -> None:
        self._local("DELETE", "faults")

    def change(self, id: str, *, livemode: bool = False, **fields: Any) -> dict[str, Any]:
        """Set fields of a stored object past the API, as the Dashboard, a schedule or a failed payment would."""
        changed: dict[str, Any] = self._local("POST", f"objects/{id}", params={"livemode": livemode}, json=fields)
        return changed

    def remove(self, id: str, *, livemode: bool = False) -> None:
        """Remove a stored object that no other names, so that the API does not find it any more."""
        self._local("DELETE", f"objects/{id}", params={"livemode": livemode})

    def clock(self, *, advance: float | None = None, set: float | None = None) -> int:
        """The server's time (Unix seconds), after moving it if asked to."""
        order = {name: value for name, value in (("advance", advance), ("set", set)) if value is not None}
        return int(self._local("POST", "clock", json=order)["now"] if order else self._local("GET", "clock")["now"])

    def reset(self) -> None:
        """Empty everything: objects of both modes, events, saved answers, requests, faults; real time again."""
        self._local("POST", "reset")
