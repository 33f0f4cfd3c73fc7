"""Requests that nobody would think of, over real HTTP: there is always an answer in time, in Stripe's shape, never a 500, and the
server does not grow.

Parameters are those that Stripe's description of its API has, and those that the local Stripe declares itself, with right and
wrong values: `fuzzed`. Then the bytes of a request are turned about.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import psutil
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stripe_local.resources import OPERATIONS
from stripe_local.wire.operation import Operation
from tests.conftest import COUNTED
from tests.sampling import ALL, THOROUGH
from tests.stripe_local import fuzzed
from tests.stripe_local.calls import CALLS, Account, Call, merged
from tests.stripe_local.fuzzed import Described, Request, pairs, resolved
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.contract import stripe_mock

fuzz = settings(
    max_examples=40_000 if ALL else 400 if THOROUGH else 25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)

pytestmark = pytest.mark.timeout(3600 if THOROUGH else 120)

COLLECTIONS = sorted({operation.path for operation in OPERATIONS if operation.method == "POST" and "{" not in operation.path})


class Target:
    """A local Stripe with an object of each kind, and whatever was made meanwhile."""

    def __init__(self, server: LocalStripe) -> None:
        self.server = server
        self._process = psutil.Process(server.process.pid if server.process else None)
        self._fill()

    def _fill(self) -> None:
        self.server.reset()
        account = self._account = Account(self.server)
        subscription = account.new_subscription(add_invoice_items=[{"price": account.one_time}])
        self._ids = {
            "/v1/customers": [account.customer, subscription["customer"]],
            "/v1/prices": [account.metered, account.licensed, account.one_time],
            "/v1/products": [account.product],
            "/v1/billing/meters": [account.meter],
            "/v1/billing/alerts": [account.make("billing/alerts", account.alert())["id"]],
            "/v1/billing/credit_grants": [account.make("billing/credit_grants", account.grant())["id"]],
            "/v1/subscriptions": [subscription["id"]],
            "/v1/subscription_items": [item["id"] for item in subscription["items"]["data"]],
            "/v1/invoices": [subscription["latest_invoice"]],
            "/v1/payment_methods": ["pm_card_visa"],
            "/v1/checkout/sessions": [account.make("checkout/sessions", account.session())["id"]],
            "/v1/coupons": [account.coupon],
            "/v1/promotion_codes": [account.new_code()],
            "/v1/tax_rates": [account.new_rate()],
            "/v1/entitlements/features": [account.feature],
        }

    def memory(self) -> int:
        """What the server's process holds, in bytes."""
        return int(self._process.memory_info().rss)

    def _well_formed(self, operation: Operation) -> Call | None:
        make = CALLS.get(f"{operation.method} {operation.path}")
        try:
            return make(self._account) if make else None
        except AssertionError:  # what the call stands on was archived, or paid, or is over
            self.check()
            self._fill()
            return None

    def send(self, request: Request) -> int:
        """The status of the answer, which is in Stripe's shape."""
        operation, parameters = request.operation, resolved(request.parameters, self._ids)
        call = self._well_formed(operation) if request.over else None
        if call is None:
            parts = iter(request.path)
            url = re.sub(r"\{\w+\}", lambda _: quote(resolved(next(parts), self._ids), safe="") or "x", operation.path)
        else:
            url, parameters = call.path, merged(dict(call.params), parameters)
        options: dict[str, Any] = {}
        if operation.method == "POST" and operation.version == 2:
            options["json"] = parameters
        elif operation.method == "POST":
            options["content"] = urlencode(pairs(parameters, ""))
            options["headers"] = {"Content-Type": "application/x-www-form-urlencoded"}
        else:
            url += f"?{urlencode(pairs(parameters, ''))}"
        answer = self.server.http(operation.method, url, **options)
        assert answer.status_code in (200, 400, 401, 402, 404, 409), (operation.method, url, parameters, answer.text)
        found = answer.json()
        assert answer.status_code == 200 or found["error"]["message"]
        if answer.status_code == 200 and operation.path in COLLECTIONS and isinstance(found.get("id"), str):
            self._ids.setdefault(operation.path, []).append(found["id"])
        return answer.status_code

    def check(self) -> None:
        """No answer was a 500, also of those that nobody looked at."""
        assert self.server.stats()["statuses"]["5xx"] == 0


