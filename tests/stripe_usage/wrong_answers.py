"""A proxy between an importer and Stripe that spoils answers, or answers in Stripe's place: in every way there is a name for."""

from __future__ import annotations

import http.client
import json
import queue
import random
import socket
import struct
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = b"<html>Sign in to the network</html>"
HTML = "text/html"
JSON = "application/json; charset=utf-8"
LATE_SECONDS = 0.7
"""After the importer has tried again."""
AHEAD_SECONDS = 0.05
"""What one request is answered before another one."""


class Works(Enum):
    """When Stripe gets the request."""

    NEVER = "never"
    FIRST = "before anything is answered"
    TWICE = "twice before anything is answered"
    LATE = "when the importer has heard already that it did not"


class End(Enum):
    """What becomes of the connection."""

    KEPT = "kept"
    CLOSED = "closed"
    RESET = "reset"


@dataclass(frozen=True)
class Way:
    """A way to answer. `says` is what goes over the wire; None is Stripe's own answer, that of `before` where it never gets the
    request; `cut` is how much of it; `pause` is between bytes, in seconds."""

    works: Works
    says: bytes | None = b""
    end: End = End.KEPT
    cut: int | None = None
    times: int = 1
    pause: float = 0
    replaces: Mapping[str, str] | None = None
    """Headers of Stripe's own answer."""
    beside: bool = False
    """Stripe's own answer is that to another request, which gets it after this one."""


def _answer(status: int, kind: str, body: bytes, *more: str) -> bytes:
    head = [f"HTTP/1.1 {status} Whatever", *([f"Content-Type: {kind}"] if kind else []), f"Content-Length: {len(body)}", *more]
    return "\r\n".join([*head, "", ""]).encode() + body


def _error(status: int, text: str, **more: str) -> bytes:
    return _answer(status, JSON, json.dumps({"error": {"message": text, **more}}).encode())


ELSEWHERE = "Location: http://127.0.0.1:9/elsewhere"
NEVER, FIRST = Works.NEVER, Works.FIRST

