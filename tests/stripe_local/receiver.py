"""Web servers that events are sent to."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

Delivery = tuple[bytes, str]
"""(body, Stripe-Signature header)"""


class Receiver:
    """Takes events, but refuses the first `refusals`, with `status` and `headers`; None is for ever."""

    def __init__(self, refusals: int | None = 0, status: int = 500, headers: Mapping[str, str] | None = None) -> None:
        self.deliveries: Queue[Delivery] = Queue()
        receiver = self
        self._left = refusals

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                refused = receiver._refuses()
                self.send_response(status if refused else 200)
                for name, value in (headers or {}).items() if refused else ():
                    self.send_header(name, value)
                receiver.deliveries.put((body, self.headers["Stripe-Signature"]))
                receiver.finish(self)

            do_GET = do_POST

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/stripe"

    def _refuses(self) -> bool:
        if self._left:
            self._left -= 1
            return True
        return self._left is None

    def finish(self, handler: BaseHTTPRequestHandler) -> None:
        """End the answer."""
        handler.end_headers()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class SlowReceiver(Receiver):
    """Never ends its answer, of which it sends a little now and then."""

    def __init__(self) -> None:
        super().__init__()
        self._closed = threading.Event()

    def finish(self, handler: BaseHTTPRequestHandler) -> None:
        """Drip."""
        handler.flush_headers()
        while not self._closed.wait(0.5):
            handler.wfile.write(b"x")

    def close(self) -> None:
        self._closed.set()
        super().close()
