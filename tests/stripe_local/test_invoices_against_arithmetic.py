"""Invoice previews and summaries against an independent calculation with exact decimals, for random usage at random prices.

The calculation follows Stripe's documentation, and shares nothing with the code under test:

- a meter sums, counts, or takes the last of the events of the period, by their timestamps, in whatever order they came; with an
  `event_time_window` the event received last in each UTC hour or day counts alone
  (https://docs.stripe.com/api/billing/meter/object);
- cancelled events do not count (https://docs.stripe.com/api/billing/meter-event-adjustment), a total below 0 is billed as 0;
- each line is rounded once, to whole minor units, after the quantity has been multiplied; a graduated price has lines for the
  units and for the flat amount of each tier (https://docs.stripe.com/products-prices/pricing-models);
- a price's packages, tiers and currencies are its own (https://docs.stripe.com/api/prices/object);
- credits of the invoice's currency, not expired then, pay metered lines
  (https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits).

More examples: INVOICES=all.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.sampling import ALL, THOROUGH
from tests.stripe_local.server import LocalStripe
from tests.stripe_pricing.prices import prices

EXAMPLES = 300 if ALL or os.environ.get("INVOICES") == "all" else 100 if THOROUGH else 30
HOUR, DAY = 3600, 86400
WINDOWS = {"hour": HOUR, "day": DAY}
SETTLED = 600
"""A subscription begins within so many seconds after midnight; usage of its first day, later."""


# -- what there is to bill


@dataclass(frozen=True)
class Event:
    """An event `at` seconds from the midnight at which the subscription begins."""

    at: int
    value: Decimal
    cancelled: bool


@dataclass(frozen=True)
class Grant:
    """Credits: whether for this price (or for all, or another one), in its currency, for long enough."""

    value: int
    scope: str
    own_currency: bool
    lasts: bool

    @property
    def pays(self) -> bool:
        return self.scope != "other" and self.own_currency and self.lasts


VALUES = st.one_of(
    st.integers(-500, 5000).map(Decimal),
    st.decimals(-10, 1000, places=3),
    st.integers(10**14, 10**15 - 1).map(Decimal),
    st.integers(-(10**15) + 1, -(10**14)).map(Decimal),
    st.integers(10**14, 10**15 - 1).map(lambda n: Decimal(n).scaleb(-7)),
)
"""Among them corrections below 0 and values of 15 digits, the most that a meter takes."""

TIMES = st.integers(-2 * DAY, -1) | st.integers(SETTLED, 3 * DAY)
_EVENT = st.builds(Event, TIMES, VALUES, st.sampled_from([False, False, False, True]))
EVENTS = st.lists(_EVENT, max_size=2, unique_by=lambda e: e.at) | st.lists(
    _EVENT, min_size=3, max_size=8, unique_by=lambda e: e.at
)
GRANTS = st.lists(
    st.builds(Grant, st.integers(1, 3000), st.sampled_from(["all", "own", "other"]), *[st.sampled_from([True, True, False])] * 2),
    max_size=3,
)
METERS = st.tuples(st.sampled_from(["sum", "sum", "count", "last"]), st.sampled_from([None, None, "hour", "day"]))


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[str, str | None], list[Event]]:
    """(price, meter, events). Often a last event brings the sum to where a tier or a package ends, or just past it."""
    price, meter, events = draw(prices()), draw(METERS), draw(EVENTS)
    ends = [t["up_to"] for t in price.get("tiers", ()) if t["up_to"] != "inf"]
    if "transform_quantity" in price:
        ends = [n * price["transform_quantity"]["divide_by"] for n in (1, 2, 7)]
    if ends and draw(st.integers(0, 3)):
        meter = ("sum", None)
        wanted = draw(st.sampled_from(ends)) + draw(st.sampled_from([Decimal(0), Decimal(0), Decimal(0), Decimal("0.001")]))
        value = wanted - counted(events, 0, 30 * DAY, *meter)
        if len(value.normalize().as_tuple().digits) <= 15:
            events = [*events, Event(3 * DAY + 1, value, cancelled=False)]
    return price, meter, events


def at_the_end_of_a_tier(mode: str) -> tuple[dict[str, Any], tuple[str, str | None], list[Event]]:
    tiers = [{"up_to": 10, "unit_amount": 5}, {"up_to": "inf", "unit_amount": 3, "flat_amount": 100}]
    price = {"currency": "usd", "billing_scheme": "tiered", "tiers_mode": mode, "tiers": tiers, "currency_options": {}}
    return price, ("sum", None), [Event(SETTLED, Decimal(10), cancelled=False)]


# -- the calculation


def counted(events: Sequence[Event], start: int, end: int, formula: str, window: str | None) -> Decimal:
    """What the meter makes of the events from `start` to before `end`. Events are in the order in which they were received."""
    found = [e for e in events if start <= e.at < end and not e.cancelled]
    if window is not None:
        found = list({e.at // WINDOWS[window]: e for e in found}.values())
    if formula == "count":
        return Decimal(len(found))
    if formula == "last":
        return max(found, key=lambda e: e.at).value if found else Decimal(0)
    return sum((e.value for e in found), Decimal(0))


def cost(price: Mapping[str, Any], currency: str, quantity: Decimal) -> int:
    """Whole minor units."""
    terms = price if currency == price["currency"] else price["currency_options"][currency]
    quantity = max(quantity, Decimal(0))
    if "tiers" in terms and price["tiers_mode"] == "graduated":
        return sum(rounded(line) for line in graduated(terms["tiers"], quantity))
    if "tiers" in terms:
        exact = volume(terms["tiers"], quantity)
    else:
        if "transform_quantity" in price:
            packages, rest = divmod(quantity, price["transform_quantity"]["divide_by"])
            quantity = packages + (1 if rest and price["transform_quantity"]["round"] == "up" else 0)
        exact = quantity * amount(terms, "unit_amount")
    return rounded(exact)


def rounded(exact: Decimal) -> int:
    return int(exact.to_integral_value(ROUND_HALF_UP))


def amount(terms: Mapping[str, Any], name: str) -> Decimal:
    return Decimal(terms.get(name, terms.get(f"{name}_decimal", 0)))


def graduated(tiers: Sequence[Mapping[str, Any]], quantity: Decimal) -> list[Decimal]:
    """Each unit at the rate of its tier; a tier's flat amount as soon as it is entered, the first one's in any case."""
    lines, below = [], Decimal(0)
    for tier in tiers:
        if quantity > below or tier is tiers[0]:
            upper = quantity if tier["up_to"] == "inf" else min(quantity, Decimal(tier["up_to"]))
            lines += [(upper - below) * amount(tier, "unit_amount"), amount(tier, "flat_amount")]
            below = upper
    return lines


def volume(tiers: Sequence[Mapping[str, Any]], quantity: Decimal) -> Decimal:
    """All units at the rate of the tier that the quantity falls into."""
    tier = next(t for t in tiers if t["up_to"] == "inf" or quantity <= t["up_to"])
    return quantity * amount(tier, "unit_amount") + amount(tier, "flat_amount")


# -- the local Stripe


class Account:
    """A meter for each formula and window, a product, and time that goes from midnight to midnight."""

    def __init__(self, server: LocalStripe) -> None:
        self.server, self.client = server, server.client()
        self.midnight = server.clock() // DAY * DAY
        self.product = self.client.v1.products.create({"name": "Tokens"}).id
        self.meters: dict[tuple[str, str | None], str] = {}
        self.names = itertools.count()
        self.dear = self.price({"currency": "usd", "unit_amount": 1}, self.meter("sum", None))

    def meter(self, formula: str, window: str | None) -> str:
        if (formula, window) not in self.meters:
            params: Any = {
                "display_name": "x",
                "event_name": f"{formula}-{window}",
                "default_aggregation": {"formula": formula},
                **({"event_time_window": window} if window else {}),
            }
            self.meters[formula, window] = self.client.v1.billing.meters.create(params).id
        return self.meters[formula, window]

    def price(self, params: Mapping[str, Any], meter: str) -> str:
        recurring = {"interval": "month", "usage_type": "metered", "meter": meter}
        wanted: Any = {**params, "product": self.product, "recurring": recurring}
        return self.client.v1.prices.create(wanted).id

    def next_midnight(self) -> int:
        self.midnight += 5 * DAY
        self.server.clock(set=self.midnight)
        return self.midnight

    def report(self, event_name: str, customer: str, events: Sequence[Event]) -> None:
        """The events in one request of the stream; then what is cancelled of them."""
        token = self.client.v2.billing.meter_event_session.create().authentication_token
        named = [(f"event-{next(self.names)}", e) for e in events]
        body = [
            {
                "event_name": event_name,
                "identifier": name,
                "payload": {"stripe_customer_id": customer, "value": f"{e.value:f}"},
                "timestamp": datetime.fromtimestamp(self.midnight + e.at, UTC).isoformat(),
            }
            for name, e in named
        ]
        if body:
            answer = self.server.http("POST", "/v2/billing/meter_event_stream", key=token, json={"events": body})
            assert answer.status_code == 200, answer.text
        for name in (name for name, e in named if e.cancelled):
            self.client.v1.billing.meter_event_adjustments.create(
                {"type": "cancel", "event_name": event_name, "cancel": {"identifier": name}}
            )

    def grant(self, customer: str, price: str, currency: str, grant: Grant) -> None:
        scopes: dict[str, Any] = {
            "all": {"price_type": "metered"},
            "own": {"prices": [{"id": price}]},
            "other": {"prices": [{"id": self.dear}]},
        }
        params: Any = {
            "customer": customer,
            "amount": {
                "type": "monetary",
                "monetary": {"currency": currency if grant.own_currency else "gbp", "value": grant.value},
            },
            "applicability_config": {"scope": scopes[grant.scope]},
            **({} if grant.lasts else {"expires_at": self.midnight + 10 * DAY}),
        }
        self.client.v1.billing.credit_grants.create(params)

    def summed(self, meter: str, customer: str, start: int, end: int, window: str | None = None) -> list[Decimal]:
        """The values of the summaries."""
        params: dict[str, Any] = {
            "customer": customer,
            "start_time": self.midnight + start,
            "end_time": self.midnight + end,
            "limit": 100,
            **({"value_grouping_window": window} if window else {}),
        }
        text = self.server.http("GET", f"/v1/billing/meters/{meter}/event_summaries", params=params).text
        found = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        assert found["has_more"] is False
        return [s["aggregated_value"] for s in found["data"]]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with LocalStripe() as server:
        yield Account(server)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@example(case=at_the_end_of_a_tier("volume"), grants=[], own=True)
@example(case=at_the_end_of_a_tier("graduated"), grants=[], own=True)
@given(case=cases(), grants=GRANTS, own=st.booleans())
def test_previews_and_summaries(
    account: Account, case: tuple[dict[str, Any], tuple[str, str | None], list[Event]], grants: list[Grant], own: bool
) -> None:
    params, (formula, window), events = case
    currency = params["currency"] if own else next(iter(params["currency_options"]))
    v1, meter_id = account.client.v1, account.meter(formula, window)
    price = account.price(params, meter_id)
    midnight = account.next_midnight()
    customer = v1.customers.create().id
    subscribed = v1.subscriptions.create(
        {
            "customer": customer,
            "items": [{"price": price}],
            "currency": currency,
            "collection_method": "send_invoice",
            "days_until_due": 30,
        }
    )
    assert midnight <= subscribed.created < midnight + SETTLED
    account.server.clock(set=midnight + 3 * DAY + 1)
    account.report(f"{formula}-{window}", customer, events)
    for grant in grants:
        account.grant(customer, price, currency, grant)

    with localcontext() as context:
        context.prec = 100
        quantity = counted(events, 0, 30 * DAY, formula, window)
        expected = cost(params, currency, quantity)
        credited = min(expected, sum(g.value for g in grants if g.pays))
        preview = v1.invoices.create_preview({"subscription": subscribed.id})
        assert sum(line.amount for line in preview.lines.data) == expected
        assert (preview.subtotal, preview.currency) == (expected, currency)
        assert (preview.total, preview.amount_due) == (expected - credited, expected - credited)

        start, end = -2 * DAY, 4 * DAY
        total = counted(events, start, end, formula, window)
        assert sum(account.summed(meter_id, customer, start, end)) == total
        for grouping, seconds in WINDOWS.items():
            spans = [(s, s + seconds) for s in range(start, end, seconds)]
            parts = [counted(events, *span, formula, window) for span in spans]
            used = [p for p, span in zip(parts, spans, strict=True) if any(_within(e, *span) for e in events)]
            assert account.summed(meter_id, customer, start, end, grouping) == used[::-1], "newest first"
            if formula != "last" and WINDOWS.get(window or "", 0) <= seconds:
                assert sum(used) == total, "the windows are the whole"
    v1.subscriptions.cancel(subscribed.id)


def _within(event: Event, start: int, end: int) -> bool:
    return start <= event.at < end and not event.cancelled


@settings(max_examples=EXAMPLES // 3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(case=at_the_end_of_a_tier("volume"), gte=10)
@given(case=cases(), gte=st.integers(1, 2000))
def test_thresholds_bill_what_one_invoice_would(
    account: Account, case: tuple[dict[str, Any], tuple[str, str | None], list[Event]], gte: int
) -> None:
    """https://docs.stripe.com/billing/subscriptions/usage-based/thresholds#thresholds-and-tiered-pricing: tiers run on."""
    params, (formula, window), events = case
    v1, currency = account.client.v1, params["currency"]
    midnight = account.next_midnight()
    customer = v1.customers.create().id
    wanted: Any = {"price": account.price(params, account.meter(formula, window)), "billing_thresholds": {"usage_gte": gte}}
    sent: Any = {"collection_method": "send_invoice", "days_until_due": 30, "currency": currency}
    subscribed = v1.subscriptions.create({"customer": customer, "items": [wanted], **sent})
    account.server.clock(set=midnight + 3 * DAY + 1)
    for event in events:
        account.report(f"{formula}-{window}", customer, [event])
    early = v1.invoices.list({"subscription": subscribed.id, "limit": 100}).data
    assert {invoice.billing_reason for invoice in early} <= {"subscription_threshold"}
    with localcontext() as context:
        context.prec = 100
        expected = cost(params, currency, counted(events, 0, 30 * DAY, formula, window))
    rest = v1.invoices.create_preview({"subscription": subscribed.id})
    assert sum(line.amount for invoice in (*early, rest) for line in invoice.lines.data) == expected
    v1.subscriptions.cancel(subscribed.id)
