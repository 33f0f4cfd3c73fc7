"""The ASGI application: which function answers which URL."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .checkout import endpoints as checkout
from .control import endpoints
from .hosted import endpoints as hosted
from .overview import endpoints as overview
from .resources import OPERATIONS
from .serving.exchange import exchange
from .serving.guard import Guard
from .serving.routing import Folders
from .serving.server import Server
from .wire.operation import Operation


def build(server: Server) -> Starlette:
    """The application that serves `server`."""

    def route(operation: Operation) -> Route:
        async def endpoint(request: Request) -> Response:
            return await exchange(server, operation, request)

        return Route(operation.path, endpoint, methods=[operation.method])

    async def unrecognized(request: Request, error: Exception) -> Response:
        return await exchange(server, None, request)

    app = Starlette(
        routes=[
            Folders(map(route, OPERATIONS)),
            *overview.routes(server),
            *checkout.routes(server),
            *hosted.routes(server),
            *endpoints.routes(server),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers={404: unrecognized, 405: unrecognized},
    )
    app.router.redirect_slashes = False  # an empty id is refused, not answered with a list
    return app
