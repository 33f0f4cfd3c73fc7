"""Requests that nobody would think of, over real HTTP: there is always an answer in time, in Stripe's shape, and never a 500.

Values are made from what each operation declares, right and wrong ones; then the bytes of a request are turned about.
"""

from __future__ import annotations

import json
import re
import socket
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stripe_local.resources import OPERATIONS
from stripe_local.wire import params as declared
from stripe_local.wire.currencies import Currency
from stripe_local.wire.operation import Operation
from stripe_local.wire.params import LATEST, Param
from tests.sampling import ALL, THOROUGH
from tests.stripe_local.guide import make_guide
from tests.stripe_local.server import LocalStripe

fuzz = settings(
    max_examples=5000 if ALL else 400 if THOROUGH else 25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)

pytestmark = pytest.mark.timeout(3600 if THOROUGH else 120)

HOSTILE = [
    "",
    "²",
    "-0",
    "1e999",
    "NaN",
    "null",
    "[]",
    "\x00",
    "\ud7ff\uffff",
    "a" * 5001,
    "9" * 5000,
    "../..",
    "%",
    "{}",
    "'",
    "$.a",
]
COLLECTIONS = sorted({operation.path for operation in OPERATIONS if operation.method == "POST" and "{" not in operation.path})


@dataclass(frozen=True)
class Known:
    """The id of an object that is there: of `word`, such as "price"; the latest one but `back`."""

    word: str
    back: int

    def id(self, ids: dict[str, list[str]]) -> str:
        found = next((ids[path] for path in ids if path.endswith(f"/{self.word}s")), [self.word])
        return found[-1 - self.back % len(found)]


def known(word: str) -> st.SearchStrategy[Known]:
    return st.builds(Known, st.just(word.removeprefix("default_")), st.integers(0, 3))


TEXTS = st.one_of(st.sampled_from(["a", "usd", "month", "Hypernian tokens"]), st.sampled_from(HOSTILE), st.text(max_size=8))
INTEGERS = st.one_of(st.integers(0, 40), st.sampled_from([-1, 10**12, 2**31, 2**63 - 1, 2**63, -(2**63), 10**30]))
TIMES = st.one_of(
    st.integers(-40, 400).map(lambda days: int(time.time() / 3600) * 3600 + days * 86400),
    st.sampled_from([0, LATEST, LATEST + 1]),
)
DECIMALS = st.one_of(
    st.decimals(0, 1000, places=3).map(str),
    st.sampled_from(["999999999999", "0.000000000001", "-1", ".5", "1.", "1e5", "1" + "0" * 30]),
)


def values(param: Param, name: str) -> st.SearchStrategy[Any]:
    """What fits a parameter, more often than not."""
    return st.integers(0, 15).flatmap(lambda dice: TEXTS if dice == 0 else fitting(param, name))


def fitting(param: Param, name: str) -> st.SearchStrategy[Any]:
    match param:
        case declared.Enum():
            return st.sampled_from(param.values)
        case declared.Timestamp():
            return TIMES
        case declared.Int():
            return INTEGERS
        case declared.Dec():
            return DECIMALS
        case declared.Bool():
            return st.sampled_from(["true", "false"])
        case Currency():
            return st.sampled_from(["usd", "eur", "jpy", "kwd", "isk", "USD"])
        case declared.OneOf():
            return st.one_of([fitting(form, name) for form in param.forms])
        case declared.Obj():
            return objects(param)
        case declared.ListOf():
            return st.lists(values(param.element, name.removesuffix("s")), max_size=3)
        case declared.MapOf():
            return st.dictionaries(
                st.sampled_from(["stripe_customer_id", "value", "usd", "eur", "a"]), values(param.value, "customer"), max_size=3
            )
        case declared.Str():
            return st.one_of(known(name), known(name), TEXTS)
    return TEXTS


