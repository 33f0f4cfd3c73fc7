"""The meter event stream: sessions, many events in a request, what is accepted and what is dropped."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.stripe_local.guide import Guide, make_guide, refusal
from tests.stripe_local.server import LocalStripe

DAY = 86400


@pytest.fixture
def guide(client: StripeClient) -> Guide:
    return make_guide(client)


def streaming(server: LocalStripe, token: str) -> StripeClient:
    return StripeClient(token, base_addresses={"api": server.url, "meter_events": server.url})


def event(guide: Guide, value: object, **more: Any) -> Any:
    payload = {"stripe_customer_id": guide.customer.id, "value": str(value)}
    return {"event_name": "hypernian_tokens", "payload": payload, **more}


def used(server: LocalStripe, guide: Guide) -> str:
    now = server.clock()
    times: Any = {"start_time": now - now % DAY - DAY, "end_time": now - now % DAY + DAY, "customer": guide.customer.id}
    return str(sum(s.aggregated_value for s in guide.client.v1.billing.meters.event_summaries.list(guide.meter.id, times)))


def test_a_session_streams_a_hundred_events(server: LocalStripe, guide: Guide) -> None:
    session = guide.client.v2.billing.meter_event_session.create()
    assert session.livemode is False
    until = datetime.fromisoformat(session.expires_at.replace("Z", "+00:00"))
    assert (until - datetime.fromisoformat(session.created.replace("Z", "+00:00"))).total_seconds() == 900
    stream = streaming(server, session.authentication_token).v2.billing.meter_event_stream
    stream.create({"events": [event(guide, n, identifier=f"e-{n}") for n in range(100)]})
    assert used(server, guide) == "4950"
    last = server.requests()[-2]
    assert (last["path"], last["parameters"]) == ("/v2/billing/meter_event_stream", {"events": 100})
    error = refusal(stream.create, {"events": [event(guide, 1)] * 101})
    assert "maximum 100" in str(error.user_message)


def test_alerts_see_a_request_as_a_whole(server: LocalStripe, guide: Guide) -> None:
    threshold: Any = {"gte": 10, "meter": guide.meter.id, "recurrence": "one_time"}
    guide.client.v1.billing.alerts.create({"title": "Tokens", "alert_type": "usage_threshold", "usage_threshold": threshold})
    session = guide.client.v2.billing.meter_event_session.create()
    stream = streaming(server, session.authentication_token).v2.billing.meter_event_stream
    for values in ((4, 5), (3, 4, "x"), (100,)):
        stream.create({"events": [event(guide, value) for value in values]})
    triggered = guide.client.v1.events.list({"type": "billing.alert.triggered"}).data
    assert [e.data.object["value"] for e in triggered] == [16]


def test_what_is_wrong_with_an_event_is_not_said(server: LocalStripe, guide: Guide) -> None:
    session = guide.client.v2.billing.meter_event_session.create()
    stream = streaming(server, session.authentication_token).v2.billing.meter_event_stream
    old = datetime.fromtimestamp(server.clock() - 36 * DAY, UTC).isoformat()
    nobody: Any = {"event_name": "hypernian_tokens", "payload": {"stripe_customer_id": "cus_none", "value": "1"}}
    good = event(guide, 5, identifier="once")
    events = [event(guide, "x"), event(guide, 1, timestamp=old), nobody, {**good, "event_name": "none"}, good, good]
    assert stream.create({"events": events}) is None
    stream.create({"events": [good]})
    assert used(server, guide) == "5"


def test_a_request_of_the_wrong_shape_is_refused_whole(server: LocalStripe, guide: Guide) -> None:
    session = guide.client.v2.billing.meter_event_session.create()
    stream = streaming(server, session.authentication_token).v2.billing.meter_event_stream
    assert refusal(stream.create, {"events": [event(guide, 5), event(guide, 5, timestamp="noon")]}).http_status == 400
    assert refusal(stream.create, {"events": [event(guide, 5), {"event_name": "a"}]}).http_status == 400
    assert used(server, guide) == "0"


def test_a_session_lasts_fifteen_minutes(server: LocalStripe, guide: Guide) -> None:
    session = guide.client.v2.billing.meter_event_session.create()
    stream = streaming(server, session.authentication_token).v2.billing.meter_event_stream
    server.clock(advance=880)
    stream.create({"events": [event(guide, 1)]})
    server.clock(advance=901)
    with pytest.raises(stripe.StripeError) as expired:
        stream.create({"events": [event(guide, 1)]})
    assert (expired.value.http_status, expired.value.code) == (401, "billing_meter_event_session_expired")


def test_a_key_is_no_session_and_a_session_no_key(server: LocalStripe, guide: Guide) -> None:
    with pytest.raises(stripe.AuthenticationError):
        streaming(server, "sk_test_local").v2.billing.meter_event_stream.create({"events": [event(guide, 1)]})
    session = guide.client.v2.billing.meter_event_session.create()
    with pytest.raises(stripe.AuthenticationError):
        streaming(server, session.authentication_token).v1.customers.list()


def test_answers_have_the_date_of_the_clock(server: LocalStripe) -> None:
    server.clock(advance=40 * DAY)
    shown = parsedate_to_datetime(server.http("GET", "/v1/account").headers["date"]).timestamp()
    assert abs(shown - server.clock()) < 10
