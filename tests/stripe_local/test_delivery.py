"""Events on their way: whom they are sent to, and what does not stop them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
import stripe

from tests.stripe_local.guide import Guide, make_guide
from tests.stripe_local.receiver import Receiver, SlowReceiver
from tests.stripe_local.server import LIVE_KEY, TEST_KEY, LocalStripe


@pytest.fixture
def closes() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def hook(guide: Guide, url: str) -> str:
    return guide.client.v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]}).id


def happen(guide: Guide) -> str:
    """An event that all endpoints are told of; its id."""
    threshold: Any = {"gte": 1, "meter": guide.meter.id, "recurrence": "one_time"}
    alerts = guide.client.v1.billing.alerts
    alerts.create({"title": "Tokens", "alert_type": "usage_threshold", "usage_threshold": threshold})
    guide.use(1)
    return guide.client.v1.events.list().data[0].id


def pending(guide: Guide, event: str) -> int:
    return guide.client.v1.events.retrieve(event).pending_webhooks


WRONG = [
    "http://[::1",
    "http://[::1]:x/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:0/",
    "http://",
    "http:///stripe",
    "http://127.0.0.1/a b",
    "http://127.0.0.1/\n",
    "http://127.0.0.1/\x00",
]


@pytest.mark.parametrize("url", WRONG, ids=repr)
def test_what_is_no_address_is_refused(server: LocalStripe, url: str) -> None:
    client = server.client()
    ours = client.v1.webhook_endpoints.create({"url": "http://localhost/", "enabled_events": ["*"]})
    for path in ("/v1/webhook_endpoints", f"/v1/webhook_endpoints/{ours.id}"):
        data = {"url": url, "enabled_events[]": "*"}
        error = server.http("POST", path, data=data).json()["error"]
        assert (error["message"], error["param"], error["code"]) == ("Not a valid URL", "url", "url_invalid")
    order = {"name": "a", "type": "webhook_endpoint", "event_payload": "snapshot", "enabled_events": ["*"]}
    answer = server.http("POST", "/v2/core/event_destinations", json={**order, "webhook_endpoint": {"url": url}})
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Not a valid URL")
    assert [found.url for found in client.v1.webhook_endpoints.list().data] == ["http://localhost/"]


def test_other_schemes_are_refused(server: LocalStripe) -> None:
    for url, key, message in (
        ("localhost/stripe", LIVE_KEY, "An explicit scheme"),
        ("file:///etc/passwd", LIVE_KEY, "An explicit scheme"),
        ("http://localhost/", LIVE_KEY, "must begin with https in live mode"),
    ):
        refused = server.http("POST", "/v1/webhook_endpoints", data={"url": url, "enabled_events[]": "*"}, key=key)
        assert message in refused.json()["error"]["message"]


def test_a_slow_receiver_holds_up_no_other(server: LocalStripe, closes: ExitStack) -> None:
    guide = make_guide(server.client())
    slow, quick = closes.enter_context(closing(SlowReceiver())), closes.enter_context(closing(Receiver()))
    hook(guide, slow.url)
    hook(guide, quick.url)
    first = happen(guide)
    slow.deliveries.get(timeout=60)
    quick.deliveries.get(timeout=60)
    second = happen(guide)
    quick.deliveries.get(timeout=60)
    while pending(guide, first) + pending(guide, second) > 2:
        time.sleep(0.05)
    assert slow.deliveries.empty(), "it is sent the second when it has answered to the first"


def test_a_redirect_is_a_refusal(server: LocalStripe, closes: ExitStack) -> None:
    guide = make_guide(server.client())
    elsewhere = closes.enter_context(closing(Receiver()))
    moved = closes.enter_context(closing(Receiver(None, 307, {"Location": elsewhere.url})))
    hook(guide, moved.url)
    event = happen(guide)
    moved.deliveries.get(timeout=60)
    moved.deliveries.get(timeout=60)
    assert pending(guide, event) == 1
    assert elsewhere.deliveries.empty()


def test_an_address_that_an_earlier_version_took_stops_nothing(server: LocalStripe, closes: ExitStack) -> None:
    guide = make_guide(server.client())
    receiver = closes.enter_context(closing(Receiver()))
    server.change(hook(guide, "http://localhost/"), url="http://[::1")
    hook(guide, receiver.url)
    event = happen(guide)
    receiver.deliveries.get(timeout=60)
    while pending(guide, event):
        time.sleep(0.05)


@pytest.mark.parametrize(("key", "kind"), [(TEST_KEY, "test "), (LIVE_KEY, "")])
def test_an_account_has_at_most_16_endpoints_in_each_mode(server: LocalStripe, key: str, kind: str) -> None:
    """Stripe's words in test mode are those by which its users' programs know the refusal, such as getlago/lago-api."""
    endpoints = server.client(key).v1.webhook_endpoints
    hook: Any = {"url": "https://example.com/stripe", "enabled_events": ["*"]}
    made = [endpoints.create(hook) for _ in range(16)]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        endpoints.create(hook)
    assert refused.value.user_message == f"You have reached the maximum of 16 {kind}webhook endpoints."
    assert refused.value.code is None
    other = server.client(TEST_KEY if key == LIVE_KEY else LIVE_KEY)
    other.v1.webhook_endpoints.create(hook)
    endpoints.update(made[0].id, {"disabled": True})
    with pytest.raises(stripe.InvalidRequestError):
        endpoints.create(hook)
    endpoints.delete(made[0].id)
    endpoints.create(hook)
