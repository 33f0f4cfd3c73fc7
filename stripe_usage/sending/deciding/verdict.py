"""What an answer to a request with events means. Pure. https://docs.stripe.com/api/errors, https://docs.stripe.com/error-codes"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from stripe_client.retry import passing


class Verdict(Enum):
    """What to do about an answer."""

    ACCEPTED = "accepted"
    """Stripe has the event; also where it had it before, which is what the identifier is for."""
    AGAIN = "again"
    """Nothing is known, or nothing was done: the same request once more, after a while."""
    RENEW = "renew"
    """The session has expired: the same request with a new one."""
    REFUSED = "refused"
    """This event, or this request, is wrong; the others may be right."""
    HALT = "halt"
    """No event of this import would be accepted: the key, the meter or the address is wrong."""


@dataclass(frozen=True)
class Answer:
    """An answer; status 0 means none. Header names are in lower case, or in any."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None
    """The JSON object that it is; None where it is none, as what a proxy says in Stripe's place."""
    cause: str = ""
    executed: bool = True
    """Whether the request may have been executed; False where it certainly was not."""
    before: bool = False
    """Whether an earlier attempt, whose answer was none, may have been."""

    @property
    def error(self) -> Mapping[str, Any]:
        """What Stripe says that is wrong; empty where it says nothing."""
        found = (self.body or {}).get("error")
        return found if isinstance(found, Mapping) else {}

    @property
    def message(self) -> str:
        """Why it failed, in Stripe's words."""
        text = str(self.error.get("message") or self.cause or f"status {self.status}, and no answer of Stripe's").rstrip(".")
        request = self.headers.get("request-id")
        return f"{text} ({request})" if request and self.status >= 500 else text

    @property
    def code(self) -> str:
        """Stripe's code, or nothing."""
        return str(self.error.get("code") or "")


def verdict(answer: Answer, confirms: Callable[[Mapping[str, Any]], bool]) -> Verdict:
    """What to do about an answer. `confirms` tells whether a body says that Stripe has what was sent, now or since before: a
    proxy can answer anything, with any status, while Stripe has nothing."""
    status = answer.status
    if 200 <= status < 300:
        return Verdict.ACCEPTED if answer.body is not None and confirms(answer.body) else Verdict.AGAIN
    if passing(status) or not answer.error:
        return Verdict.AGAIN
    if answer.code == "billing_meter_event_session_expired":
        return Verdict.RENEW
    if answer.code == "duplicate_meter_event" or answer.message.startswith("An event already exists with identifier"):
        return Verdict.ACCEPTED if confirms(answer.body or {}) else Verdict.AGAIN  # v1 says it without a code
    if status in (401, 403, 404) or answer.message.startswith("No active meter found") or answer.code == "archived_meter":
        return Verdict.HALT
    return Verdict.REFUSED if status in (400, 413, 422) else Verdict.HALT
