"""What can go wrong, by what to do about it.

StripeError                anything below
├── ConfigurationError     a setting is wrong; nothing was sent
├── NotAllowed             a live stack needs permission for this; nothing was changed
├── Refused                Stripe answered, and said no
└── Unreachable            no answer; what happened at Stripe is not known
"""

from __future__ import annotations

RUN_AGAIN = "Run it again: a request that was carried out is recognised, not repeated."
NOBODY_LISTENS = (
    "Nothing listens there: start the local Stripe (`make up`, `stripe-project up`, or `python -m stripe_local`, with that port "
    "as `--port`), or correct stripe:apiBase or STRIPE_API_BASE."
)


class StripeError(Exception):
    """One readable line; never contains an API key."""


class ConfigurationError(StripeError):
    """A setting is wrong; nothing was sent."""


class NotAllowed(StripeError):
    """A live stack needs permission for this; nothing was changed."""


class Refused(StripeError):
    """Stripe's answer to one request, after retries."""

    def __init__(
        self,
        request: str,
        status: int,
        message: str,
        *,
        type_: str = "",
        code: str = "",
        param: str = "",
        request_id: str = "",
        replayed: bool = False,
        attempts: int = 1,
    ) -> None:
        self.request, self.status, self.said = request, status, message
        self.type, self.code, self.param, self.request_id, self.replayed = (
            type_,
            code,
            param,
            request_id,
            replayed,
        )
        facts = [f"HTTP {status}", code and f"code {code}", param and f"parameter {param}", request_id]
        facts += [f"after {attempts} attempts"] if attempts > 1 else []
        super().__init__(f"{request}: Stripe said: {message} ({', '.join(f for f in facts if f)}). {self._remedy()}")

    @property
    def missing(self) -> bool:
        """The object itself is not there (and not something that it refers to)."""
        return self.status == 404

    def _remedy(self) -> str:
        if self.status == 401:
            return (
                "Check STRIPE_API_KEY, or `pulumi config set --secret stripe:apiKey`; "
                "refresh and destroy use the key of the last `up` unless STRIPE_API_KEY is set or --run-program is given."
            )
        if self.status == 403:
            return "Give the restricted key the permission that Stripe names, or use another key."
        if self.status == 404 or self.code in ("resource_missing", "invalid_canceled_subscription_fields"):
            return "It may have been deleted or cancelled outside: `pulumi refresh --run-program` shows what Stripe still has."
        if self.status == 429:
            return "Stripe is limiting requests: run it again in a minute; what was done is recorded."
        if self.status >= 500 or self.status == 409:
            return RUN_AGAIN
        return "Correct the program, and preview again."


class Unreachable(StripeError):
    """No answer, after retries."""

    def __init__(self, request: str, address: str, reason: str, attempts: int, remedy: str = RUN_AGAIN) -> None:
        times = "1 attempt" if attempts == 1 else f"{attempts} attempts"
        super().__init__(f"{request}: no answer from {address} in {times} ({reason}). {remedy}")
