"""Idempotency keys, as https://docs.stripe.com/api/idempotent_requests describes them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stripe

from tests.stripe_local.guide import METER, refusal
from tests.stripe_local.server import LIVE_KEY, LocalStripe

DAY = 24 * 3600


def post(server: LocalStripe, idempotency_key: str, name: str = "a", **options: Any) -> Any:
    return server.http("POST", "/v1/products", data={"name": name}, headers={"Idempotency-Key": idempotency_key}, **options)


def test_the_same_request_again_is_answered_with_what_was_saved(server: LocalStripe) -> None:
    first, again = post(server, "k"), post(server, "k")
    assert again.content == first.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"]
    assert again.headers["request-id"] != first.headers["request-id"]
    assert len(server.client().v1.products.list().data) == 1
    assert [entry["replayed"] for entry in server.requests()[:2]] == [False, True]
    assert server.requests()[0]["idempotency_key"] == "k"


def test_the_same_key_with_other_parameters_is_an_error(server: LocalStripe) -> None:
    post(server, "k")
    response = post(server, "k", "b")
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "idempotency_error"
    assert response.json()["error"]["message"] == (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a "
        "key other than 'k' if you meant to execute a different request."
    )
    elsewhere = server.http("POST", "/v1/customers", data={"name": "a"}, headers={"Idempotency-Key": "k"})
    assert elsewhere.status_code == 400
    client = server.client()
    assert isinstance(refusal(client.v1.products.create, {"name": "c"}, {"idempotency_key": "k"}), stripe.IdempotencyError)


def test_a_failure_after_execution_began_is_repeated(server: LocalStripe) -> None:
    client = server.client()
    meter = client.v1.billing.meters.create(METER)
    first = refusal(client.v1.billing.meters.create, METER, {"idempotency_key": "k"})
    client.v1.billing.meters.deactivate(meter.id)
    again = refusal(client.v1.billing.meters.create, METER, {"idempotency_key": "k"})
    assert again.user_message == first.user_message
    assert again.headers is not None
    assert again.headers["idempotent-replayed"] == "true"
    assert client.v1.billing.meters.create(METER).status == "active"


def test_a_failed_validation_is_not_kept(server: LocalStripe) -> None:
    bad = server.http("POST", "/v1/products", data={"bogus": "1"}, headers={"Idempotency-Key": "k"})
    assert bad.status_code == 400
    assert post(server, "k").status_code == 200


@pytest.mark.parametrize("key", ["sk_wrong", None])
def test_a_refused_key_is_not_kept(server: LocalStripe, key: str | None) -> None:
    assert post(server, "k", key=key).status_code == 401
    assert post(server, "k").status_code == 200


def test_two_at_once(server: LocalStripe) -> None:
    server.fault(match={"path": "/v1/products"}, times=1, delay=3.0)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(post, server, "k")
        while not server.requests():
            time.sleep(0.01)
        second, other = post(server, "k"), post(server, "other", "b")
        assert not first.done()
        assert first.result().status_code == 200
    assert (second.status_code, other.status_code) == (409, 200)
    conflict = second.json()["error"]
    assert (conflict["type"], conflict["code"]) == ("idempotency_error", "idempotency_key_in_use")
    again = post(server, "k")
    assert (again.headers["idempotent-replayed"], again.json()) == ("true", first.result().json())
    assert len(server.client().v1.products.list().data) == 2


def test_who_gives_up_waiting_and_asks_again_is_told_that_the_first_still_runs(server: LocalStripe) -> None:
    server.fault(match={"path": "/v1/products"}, delay=1.0)
    with pytest.raises(httpx.ReadTimeout):
        post(server, "k", timeout=0.2)
    assert post(server, "k").status_code == 409
    while (again := post(server, "k")).status_code == 409:
        time.sleep(0.05)
    assert again.headers["idempotent-replayed"] == "true"
    assert len(server.client().v1.products.list().data) == 1


def test_a_saved_500_is_repeated_as_long_as_the_key_is_kept(server: LocalStripe) -> None:
    """Stripe saves them, too: only another key gets an answer, and it makes a second object."""
    server.fault(match={"path": "/v1/products"}, status=500, after_work=True)
    assert post(server, "k").status_code == 500
    for _ in range(2):
        server.clock(advance=DAY / 3)
        again = post(server, "k")
        assert (again.status_code, again.headers["idempotent-replayed"]) == (500, "true")
    assert post(server, "other").status_code == 200
    assert len(server.client().v1.products.list().data) == 2
    server.clock(advance=DAY / 2)
    assert post(server, "k").status_code == 200


def test_modes_have_keys_of_their_own(server: LocalStripe) -> None:
    test, live = post(server, "k").json(), post(server, "k", key=LIVE_KEY).json()
    assert test["id"] != live["id"]
    assert (test["livemode"], live["livemode"]) == (False, True)


def test_keys_are_kept_for_a_day(server: LocalStripe) -> None:
    post(server, "k")
    server.clock(advance=DAY - 60)
    assert post(server, "k").headers.get("idempotent-replayed") == "true"
    server.clock(advance=120)
    assert "idempotent-replayed" not in post(server, "k").headers
    assert len(server.client().v1.products.list().data) == 2


def test_keys_of_v2_are_kept_for_thirty_days_and_failed_work_is_done_again(server: LocalStripe) -> None:
    client = server.client()
    event: dict[str, Any] = {"event_name": "hypernian_tokens", "payload": {"stripe_customer_id": "cus_none", "value": "1"}}

    def send() -> Any:
        return server.http("POST", "/v2/billing/meter_events", json=event, headers={"Idempotency-Key": "k"})

    assert send().status_code == 400
    client.v1.billing.meters.create(METER)
    event["payload"]["stripe_customer_id"] = client.v1.customers.create({}).id
    first = send()
    assert first.status_code == 200
    server.clock(advance=29 * DAY)
    assert send().headers["idempotent-replayed"] == "true"


def test_keys_that_are_too_long_are_refused(server: LocalStripe) -> None:
    assert post(server, "k" * 255).status_code == 200
    assert post(server, "k" * 256).status_code == 400


def test_a_dead_object_is_still_replayed(server: LocalStripe) -> None:
    """A key outlives the object it made: whoever trusts the answer has an id that is gone."""
    made = post(server, "k").json()
    server.client().v1.products.delete(made["id"])
    assert post(server, "k").json() == made
    assert server.http("GET", f"/v1/products/{made['id']}").status_code == 404


def test_previews_are_kept_too(server: LocalStripe) -> None:
    from tests.stripe_local.guide import make_guide

    guide = make_guide(server.client())
    options: Any = {"idempotency_key": "k"}
    params: Any = {"subscription": guide.subscription.id}
    assert guide.client.v1.invoices.create_preview(params, options).total == 0
    guide.use(25)
    assert guide.client.v1.invoices.create_preview(params, options).total == 0
    assert guide.preview().total == 4
