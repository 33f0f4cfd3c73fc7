"""The endpoints under `/_local/`. They need no key, and are neither recorded nor slowed down."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_local.resources import OPERATIONS
from stripe_local.resources.billing import subscription_states
from stripe_local.serving.incoming import json_object, read
from stripe_local.serving.server import Server
from stripe_local.store.objects import Body
from stripe_local.wire.errors import StripeError, invalid
from stripe_local.wire.operation import Context
from stripe_local.wire.params import LATEST, Bool, Enum, Int, Number, Params

from . import stored

_CLOCK = Params(advance=Number(), set=Number())
_SINCE = Params(since=Int(minimum=0))
_LIVEMODE = Params(livemode=Bool())
_COLLECTION = Params(retries=Int(minimum=0, maximum=100), days=Int(minimum=1, maximum=365), then=Enum(*subscription_states.THEN))

Endpoint = Callable[[Request], Awaitable[Response]]


async def json_body(request: Request) -> dict[str, Any]:
    """The object that was sent. Raises StripeError."""
    return json_object(await read(request))


def _lines(name: str, entries: list[dict[str, Any]]) -> Response:
    """One entry on a line, for people who look at it in a terminal."""
    lines = ",\n".join(f"  {json.dumps(entry, ensure_ascii=False)}" for entry in entries)
    return Response(f'{{"{name}": [\n{lines}\n]}}\n', media_type="application/json")


def enveloped(server: Server, endpoint: Endpoint) -> Endpoint:
    """The endpoint with failures in Stripe's envelope; what it changes counts as a change."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except StripeError as error:
            return JSONResponse(error.body(), error.status)
        finally:
            if request.method not in ("GET", "HEAD"):
                server.changed()

    return answer


def routes(server: Server) -> list[Route]:
    """The routes under `/_local/`."""

    async def requests(request: Request) -> Response:
        if request.method == "DELETE":
            server.recorder.clear()
            return JSONResponse({"requests": []})
        since = _SINCE.parse(dict(request.query_params), "").get("since", 0)
        return _lines("requests", server.recorder.since(since))

    async def endpoints(request: Request) -> Response:
        return JSONResponse({"endpoints": [f"{operation.method} {operation.path}" for operation in OPERATIONS]})

    async def process(request: Request) -> Response:
        return JSONResponse({"pid": os.getpid(), "folder": str(Path.cwd())})

    async def stats(request: Request) -> Response:
        if request.method == "DELETE":
            server.stats.clear()
        return JSONResponse(server.stats.public())

    async def faults(request: Request) -> Response:
        if request.method == "POST":
            return JSONResponse(server.faults.add(await json_body(request)))
        if request.method == "DELETE":
            server.faults.clear()
        return JSONResponse({"faults": server.faults.list()})

    async def clock(request: Request) -> Response:
        if request.method == "POST":
            params = _CLOCK.parse(await json_body(request), "")
            if len(params) != 1:
                raise invalid("Send either `advance` (seconds) or `set` (Unix seconds).")
            offset = server.clock.offset + params.get("advance", 0)
            if "set" in params:
                offset += params["set"] - server.clock.precise()
            if not 0 <= time.time() + offset <= LATEST:
                raise invalid(f"The clock can show 0 to {LATEST} (Unix seconds).", *params)
            await server.writing(lambda connection: server.move_clock(connection, offset))
        return JSONResponse({"now": server.clock.now(), "offset": server.clock.offset})

    async def collection(request: Request) -> Response:
        livemode = _LIVEMODE.parse(dict(request.query_params), "").get("livemode", False)
        wanted = _COLLECTION.parse(await json_body(request), "") if request.method == "POST" else {}

        def work(context: Context) -> Body:
            return subscription_states.rule(context, wanted) if wanted else subscription_states.rules(context)

        return JSONResponse(await server.writing(lambda connection: server.change(connection, livemode, work)))

    async def objects(request: Request) -> Response:
        id, fields = request.path_params["id"], await json_body(request)
        livemode = _LIVEMODE.parse(dict(request.query_params), "").get("livemode", False)

        def work(context: Context) -> Body:
            return stored.remove(context, id) if request.method == "DELETE" else stored.change(context, id, fields)

        return JSONResponse(await server.writing(lambda connection: server.change(connection, livemode, work, id)))

    async def reset(request: Request) -> Response:
        server.faults.clear()
        await server.writing(server.reset)
        return JSONResponse({"reset": True})

    return [
        Route("/_local/requests", enveloped(server, requests), methods=["GET", "DELETE"]),
        Route("/_local/endpoints", enveloped(server, endpoints)),
        Route("/_local/process", enveloped(server, process)),
        Route("/_local/stats", enveloped(server, stats), methods=["GET", "DELETE"]),
        Route("/_local/faults", enveloped(server, faults), methods=["GET", "POST", "DELETE"]),
        Route("/_local/clock", enveloped(server, clock), methods=["GET", "POST"]),
        Route("/_local/collection", enveloped(server, collection), methods=["GET", "POST"]),
        Route("/_local/objects/{id}", enveloped(server, objects), methods=["POST", "DELETE"]),
        Route("/_local/reset", enveloped(server, reset), methods=["POST"]),
    ]