@pytest.fixture(autouse=True)
def counted(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """How many inputs there are; those of Stripe's description count themselves."""
    if hasattr(request.function, "hypothesis"):
        record_property(f"{COUNTED}inputs of the local Stripe that nobody would think of", fuzz.max_examples)


@pytest.fixture
def target(server: LocalStripe) -> Iterator[Target]:
    target = Target(server)
    yield target
    target.check()


@pytest.fixture(scope="module")
def described() -> list[Described]:
    found = stripe_mock.description()
    if found is None:
        pytest.skip(
            f"there is no description of Stripe's API; `go mod download {stripe_mock.MODULE}` gets it (Go: https://go.dev/dl/)"
        )
    return fuzzed.of_stripes(found["paths"])


def test_what_stripe_describes(
    target: Target, described: list[Described], record_property: Callable[[str, object], None]
) -> None:
    memory = [target.memory()]

    @fuzz
    @given(request=fuzzed.requests(described))
    def run(request: Request) -> None:
        target.send(request)
        memory.append(target.memory())

    run()
    record_property(f"{COUNTED}requests as Stripe describes them", len(memory) - 1)
    assert memory[-1] - memory[len(memory) // 4] < 16_000_000


@fuzz
@given(request=fuzzed.requests(fuzzed.of_ours()))
def test_what_is_declared_here(target: Target, request: Request) -> None:
    target.send(request)


@fuzz
@given(query=st.text("""ab-_.[]'"\\:~<>=0 \n²ANDOR""", max_size=60))
def test_queries(server: LocalStripe, query: str) -> None:
    assert server.http("GET", "/v1/products/search", params={"query": query}).status_code in (200, 400)


BODY = b"name=a&metadata[a]=b&marketing_features[0][name]=c"
WHOLE = (
    b"POST /v1/products?expand[]=default_price HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk_test_local\r\n"
    b"Idempotency-Key: k\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s"
) % (len(BODY), BODY)
PIECES = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [
            b"\r\n",
            b"\x00",
            b"%00",
            b"%ff",
            b"[]",
            b"[",
            b"9" * 30,
            b"\xed\xa0\x80",
            b" ",
            b"#",
            b"?",
            b"Transfer-Encoding: chunked\r\n",
        ]
    ),
)


@fuzz
@given(changes=st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 12), PIECES), min_size=1, max_size=4))
@example(changes=[(5, 0, b"\xff")])
@example(changes=[(WHOLE.index(b"?") + 1, 0, b"\xff")])
@example(changes=[(WHOLE.index(b" HTTP"), 0, b"#x")])
@example(changes=[(WHOLE.index(b"Content"), 0, b"Connection: Upgrade\r\nUpgrade: h2c\r\n")])
def test_bytes(server: LocalStripe, changes: list[tuple[int, int, bytes]]) -> None:
    sent = WHOLE
    for place, removed, added in changes:
        sent = sent[:place] + added + sent[place + removed :]
    with socket.create_connection(("127.0.0.1", server.port), 30) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
                if b"\r\n\r\n" in answer:
                    break
        except ConnectionError:
            pass
    assert not answer or re.match(rb"HTTP/1\.1 [234]\d\d ", answer), answer
    assert server.http("GET", "/v1/account").status_code == 200
    json.loads(server.http("GET", "/_local/requests").content)


@fuzz
@given(
    body=st.one_of(
        st.binary(max_size=20), st.text('[]{}":,0e-.\\ud89', max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass"))
    )
)
def test_json(server: LocalStripe, body: bytes) -> None:
    for path in ("/v2/billing/meter_events", "/_local/clock", "/_local/faults", "/_local/objects/x"):
        assert server.http("POST", path, content=body).status_code in (200, 400, 404)
    server.clear_faults()


@pytest.mark.thorough
def test_nothing_is_kept_of_what_was_too_much(target: Target) -> None:
    """Bodies of nearly the most that is read: a tenth of them, kept, would be found."""
    much = b"9" * 1_000_000
    bodies = [
        ("/v1/products", b"name=" + much),
        ("/v1/products", "&".join(f"metadata[{number}]=b" for number in range(50_000)).encode()),
        ("/v1/billing/meter_events", b"event_name=" + much),
        ("/v2/billing/meter_events", b'{"event_name": "' + much + b'"}'),
        ("/v2/billing/meter_events", b'{"a": ' + much + b"}"),
        ("/v2/billing/meter_events", b"[" * 1_000_000),
        ("/_local/clock", b'{"advance": ' + much + b"}"),
    ]
    memory = []
    for _ in range(15):
        for path, body in bodies:
            headers = {} if path.startswith("/v2") else {"Content-Type": "application/x-www-form-urlencoded"}
            answer = target.server.http("POST", path, content=body, headers=headers)
            assert answer.status_code == 400, answer.text[:200]
        target.server.forget_requests()  # what the record of them may hold is tested in test_recorder
        memory.append(target.memory())
    assert memory[-1] - memory[4] < 14_000_000, memory
