"""Faults on order: what a network or a busy Stripe does to a client, on chosen requests."""

from __future__ import annotations

import asyncio
import fnmatch
import random
import re
from dataclasses import dataclass, field
from typing import Any

from stripe_local.wire.errors import invalid
from stripe_local.wire.params import Bool, Dec, Enum, Int, MapOf, Number, Obj, Param, Params, Str


class _Anything(Param):
    """JSON of any shape."""

    def parse(self, raw: Any, path: str) -> Any:
        """The value itself."""
        return raw


class _Headers(MapOf):
    """Headers that can be sent."""

    def __init__(self) -> None:
        super().__init__(Str(clearable=True))

    def convert(self, raw: Any, path: str) -> dict[str, Any]:
        """As `Param.convert`."""
        headers = super().convert(raw, path)
        for name, value in headers.items():
            if not _NAME.match(name) or not _VALUE.match(value or ""):
                raise invalid(f"Invalid header {name!r}: {value!r} cannot be sent.", f"{path}[{name}]")
        return headers


# https://www.rfc-editor.org/rfc/rfc9110#section-5
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*\Z")

PARAMS = Params(
    match=Obj({"method": Str(10), "path": Str(), "nth": Int(minimum=1), "first_attempt": Bool()}),
    times=Int(minimum=1, clearable=True),
    status=Int(minimum=200, maximum=599),
    body=_Anything(),
    headers=_Headers(),
    after_work=Bool(),
    lose_connection=Enum("before_work", "after_work"),
    hold=Enum("before_work", "after_work"),
    delay=Number(minimum=0, maximum=86400),
    probability=Dec(minimum=0, maximum=1),
    seed=Int(),
)


@dataclass
class Fault:
    """One order. `remaining` is None for an endless fault; `skip` matching requests pass before it begins."""

    number: int
    order: dict[str, Any]
    method: str
    path: str
    remaining: int | None
    skip: int
    probability: float
    random: random.Random = field(repr=False)
    first_attempt: bool
    fired: int = 0
    called_off: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def public(self) -> dict[str, Any]:
        """The fault as `/_local/faults` shows it."""
        return {"number": self.number, **self.order, "remaining": self.remaining, "fired": self.fired}

    def matches(self, method: str, path: str, first_attempt: bool) -> bool:
        """Whether the fault is about this request. A path without a wildcard is a prefix."""
        if self.first_attempt and not first_attempt:
            return False
        if self.method not in ("*", method.upper()):
            return False
        if any(character in self.path for character in "*?["):
            return fnmatch.fnmatchcase(path, self.path)
        return path.startswith(self.path)

    @property
    def status(self) -> int | None:
        """The status to answer with, or None."""
        status: int | None = self.order.get("status")
        return status

    @property
    def headers(self) -> dict[str, str]:
        """Headers to answer with."""
        return {name: value or "" for name, value in self.order.get("headers", {}).items()}

    @property
    def body(self) -> Any:
        """The JSON to answer with: the one ordered, or Stripe's envelope for the status."""
        if "body" in self.order:
            return self.order["body"]
        if self.status == 429:
            return {"error": {"code": "rate_limit", "message": "Fault: rate limited.", "type": "invalid_request_error"}}
        kind = "api_error" if (self.status or 0) >= 500 else "invalid_request_error"
        return {"error": {"message": f"Fault: status {self.status}.", "type": kind}}

    @property
    def after_work(self) -> bool:
        """Whether the status is answered after the work was done."""
        return bool(self.order.get("after_work"))

    @property
    def lose_connection(self) -> str | None:
        """`before_work`, `after_work` or None."""
        when: str | None = self.order.get("lose_connection")
        return when

    @property
    def hold(self) -> str | None:
        """`before_work`, `after_work` or None: where requests wait until the fault is called off."""
        when: str | None = self.order.get("hold")
        return when

    @property
    def delay(self) -> float:
        """Seconds to wait before the work."""
        return float(self.order.get("delay", 0))

    def describe(self) -> str:
        """In a few words, for the list of requests."""
        parts = []
        if self.hold:
            parts.append(f"held {self.hold.replace('_', ' ')}")
        if self.delay:
            parts.append(f"delay {self.delay:g} s")
        if self.lose_connection:
            parts.append(f"connection lost {self.lose_connection.replace('_', ' ')}")
        if self.status is not None:
            parts.append(f"status {self.status}{' after work' if self.after_work else ''}")
        return ", ".join(parts)


class Faults:
    """The faults on order, oldest first; the first that fires is the one that a request meets."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._count = 0
        self._attempted: set[str] = set()

    def add(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Order a fault. Raises StripeError when the order is malformed."""
        params = PARAMS.parse(raw, "")
        match = params.get("match", {})
        self._count += 1
        probability = params.get("probability")
        # A storm goes on until it is called off; any other fault strikes once unless told otherwise.
        times = params.get("times", 1 if probability is None else None)
        fault = Fault(
            number=self._count,
            order={name: value for name, value in raw.items() if name != "times"},
            method=(match.get("method") or "*").upper(),
            path=match.get("path") or "/",
            remaining=times,
            skip=match.get("nth", 1) - 1,
            probability=1.0 if probability is None else float(probability),
            random=random.Random(params.get("seed", 0)),
            first_attempt=match.get("first_attempt", False),
        )
        fault.order |= {name: params[name] for name in ("status", "delay", "after_work") if name in params}
        self._faults.append(fault)
        return fault.public()

    def list(self) -> list[dict[str, Any]]:
        """All faults, including those that are used up."""
        return [fault.public() for fault in self._faults]

    def clear(self) -> None:
        """Call all faults off; requests that one of them holds go on. Only for the event loop's thread."""
        for fault in self._faults:
            fault.called_off.set()
        self._faults.clear()
        self._attempted.clear()

    def strike(self, method: str, path: str, attempt: str) -> Fault | None:
        """The fault that this request meets, which is counted. A request that is sent again has the same `attempt`."""
        first_attempt = attempt not in self._attempted
        if any(fault.first_attempt for fault in self._faults):
            self._attempted.add(attempt)
        for fault in self._faults:
            if fault.remaining == 0 or not fault.matches(method, path, first_attempt):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.random.random() >= fault.probability:
                continue
            fault.fired += 1
            if fault.remaining is not None:
                fault.remaining -= 1
            return fault
        return None
