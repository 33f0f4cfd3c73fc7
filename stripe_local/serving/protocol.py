"""uvicorn's HTTP protocol, with what it lacks: a way to cut a connection, and an end to waiting for the rest of a request."""

from __future__ import annotations

import asyncio
from typing import Any

try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as _Protocol
except ImportError:  # without the C parser
    from uvicorn.protocols.http.h11_impl import H11Protocol as _Protocol  # type: ignore[assignment]

_MOST_HEAD_BYTES = 64 * 1024


class PatientProtocol(_Protocol):
    """Puts `abort` into the state of every request of the connection.

    Closes a connection on which a request has not come whole after `read_seconds`, or has headers without end.
    """

    read_seconds = 60.0

    _deadline: asyncio.TimerHandle | None = None
    _whole: Any = None
    """The last request that came whole."""
    _head_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """As `asyncio.Protocol` says."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "abort": transport.abort}
        self._begin()

    def _begin(self) -> None:
        self._deadline = asyncio.get_running_loop().call_later(self.read_seconds, self.transport.close)
        self._head_bytes = 0

    def _end(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def data_received(self, data: bytes) -> None:
        """As `asyncio.Protocol` says."""
        if self._deadline is None:
            self._begin()
        super().data_received(data)
        if self.cycle is self._whole:
            self._head_bytes += len(data)
            if self._head_bytes > _MOST_HEAD_BYTES:
                self.transport.close()
        elif not self.cycle.more_body:
            self._whole = self.cycle
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """As `asyncio.Protocol` says."""
        self._end()
        super().connection_lost(exc)
