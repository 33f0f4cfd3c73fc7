"""What no client sends on purpose: every reader of input refuses it in Stripe's envelope, and the server goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from stripe_local.resources import OPERATIONS
from stripe_local.serving.incoming import MOST_BYTES
from stripe_local.wire.search import _FIELDS
from tests.stripe_local.guide import make_guide
from tests.stripe_local.server import LocalStripe

HUGE = "9" * 5000
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def refused(answer: httpx.Response, status: int = 400) -> dict[str, Any]:
    assert answer.status_code == status, answer.text[:500]
    error: dict[str, Any] = answer.json()["error"]
    assert error["message"]
    return error


def requests(server: LocalStripe) -> list[dict[str, Any]]:
    """What was recorded, read as strictly as JSON is defined."""

    def no_constant(name: str) -> Any:
        raise AssertionError(f"{name} is no JSON")

    found: list[dict[str, Any]] = json.loads(server.http("GET", "/_local/requests").text, parse_constant=no_constant)["requests"]
    return found


JSON = {
    "arrays without end": b"[" * 100_000,
    "objects without end": b'{"a":' * 50_000,
    "deep": b'{"a":' * 40 + b"1" + b"}" * 40,
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "beyond a float": b'{"a": 1e999}',
    "beyond an integer": f'{{"a": {HUGE}}}'.encode(),
    "half a character": rb'{"a": "\ud800"}',
    "half a character in a name": rb'{"\udc00": 1}',
    "half a character in bytes": b'{"a": "\xed\xa0\x80"}',
    "no UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "no object": b"[1]",
    "a word": b"null",
    "unfinished": b'{"a": ',
}


@pytest.mark.parametrize("body", JSON.values(), ids=JSON)
def test_json(server: LocalStripe, body: bytes) -> None:
    for path in (
        "/v2/billing/meter_events",
        "/v2/core/event_destinations",
        "/_local/faults",
        "/_local/clock",
        "/_local/objects/x",
    ):
        refused(server.http("POST", path, content=body))
    assert [entry["status"] for entry in requests(server)] == [400, 400]


FORMS = {
    "an index that is a digit elsewhere": ("/v1/subscriptions", "items[²][price]=x"),
    "an index of Arabic digits": ("/v1/subscriptions", "items[٣][price]=x"),
    "an index beyond a list": ("/v1/subscriptions", f"items[{HUGE}][price]=x"),
    "an integer of more than 64 bits": ("/v1/prices", "currency=usd&product_data[name]=a&unit_amount=9223372036854775808"),
    "an integer of Arabic digits": ("/v1/prices", "currency=usd&product_data[name]=a&unit_amount=٣"),
    "a decimal beyond everything": ("/v1/prices", f"currency=usd&product_data[name]=a&unit_amount_decimal={HUGE}"),
    "a number beyond everything": (
        "/v1/products",
        f"name=a&package_dimensions[height]={HUGE}&package_dimensions[length]=1&package_dimensions[weight]=1"
        "&package_dimensions[width]=1",
    ),
    "more places than shown": ("/v1/prices", f"currency=usd&product_data[name]=a&unit_amount_decimal=1{'0' * 11}.{'0' * 18}1"),
    "a time beyond dates": ("/v1/subscriptions", "customer=cus_1&trial_end=9223372036854775807"),
    "an empty element": ("/v1/products", "name=a&expand[]=&expand[]=default_price"),
    "an empty element of what is kept": ("/v1/products", "name=a&images[]="),
    "names without end": ("/v1/products", "name" + "[a]" * 1000 + "=1"),
    "a name that is no UTF-8": ("/v1/products", b"\xff=1"),
    "a value that is no UTF-8 once it is decoded": ("/v1/products", "name=a%FFb"),
    "half a character": ("/v1/products", "name=%ED%A0%80"),
    "an id with a NUL": ("/v1/products", "id=%00&name=%00&nonsense=1"),
}


@pytest.mark.parametrize(("path", "body"), FORMS.values(), ids=FORMS)
def test_forms(server: LocalStripe, path: str, body: str | bytes) -> None:
    refused(server.http("POST", path, content=body, headers=FORM))
    assert len(requests(server)) == 1


@pytest.mark.parametrize(
    "url",
    [
        "/v1/products?limit=²",
        "/v1/products?limit=9223372036854775808",
        "/v1/products?created[gt]=9999999999999999999",
        "/v1/products?created[gt]=1700000000000",
        "/v1/products?starting_after=%00",
        "/v1/products?%ff=1",
        "/v1/products/search?query=name:'a'&page=²",
        "/v1/products/search?query=name:'a'&page=-1",
        f"/v1/products/search?query=name:'a'&page={HUGE}",
        f"/v2/core/event_destinations?page=page_after_{HUGE[:4900]}",
        "/_local/requests?since=²",
        f"/_local/requests?since={HUGE}",
        "/_local/overview?livemode=²",
    ],
    ids=lambda url: url[:60],
)
def test_queries(server: LocalStripe, url: str) -> None:
    refused(server.http("GET", url))


def test_what_is_escaped_in_a_path_stays_in_it(server: LocalStripe) -> None:
    for id in ("a?limit=1", "a#b", "%00", "ü", "a%ff"):
        answer = server.http("GET", f"/v1/products/{httpx.URL('http://x', params={'': id}).query.decode()[1:]}")
        refused(answer, 404)
    assert requests(server)[0]["path"] == "/v1/products/a?limit=1"
    assert requests(server)[0]["parameters"] == {}


def test_headers(server: LocalStripe) -> None:
    for value in (b"Basic \xfc", b"Basic !", b"Basic", b"\xff", b"Bearer \xff", b"Basic " + b"/" * 40):
        refused(server.http("GET", "/v1/account", key=None, headers={"Authorization": value}), 401)
    token = f"Bearer mes_token_test_{HUGE}_acct_1LocalStripe0001_ab"
    refused(server.http("POST", "/v2/billing/meter_event_stream", key=None, headers={"Authorization": token}, json={}), 401)
    odd = {"Idempotency-Key": b"\xff" * 255, "Stripe-Version": b"\xff"}
    assert [server.http("POST", "/v1/customers", headers=odd).status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    "order",
    [
        {"status": 500, "headers": {"a": "b\r\nc: d"}},
        {"status": 500, "headers": {"a b": "c"}},
        {"status": 500, "headers": {"a": "→"}},
        {"status": 100},
        {"delay": 10**300},
        {"seed": 10**30},
        {"match": {"nth": 10**30}},
    ],
    ids=str,
)
def test_faults(server: LocalStripe, order: Any) -> None:
    refused(server.http("POST", "/_local/faults", json=order))
    assert server.faults() == []


@pytest.mark.parametrize("order", [{"set": 10**12}, {"advance": 10**12}, {"advance": -(10**12)}, {"set": -1}, {"set": 10**300}])
def test_the_clock_shows_no_time_without_a_date(server: LocalStripe, order: Any) -> None:
    refused(server.http("POST", "/_local/clock", json=order))
    assert server.http("GET", "/v1/products").status_code == 200


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1" + "0" * 4990, "meter_event_value_too_many_digits"),
        ("0." + "0" * 4990 + "1", "meter_event_value_too_many_digits"),
        ("٣", "meter_event_invalid_value"),
    ],
    ids=["large", "small", "Arabic"],
)
def test_usage(server: LocalStripe, value: str, code: str) -> None:
    guide = make_guide(server.client())
    threshold: Any = {"gte": 1, "meter": guide.meter.id, "recurrence": "one_time"}
    alert: Any = {"title": "a", "alert_type": "usage_threshold", "usage_threshold": threshold}
    guide.client.v1.billing.alerts.create(alert)
    event = {"event_name": guide.meter.event_name, "payload[stripe_customer_id]": guide.customer.id, "payload[value]": value}
    assert refused(server.http("POST", "/v1/billing/meter_events", data=event))["code"] == code
    guide.use("1" + "0" * 99)
    assert guide.client.v1.events.list().data[0].data.object["value"] == 10**99


# Search


@pytest.mark.parametrize(
    "query",
    [
        "name:'" + "\\" * 4900,
        "name:'" + "\\'" * 2400,
        "metadata['" + "' " * 2400,
        "metadata[" + " " * 4900,
        " " * 4990 + "name",
        "-" * 4990,
        "a." * 2490,
        "name:" + "." * 4900 + "x",
        "name:'a' AND " * 380,
    ],
    ids=lambda query: query[:12],
)
def test_a_query_takes_no_longer_than_it_is(server: LocalStripe, query: str) -> None:
    assert refused(server.http("GET", "/v1/products/search", params={"query": query}))["param"] == "query"


def test_a_query_has_at_most_ten_clauses_and_5000_characters(server: LocalStripe) -> None:
    def search(query: str) -> httpx.Response:
        return server.http("GET", "/v1/products/search", params={"query": query})

    for join in (" ", " AND ", " or "):
        assert search(join.join(["active:'true'"] * 10)).status_code == 200
        assert "up to 10 query clauses" in refused(search(join.join(["active:'true'"] * 11)))["message"]
    assert "at most 5000 characters" in refused(search(f"name:'{'a' * 5000}'"))["message"]


def test_quotes_are_escaped_in_values_and_keys(server: LocalStripe) -> None:
    server.http("POST", "/v1/products", data={"name": 'He said "yes" \\ it\'s', 'metadata[it\'s "a" key]': "x\ny"})
    for query in (
        r"""name:"He said \"yes\" \\ it's" """,
        r"""name:'He said "yes" \\ it\'s'""",
        r"""metadata['it\'s "a" key']:'x""" + "\ny'",
        r"""metadata["it's \"a\" key"]~"y" """,
    ):
        assert len(server.http("GET", "/v1/products/search", params={"query": query}).json()["data"]) == 1, query


