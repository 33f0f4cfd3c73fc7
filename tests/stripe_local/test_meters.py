"""Meters, meter events, adjustments and summaries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import METER, Guide, make_guide, refusal
from tests.stripe_local.server import LocalStripe

DAY = 86400


def meter(client: StripeClient, **more: Any) -> Any:
    return client.v1.billing.meters.create({**METER, **more})


# Meters


def test_defaults(client: StripeClient) -> None:
    made = client.v1.billing.meters.create({"display_name": "a", "event_name": "a", "default_aggregation": {"formula": "count"}})
    assert made.customer_mapping.to_dict() == {"event_payload_key": "stripe_customer_id", "type": "by_id"}
    assert made.value_settings.to_dict() == {"event_payload_key": "value"}
    assert (made.status, made.event_time_window, made.status_transitions.deactivated_at) == ("active", None, None)
    assert made.created == made.updated


def test_only_the_display_name_changes(client: StripeClient) -> None:
    made = meter(client)
    assert client.v1.billing.meters.update(made.id, {"display_name": "b"}).display_name == "b"
    error = refusal(client.v1.billing.meters.update, made.id, {"event_name": "b"})
    assert (error.code, error.param) == ("parameter_unknown", "event_name")


def test_one_active_meter_per_event_name(client: StripeClient) -> None:
    first = meter(client)
    error = refusal(meter, client)
    assert error.user_message == (
        "An active meter already exists for event name 'hypernian_tokens'. To create a new meter with the same event "
        "name, first deactivate the currently active meter."
    )
    assert error.http_status == 400
    stopped = client.v1.billing.meters.deactivate(first.id)
    assert (stopped.status, stopped.status_transitions.deactivated_at is not None) == ("inactive", True)
    second = meter(client)
    assert refusal(client.v1.billing.meters.reactivate, first.id).http_status == 400
    client.v1.billing.meters.deactivate(second.id)
    started = client.v1.billing.meters.reactivate(first.id)
    assert (started.status, started.status_transitions.deactivated_at) == ("active", None)


def test_list_by_status(client: StripeClient) -> None:
    old = meter(client)
    client.v1.billing.meters.deactivate(old.id)
    new = meter(client)
    for status, expected in (("active", [new.id]), ("inactive", [old.id]), (None, [new.id, old.id])):
        params: Any = {"status": status} if status else {}
        assert [found.id for found in client.v1.billing.meters.list(params).data] == expected


def test_an_inactive_meter_takes_no_events_and_no_new_prices(client: StripeClient) -> None:
    guide = make_guide(client)
    client.v1.billing.meters.deactivate(guide.meter.id)
    assert refusal(guide.use, 1).user_message == 'No active meter found for event name "hypernian_tokens"'
    assert refusal(guide.new_price, 5).http_status == 400
    assert client.v1.prices.retrieve(guide.price.id).active


# Events


@pytest.fixture
def guide(client: StripeClient) -> Guide:
    return make_guide(client)


def total(guide: Guide, start: int, end: int) -> Any:
    found = guide.client.v1.billing.meters.event_summaries.list(
        guide.meter.id, {"customer": guide.customer.id, "start_time": start, "end_time": end}
    )
    return found.data[0].aggregated_value if found.data else None


def today(server: LocalStripe) -> tuple[int, int]:
    """A window around now that holds every event a test sends."""
    now = server.clock()
    return (now - 40 * DAY) // 60 * 60, (now + DAY) // 60 * 60


def test_an_event_is_answered_with_what_was_sent(guide: Guide) -> None:
    event = guide.use(25, identifier="abc", timestamp=guide.subscription.created)
    assert event.to_dict() == {
        "object": "billing.meter_event",
        "created": event.created,
        "event_name": "hypernian_tokens",
        "identifier": "abc",
        "livemode": False,
        "payload": {"stripe_customer_id": guide.customer.id, "value": "25"},
        "timestamp": guide.subscription.created,
    }
    assert guide.use(1).identifier


def test_identifiers_are_unique_for_a_day(server: LocalStripe, guide: Guide) -> None:
    guide.use(25, identifier="abc")
    error = refusal(guide.use, 25, identifier="abc")
    assert (error.user_message, error.code) == ("An event already exists with identifier abc.", None)
    server.clock(advance=DAY - 60)
    assert refusal(guide.use, 25, identifier="abc").http_status == 400
    server.clock(advance=120)
    guide.use(25, identifier="abc")
    assert total(guide, *today(server)) == 50


def test_timestamps_within_35_days_and_5_minutes(server: LocalStripe, guide: Guide) -> None:
    now = server.clock()
    error = refusal(guide.use, 1, timestamp=now - 35 * DAY - 60)
    assert (error.user_message or "").startswith("The event timestamp cannot be more than 35 days in past. Expected a ")
    assert refusal(guide.use, 1, timestamp=now + 400).http_status == 400
    guide.use(1, timestamp=now - 35 * DAY + 60)
    guide.use(2, timestamp=now + 240)
    assert total(guide, *today(server)) == 3


@pytest.mark.parametrize("value", ["0", "-5", "1.5", "+3", ".5", "123456789012345", "0.000000000000123", "1" + "0" * 20])
def test_values(server: LocalStripe, guide: Guide, value: str) -> None:
    guide.use(value)
    response = server.http(
        "GET",
        f"/v1/billing/meters/{guide.meter.id}/event_summaries",
        params=dict(zip(("start_time", "end_time"), today(server), strict=True), customer=guide.customer.id),
    )
    import json

    shown = json.loads(response.text, parse_float=Decimal)["data"][0]["aggregated_value"]
    assert Decimal(shown) == Decimal(value)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1234567890123456", "meter_event_value_too_many_digits"),
        ("1.234567890123456", "meter_event_value_too_many_digits"),
        ("many", "meter_event_invalid_value"),
        ("1e3", "meter_event_invalid_value"),
        ("NaN", "meter_event_invalid_value"),
        ("", "meter_event_value_not_found"),
    ],
)
def test_values_that_are_refused(guide: Guide, value: str, code: str) -> None:
    assert refusal(guide.use, value).code == code


def test_the_text_for_too_many_digits(guide: Guide) -> None:
    error = refusal(guide.use, "1234567890123456")
    assert error.user_message == ("The value in the event payload can have at most 15 digits. Received `1234567890123456`.")


def test_payloads_that_are_refused(guide: Guide) -> None:
    create = guide.client.v1.billing.meter_events.create
    error = refusal(create, {"event_name": "hypernian_tokens", "payload": {"stripe_customer_id": guide.customer.id}})
    assert (error.http_status, error.code) == (400, "meter_event_value_not_found")
    assert refusal(create, {"event_name": "other", "payload": {"a": "1"}}).user_message == (
        'No active meter found for event name "other"'
    )


def test_a_sum_of_many_large_values_is_exact(server: LocalStripe, guide: Guide) -> None:
    for _ in range(12):
        guide.use("999999999999999")
        guide.use("0.000000000000001")
    response = server.http(
        "GET",
        f"/v1/billing/meters/{guide.meter.id}/event_summaries",
        params=dict(zip(("start_time", "end_time"), today(server), strict=True), customer=guide.customer.id),
    )
    assert '"aggregated_value": 11999999999999988.000000000000012,' in response.text


@pytest.mark.parametrize(("formula", "expected"), [("sum", 9), ("count", 3), ("last", 3)])
def test_formulas(server: LocalStripe, client: StripeClient, formula: str, expected: int) -> None:
    guide = make_guide(client)
    client.v1.billing.meters.deactivate(guide.meter.id)
    guide.meter = meter(client, default_aggregation={"formula": formula})
    now = server.clock()
    for value, ago in ((4, 300), (3, 100), (2, 200)):
        guide.use(value, timestamp=now - ago)
    assert total(guide, *today(server)) == expected


def test_counting_needs_no_value(server: LocalStripe, client: StripeClient) -> None:
    guide = make_guide(client)
    client.v1.billing.meters.deactivate(guide.meter.id)
    guide.meter = meter(client, default_aggregation={"formula": "count"})
    params: Any = {"event_name": "hypernian_tokens", "payload": {"stripe_customer_id": guide.customer.id}}
    client.v1.billing.meter_events.create(params)
    assert total(guide, *today(server)) == 1


@pytest.mark.parametrize(("window", "expected"), [("hour", 7), ("day", 4)])
def test_time_windows_keep_the_event_received_last(server: LocalStripe, client: StripeClient, window: str, expected: int) -> None:
    guide = make_guide(client)
    client.v1.billing.meters.deactivate(guide.meter.id)
    guide.meter = meter(client, event_time_window=window)
    day = server.clock() // DAY * DAY - DAY
    for value, hour in ((1, 5), (2, 5), (1, 7), (4, 6)):
        guide.use(value, timestamp=day + hour * 3600)
    assert total(guide, day, day + DAY) == expected


def test_keys_of_the_payload_are_the_meters(server: LocalStripe, client: StripeClient) -> None:
    guide = make_guide(client)
    client.v1.billing.meters.deactivate(guide.meter.id)
    guide.meter = meter(
        client,
        customer_mapping={"event_payload_key": "who", "type": "by_id"},
        value_settings={"event_payload_key": "tokens"},
    )
    client.v1.billing.meter_events.create(
        {"event_name": "hypernian_tokens", "payload": {"who": guide.customer.id, "tokens": "7", "value": "9"}}
    )
    assert total(guide, *today(server)) == 7


# Adjustments


def test_an_event_can_be_taken_back_within_a_day(server: LocalStripe, guide: Guide) -> None:
    guide.use(25, identifier="first")
    guide.use(100, identifier="second")
    adjust = guide.client.v1.billing.meter_event_adjustments.create
    params: Any = {"type": "cancel", "event_name": "hypernian_tokens", "cancel": {"identifier": "second"}}
    made = adjust(params)
    assert (made.object, made.type, made.cancel.identifier) == (
        "billing.meter_event_adjustment",
        "cancel",
        "second",
    )
    assert total(guide, *today(server)) == 25
    assert guide.preview().total == 4
    for identifier, name in (("none", "hypernian_tokens"), ("first", "other")):
        wrong: Any = {**params, "event_name": name, "cancel": {"identifier": identifier}}
        assert refusal(adjust, wrong).http_status == 400
    server.clock(advance=DAY + 60)
    late: Any = {**params, "cancel": {"identifier": "first"}}
    assert "24 hours" in (refusal(adjust, late).user_message or "")


# Summaries


def test_one_summary_for_the_window(server: LocalStripe, guide: Guide) -> None:
    start = server.clock() // 60 * 60 - 600
    guide.use(25, timestamp=start)
    guide.use(50, timestamp=start + 60)
    found = guide.client.v1.billing.meters.event_summaries.list(
        guide.meter.id, {"customer": guide.customer.id, "start_time": start, "end_time": start + 60}
    ).data
    assert len(found) == 1
    summary = found[0].to_dict()
    assert summary.pop("id").startswith("mtrusg_")
    assert summary == {
        "object": "billing.meter_event_summary",
        "aggregated_value": 25,
        "start_time": start,
        "end_time": start + 60,
        "livemode": False,
        "meter": guide.meter.id,
    }


def test_summaries_by_hour_and_day(server: LocalStripe, guide: Guide) -> None:
    day = server.clock() // DAY * DAY - 3 * DAY
    for value, hours in ((1, 0), (2, 0.5), (4, 1), (8, 25), (16, 47.9)):
        guide.use(value, timestamp=day + int(hours * 3600))

    def values(window: str) -> list[tuple[int, Any]]:
        found = guide.client.v1.billing.meters.event_summaries.list(
            guide.meter.id,
            {
                "customer": guide.customer.id,
                "start_time": day,
                "end_time": day + 2 * DAY,
                "value_grouping_window": window,
            },
        )
        return [((summary.start_time - day) // 3600, summary.aggregated_value) for summary in found.data]

    assert values("hour") == [(47, 16), (25, 8), (1, 4), (0, 3)]
    assert values("day") == [(24, 24), (0, 7)]


def test_summaries_have_pages(server: LocalStripe, guide: Guide) -> None:
    day = server.clock() // DAY * DAY - DAY
    for hour in range(5):
        guide.use(hour + 1, timestamp=day + hour * 3600)
    found = guide.client.v1.billing.meters.event_summaries.list(
        guide.meter.id,
        {
            "customer": guide.customer.id,
            "start_time": day,
            "end_time": day + DAY,
            "value_grouping_window": "hour",
            "limit": 2,
        },
    )
    assert [summary.aggregated_value for summary in found.data] == [5, 4]
    assert [summary.aggregated_value for summary in found.auto_paging_iter()] == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("window", "start", "end"),
    [(None, 30, 60), (None, 0, 61), ("hour", 60, 3600), ("hour", 0, 5400), ("day", 3600, 86400), (None, 60, 60)],
)
def test_times_are_aligned(guide: Guide, window: str | None, start: int, end: int) -> None:
    params: Any = {"customer": guide.customer.id, "start_time": start, "end_time": end}
    if window:
        params["value_grouping_window"] = window
    assert refusal(guide.client.v1.billing.meters.event_summaries.list, guide.meter.id, params).http_status == 400


def test_customers_are_apart(server: LocalStripe, guide: Guide) -> None:
    other = guide.client.v1.customers.create({})
    guide.use(5)
    guide.use(7, customer=other.id)
    assert total(guide, *today(server)) == 5


def test_events_show_after_the_lag() -> None:
    with LocalStripe(event_lag=30) as server:
        guide = make_guide(server.client())
        guide.use(25)
        assert total(guide, *today(server)) is None
        assert guide.preview().total == 0
        assert refusal(guide.use, "nonsense").http_status == 400
        server.clock(advance=31)
        assert total(guide, *today(server)) == 25
        assert guide.preview().total == 4
