"""The page at a Checkout session's address, its files, and its button.

As with the page at `/`, none of this is recorded among the requests to Stripe's API, or struck by faults.
"""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_local.control.endpoints import enveloped, json_body
from stripe_local.control.page_files import HEADERS, Files
from stripe_local.resources.checkout import sessions as checkout_sessions
from stripe_local.resources.payment_methods.payment_methods import CARDS
from stripe_local.serving.server import Server
from stripe_local.store.objects import Body
from stripe_local.wire.operation import Context
from stripe_local.wire.params import Enum, Params, Str

from .reading import back, shown

FOLDER = Path(__file__).parents[1] / "checkout_page"

_CODE = Params(promotion_code=Str(500))
_ANSWER = Params(email=Str(512), name=Str(256), payment_method=Enum(*CARDS, clearable=True))


def routes(server: Server) -> list[Route]:
    """The routes of the page."""
    files = Files(FOLDER)

    async def session(request: Request) -> Response:
        id = request.path_params["session"]
        scope = await server.found(checkout_sessions.KIND, id)
        if request.method == "POST":
            params = _ANSWER.parse(await json_body(request), "")
            answer = {name: params[name] for name in ("email", "name") if params.get(name)}

            def work(context: Context) -> Body:
                return checkout_sessions.complete(context, id, answer, params.get("payment_method"))

            done = await server.change(scope, work, id)
            return JSONResponse({"redirect": back(done["success_url"], id)}, headers=HEADERS)
        read = await server.reading(lambda connection: shown(server.context(connection, scope), id))
        return JSONResponse(read, headers=HEADERS)

    async def promotion_code(request: Request) -> Response:
        id = request.path_params["session"]
        code = _CODE.parse(await json_body(request), "").get("promotion_code")

        def work(context: Context) -> Body:
            checkout_sessions.redeem(context, id, code)
            return shown(context, id)

        changed = await server.change(await server.found(checkout_sessions.KIND, id), work, id)
        return JSONResponse(changed, headers=HEADERS)

    return [
        Route("/c/pay/{session}", enveloped(server, files.page)),
        Route("/_local/checkout/{session}", enveloped(server, session), methods=["GET", "POST"]),
        Route("/_local/checkout/{session}/promotion_code", enveloped(server, promotion_code), methods=["POST"]),
        Route("/_local/checkout_page/{name}", enveloped(server, files.file)),
    ]
