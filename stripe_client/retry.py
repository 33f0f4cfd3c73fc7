"""Which failed request is tried again, and when. Pure.

https://docs.stripe.com/error-low-level#idempotency, https://docs.stripe.com/rate-limits
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

TURNED_AWAY = (409, 429)
"""Too many requests, or another one has the object: nothing was executed."""

FAULTS = 8
"""How often one request is sent at most while answers are missing, server errors or conflicts."""

PATIENCE_SECONDS = 300.0
"""How long one request waits at most, all its retries together. A 429 is bounded by this alone: nothing was executed, and in a
storm of 20 % even eight of them in a row come up now and then among thousands of requests."""

BASE_SECONDS = 0.5
CAP_SECONDS = 16.0
RETRY_AFTER_CAP_SECONDS = 60.0


@dataclass(frozen=True)
class Outcome:
    """How one attempt failed; status 0 is a connection that failed or was lost."""

    status: int
    code: str = ""
    headers: Mapping[str, str] | None = None
    """Names in lower case."""
    final: bool = False
    """No retry can help: the certificate is not Stripe's, for instance."""

    @property
    def limited(self) -> bool:
        """Turned away unexecuted: too many requests, or (`lock_timeout`) another one had the object."""
        return self.status == 429

    @property
    def too_fast(self) -> bool:
        """Too many requests from all of us together. `lock_timeout` is a 429 too, but concerns one object."""
        return self.limited and self.code != "lock_timeout"

    @property
    def retry_after(self) -> float:
        """The seconds that Stripe asks to wait, at most 60; 0 where it does not say."""
        try:
            return min(RETRY_AFTER_CAP_SECONDS, max(0.0, float((self.headers or {}).get("retry-after", "0"))))
        except ValueError:
            return 0.0  # a date; our own backoff will do


@dataclass(frozen=True)
class Tries:
    """How one request has fared so far."""

    faults: int = 0
    limited: int = 0
    waited: float = 0.0
    """Seconds that `delay` asked for."""

    def failed(self, outcome: Outcome) -> Tries:
        """One more attempt failed."""
        return replace(self, limited=self.limited + 1) if outcome.limited else replace(self, faults=self.faults + 1)

    def after(self, seconds: float) -> Tries:
        """The next attempt was waited for."""
        return replace(self, waited=self.waited + seconds)

    @property
    def attempts(self) -> int:
        """How often the request was sent, where all attempts failed."""
        return self.faults + self.limited


def delay(tries: Tries, outcome: Outcome, jitter: float) -> float | None:
    """Seconds to wait before the next attempt, or None to give up.

    `tries` include the attempt that ended in `outcome`; `jitter` is a random number in [0, 1).
    """
    if not _worthwhile(outcome) or tries.faults >= FAULTS:
        return None
    backoff = min(CAP_SECONDS, BASE_SECONDS * 2.0 ** min(tries.attempts - 1, 10)) * (0.5 + jitter / 2)
    wait = max(backoff, outcome.retry_after)
    return wait if tries.waited + wait <= PATIENCE_SECONDS else None


def _worthwhile(outcome: Outcome) -> bool:
    if outcome.final:
        return False
    headers = outcome.headers or {}
    said = headers.get("stripe-should-retry", "")
    if said in ("true", "false"):
        return said == "true"
    if headers.get("idempotent-replayed") == "true":
        return False  # Stripe keeps this answer for the idempotency key, a 500 too: it will not change
    return passing(outcome.status)


def passing(status: int) -> bool:
    """Whether the same request may be answered otherwise in a while; status 0 is no answer."""
    return status in (0, *TURNED_AWAY) or status >= 500