WAYS: dict[str, Way] = {
    "page": Way(NEVER, _answer(200, HTML, PAGE)),
    "page after the work": Way(FIRST, _answer(200, HTML, PAGE)),
    "nothing": Way(NEVER, _answer(204, "", b"")),
    "nothing after the work": Way(FIRST, _answer(204, "", b"")),
    "empty": Way(NEVER, _answer(200, JSON, b"")),
    "empty object that is no JSON": Way(NEVER, _answer(200, HTML, b"{}")),
    "Stripe's answer as a page": Way(FIRST, None, replaces={"Content-Type": HTML}),
    "Stripe's answer with another status": Way(FIRST, _answer(500, JSON, b"{}")),
    "error with 200": Way(NEVER, _error(200, "No such customer", code="resource_missing")),
    "error with 200 after the work": Way(FIRST, _error(200, "Timed out")),
    "truncated": Way(NEVER, _answer(200, JSON, b'{"object": "billing.meter_event", "iden')),
    "truncated after the work": Way(FIRST, _answer(200, JSON, b'{"object"')),
    "cut off": Way(FIRST, None, End.CLOSED, cut=-1),
    "cut off in the headers": Way(FIRST, None, End.CLOSED, cut=40),
    "of another event": Way(NEVER, _answer(200, JSON, b'{"object": "billing.meter_event", "identifier": "of-another-one"}')),
    "of the request before": Way(NEVER, None),
    "another object": Way(NEVER, _answer(200, JSON, b'{"object": "customer", "identifier": "x"}')),
    "list": Way(NEVER, _answer(200, JSON, b"[]")),
    "null": Way(NEVER, _answer(200, JSON, b"null")),
    "deep": Way(NEVER, _answer(200, JSON, b"[" * 100_000)),
    "digits": Way(NEVER, _answer(200, JSON, b'{"object": ' + b"9" * 5000 + b"}")),
    "not UTF-8": Way(NEVER, _answer(200, JSON, b'{"object": "\xff"}')),
    "not what its encoding says": Way(FIRST, _answer(200, JSON, b"{}", "Content-Encoding: gzip")),
    **{f"redirect {status}": Way(NEVER, _answer(status, HTML, PAGE, ELSEWHERE)) for status in (301, 302, 303, 307, 308)},
    "redirect after the work": Way(FIRST, _answer(303, HTML, PAGE, ELSEWHERE)),
    "forbidden page": Way(NEVER, _answer(403, HTML, PAGE)),
    "bad request page": Way(NEVER, _answer(400, HTML, PAGE)),
    "not found": Way(NEVER, _answer(404, JSON, b'{"detail": "Not Found"}')),
    "sign in": Way(NEVER, _answer(407, HTML, PAGE)),
    "too many requests": Way(NEVER, _answer(429, HTML, PAGE, "Retry-After: soon")),
    "bad gateway": Way(NEVER, _answer(502, HTML, PAGE)),
    "bad gateway after the work": Way(FIRST, _answer(502, HTML, PAGE)),
    "no HTTP": Way(NEVER, b"SSH-2.0-OpenSSH_9.6\r\n", End.CLOSED),
    "no length": Way(FIRST, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nno\r\n"),
    "a hundred headers": Way(NEVER, _answer(200, JSON, b"{}", *(f"X-{n}: x" for n in range(120)))),
    "hints first": Way(FIRST, b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + _answer(200, HTML, PAGE)),
    "closed": Way(NEVER, end=End.CLOSED),
    "closed after the work": Way(FIRST, end=End.CLOSED),
    "reset": Way(NEVER, end=End.RESET),
    "reset after the work": Way(FIRST, end=End.RESET),
    "reset in the answer": Way(FIRST, None, End.RESET, cut=-5),
    "reset, and done late": Way(Works.LATE, end=End.RESET),
    "bad gateway, and done late": Way(Works.LATE, _answer(502, HTML, PAGE)),
    "done twice": Way(Works.TWICE, None),
    "answered twice": Way(FIRST, None, times=2),
    "slow": Way(FIRST, None, pause=0.001),
    "slow, and cut off": Way(FIRST, None, End.CLOSED, cut=-1, pause=0.001),
}
"""By name. After none of them may an event be lost, or count twice, and no import ends in an error that names no cause."""

BESIDE: dict[str, Way] = {"of the request beside": Way(NEVER, None, beside=True)}
"""What nobody can tell from Stripe's answer where an answer does not say whose it is: the proxy has to let through the key."""

ENDING: dict[str, Way] = {
    "error of somebody else's": Way(NEVER, _error(400, "Blocked by policy")),
    "forbidden": Way(NEVER, _error(403, "Blocked by policy")),
    "session expired": Way(NEVER, _error(401, "expired", code="billing_meter_event_session_expired")),
}
"""Ways that look like Stripe's refusals, and so may end an import, or reject a row; the same command then goes on."""


class Proxy(ThreadingHTTPServer):
    """Answers requests with events in the `ways` that are given it, the last one first.

    A request that comes again gets Stripe's answer, unless the proxy is `stubborn`; others get it always, unless `all` are
    spoiled. `share` is how many of the requests are spoiled.
    """

    daemon_threads = True
    request_queue_size = 200

    def __init__(self, behind: str, ways: list[str], share: float = 1, seed: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), Forwarding)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.behind, self.ways, self.share = behind.removeprefix("http://"), ways, share
        self.stubborn = self.all = False
        self.shows_keys = True
        """Whether it lets through which idempotency key an answer belongs to."""
        self.lock = threading.Condition()
        self.drawn: Counter[str] = Counter()
        self.came = 0
        """Requests with events."""
        self._seen: set[tuple[str, bytes]] = set()
        self._random = random.Random(seed)
        self._before: dict[str, bytes] = {}
        self._late: list[threading.Thread] = []
        self._beside: dict[str, list[queue.SimpleQueue[bytes]]] = defaultdict(list)

    def handle_error(self, request: object, client_address: object) -> None:
        """One that was closed is meant to be."""

    def way(self, path: str, body: bytes) -> Way | None:
        """How to answer; None is as Stripe does."""
        events = path.endswith(("meter_events", "meter_event_stream"))
        with self.lock:
            self.came += events
            self.lock.notify_all()
            fresh = (path, body) not in self._seen or self.stubborn
            self._seen.add((path, body))
            if not self.ways or not (events or self.all) or not fresh or self._random.random() >= self.share:
                return None
            name = self.ways.pop()
            self.drawn[name] += 1
        return {**WAYS, **BESIDE, **ENDING}[name]

    def begin(self, ways: list[str]) -> None:
        """Spoils requests anew, that come the first time from here on."""
        with self.lock:
            self.ways, self.drawn = ways, Counter()
            self._seen.clear()

    def wait_for(self, requests: int, seconds: float) -> bool:
        """Waits, at most so long, until so many requests with events came."""
        with self.lock:
            return self.lock.wait_for(lambda: self.came >= requests, seconds)

    def later(self, do: Callable[[], bytes]) -> None:
        thread = threading.Timer(LATE_SECONDS, do)
        with self.lock:
            self._late.append(thread)
        thread.start()

    def settle(self) -> None:
        """Waits for what Stripe gets late."""
        for thread in self._late:
            thread.join()

    def before(self, path: str, answer: bytes) -> bytes:
        """Stripe's answer before this one, to a request of the kind."""
        with self.lock:
            found = self._before.get(path, b"")
            self._before[path] = answer or found
        return found

    def beside(self, path: str, seconds: float) -> bytes:
        """Stripe's answer to another request of the kind, before that one gets it; nothing if none comes in time."""
        mine: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        with self.lock:
            self._beside[path].append(mine)
        try:
            return mine.get(timeout=seconds)
        except queue.Empty:
            with self.lock:
                if mine in self._beside[path]:
                    self._beside[path].remove(mine)
            return b""

    def shared(self, path: str, answer: bytes) -> None:
        """Gives an answer to a request that waits for another's."""
        with self.lock:
            waiting = self._beside[path].pop() if self._beside[path] else None
        if waiting:
            waiting.put(answer)
            time.sleep(AHEAD_SECONDS)


