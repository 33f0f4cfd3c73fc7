"""uvicorn's HTTP protocol, with a way to cut the connection, which ASGI does not have."""

from __future__ import annotations

import asyncio
from typing import Any

try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as _Protocol
except ImportError:  # without the C parser
    from uvicorn.protocols.http.h11_impl import H11Protocol as _Protocol  # type: ignore[assignment]


class _AbortableProtocol(_Protocol):
    """Puts `abort` into the state of every request of the connection."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, "abort": transport.abort}


def protocol() -> type[asyncio.Protocol]:
    """The protocol class for uvicorn's `http` setting."""
    return _AbortableProtocol
