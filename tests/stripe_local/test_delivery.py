"""Events on their way: whom they are sent to, and what does not stop them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
import stripe

from tests.stripe_local.guide import METER, Guide, make_guide, refusal
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


def drained(receiver: Receiver, count: int) -> list[tuple[dict[str, Any], bytes, str]]:
    """The next deliveries: the event, the body and its signature."""
    taken = [receiver.deliveries.get(timeout=60) for _ in range(count)]
    return [(json.loads(body), body, header) for body, header in taken]


def test_events_come_in_order_signed(server: LocalStripe, closes: ExitStack) -> None:
    """https://docs.stripe.com/webhooks/signature"""
    client = server.client()
    receiver = closes.enter_context(closing(Receiver()))
    made = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["customer.created", "customer.updated"]})
    assert made.secret
    customers = [client.v1.customers.create({"name": str(number)}).id for number in range(10)]
    for customer in customers:
        client.v1.customers.update(customer, {"name": "new"})
    client.v1.customers.delete(customers[0])
    found = drained(receiver, 20)
    assert [event["data"]["object"]["id"] for event, _, _ in found] == customers * 2
    for event, body, header in found:
        parsed = stripe.Webhook.construct_event(body, header, made.secret)  # type: ignore[no-untyped-call]
        assert (parsed.id, parsed.pending_webhooks) == (event["id"], 1)
        assert [part.partition("=")[0] for part in header.split(",")] == ["t", "v1", "v0"], "in test mode a fake one, too"
    while client.v1.events.retrieve(found[-1][0]["id"]).pending_webhooks:
        time.sleep(0.05)
    assert receiver.deliveries.empty()
    assert len(client.v1.events.list({"delivery_success": True, "limit": 100}).data) == 21


def test_an_event_that_is_sent_again_holds_back_only_what_is_about_its_object(server: LocalStripe, closes: ExitStack) -> None:
    client = server.client()
    receiver = closes.enter_context(closing(Receiver(1)))
    client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    first = client.v1.customers.create({"name": "a"}).id
    client.v1.customers.update(first, {"name": "b"})
    client.v1.customers.update(first, {"name": "c"})
    second = client.v1.customers.create({"name": "d"}).id
    found = [(event["type"], event["data"]["object"]["id"]) for event, _, _ in drained(receiver, 5)]
    assert found[0] == ("customer.created", first), "it was refused"
    told = [word for word, id in found[1:] if id == first]
    assert told == ["customer.created", "customer.updated", "customer.updated"]
    assert ("customer.created", second) in found[1:]


def test_thin_events_are_sent_to_their_destinations(server: LocalStripe, closes: ExitStack) -> None:
    """https://docs.stripe.com/webhooks?snapshot-or-thin=thin"""
    client = server.client()
    receiver = closes.enter_context(closing(Receiver()))
    destination: Any = {
        "name": "Thin",
        "type": "webhook_endpoint",
        "event_payload": "thin",
        "enabled_events": ["v1.customer.created", "v1.billing.meter.error_report_triggered"],
        "webhook_endpoint": {"url": receiver.url},
        "include": ["webhook_endpoint.signing_secret"],
    }
    made = client.v2.core.event_destinations.create(destination)
    secret = made.webhook_endpoint.signing_secret  # type: ignore[union-attr]
    meter = client.v1.billing.meters.create(METER)  # type: ignore[arg-type]
    customer = client.v1.customers.create({"name": "a"})
    client.v1.customers.update(customer.id, {"name": "b"})
    payload = {"stripe_customer_id": "cus_none", "value": "1"}
    client.v1.billing.meter_events.create({"event_name": METER["event_name"], "identifier": "lost", "payload": payload})
    (told, body, header), (reported, more, signed) = drained(receiver, 2)
    assert {"data", "changes", "snapshot_event"} & (told.keys() | reported.keys()) == set()
    notification: Any = client.parse_event_notification(body, header, secret)
    assert (notification.type, notification.related_object.id) == ("v1.customer.created", customer.id)
    assert notification.fetch_related_object().name == "b"
    assert notification.fetch_event().snapshot_event.startswith("evt_1")
    report: Any = client.parse_event_notification(more, signed, secret)
    assert report.fetch_related_object().id == meter.id
    (error,) = report.fetch_event().data.reason.error_types
    assert (error.code, error.sample_errors[0].request.identifier) == ("meter_event_customer_not_found", "lost")
    pinged = client.v2.core.event_destinations.ping(made.id)
    ((ping, _, _),) = drained(receiver, 1)
    assert (ping["id"], ping["type"]) == (pinged.id, "v2.core.event_destination.ping")


def test_time_is_told_of_without_a_request(server: LocalStripe, closes: ExitStack) -> None:
    client = server.client()
    receiver = closes.enter_context(closing(Receiver()))
    client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["customer.subscription.deleted"]})
    guide = make_guide(client)
    client.v1.subscriptions.update(guide.subscription.id, {"cancel_at": server.clock() + 3})
    ((event, _, _),) = drained(receiver, 1)
    assert event["data"]["object"]["id"] == guide.subscription.id


def test_kill_9_loses_no_event_and_sends_none_again(closes: ExitStack) -> None:
    receiver = closes.enter_context(closing(Receiver()))
    server = closes.enter_context(LocalStripe())
    client = server.client()
    client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["customer.created"]})
    made: set[str] = set()
    taken: list[str] = []
    for _ in range(3):
        made |= {client.v1.customers.create({"name": "a"}).id for _ in range(30)}
        server.kill()
        server.start()
        client = server.client()
    while len(set(taken)) < len(made):
        event, _, _ = drained(receiver, 1)[0]
        taken.append(event["data"]["object"]["id"])
    assert set(taken) == made
    assert len(taken) - len(made) <= 3, "only what was on its way as the server was killed comes twice"
    assert len(client.v1.events.list({"type": "customer.created", "limit": 100}).data) == len(made)


@pytest.mark.parametrize("name", ["invoice.payed", "customer", "v1.invoice.paid", ""])
def test_unknown_events_are_refused(server: LocalStripe, name: str) -> None:
    client = server.client()
    hook: Any = {"url": "http://localhost/", "enabled_events": ["invoice.paid", name]}
    error = refusal(client.v1.webhook_endpoints.create, hook)
    assert (error.http_status, error.param) == (400, "enabled_events[1]")  # type: ignore[attr-defined]
    made = client.v1.webhook_endpoints.create({**hook, "enabled_events": ["*"]})
    assert refusal(client.v1.webhook_endpoints.update, made.id, {"enabled_events": ["invoice.paid", name]}).http_status == 400
