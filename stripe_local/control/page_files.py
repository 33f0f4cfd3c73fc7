"""The files of a page, which come from one folder, with headers that let nothing else in."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class Files:
    """The files of a `folder`; the page itself is its index.html."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = {path.name for path in folder.iterdir() if path.suffix in TYPES}

    async def page(self, request: Request) -> Response:
        """The page."""
        return self._read("index.html")

    async def file(self, request: Request) -> Response:
        """The file that the path's `name` says."""
        name = request.path_params["name"]
        return self._read(name) if name in self._names else Response("There is no such file.", 404, HEADERS, "text/plain")

    def _read(self, name: str) -> Response:
        path = self._folder / name
        return Response(path.read_bytes(), headers={**HEADERS, "Content-Type": TYPES[path.suffix]})
