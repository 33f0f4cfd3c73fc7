"""What answers is not Stripe, or answers something else: one message says so, whoever asked; no list gets shorter by it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stripe_client.client import NOT_STRIPES, Client
from stripe_client.errors import Unreachable
from stripe_client.settings import Settings

LISTED = {"object": "list", "data": [{"id": "price_1"}], "has_more": False, "url": "/v1/prices"}


class Answering(ThreadingHTTPServer):
    """Answers with each of `bodies`, the first one first; `headers` go with them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[Any] = []
        self.headers: dict[str, str] = {}
        self.paths: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: Answering

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps(self.server.bodies.pop(0)).encode()
        self.send_response(200)
        for name, value in {**self.server.headers, "Content-Type": "application/json", "Content-Length": str(len(body))}.items():
            self.send_header(name, value.replace("(the request's)", self.headers.get("Idempotency-Key", "")))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_DELETE = do_GET


@pytest.fixture
def stripe() -> Iterator[Answering]:
    with Answering() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def client(stripe: Answering) -> Client:
    return Client(Settings("sk_test_x", f"http://127.0.0.1:{stripe.server_port}", livemode=False), sleep=lambda _: None)


@pytest.mark.parametrize(
    "body",
    [
        {"object": "customer", "id": "cus_1"},
        {"object": "list"},
        {**LISTED, "data": None},
        {**LISTED, "data": {}},
        {**LISTED, "data": ["price_1"]},
        {**LISTED, "data": [None]},
        {"object": "list", "data": []},
        {**LISTED, "has_more": None},
        {**LISTED, "has_more": "false"},
        {**LISTED, "data": [], "has_more": True},
        {**LISTED, "data": [{}], "has_more": True},
        {"data": [], "next_page_url": 1},
    ],
    ids=json.dumps,
)
def test_what_is_no_page_of_a_list_ends_the_reading_of_it(body: dict[str, Any], stripe: Answering, client: Client) -> None:
    stripe.bodies = [{**LISTED, "has_more": True}, body, body]
    with pytest.raises(Unreachable) as raised:
        list(client.pages("/v1/prices"))
    said = str(raised.value)
    assert said.startswith(f"GET /v1/prices: no answer from http://127.0.0.1:{stripe.server_port}")
    assert NOT_STRIPES in said
    with pytest.raises(Unreachable, match="is there a proxy on the way"):
        client.page("/v1/prices", exact=True)


def test_pages_of_either_version_are_read_to_the_last(stripe: Answering, client: Client) -> None:
    stripe.bodies = [{**LISTED, "has_more": True}, {**LISTED, "data": [{"id": "price_2"}]}]
    assert [o["id"] for page in client.pages("/v1/prices") for o in page] == ["price_1", "price_2"]
    stripe.bodies = [{"data": [{"id": "a"}], "next_page_url": "/v2/x?page=2"}, {"data": [], "next_page_url": None}]
    assert [o["id"] for page in client.pages("/v2/x") for o in page] == ["a"]
    assert stripe.paths[-3:] == ["/v1/prices?limit=100&starting_after=price_1", "/v2/x?limit=100", "/v2/x?page=2"]
    stripe.bodies = [{**LISTED, "data": [{"value": 0.1}]}]
    assert client.page("/v1/prices", exact=True)["data"] == [{"value": Decimal("0.1")}]


def test_the_answer_to_a_request_with_another_key_is_none(stripe: Answering, client: Client) -> None:
    """Stripe's clients read the key off an answer: `StripeResponse.idempotency_key` in stripe-python."""
    stripe.headers = {"Idempotency-Key": "pulumi-of-another-request"}
    stripe.bodies = [{"object": "customer", "id": "cus_2"}] * 8
    with pytest.raises(Unreachable, match="is there a proxy on the way"):
        client.post("/v1/customers", {"name": "a"})
    assert stripe.bodies == []
    for headers in ({}, {"Idempotency-Key": "(the request's)"}):
        stripe.headers, stripe.bodies = headers, [{"object": "customer", "id": "cus_1"}]
        assert client.post("/v1/customers", {"name": "a"}).body["id"] == "cus_1"


def test_the_key_that_the_sdk_makes_up_is_not_another_ones(stripe: Answering, client: Client) -> None:
    """For each DELETE of version 2 of the API."""
    stripe.headers, stripe.bodies = (
        {"Idempotency-Key": "(the request's)"},
        [{"object": "v2.core.event_destination", "id": "ed_1"}],
    )
    assert client.delete("/v2/core/event_destinations/ed_1")["id"] == "ed_1"
