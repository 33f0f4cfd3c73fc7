"""A local Stripe for tests: a process of its own, on a free port of loopback."""

from __future__ import annotations

import json
import os
import secrets
import select
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

    import stripe

__all__ = ["LIVE_KEY", "TEST_KEY", "Account", "LocalStripe"]

TEST_KEY = "sk_test_local"
LIVE_KEY = "sk_live_local"

_START_SECONDS = 20.0
_ANSWER_SECONDS = 30.0


class Account:
    """One account of a local Stripe that runs at `url`: what has to do with its objects, its clock, its faults and requests.

    The secret key `key` names it: `sk_test_anything`. Without one it is a fresh account, with nothing in it.
    """

    def __init__(self, url: str, key: str | None = None) -> None:
        self.url = url
        self.key = key or f"sk_test_{secrets.token_hex(12)}"

    def client(self, key: str | None = None, **options: Any) -> stripe.StripeClient:
        """Stripe's own client, pointed here; `key` is another one than the account's."""
        import stripe

        stripe.enable_telemetry = False
        return stripe.StripeClient(key or self.key, base_addresses={"api": self.url}, **options)

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """The requests to Stripe's API so far, in order; `since` is the number of the last one already seen."""
        found: list[dict[str, Any]] = self._local("GET", "requests", {"since": since})["requests"]
        return found

    def forget_requests(self) -> None:
        """Empties the list of requests."""
        self._local("DELETE", "requests")

    def stats(self) -> dict[str, Any]:
        """How requests came in since `clear_stats`: how many, how fast, how many at once, and how they were answered."""
        found: dict[str, Any] = self._local("GET", "stats")
        return found

    def clear_stats(self) -> None:
        """Begins to count anew."""
        self._local("DELETE", "stats")

    def fault(self, **order: Any) -> dict[str, Any]:
        """Orders a fault, such as `fault(match={"path": "/v1/prices"}, times=2, status=503)`."""
        ordered: dict[str, Any] = self._local("POST", "faults", body=order)
        return ordered

    def faults(self) -> list[dict[str, Any]]:
        """The faults that are ordered."""
        found: list[dict[str, Any]] = self._local("GET", "faults")["faults"]
        return found

    def clear_faults(self) -> None:
        """Cancels all faults."""
        self._local("DELETE", "faults")

    def change(self, id: str, *, livemode: bool = False, **fields: Any) -> dict[str, Any]:
        """Sets fields of a stored object past the API, as the Dashboard, a schedule or a failed payment would."""
        changed: dict[str, Any] = self._local("POST", f"objects/{id}", {"livemode": livemode}, fields)
        return changed

    def remove(self, id: str, *, livemode: bool = False) -> None:
        """Removes a stored object that no other names, so that the API does not find it any more."""
        self._local("DELETE", f"objects/{id}", {"livemode": livemode})

    def clock(self, *, advance: float | None = None, set: float | None = None, timeout: float | None = None) -> int:
        """The server's time (Unix seconds), after moving it if asked to.

        That takes as long as all that the time makes due, such as the invoices of a year. `timeout` is how many seconds it may
        take (default: as many as it needs); after these it raises TimeoutError, and the server goes on.
        """
        order = {name: value for name, value in (("advance", advance), ("set", set)) if value is not None}
        if not order:
            return int(self._local("GET", "clock", timeout=timeout)["now"])
        return int(self._local("POST", "clock", body=order, timeout=timeout)["now"])

    def restricted_key(self, *permissions: str, key: str | None = None, livemode: bool = False) -> str:
        """Makes a key with these of Stripe's permissions: `restricted_key("product_write", "plan_read")`.

        `key` is what it is to be (default: made up); of one that there is, the permissions are changed. Raises RuntimeError for a
        word that is no permission.
        """
        return self._new_key(key, livemode, permissions)

    def secret_key(self, key: str | None = None, *, livemode: bool = False) -> str:
        """Makes another secret key of this account, such as the one that follows a key that is rolled."""
        return self._new_key(key, livemode, None)

    def _new_key(self, key: str | None, livemode: bool, permissions: Sequence[str] | None) -> str:
        order = {"key": key, "permissions": None if permissions is None else list(permissions), "livemode": livemode}
        made = self._local("POST", "keys", body={name: value for name, value in order.items() if value is not None})
        return str(made["key"])

    def reset(self) -> None:
        """Empties the account: objects of both modes, events, saved answers, requests, faults, keys; real time again."""
        self._local("POST", "reset")

    def _local(
        self,
        method: str,
        path: str,
        query: dict[str, Any] | None = None,
        body: Any = None,
        timeout: float | None = _ANSWER_SECONDS,
    ) -> Any:
        """What docs/local-stripe.md calls the server's own paths."""
        told = {k: str(v).lower() for k, v in (query or {}).items()}
        url = f"{self.url}/_local/{path}" + (f"?{urllib.parse.urlencode(told)}" if told else "")
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 (its own server)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as e:
            with e:
                raise RuntimeError(f"{method} {url}: {e.read().decode()}") from None


class LocalStripe(Account):
    """Starts the server on entering and stops it on leaving; itself the default account of it.

        with LocalStripe() as server:
            server.client().v1.products.create({"name": "Hypernian"})
            server.requests()  # [{"method": "POST", "path": "/v1/products", ...}]

    `db` is the SQLite file (default: one that is gone afterwards). `kill()` is `kill -9`; `start()` starts it again on
    the same file and port. `latency` is in milliseconds, `event_lag`, `search_lag`, `report_lag` and `advance_lag` in seconds,
    `rate_limit` in requests a second. Raises RuntimeError where the server does not start, or refuses what it is told.
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
        report_lag: float = 1,
        advance_lag: float = 0.5,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="stripe_local") if db is None else None
        self.db = Path(self._folder.name) / "stripe.db" if self._folder is not None else db
        self.port = port
        lags = {"--latency": latency, "--event-lag": event_lag, "--search-lag": search_lag}
        lags |= {"--report-lag": report_lag, "--advance-lag": advance_lag}
        self._options = [word for name, value in lags.items() for word in (name, str(value))]
        if rate_limit is not None:
            self._options += ["--rate-limit", str(rate_limit)]
        super().__init__("", TEST_KEY)
        self.process: subprocess.Popen[str] | None = None

    def account(self) -> Account:
        """A fresh account on this server, with nothing in it."""
        return Account(self.url)

    # The process

    def command(self) -> list[str]:
        """What starts the server."""
        return [
            *(sys.executable, "-m", "stripe_local", "--port", str(self.port), "--db", str(self.db)),
            *self._options,
        ]

    def start(self) -> Self:
        """Starts it, and waits until it answers."""
        process = self.process = subprocess.Popen(
            self.command(),
            cwd=Path(__file__).parents[1],  # the server's code is that of this file
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
        line = process.stdout.readline() if readable else ""
        if "ready on " not in line:
            code = self.stop()
            raise RuntimeError(f"stripe_local did not start (exit code {code}); what it wrote to standard error says why. {line}")
        self.url = line.split("ready on ")[1].strip()
        self.port = int(self.url.rsplit(":", 1)[1])
        return self

    def stop(self) -> int:
        """Asks it to end, and waits. Returns the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self._wait()

    def kill(self) -> int:
        """Kills it as a crash would (SIGKILL)."""
        assert self.process is not None
        self.process.kill()
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

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process is not None:
            self.stop()
        if self._folder is not None:
            self._folder.cleanup()