def test_every_resource_that_can_be_searched_knows_its_fields() -> None:
    assert {operation.path.split("/")[2] for operation in OPERATIONS if operation.path.endswith("/search")} == set(_FIELDS)


# Sizes


def test_a_body_without_end_is_not_read_to_its_end(server: LocalStripe) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(MOST_BYTES // 65536 + 4):
            yield b"name=" + b"a" * 65531

    for path in ("/v1/products", "/v2/core/event_destinations", "/_local/faults"):
        for body in (pieces(), b"a" * (MOST_BYTES + 1)):
            assert str(MOST_BYTES) in refused(server.http("POST", path, content=body, headers=FORM), 413)["message"]
    assert [entry["status"] for entry in requests(server)] == [413] * 4
    fits = b"name=a&nonsense=" + b"a" * (MOST_BYTES - 16)
    assert refused(server.http("POST", "/v1/products", content=fits, headers=FORM))["code"] == "parameter_unknown"


# Expansion


def test_whatever_can_be_expanded_can_be_expanded_anywhere(server: LocalStripe) -> None:
    guide = make_guide(server.client())
    threshold: Any = {"gte": 1, "meter": guide.meter.id, "recurrence": "one_time"}
    alert = {"title": "a", "alert_type": "usage_threshold", "usage_threshold": threshold}
    made = guide.client.v1.billing.alerts.create({**alert, "expand": ["usage_threshold.meter"]})  # type: ignore[typeddict-item]
    for path in (f"/v1/billing/alerts/{made.id}?expand[]=", "/v1/billing/alerts?expand[]=data."):
        for names in ("usage_threshold.meter", "usage_threshold", "usage_threshold.filters.customer"):
            assert server.http("GET", path + names).status_code == 200
        refused(server.http("GET", f"{path}usage_threshold.meter.x"))
