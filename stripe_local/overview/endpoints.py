"""The page at `/`, its files, and what it shows.

All of it is read past Stripe's API: watching is neither recorded nor struck by faults.
"""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_local.control.endpoints import account_of, enveloped, queried
from stripe_local.control.page_files import HEADERS, Files
from stripe_local.serving.server import Server
from stripe_local.store.ids import new_id
from stripe_local.wire.params import Bool, Enum, Params, Str

from .reading import SHOWN, Reading, Wish

FOLDER = Path(__file__).parents[1] / "page"

_WISH = Params(
    livemode=Bool(),
    customer=Str(clearable=True),
    subscription=Str(clearable=True),
    invoice=Str(clearable=True),
    window=Enum("day", "hour"),
    errors=Bool(),
)
# How often, in seconds, what time alone changes (the end of the chart, usage that counts after a lag) is looked at.
_PULSE = 60
_PULSE_WITH_LAG = 2


def routes(server: Server) -> list[Route]:
    """The routes of the page."""
    run = new_id("run")

    files = Files(FOLDER)

    async def overview(request: Request) -> Response:
        wish = Wish(**_WISH.parse(queried(request), ""))
        account = await account_of(server, request)
        if await server.caught_up(account):
            server.changed()
        pulse = account.clock.now() // (_PULSE_WITH_LAG if server.settings.event_lag else _PULSE)
        tag = f'"{run}-{server.changes}-{pulse}"'
        headers = {**HEADERS, "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)

        scope = account.scope(wish.livemode)
        read = await server.reading(lambda connection: Reading(server.context(connection, scope)).overview(wish))
        now = {"now": account.clock.now(), "offset": round(account.clock.offset)}
        requests = account.recorder.latest(SHOWN, errors=wish.errors)
        more = {"clock": now, "requests": requests, "faults": account.faults.list(), "accounts": server.accounts()}
        return JSONResponse({"run": run, **read, **more}, headers=headers)

    return [
        Route("/", enveloped(server, files.page)),
        Route("/_local/page/{name}", enveloped(server, files.file)),
        Route("/_local/overview", enveloped(server, overview)),
    ]
