"""Stripe's guide to usage-based billing, its seven steps with its values, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stripe

from tests.guide import steps
from tests.guide.steps import WINDOW
from tests.stripe_local.server import LocalStripe


def test_the_seven_steps(client: stripe.StripeClient) -> None:
    meter = steps.meter(client)
    assert (meter.display_name, meter.event_name, meter.status) == ("Hypernian tokens", "hypernian_tokens", "active")
    assert meter.default_aggregation.formula == "sum"
    assert (meter.customer_mapping.type, meter.customer_mapping.event_payload_key) == ("by_id", "stripe_customer_id")
    assert meter.value_settings.event_payload_key == "value"

    price = steps.price(client, meter.id)
    assert (price.type, price.billing_scheme, price.currency, price.unit_amount) == ("recurring", "per_unit", "usd", 4)
    assert price.transform_quantity is not None
    assert (price.transform_quantity.divide_by, price.transform_quantity.round) == (100, "up")
    assert price.recurring is not None
    assert (price.recurring.usage_type, price.recurring.interval, price.recurring.meter) == ("metered", "month", meter.id)
    assert client.v1.products.retrieve(str(price.product)).name == "Hypernian tokens"

    customer = steps.customer(client)
    assert customer.name == "John Doe"

    subscription = steps.subscription(client, customer.id, price.id)
    assert (subscription.status, subscription.customer) == ("active", customer.id)
    assert [item.price.id for item in subscription["items"].data] == [price.id]
    assert subscription.billing_mode.type == "flexible"
    assert subscription.latest_invoice is None, "nothing is due before anything was used"

    running = steps.Running(client, meter.id, customer.id, subscription.id)
    event = running.report(25)
    assert event.event_name == "hypernian_tokens"
    assert event.to_dict()["payload"] == {"stripe_customer_id": customer.id, "value": "25"}

    preview = running.preview()
    assert (preview.amount_due, preview.currency, preview.customer, preview.status) == (4, "usd", customer.id, "draft")
    (line,) = preview.lines.data
    assert line.amount == 4
    assert line.pricing is not None
    assert line.pricing.price_details is not None
    assert line.pricing.price_details.price == price.id

    (summary,) = running.summaries(*WINDOW)
    assert summary.aggregated_value == 25
    assert (summary.start_time, summary.end_time, summary.meter) == (*WINDOW, meter.id)


@pytest.mark.parametrize(
    ("used", "cents"),
    [([25], 4), ([3000], 120), ([3000, 25], 124), ([], 0), ([0], 0), ([100], 4), ([101], 8)],
    ids=str,
)
def test_what_usage_costs(client: stripe.StripeClient, used: list[int], cents: int) -> None:
    """0.04 USD for each 100 tokens that were begun."""
    running = steps.set_up(client)
    for value in used:
        running.report(value)
    assert running.used(*WINDOW) == sum(used)
    preview = running.preview()
    assert (preview.amount_due, preview.total) == (cents, cents)


def test_the_window_has_its_start_and_not_its_end(server: LocalStripe, client: stripe.StripeClient) -> None:
    running = steps.set_up(client)
    server.clock(advance=120)
    start, end = WINDOW
    for value, timestamp in ((1, start - 1), (20, start), (300, end - 1), (4000, end)):
        running.report(value, timestamp)
    assert running.used(start, end) == 320
    assert running.used(start - 60, start) == 1
    assert running.used(end, end + 60) == 4000
    assert running.used(start - 60, end + 60) == 4321


@pytest.mark.parametrize("window", [(WINDOW[0] + 1, WINDOW[1]), (WINDOW[0], WINDOW[1] + 30)])
def test_windows_are_whole_minutes(client: stripe.StripeClient, window: tuple[int, int]) -> None:
    running = steps.set_up(client)
    with pytest.raises(stripe.InvalidRequestError):
        running.summaries(*window)


# -- aggregation is asynchronous

LAG_SECONDS = 30


@pytest.fixture(scope="module")
def late_server() -> Iterator[LocalStripe]:
    with LocalStripe(event_lag=LAG_SECONDS) as server:
        yield server


def test_usage_shows_only_after_the_lag(late_server: LocalStripe) -> None:
    now = late_server.clock(set=WINDOW[0])
    running = steps.set_up(late_server.client())

    def seen() -> tuple[float, int]:
        return running.used(now, now + 3600), running.preview().amount_due

    running.report(25)
    assert seen() == (0, 0), "the event is accepted, and not counted yet"
    late_server.clock(advance=LAG_SECONDS - 10)
    running.report(3000)
    assert seen() == (0, 0)
    late_server.clock(advance=15)
    assert seen() == (25, 4), "the first event is counted, the second is not"
    late_server.clock(advance=LAG_SECONDS)
    assert seen() == (3025, 124)