class Forwarding(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy
    told: tuple[str, bytes] | None = None

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        self._handle(b"")

    def do_POST(self) -> None:
        self._handle(self.rfile.read(int(self.headers["Content-Length"])))

    def _handle(self, body: bytes) -> None:
        self._remember()
        way = self.server.way(self.path, body)
        if way is None:
            answer = self._forward(body, {})()
            self.server.shared(self.path, answer)
            self.connection.sendall(answer)
            self.told = self.path, answer
            return
        answer = b""
        forward = self._forward(body, way.replaces or {})
        if way.works in (Works.FIRST, Works.TWICE):
            answer = forward()
        if way.works is Works.TWICE:
            answer = forward()
        if way.works is Works.LATE:
            self.server.later(forward)
        if way.says is not None:
            answer = way.says
        elif way.works is NEVER:
            other = self.server.beside(self.path, 2) if way.beside else self.server.before(self.path, b"")
            answer = other or _answer(502, HTML, PAGE)
        self._send(answer[: way.cut] * way.times, way.pause)
        if way.end is End.RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()  # the two files that are open on it keep it open
            self.rfile.close()
            self.wfile.close()
        elif way.end is End.CLOSED:
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = way.end is not End.KEPT

    def _remember(self) -> None:
        """The last answer on this connection, now that it has certainly been read."""
        if self.told:
            self.server.before(*self.told)
        self.told = None

    def finish(self) -> None:
        self._remember()
        super().finish()

    def _send(self, answer: bytes, pause: float) -> None:
        for byte in (bytes([b]) for b in answer) if pause else [answer]:
            self.connection.sendall(byte)
            time.sleep(pause)

    def _forward(self, body: bytes, replaces: Mapping[str, str]) -> Callable[[], bytes]:
        """Sends the request to Stripe when it is called, and returns the answer."""
        behind, method, path = self.server.behind, self.command, self.path
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "accept-encoding", "connection")}

        def forward() -> bytes:
            with closing(http.client.HTTPConnection(behind, timeout=20)) as connection:
                connection.request(method, path, body or None, headers)
                answer = connection.getresponse()
                said = answer.read()
            dropped = [
                "content-length",
                "transfer-encoding",
                "connection",
                *([] if self.server.shows_keys else ["idempotency-key"]),
            ]
            own = {k: v for k, v in answer.headers.items() if k.lower() not in dropped}
            told = {**own, **replaces, "Content-Length": str(len(said))}
            head = [f"HTTP/1.1 {answer.status} {answer.reason}", *(f"{k}: {v}" for k, v in told.items())]
            return "\r\n".join([*head, "", ""]).encode("latin-1") + said

        return forward


@contextmanager
def between(behind: str, ways: list[str], share: float = 1, seed: int = 0) -> Iterator[Proxy]:
    """The proxy, running."""
    with Proxy(behind, ways, share, seed) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
            proxy.settle()
