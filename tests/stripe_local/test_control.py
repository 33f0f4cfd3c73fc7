"""Faults, recorded requests, rate limits and latency."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stripe

from stripe_local.serving.stats import Stats
from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LIVE_KEY, LocalStripe


def create(server: LocalStripe, name: str = "a", **options: Any) -> httpx.Response:
    return server.http("POST", "/v1/products", data={"name": name}, **options)


def names(server: LocalStripe) -> list[str]:
    return [product.name for product in server.client().v1.products.list({"limit": 100}).data]


def test_a_status_for_the_next_requests(server: LocalStripe) -> None:
    server.fault(match={"method": "POST", "path": "/v1/products"}, times=2, status=503)
    assert server.http("GET", "/v1/products").status_code == 200
    assert [create(server).status_code for _ in range(3)] == [503, 503, 200]
    assert names(server) == ["a"]
    assert [entry["fault"] for entry in server.requests()[1:4]] == ["status 503", "status 503", None]
    assert server.faults()[0]["fired"] == 2


def test_body_and_headers(server: LocalStripe) -> None:
    body = {"error": {"type": "invalid_request_error", "code": "lock_timeout", "message": "Locked."}}
    headers = {"Retry-After": "7", "Stripe-Should-Retry": "true"}
    server.fault(match={"path": "/v1/products"}, status=429, body=body, headers=headers)
    response = create(server)
    assert (response.status_code, response.json()) == (429, body)
    assert (response.headers["retry-after"], response.headers["stripe-should-retry"]) == ("7", "true")
    server.fault(match={"path": "/v1/products"}, status=429)
    assert isinstance(refusal(server.client().v1.products.create, {"name": "a"}), stripe.RateLimitError)


def test_the_nth_request_and_globs(server: LocalStripe) -> None:
    server.fault(match={"path": "/v1/prod*", "nth": 3}, status=500)
    assert [create(server).status_code for _ in range(4)] == [200, 200, 500, 200]
    server.fault(match={"path": "/v1/products/*"}, status=500)
    assert server.http("GET", "/v1/products").status_code == 200
    assert server.http("GET", "/v1/products/x").status_code == 500


def test_a_connection_lost_before_the_work(server: LocalStripe) -> None:
    server.fault(match={"path": "/v1/products"}, lose_connection="before_work")
    with pytest.raises(httpx.RemoteProtocolError):
        create(server)
    assert names(server) == []
    assert server.requests()[0]["status"] is None


def test_a_connection_lost_after_the_work(server: LocalStripe) -> None:
    server.fault(match={"path": "/v1/products"}, lose_connection="after_work")
    headers = {"Idempotency-Key": "k"}
    with pytest.raises(httpx.RemoteProtocolError):
        create(server, headers=headers)
    assert names(server) == ["a"]
    again = create(server, headers=headers)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (200, "true")
    assert names(server) == ["a"]


def test_stripes_client_retries_a_lost_connection(server: LocalStripe) -> None:
    server.fault(match={"path": "/v1/products"}, lose_connection="after_work")
    client = server.client(max_network_retries=2)
    assert client.v1.products.create({"name": "a"}).name == "a"
    assert names(server) == ["a"]


def test_a_failure_after_the_work_is_what_is_repeated(server: LocalStripe) -> None:
    server.fault(match={"path": "/v1/products"}, status=500, after_work=True)
    headers = {"Idempotency-Key": "k"}
    first = create(server, headers=headers)
    again = create(server, headers=headers)
    assert (first.status_code, again.status_code) == (500, 500)
    assert again.headers["idempotent-replayed"] == "true"
    assert names(server) == ["a"]


def test_a_failure_before_the_work_is_not(server: LocalStripe) -> None:
    server.fault(match={"path": "/v1/products"}, status=500)
    headers = {"Idempotency-Key": "k"}
    assert create(server, headers=headers).status_code == 500
    assert create(server, headers=headers).status_code == 200


def test_a_delay_holds_up_nobody_else(server: LocalStripe) -> None:
    server.fault(match={"path": "/v1/products"}, delay=2.0)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(create, server)
        while not server.requests():
            time.sleep(0.01)
        assert server.http("POST", "/v1/customers").status_code == 200
        assert not slow.done()
        assert slow.result().status_code == 200


@pytest.mark.parametrize(("moment", "done"), [("before_work", []), ("after_work", ["a"])])
def test_a_request_is_held_until_faults_are_called_off(moment: str, done: list[str], server: LocalStripe) -> None:
    server.fault(match={"method": "POST", "path": "/v1/products"}, hold=moment)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(create, server)
        while [entry["held"] for entry in server.requests()] != [moment]:
            time.sleep(0.01)
        assert names(server) == done
        assert not held.done()
        server.clear_faults()
        assert held.result().status_code == 200
    assert names(server) == ["a"]
    assert {entry["held"] for entry in server.requests()} == {None}


def test_a_request_is_held_and_then_lost(server: LocalStripe) -> None:
    server.fault(match={"method": "POST", "path": "/v1/products"}, hold="before_work", lose_connection="before_work")
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(create, server)
        while not any(entry["held"] for entry in server.requests()):
            time.sleep(0.01)
        server.reset()
        with pytest.raises(httpx.RemoteProtocolError):
            held.result()
    assert names(server) == []


def test_storms_are_reproducible(server: LocalStripe) -> None:
    def storm() -> list[int]:
        server.clear_faults()
        server.fault(match={"path": "/v1/products"}, probability=0.3, seed=7, status=429)
        return [create(server).status_code for _ in range(40)]

    first = storm()
    assert storm() == first
    assert 4 < first.count(429) < 20


def test_a_request_that_is_sent_again_can_be_spared(server: LocalStripe) -> None:
    server.fault(match={"method": "POST", "path": "/v1/products", "first_attempt": True}, times=None, status=500)

    def attempts(*keys: str) -> list[int]:
        return [create(server, key, headers={"Idempotency-Key": key}).status_code for key in keys]

    assert attempts("a", "a", "b", "a", "b", "b") == [500, 200, 500, 200, 200, 200]
    assert names(server) == ["b", "a"]
    server.fault(match={"path": "/v1/customers", "first_attempt": True}, times=None, status=500)
    paths = [f"/v1/customers?limit={limit}" for limit in (1, 1, 2)]
    assert [server.http("GET", path).status_code for path in paths] == [500, 200, 500], "without a key the URL tells"


def test_a_storm_in_which_every_request_succeeds_when_it_is_sent_again(server: LocalStripe) -> None:
    match = {"method": "POST", "first_attempt": True}
    server.fault(match=match, probability=0.3, seed=1, status=429)
    server.fault(match=match, probability=0.3, seed=2, status=500)
    server.fault(match=match, probability=0.3, seed=3, lose_connection="after_work")
    client = server.client(max_network_retries=1)
    refused = 0
    for index in range(30):
        options: Any = {"idempotency_key": str(index)}
        try:
            client.v1.products.create({"name": str(index)}, options)
        except stripe.RateLimitError:  # Stripe's client does not send it again
            refused += 1
            client.v1.products.create({"name": str(index)}, options)
    assert refused > 0
    assert all(fault["fired"] > 0 for fault in server.faults())
    assert sorted(names(server), key=int) == [str(index) for index in range(30)]


def test_a_fault_without_end(server: LocalStripe) -> None:
    server.fault(match={"path": "/v1/products"}, times=None, status=500)
    assert {create(server).status_code for _ in range(5)} == {500}


def test_an_answer_that_is_lost_twice(server: LocalStripe) -> None:
    server.fault(match={"path": "/v1/products"}, times=2, lose_connection="after_work")
    headers = {"Idempotency-Key": "k"}
    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError):
            create(server, headers=headers)
    assert create(server, headers=headers).headers["idempotent-replayed"] == "true"
    assert names(server) == ["a"]


def test_faults_are_called_off(server: LocalStripe) -> None:
    server.fault(match={"path": "/v1"}, times=5, status=500)
    server.clear_faults()
    assert server.faults() == []
    assert create(server).status_code == 200


@pytest.mark.parametrize(
    "order", [{"status": "x"}, {"nonsense": 1}, {"lose_connection": "now"}, {"match": {"nth": 0}}, {"times": 0}, {"status": 99}]
)
def test_malformed_orders(server: LocalStripe, order: Any) -> None:
    assert server.http("POST", "/_local/faults", json=order).status_code == 400
    assert server.http("POST", "/_local/faults", content=b"nonsense").status_code == 400


# Recorded requests


def test_requests_are_recorded_in_order(server: LocalStripe) -> None:
    create(server, "a", headers={"Idempotency-Key": "k"})
    server.http("GET", "/v1/products?limit=3&expand[]=data.default_price", key=LIVE_KEY)
    server.http("DELETE", "/v1/products/none")
    first, second, third = server.requests()
    assert (first["method"], first["path"], first["status"]) == ("POST", "/v1/products", 200)
    assert (first["parameters"], first["idempotency_key"], first["livemode"]) == ({"name": "a"}, "k", False)
    assert second["parameters"] == {"limit": "3", "expand": ["data.default_price"]}
    assert (second["livemode"], second["idempotency_key"]) == (True, None)
    assert (third["method"], third["status"]) == ("DELETE", 404)
    assert [entry["number"] for entry in (second, third)] == [first["number"] + 1, first["number"] + 2]
    assert server.requests(since=second["number"]) == [third]
    server.forget_requests()
    create(server)
    assert [entry["number"] for entry in server.requests()] == [third["number"] + 1]


def test_control_itself_is_not_recorded(server: LocalStripe) -> None:
    server.clock()
    server.http("GET", "/_local/nonsense")
    assert [entry["path"] for entry in server.requests()] == ["/_local/nonsense"]


# Stats


def test_stats_count_requests_and_answers(server: LocalStripe) -> None:
    before = time.time()
    create(server)
    server.http("GET", "/v1/products/none")
    server.fault(match={"path": "/v1/customers"}, status=503)
    server.http("POST", "/v1/customers")
    server.fault(match={"path": "/v1/prices"}, status=429)
    server.http("GET", "/v1/prices")
    server.fault(match={"path": "/v1/products"}, lose_connection="after_work")
    with pytest.raises(httpx.RemoteProtocolError):
        create(server)
    stats = server.stats()
    assert (stats["requests"], stats["lost"], stats["rate_limited"]) == (5, 1, 1)
    assert stats["statuses"] == {"2xx": 1, "4xx": 2, "5xx": 1}
    assert (stats["in_flight"], stats["most_in_flight"]) == (0, 1)
    assert before <= stats["first_arrival"] <= stats["last_arrival"] <= time.time()
    server.clear_stats()
    stats = server.stats()
    assert (stats["requests"], stats["most_in_a_second"], stats["first_arrival"], stats["last_arrival"]) == (0, 0, None, None)
    assert stats["statuses"] == {"2xx": 0, "4xx": 0, "5xx": 0}


def test_stats_show_how_many_were_in_flight_at_once(server: LocalStripe) -> None:
    server.fault(match={"path": "/v1/products"}, delay=1.0, times=3)
    with ThreadPoolExecutor(3) as pool:
        sent = [pool.submit(create, server, str(index)) for index in range(3)]
        while server.stats()["in_flight"] < 3:
            time.sleep(0.01)
        assert not any(future.done() for future in sent)
        server.clear_stats()
        assert server.stats()["most_in_flight"] == 3, "they are still in flight"
        for future in sent:
            future.result()
    stats = server.stats()
    assert (stats["requests"], stats["in_flight"], stats["most_in_flight"]) == (0, 0, 3)
    assert stats["statuses"]["2xx"] == 3


def test_the_most_in_a_second_is_of_any_second() -> None:
    stats = Stats()
    for now in (0.0, 0.5, 0.9, 1.1, 1.4, 1.5, 3.0):
        stats.arrived(now)
    assert stats.public()["most_in_a_second"] == 4, "those from 0.5 to 1.4, but 1.5 is a second after 0.5"


# Rate limit and latency


def test_the_rate_limit() -> None:
    with LocalStripe(rate_limit=2) as server:
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda index: create(server, str(index)), range(12)))
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        error = refused[0].json()["error"]
        assert (error["code"], error["type"]) == ("rate_limit", "invalid_request_error")
        assert refused[0].headers["retry-after"]
        # The other mode, and another account, have buckets of their own.
        assert create(server, key=LIVE_KEY).status_code == 200
        assert create(server, key=server.account().key).status_code == 200
        while (found := server.http("GET", "/v1/products?limit=100")).status_code == 429:
            time.sleep(0.2)
        assert len(found.json()["data"]) == len(answers) - len(refused)


def test_all_keys_of_an_account_have_one_rate_limit() -> None:
    """Requests per second are measured per Stripe account: https://docs.stripe.com/rate-limits."""
    with LocalStripe(rate_limit=0.01) as server:
        one, other = server.account(), server.account()
        assert create(server, key=one.key).status_code == 200
        keys = (one.key, one.secret_key(), one.restricted_key("product_write"))
        assert [create(server, key=key).status_code for key in keys] == [429, 429, 429]
        assert create(server, key=other.restricted_key("product_write")).status_code == 200


def test_latency_overlaps() -> None:
    with LocalStripe(latency=500) as server, ThreadPoolExecutor(10) as pool:
        sent = [pool.submit(create, server, str(index)) for index in range(10)]
        at_once = 0
        while not all(future.done() for future in sent):
            at_once = max(at_once, sum(entry["status"] is None for entry in server.requests()))
        assert [future.result().status_code for future in sent] == [200] * 10
        assert at_once > 1


@pytest.mark.parametrize("order", [{}, {"advance": 1, "set": 2}, {"advance": "x"}, {"backwards": 1}])
def test_malformed_clock_orders(server: LocalStripe, order: Any) -> None:
    assert server.http("POST", "/_local/clock", json=order).status_code == 400
