"""Finding what answers a URL of Stripe's API, of which there are hundreds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

_FOUND = "stripe_local.route"


class Folders(BaseRoute):
    """Routes by their folder, such as `/v1/prices`, and how deep they are: Starlette by itself tries all, one after the other."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes: defaultdict[tuple[str, int], list[Route]] = defaultdict(list)
        for route in routes:
            self._routes[_folder(route.path)].append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As `BaseRoute.matches`."""
        best: tuple[Match, Scope] = (Match.NONE, {})
        for route in self._routes.get(_folder(scope["path"]), ()) if scope["type"] == "http" else ():
            match, child = route.matches(scope)
            if match.value > best[0].value:
                best = match, {**child, _FOUND: route}
            if match is Match.FULL:
                break
        return best

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As `BaseRoute.handle`."""
        await scope[_FOUND].handle(scope, receive, send)


def _folder(path: str) -> tuple[str, int]:
    return "/".join(path.split("/", 3)[:3]), path.count("/")
