"""API keys: what they give access to, and Stripe's words for those that are invalid.

https://docs.stripe.com/keys. A key is never stored nor logged; the fingerprint that counts its requests is a hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from .errors import StripeError, unauthorized

_KEY = re.compile(r"(sk|rk)_(test|live)_[A-Za-z0-9_]+\Z")


@dataclass(frozen=True)
class Caller:
    """Who sends a request: the mode of the key, and a hash of the key."""

    livemode: bool
    fingerprint: str


def authenticate(authorization: str | None) -> Caller:
    """The caller named by an Authorization header, `Bearer KEY` or `Basic base64(KEY:)`. Raises a 401."""
    key = _key(authorization)
    if not key:
        raise unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
            "https://stripe.com/docs/api#authentication for details, or we can help at "
            "https://support.stripe.com/."
        )
    if key.startswith("pk_"):
        raise StripeError(
            "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a "
            "list of your API keys at https://dashboard.stripe.com/account/apikeys.",
            status=401,
            code="secret_key_required",
        )
    match = _KEY.match(key)
    if match is None:
        raise unauthorized(f"Invalid API Key provided: {_masked(key)}")
    return Caller(match.group(2) == "live", hashlib.sha256(key.encode()).hexdigest()[:16])


def _key(authorization: str | None) -> str:
    scheme, _, value = (authorization or "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except ValueError:
            return ""
    return ""


def _masked(key: str) -> str:
    """The key with all but its prefix and last four characters starred."""
    if len(key) <= 8:
        return "*" * len(key)
    kept = re.match(r"[a-z]{2}_(test|live)_", key)
    prefix = kept.group(0) if kept else key[:2]
    hidden = max(len(key) - len(prefix) - 4, 0)
    return prefix + "*" * hidden + key[len(prefix) + hidden :]
