"""A proxy that answers in Stripe's place, or spoils its answers: no event is lost, none is counted twice."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from .running import Usage

PAGE = b"<html>Sign in to the network</html>"
JSON = "application/json; charset=utf-8"
ERROR = b'{"error": {"message": "No such customer", "code": "resource_missing"}}'
OTHER = b'{"object": "billing.meter_event", "identifier": "of-another-one"}'

WAYS: dict[str, tuple[bool, int, str, bytes]] = {
    "page": (False, 200, "text/html", PAGE),
    "page after the work": (True, 200, "text/html", PAGE),
    "nothing": (False, 204, "", b""),
    "empty": (False, 200, JSON, b""),
    "empty object that is no JSON": (False, 200, "text/html", b"{}"),
    "error with 200": (False, 200, JSON, ERROR),
    "truncated": (False, 200, JSON, b'{"object": "billing.meter_event", "iden'),
    "truncated after the work": (True, 200, JSON, b'{"object"'),
    "of another event": (False, 200, JSON, OTHER),
    "another object": (False, 200, JSON, b'{"object": "customer", "identifier": "x"}'),
    "list": (False, 200, JSON, b"[]"),
    "deep": (False, 200, JSON, b"[" * 100_000),
    "not UTF-8": (False, 200, JSON, b'{"object": "\xff"}'),
    "redirect": (False, 302, "text/html", PAGE),
    "forbidden page": (False, 403, "text/html", PAGE),
    "bad request page": (False, 400, "text/html", PAGE),
    "not found": (False, 404, JSON, b'{"detail": "Not Found"}'),
    "sign in": (False, 407, "text/html", PAGE),
    "bad gateway after the work": (True, 502, "text/html", PAGE),
    "closed": (False, 0, "", b""),
    "closed after the work": (True, 0, "", b""),
}
"""By name: whether Stripe gets the request, and what answers in its place; status 0: the connection is closed."""


class Proxy(ThreadingHTTPServer):
    """Answers a request with events in each of the `ways`, and that request as Stripe does when it comes again, unless it is
    `stubborn`."""

    daemon_threads = True

    def __init__(self, behind: str, ways: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), Forwarding)
        self.stubborn, self.seen = False, set[bytes]()
        self.behind, self.ways, self.lock = behind.removeprefix("http://"), ways, threading.Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """One that was closed is meant to be."""


class Forwarding(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        self._answer(*self._forwarded(b""))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            events = self.path.endswith(("meter_events", "meter_event_stream"))
            spoils = events and self.server.ways and (body not in self.server.seen or self.server.stubborn)
            self.server.seen.add(body)
            way = self.server.ways.pop() if spoils else ""
        if not way:
            self._answer(*self._forwarded(body))
            return
        works, status, kind, said = WAYS[way]
        if works:
            self._forwarded(body)
        if status:
            self._answer(status, kind, said)
        else:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def _forwarded(self, body: bytes) -> tuple[int, str, bytes]:
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "accept-encoding")}
        with closing(http.client.HTTPConnection(self.server.behind, timeout=20)) as connection:
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers["Content-Type"], answer.read()

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def between(usage: Usage, monkeypatch: pytest.MonkeyPatch, ways: list[str]) -> Iterator[Proxy]:
    with Proxy(usage.server.url, ways) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("STRIPE_API_BASE", f"http://127.0.0.1:{proxy.server_port}")
        yield proxy
        proxy.shutdown()
        thread.join()


@pytest.mark.parametrize("how", [(), ("--stream",)], ids=["one by one", "stream"])
def test_what_is_no_answer_of_stripes_counts_for_nothing(
    how: tuple[str, ...], usage: Usage, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers = usage.customers(len(WAYS))
    each = 100 if how else 2
    count = each * len(WAYS)
    name = usage.file([usage.row(customer, 1, ago=100 + n) for n in range(each) for customer in customers])
    with between(usage, monkeypatch, sorted(WAYS)) as proxy:
        done = usage.record(name, "--threads", "20", "--quiet", *how)
        assert (done.code, proxy.ways) == (0, []), done.err
        assert done.out.startswith(f"{count:,} rows: {count:,} sent, 0 counted before, 0 rejected")
        assert [usage.used(customer) for customer in customers] == [each] * len(WAYS)
        again = usage.record(name, "--quiet", *how)
    assert again.out.startswith(f"{count:,} rows: 0 sent, {count:,} counted before, 0 rejected")


@pytest.mark.thorough
def test_a_proxy_that_never_lets_stripe_answer_is_reported(usage: Usage, monkeypatch: pytest.MonkeyPatch) -> None:
    (customer,) = usage.customers(1)
    name = usage.file([usage.row(customer, 1)])
    with between(usage, monkeypatch, ["page"] * 50) as proxy:
        proxy.stubborn = True
        done = usage.record(name, "--quiet")
        said = "does not take events: status 200, and no answer of Stripe's, after 8 attempts"
        assert (done.code, done.err) == (1, f"error: http://127.0.0.1:{proxy.server_port} {said}\n")
        assert usage.used(customer) == 0
        proxy.ways.clear()
        assert usage.record(name, "--quiet").code == 0
    assert usage.used(customer) == 1
