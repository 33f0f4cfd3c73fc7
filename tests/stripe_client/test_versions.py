"""The client over both versions of Stripe's API, which differ in how bodies are written and lists go on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_client.settings import Settings

NEXT = "/v2/things?page=2&limit=100"
PAGES: dict[str, dict[str, Any]] = {
    "/v2/things?limit=100": {"data": [{"id": "b"}], "next_page_url": NEXT, "previous_page_url": None},
    NEXT: {"data": [{"id": "a"}], "next_page_url": None, "previous_page_url": "/v2/things?limit=100"},
    "/v1/things?limit=100": {"data": [{"id": "b"}], "has_more": True},
    "/v1/things?limit=100&starting_after=b": {"data": [{"id": "a"}], "has_more": False},
}


class Handler(BaseHTTPRequestHandler):
    """Keeps what it is asked for, and answers as Stripe does."""

    asked: list[tuple[str, str]]

    def do_GET(self) -> None:
        """A page of a list, or no such thing."""
        page = PAGES.get(self.path)
        self._answer(200, page) if page else self._answer(404, {"error": {"code": "not_found", "message": "No such thing."}})

    def do_POST(self) -> None:
        """Keeps the body."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.asked.append((self.headers["Content-Type"], body))
        self._answer(200, {"id": "a", "object": "thing"})

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def client() -> Iterator[Client]:
    Handler.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Client(Settings("sk_test_x", f"http://127.0.0.1:{server.server_port}", livemode=False))
        server.shutdown()


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_lists_go_on_to_their_ends(client: Client, version: str) -> None:
    assert [each["id"] for page in client.pages(f"/{version}/things") for each in page] == ["b", "a"]


def test_what_is_taken_away_is_null_in_json_and_empty_in_a_form(client: Client) -> None:
    params = {"metadata": {"gone": None, "kept": "x"}}
    client.post("/v2/things/a", params)
    client.post("/v1/things/a", params)
    (json_type, body), (form_type, form) = Handler.asked
    assert (json_type, json.loads(body)) == ("application/json", params)
    assert (form_type, form) == ("application/x-www-form-urlencoded", "metadata[gone]=&metadata[kept]=x")


def test_what_is_not_there_is_missing_in_both(client: Client) -> None:
    for version in ("v1", "v2"):
        with pytest.raises(Refused, match="No such thing") as e:
            client.get(f"/{version}/things/x")
        assert e.value.missing
