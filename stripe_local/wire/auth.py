"""API keys: what they give access to, and Stripe's words for those that are invalid.

https://docs.stripe.com/keys. A secret key is the account of its name: `sk_test_mine` and `sk_live_mine` are its two modes.
A key is never stored nor logged; the fingerprint that counts its requests is a hash, and so is the id of its account.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from stripe_local.store.database import DEFAULT_ACCOUNT

from .errors import StripeError, unauthorized

_KEY = re.compile(r"(sk|rk)_(test|live)_([A-Za-z0-9_]+)\Z")
_DEFAULT = "local"
"""The name in the keys of the default account."""


@dataclass(frozen=True)
class Caller:
    """Who sends a request, as a key says it: the mode, a hash of the key, and an account.

    `account` is the one that a secret key names, unless the key was made for another; a restricted key names none. `shown` is the
    key as messages show it, `expires` (Unix seconds) when a token is over.
    """

    livemode: bool
    fingerprint: str
    account: str | None
    shown: str
    expires: int | None = None


def fingerprint(key: str) -> str:
    """A hash of a key, or of a token."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


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
    return caller(key)


def caller(key: str) -> Caller:
    """Who sends a request with that key. Raises a 401 where it is neither a secret nor a restricted one."""
    match = _KEY.match(key)
    if match is None:
        raise invalid_key(_masked(key))
    kind, mode, name = match.groups()
    return Caller(mode == "live", fingerprint(key), _account(name) if kind == "sk" else None, _masked(key))


def invalid_key(shown: str) -> StripeError:
    """401 for a key that opens nothing."""
    return unauthorized(f"Invalid API Key provided: {shown}")


def _account(name: str) -> str:
    # As long as Stripe's: acct_1 and 15 characters.
    return DEFAULT_ACCOUNT if name == _DEFAULT else f"acct_1{hashlib.sha256(name.encode()).hexdigest()[:15]}"


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
