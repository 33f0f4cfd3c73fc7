"""Keeps other web sites away: from Stripe's API, from `/_local/`, and from what the pages may do.

A site that is open in a browser on this machine can send requests to loopback, also forms to an address with a key in it, and can
point its own name at loopback (DNS rebinding). Programs send neither `Origin` nor `Sec-Fetch-Site`, and name the host that they
connect to: they are not affected.
"""

from __future__ import annotations

import contextlib
import re

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from stripe_local.wire import loopback
from stripe_local.wire.errors import StripeError
from stripe_local.wire.operation import version_of

_HEADERS = (b"host", b"origin", b"sec-fetch-site")
_SAFE = ("GET", "HEAD")
# Other sites may link to the pages: an application to its Checkout session.
_PAGES = re.compile(r"/\Z|/c/pay/")


class Guard:
    """The application, closed to pages of other sites: what they ask for is answered with 403, and is not even recorded."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        app = self._app
        try:
            _check(scope)
        except StripeError as refused:
            app = JSONResponse(refused.body(version_of(scope["path"])), refused.status)
        with contextlib.suppress(ClientDisconnect):  # before the request was whole: there is nobody to answer
            await app(scope, receive, send)


def _check(scope: Scope) -> None:
    """Raise StripeError (403) for a request that a page of another site may have sent."""
    # Of a header that comes twice the first one counts, hence backwards; a browser sends each once.
    headers = {name: value.decode("latin-1") for name, value in reversed(scope["headers"]) if name in _HEADERS}
    host = headers.get(b"host", "")
    if not loopback.is_at(f"//{host}"):
        raise StripeError(
            f"The Host header is {host!r}: this is served under 127.0.0.1, localhost or [::1] only, so that other web sites "
            "cannot reach it under a name of their own.",
            status=403,
        )
    if scope["method"] in _SAFE and _PAGES.match(scope["path"]):
        return
    origin, site = headers.get(b"origin"), headers.get(b"sec-fetch-site")
    foreign = origin if origin not in (None, f"http://{host}") else site if site not in (None, "same-origin", "none") else None
    if foreign is not None:
        raise StripeError(f"Refused: the request comes from a page of another site ({foreign}).", status=403)
