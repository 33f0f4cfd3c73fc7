"""Keeps other web sites away from what is not Stripe's API: the page at `/` and `/_local/`.

A site open in a browser on this machine can send requests to loopback, and can point its own name at loopback (DNS
rebinding). Programs send neither `Origin` nor `Sec-Fetch-Site`, and name the host that they connect to: they are not affected.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from stripe_local.wire import loopback
from stripe_local.wire.errors import StripeError

_SAFE = ("GET", "HEAD")


def check(request: Request) -> None:
    """Raise StripeError (403) for a request that a page of another site may have sent."""
    host = request.headers.get("host", "")
    if not _is_loopback(host):
        raise StripeError(
            f"The Host header is {host!r}: this is served under 127.0.0.1, localhost or [::1] only, so that other web sites "
            "cannot reach it under a name of their own.",
            status=403,
        )
    if request.method in _SAFE:
        return
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    foreign = origin if origin not in (None, f"http://{host}") else site if site not in (None, "same-origin", "none") else None
    if foreign is not None:
        raise StripeError(f"Refused: the request comes from a page of another site ({foreign}).", status=403)


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return name in loopback.NAMES