@st.composite
def objects(draw: st.DrawFn, param: declared.Obj) -> dict[str, Any]:
    required = [name for name, field in param.fields.items() if field.required]
    others = [name for name, field in param.fields.items() if not field.required and not isinstance(field, declared.Refused)]
    chosen = draw(st.lists(st.sampled_from(others), max_size=4, unique=True)) if others else []
    found = {name: draw(values(param.fields[name], name)) for name in [*required, *chosen]}
    if draw(st.integers(0, 20)) == 0 and found:
        found.pop(draw(st.sampled_from(sorted(found))))
    return found


@st.composite
def requests(draw: st.DrawFn) -> tuple[Operation, list[Any], dict[str, Any]]:
    operation = draw(st.sampled_from(OPERATIONS))
    words = [path.rsplit("/", 1)[-1].removesuffix("s") for path in re.findall(r"([^{}]*)/\{", operation.path)]
    return operation, [draw(st.one_of(known(word), known(word), TEXTS)) for word in words], draw(objects(operation.params))


def resolved(value: Any, ids: dict[str, list[str]]) -> Any:
    if isinstance(value, Known):
        return value.id(ids)
    if isinstance(value, dict):
        return {name: resolved(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner, ids) for inner in value]
    return value


def pairs(value: Any, name: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in pairs(inner, f"{name}[{key}]" if name else key)]
    if isinstance(value, list):
        return [pair for index, inner in enumerate(value) for pair in pairs(inner, f"{name}[{index}]")]
    return [(name, str(value))]


@pytest.fixture
def ids(server: LocalStripe) -> dict[str, list[str]]:
    """The ids of objects, by the path of their collection."""
    guide = make_guide(server.client())
    client, customer = guide.client, guide.customer.id
    licensed = client.v1.prices.create(
        {"currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}, "product_data": {"name": "Seats"}}
    )
    threshold: Any = {"gte": 1, "meter": guide.meter.id, "recurrence": "one_time"}
    alert: Any = {"title": "a", "alert_type": "usage_threshold", "usage_threshold": threshold}
    guide.use(1000)
    session: Any = {
        "mode": "subscription",
        "line_items": [{"price": licensed.id, "quantity": 1}],
        "success_url": "http://localhost/",
    }
    return {
        "/v1/customers": [customer],
        "/v1/prices": [guide.price.id, licensed.id],
        "/v1/products": [guide.price.product, licensed.product],
        "/v1/billing/meters": [guide.meter.id],
        "/v1/subscriptions": [guide.subscription.id],
        "/v1/subscription_items": [guide.item.id],
        "/v1/billing/alerts": [client.v1.billing.alerts.create(alert).id],
        "/v1/payment_methods": ["pm_card_visa"],
        "/v1/checkout/sessions": [client.v1.checkout.sessions.create(session).id],
        "/v1/coupons": [client.v1.coupons.create({"percent_off": 10, "duration": "once"}).id],
    }


def send(server: LocalStripe, operation: Operation, path: list[Any], wanted: dict[str, Any], ids: dict[str, list[str]]) -> None:
    parts = iter(path)
    url = re.sub(r"\{\w+\}", lambda _: quote(resolved(next(parts), ids), safe="") or "x", operation.path)
    body = resolved(wanted, ids)
    options: dict[str, Any] = {}
    if operation.method == "POST" and operation.version == 2:
        options["json"] = body
    elif operation.method == "POST":
        options["content"] = urlencode(pairs(body, ""))
        options["headers"] = {"Content-Type": "application/x-www-form-urlencoded"}
    else:
        url += f"?{urlencode(pairs(body, ''))}"
    answer = server.http(operation.method, url, **options)
    assert answer.status_code in (200, 400, 401, 404, 409), (operation.method, url, body, answer.text)
    found = answer.json()
    assert answer.status_code == 200 or found["error"]["message"]
    if answer.status_code == 200 and operation.path in COLLECTIONS and isinstance(found.get("id"), str):
        ids.setdefault(operation.path, []).append(found["id"])


@fuzz
@given(request=requests())
def test_parameters(server: LocalStripe, ids: dict[str, list[str]], request: tuple[Operation, list[Any], dict[str, Any]]) -> None:
    send(server, *request, ids)


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
