"""Tokens of meter event sessions, which the stream takes instead of an API key.

https://docs.stripe.com/api/v2/billing-meter-stream. A token states its account, its mode and when it expires, and is not stored:
like this server's API keys it proves nothing.
"""

from __future__ import annotations

import re
import secrets

from .auth import Caller, fingerprint
from .errors import StripeError, unauthorized

SESSION_SECONDS = 15 * 60

_TOKEN = re.compile(r"mes_token_(test|live)_([0-9]{1,18})_(acct_[A-Za-z0-9]+)_[0-9a-f]+\Z")


def new_token(account: str, livemode: bool, expires: int) -> str:
    """A token that is good until `expires` (Unix seconds)."""
    return f"mes_token_{'live' if livemode else 'test'}_{expires}_{account}_{secrets.token_hex(16)}"


def authenticate_session(authorization: str | None) -> Caller:
    """The caller named by `Bearer TOKEN`. Raises a 401 for anything that is not a token."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    match = _TOKEN.match(token.strip()) if scheme.lower() == "bearer" else None
    if match is None:
        raise no_token()
    return Caller(match.group(1) == "live", fingerprint(token), match.group(3), "", int(match.group(2)))


def no_token() -> StripeError:
    """401 for what is not a token."""
    return unauthorized("The meter event stream takes the authentication_token of a /v2/billing/meter_event_session as bearer.")


def expired() -> StripeError:
    """401 for a token that is over."""
    return StripeError(
        "The temporary session token has expired.",
        status=401,
        type="temporary_session_expired",
        code="billing_meter_event_session_expired",
    )
