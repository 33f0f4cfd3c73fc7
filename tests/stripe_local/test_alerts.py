"""Alerts: triggered by usage, delivered to an endpoint on loopback, signed so that Stripe's SDK verifies it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.stripe_local.guide import Guide, make_guide
from tests.stripe_local.receiver import Receiver
from tests.stripe_local.server import LocalStripe


@pytest.fixture
def endpoint() -> Iterator[Receiver]:
    found = Receiver(refusals=1)
    yield found
    found.close()


@pytest.fixture
def guide(client: StripeClient) -> Guide:
    return make_guide(client)


def alert(guide: Guide, gte: int, **more: Any) -> stripe.billing.Alert:
    threshold: Any = {"gte": gte, "meter": guide.meter.id, "recurrence": "one_time", **more}
    return guide.client.v1.billing.alerts.create(
        {"title": "Tokens", "alert_type": "usage_threshold", "usage_threshold": threshold}
    )


def triggered(guide: Guide) -> list[tuple[str, int]]:
    events = guide.client.v1.events.list({"type": "billing.alert.triggered"}).data
    return [(e.data.object["alert"]["id"], e.data.object["value"]) for e in events]


def test_a_triggered_alert_is_delivered_and_verifies(guide: Guide, endpoint: Receiver) -> None:
    hook = guide.client.v1.webhook_endpoints.create({"url": endpoint.url, "enabled_events": ["billing.alert.triggered"]})
    assert hook.secret
    made = alert(guide, 1000)
    guide.use(999)
    assert triggered(guide) == []
    guide.use(1)
    first = endpoint.deliveries.get(timeout=60)
    body, header = endpoint.deliveries.get(timeout=60)
    assert body == first[0], "the first was refused, so it came again"
    event = stripe.Webhook.construct_event(body, header, hook.secret)  # type: ignore[no-untyped-call]
    assert (event.type, event.data.object["customer"]) == ("billing.alert.triggered", guide.customer.id)
    assert event.data.object["alert"]["id"] == made.id
    assert event.data.object["value"] == 1000
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, header, "whsec_other")  # type: ignore[no-untyped-call]
    guide.use(5000)
    assert triggered(guide) == [(made.id, 1000)], "once per customer"
    assert endpoint.deliveries.empty()


def test_endpoints_for_connected_accounts_get_nothing_of_this_account(guide: Guide) -> None:
    hook: Any = {"url": "http://127.0.0.1:9/hook", "enabled_events": ["*"]}
    guide.client.v1.webhook_endpoints.create(hook)
    guide.client.v1.webhook_endpoints.create({**hook, "connect": True})
    destination: Any = {
        "name": "Accounts",
        "type": "webhook_endpoint",
        "event_payload": "snapshot",
        "enabled_events": ["*"],
        "webhook_endpoint": {"url": "http://127.0.0.1:9/hook"},
        "events_from": ["@accounts"],
    }
    guide.client.v2.core.event_destinations.create(destination)
    alert(guide, 1)
    guide.use(1)
    (event,) = guide.client.v1.events.list({"type": "billing.alert.triggered"}).data
    assert event.pending_webhooks == 1


def test_enabled_event_destinations_are_sent_snapshots(guide: Guide, endpoint: Receiver) -> None:
    destinations = guide.client.v2.core.event_destinations

    def destination(**more: Any) -> Any:
        return destinations.create(
            {
                "name": "Alerts",
                "type": "webhook_endpoint",
                "event_payload": "snapshot",
                "enabled_events": ["billing.alert.triggered"],
                "webhook_endpoint": {"url": endpoint.url},
                "include": ["webhook_endpoint.signing_secret"],
                **more,
            }
        )

    taking = destination()
    destination(event_payload="thin", enabled_events=["v1.customer.created"])
    destination(enabled_events=["customer.created"])
    destinations.disable(destination().id)
    alert(guide, 1)
    guide.use(1)
    (found,) = guide.client.v1.events.list({"type": "billing.alert.triggered"}).data
    assert found.pending_webhooks <= 1, "only one of them takes it"
    endpoint.deliveries.get(timeout=60)
    body, header = endpoint.deliveries.get(timeout=60)
    event = stripe.Webhook.construct_event(body, header, taking.webhook_endpoint.signing_secret)  # type: ignore[no-untyped-call]
    assert (event.id, event.type) == (found.id, "billing.alert.triggered")


def test_what_triggers_an_alert(guide: Guide) -> None:
    guide.use(900)
    for_all = alert(guide, 1000)
    other = guide.client.v1.customers.create({})
    alert(guide, 1, filters=[{"type": "customer", "customer": other.id}])
    inactive, archived = alert(guide, 1), alert(guide, 1)
    guide.client.v1.billing.alerts.deactivate(inactive.id)
    guide.client.v1.billing.alerts.archive(archived.id)
    guide.use(100)
    assert triggered(guide) == [(for_all.id, 1000)], "usage before the alert counts"
    guide.client.v1.billing.alerts.activate(inactive.id)
    guide.use(1)
    assert triggered(guide)[0] == (inactive.id, 1001)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        guide.client.v1.billing.alerts.retrieve(archived.id)
    assert refused.value.http_status == 404
    assert archived.id not in [a.id for a in guide.client.v1.billing.alerts.list().data]


def test_events_elsewhere_are_not_sent(guide: Guide) -> None:
    guide.client.v1.webhook_endpoints.create({"url": "https://example.com/stripe", "enabled_events": ["*"]})
    alert(guide, 1)
    guide.use(1)
    assert len(triggered(guide)) == 1


def test_an_event_survives_the_server(endpoint: Receiver) -> None:
    with LocalStripe() as server:
        guide = make_guide(server.client())
        hook = server.client().v1.webhook_endpoints.create({"url": endpoint.url, "enabled_events": ["*"]})
        alert(guide, 1)
        guide.use(1)
        body, _ = endpoint.deliveries.get(timeout=60)
        server.kill()
        server.start()
        again, header = endpoint.deliveries.get(timeout=60)
        assert again == body
        assert stripe.Webhook.construct_event(again, header, str(hook.secret))  # type: ignore[no-untyped-call]
