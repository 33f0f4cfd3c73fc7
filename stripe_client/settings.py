"""Which account is used, with which key: from configuration and environment. Pure, but for reading what it is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .reading import quoted

DEFAULT_API_BASE = "https://api.stripe.com"
LOCAL_KEY = "sk_test_local"
"""Used where the API base is on loopback and no key is given: the local Stripe takes any test key."""

GUARDED = ("Customer", "Subscription", "Price", "CreditGrant")
"""The kinds that somebody may be billed by, or may lose something with."""

KEYS = {
    "stripe:account": "the account (acct_…) that the key must belong to; by default any",
    "stripe:allowDelete": f"the kinds ({', '.join(GUARDED)}) that a live stack may delete although somebody is billed by "
    "them; by default none",
    "stripe:apiBase": "the API's address, by default Stripe's own; STRIPE_API_BASE wins",
    "stripe:apiKey": "the secret or restricted key; STRIPE_API_KEY wins",
    "stripe:livemode": '"true" for a stack that deploys to live mode, by default "false"',
    "stripe:requestsPerSecond": "the most requests a second that a provider process sends; by default Stripe's own limit, "
    "25 in test mode and 100 in live mode",
}
"""The settings of a stack: all that `load` asks for."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names of this machine, on which a local Stripe listens."""

TEST_REQUESTS_PER_SECOND = 25
LIVE_REQUESTS_PER_SECOND = 100
"""https://docs.stripe.com/rate-limits"""

_KEY = re.compile(r"(sk|rk)_(test|live)_\w+")


@dataclass(frozen=True)
class Settings:
    """A stack's settings. `problems` lists what is wrong with them; where there are any, no request may be sent."""

    api_key: str = field(repr=False)
    api_base: str
    livemode: bool
    account: str = ""
    requests_per_second: float = TEST_REQUESTS_PER_SECOND
    allow_delete: tuple[str, ...] = ()
    """The kinds that a live stack may retire although somebody is billed by them."""
    problems: tuple[str, ...] = ()


def load(config: Callable[[str], str | None], environment: Mapping[str, str]) -> Settings:
    """The settings of a stack; the environment wins over the configuration.

    `config` answers each of `KEYS` with a string (Pulumi carries no other values), or None.
    """
    api_base = (environment.get("STRIPE_API_BASE") or config("stripe:apiBase") or DEFAULT_API_BASE).rstrip("/")
    base_source = "STRIPE_API_BASE" if environment.get("STRIPE_API_BASE") else "stripe:apiBase"
    source = "STRIPE_API_KEY" if environment.get("STRIPE_API_KEY") else "stripe:apiKey"
    key = environment.get("STRIPE_API_KEY") or config("stripe:apiKey") or ""
    if not key and is_loopback(api_base):
        key = LOCAL_KEY
    livemode = (config("stripe:livemode") or "false").strip().lower()
    account = (config("stripe:account") or "").strip()
    rate = (config("stripe:requestsPerSecond") or "").strip()
    allowed = tuple(k.strip() for k in (config("stripe:allowDelete") or "").split(",") if k.strip())
    wrong_rate = _rate_problems(rate)
    problems = [
        *filter(None, [address_problem(api_base, base_source)]),
        *_livemode_problems(livemode),
        *_key_problems(key.strip(), source, livemode == "true"),
        *_account_problems(account),
        *wrong_rate,
        *_allow_delete_problems(allowed),
    ]
    default_rate = LIVE_REQUESTS_PER_SECOND if livemode == "true" else TEST_REQUESTS_PER_SECOND
    per_second = float(rate) if rate and not wrong_rate else default_rate
    return Settings(key.strip(), api_base, livemode == "true", account, per_second, allowed, tuple(problems))


def is_loopback(api_base: str) -> bool:
    """Whether the address is on this machine."""
    try:
        return urlsplit(api_base).hostname in LOOPBACK
    except ValueError:
        return False


def address_problem(api_base: str, source: str) -> str:
    """Why a key is not sent to the address that the setting or variable `source` names; usually nothing."""
    try:
        parts = urlsplit(api_base)
        _ = parts.port
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return f'{source}: "{quoted(api_base)}" is not an address; give one such as {DEFAULT_API_BASE}'
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        return f"{source}: {quoted(api_base)} would send the key over the network in clear; use https, or a loopback address"
    return ""


def _livemode_problems(livemode: str) -> list[str]:
    if livemode in ("true", "false"):
        return []
    return [
        f'stripe:livemode: "{quoted(livemode)}" is neither true nor false; set it with `pulumi config set stripe:livemode false`'
    ]


def _key_problems(key: str, source: str, livemode: bool) -> list[str]:
    """Says what is wrong with a key without showing any of it."""
    if not key:
        return ["stripe:apiKey is not set; set STRIPE_API_KEY, or `pulumi config set --secret stripe:apiKey`"]
    match = _KEY.fullmatch(key)
    if not match:
        return [
            f"{source} does not hold a secret or restricted key of an account (sk_test_…, rk_test_…, sk_live_…, rk_live_…); "
            "take one from https://dashboard.stripe.com/apikeys"
        ]
    if match.group(2) == "live" and not livemode:
        return [
            f"{source} holds a live key, but this stack is not a live one; use a test key, "
            "or say so with `pulumi config set stripe:livemode true`"
        ]
    if match.group(2) == "test" and livemode:
        return [f"{source} holds a test key, but this stack says `stripe:livemode: true`; use a live key"]
    return []


def _account_problems(account: str) -> list[str]:
    if not account or re.fullmatch(r"acct_\w+", account):
        return []
    return [f'stripe:account: "{quoted(account)}" is not an account id; give one such as acct_1A2b3C, or leave it out']


def _allow_delete_problems(kinds: tuple[str, ...]) -> list[str]:
    known = ", ".join(GUARDED)
    return [
        f'stripe:allowDelete: "{quoted(k)}" is not one of {known}; give these, separated by commas'
        for k in kinds
        if k not in GUARDED
    ]


def _rate_problems(rate: str) -> list[str]:
    if not rate or (re.fullmatch(r"\d+(\.\d+)?", rate) and float(rate) > 0):
        return []
    return [f'stripe:requestsPerSecond: "{quoted(rate)}" is not a number above 0; give one such as 25, or leave it out']
