"""Tokens of meter event sessions, which the stream takes instead of an API key.

https://docs.stripe.com/api/v2/billing-meter-stream. A token states its mode and when it expires, and is not stored: like this
server's API keys it proves nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets

from .auth import Caller
from .errors import StripeError, unauthorized

SESSION_SECONDS = 15 * 60

_TOKEN = re.compile(r"mes_token_(test|live)_([0-9]{1,18})_[0-9a-f]+\Z")


def new_token(livemode: bool, expires: int) -> str:
    """A token that is good until `expires` (Unix seconds)."""
    return f"mes_token_{'live' if livemode else 'test'}_{expires}_{secrets.token_hex(16)}"


def authenticate_session(authorization: str | None, now: int) -> Caller:
    """The caller named by `Bearer TOKEN`. Raises a 401 for anything that is not a token, or has expired."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    match = _TOKEN.match(token.strip()) if scheme.lower() == "bearer" else None
    if match is None:
        raise unauthorized(
            "The meter event stream takes the authentication_token of a /v2/billing/meter_event_session as bearer."
        )
    if now >= int(match.group(2)):
        raise StripeError(
            "The temporary session token has expired.",
            status=401,
            type="temporary_session_expired",
            code="billing_meter_event_session_expired",
        )
    return Caller(match.group(1) == "live", hashlib.sha256(token.encode()).hexdigest()[:16])
