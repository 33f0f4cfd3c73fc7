"""A gate in front of the local Stripe that knows which keys are revoked, and by which key each request came."""

from __future__ import annotations

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

REFUSAL = {"error": {"message": "Invalid API Key provided: sk_test_********", "type": "invalid_request_error"}}
"""In Stripe's words, https://docs.stripe.com/keys"""


class Gate:
    """Listens on a free port of loopback while entered; `revoked` may change at any time, `keys` grows with each request."""

    def __init__(self, upstream: str) -> None:
        self.revoked: set[str] = set()
        self.keys: list[str] = []
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                key = self.headers.get("Authorization", "").removeprefix("Bearer ")
                gate.keys.append(key)
                if key in gate.revoked:
                    self._answer(401, [("Content-Type", "application/json")], json.dumps(REFUSAL).encode())
                    return
                connection = http.client.HTTPConnection(urlsplit(upstream).netloc)
                connection.request(self.command, self.path, body, dict(self.headers.items()))
                answer = connection.getresponse()
                self._answer(answer.status, answer.getheaders(), answer.read())
                connection.close()

            do_POST = do_DELETE = do_GET

            def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing: tests look at `keys`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def used(self) -> set[str]:
        """The keys of the requests since the last call."""
        found, self.keys = set(self.keys), []
        return found

    def __enter__(self) -> Gate:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
