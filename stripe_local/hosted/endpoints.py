"""The hosted pages' addresses, their files, and what their buttons do.

As with the page at `/`, none of this is recorded among the requests to Stripe's API, or struck by faults.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_local.control.endpoints import Endpoint, enveloped, json_body
from stripe_local.control.page_files import HEADERS, Files
from stripe_local.resources.billing import portal_sessions
from stripe_local.serving.server import Server
from stripe_local.store.kinds import INVOICE, PAYMENT_INTENT
from stripe_local.store.objects import Body
from stripe_local.wire.operation import Context
from stripe_local.wire.params import Bool, Enum, Int, Params, Str

from . import acting, reading

FOLDER = Path(__file__).parents[1] / "hosted_page"

_PAY = Params(payment_method=Str(required=True))
_AUTHENTICATE = Params(succeeds=Bool(required=True))
_ACT = Params(
    action=Enum("cancel", "card", "change", "details", "keep", required=True),
    email=Str(512),
    name=Str(256),
    payment_method=Str(clearable=False),
    price=Str(clearable=False),
    quantity=Int(minimum=0),
    subscription=Str(clearable=False),
)

Shown = Callable[[Context, str], Body]
Act = Callable[[Context, str, dict[str, Any]], Body | None]


def _pay(context: Context, id: str, params: dict[str, Any]) -> Body:
    failure, where = acting.pay(context, id, params["payment_method"])
    return {"trouble": None if failure is None or where else failure.message, "redirect": where}


def _authenticate(context: Context, id: str, params: dict[str, Any]) -> Body:
    back = reading.intent(context, id)["return_url"]
    acting.authenticate(context, id, succeeds=params["succeeds"])
    return {"redirect": back}


def _act(context: Context, id: str, params: dict[str, Any]) -> None:
    acting.act(context, id, params)


def routes(server: Server) -> list[Route]:
    """The routes of the pages."""
    files = Files(FOLDER)

    def endpoint(kind: str, shown: Shown, params: Params, act: Act) -> Endpoint:
        async def answer(request: Request) -> Response:
            id = request.path_params["id"]
            scope = await server.found(kind, id)
            done: Body = {}
            if request.method == "POST":
                wanted = params.parse(await json_body(request), "")
                done = await server.change(scope, lambda context: act(context, id, wanted) or {}, id)
            read = await server.reading(lambda connection: shown(server.context(connection, scope, path={"id": id}), id))
            return JSONResponse({**read, **done}, headers=HEADERS)

        return enveloped(server, answer)

    both = ["GET", "POST"]
    return [
        Route("/i/{id}", enveloped(server, files.page)),
        Route("/p/session/{id}", enveloped(server, files.page)),
        Route("/authenticate/{id}", enveloped(server, files.page)),
        Route("/_local/hosted/i/{id}", endpoint(INVOICE, reading.invoice, _PAY, _pay), methods=both),
        Route("/_local/hosted/p/session/{id}", endpoint(portal_sessions.KIND, reading.portal, _ACT, _act), methods=both),
        Route(
            "/_local/hosted/authenticate/{id}",
            endpoint(PAYMENT_INTENT, reading.intent, _AUTHENTICATE, _authenticate),
            methods=both,
        ),
        Route("/_local/hosted_page/{name}", enveloped(server, files.file)),
    ]
