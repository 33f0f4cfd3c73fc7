"""Which failed request is tried again, and when. Pure.

https://docs.stripe.com/error-low-level#idempotency, https://docs.stripe.com/rate-limits
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ATTEMPTS = 8
"""How often one request is sent at most."""

BASE_SECONDS = 0.5
CAP_SECONDS = 16.0


@dataclass(frozen=True)
class Outcome:
    """How one attempt failed; status 0 is a connection that failed or was lost."""

    status: int
    code: str = ""
    headers: Mapping[str, str] | None = None
    """Names in lower case."""


def delay(attempt: int, outcome: Outcome, jitter: float) -> float | None:
    """Seconds to wait before the next attempt, or None to give up.

    `attempt` counts from 1; `jitter` is a random number in [0, 1).
    """
    if attempt >= ATTEMPTS or not _worthwhile(outcome):
        return None
    backoff = min(CAP_SECONDS, BASE_SECONDS * 2.0 ** (attempt - 1)) * (0.5 + jitter / 2)
    return max(backoff, _retry_after(outcome))


def _worthwhile(outcome: Outcome) -> bool:
    said = (outcome.headers or {}).get("stripe-should-retry", "")
    if said in ("true", "false"):
        return said == "true"
    return outcome.status in (0, 409, 429) or outcome.status >= 500


def _retry_after(outcome: Outcome) -> float:
    try:
        return min(60.0, max(0.0, float((outcome.headers or {}).get("retry-after", "0"))))
    except ValueError:
        return 0.0  # a date; our own backoff serves
