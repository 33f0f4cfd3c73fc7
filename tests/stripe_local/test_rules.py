"""How Stripe bills, rule by rule: its page, examples in calls, and what is right, worked out by hand from the page.

The numbers are none of the pages' own, and each rule is tried with two sets of them, so that no example can be built in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from stripe import InvalidRequestError, StripeClient

from tests.sampling import short
from tests.stripe_local.guide import METER, refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shop import DAY, Shop, moment

HOUR = 3600
BILLING = "docs.stripe.com/billing"
SUBSCRIPTIONS = f"{BILLING}/subscriptions"
COMPARE = f"{SUBSCRIPTIONS}/billing-mode/compare"
CLASSIC: Any = {"billing_mode": {"type": "classic"}}
PAUSES: Any = {"trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}}
AT_ONCE: Any = {"proration_behavior": "always_invoice"}
UNCHANGED: Any = {"billing_cycle_anchor": {"type": "unchanged"}}


class Example(NamedTuple):
    """What is given to the rule's function, what it has to see, and why, in figures."""

    rule: Callable[..., Any]
    said: str
    page: str
    given: tuple[Any, ...]
    right: Any
    by_hand: str


EXAMPLES: list[Example] = []


def rule(said: str, page: str, *examples: tuple[tuple[Any, ...], Any, str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Keep the examples (given, right, by hand) of a rule. Its function makes the calls, and returns what is seen."""

    def kept(function: Callable[..., Any]) -> Callable[..., Any]:
        EXAMPLES.extend(Example(function, said, page, *example) for example in examples)
        return function

    return kept


def name(example: Example) -> str:
    same = [other for other in EXAMPLES if other.rule is example.rule]
    return f"{example.rule.__name__}-{same.index(example) + 1}"


# What the rules' functions have in common


def at(shop: Shop, day: str) -> int:
    """Set the clock, and say to what."""
    shop.server.clock(set=moment(day))
    return moment(day)


def shown(moment_: int) -> str:
    return f"{datetime.fromtimestamp(moment_, UTC):%Y-%m-%d}"


def first(shop: Shop, made: Any) -> Any:
    """The first invoice."""
    return shop.v1.invoices.retrieve(str(made.latest_invoice))


def amounts(invoice: Any) -> list[int]:
    return [line.amount for line in invoice.lines.data]


def swap(made: Any, price: str, **more: Any) -> Any:
    return {"items": [{"id": made.items.data[0].id, "price": price, **more}]}


def metered(shop: Shop, **price: Any) -> str:
    """A monthly price for what one meter counts."""
    meters = shop.v1.billing.meters.list().data or [shop.v1.billing.meters.create(METER)]  # type: ignore[arg-type]
    recurring = {"interval": "month", "usage_type": "metered", "meter": meters[0].id}
    params: Any = {"currency": "usd", "product": shop.product, "recurring": recurring, **price}
    return shop.v1.prices.create(params).id


def use(shop: Shop, made: Any, value: int, when: int | None = None) -> None:
    event: Any = {"event_name": METER["event_name"], "payload": {"stripe_customer_id": made.customer, "value": str(value)}}
    shop.v1.billing.meter_events.create({**event, **({"timestamp": when} if when else {})})


# Dates and periods


@rule(
    "Classic, backdated: one line for the past, a share of the interval that begins at the backdated start",
    f"{SUBSCRIPTIONS}/backdating",
    (
        (9000, "2027-09-11", "2027-09-20", "2027-10-01"),
        [6000],
        "11 Sep to 1 Oct is 20 days of 11 Sep to 11 Oct, 30 days: 90.00 × 20/30 = 60.00",
    ),
    (
        (14000, "2027-02-20", "2027-02-22", "2027-03-06"),
        [7000],
        "20 Feb to 6 Mar is 14 days of 20 Feb to 20 Mar, 28 days: 140.00 × 14/28 = 70.00",
    ),
)
def backdated_in_classic_mode(shop: Shop, price: int, start: str, now: str, anchor: str) -> Any:
    at(shop, now)
    dates = {"backdate_start_date": moment(start), "billing_cycle_anchor": moment(anchor)}
    return amounts(first(shop, shop.subscribe(shop.price(price), **dates, **CLASSIC)))


@rule(
    "Classic, backdated to the anchor: after the past, the whole period that begins now",
    f"{SUBSCRIPTIONS}/backdating",
    (
        (6200, "2027-08-12", "2027-09-01"),
        [4000, 6200],
        "12 Aug to 1 Sep is 20 days of 12 Aug to 12 Sep, 31 days: 62.00 × 20/31 = 40.00; September: 62.00",
    ),
    (
        (5600, "2027-02-10", "2027-03-01"),
        [3800, 5600],
        "10 Feb to 1 Mar is 19 days of 10 Feb to 10 Mar, 28 days: 56.00 × 19/28 = 38.00; March: 56.00",
    ),
)
def backdated_to_now_in_classic_mode(shop: Shop, price: int, start: str, now: str) -> Any:
    at(shop, now)
    return amounts(first(shop, shop.subscribe(shop.price(price), backdate_start_date=moment(start), **CLASSIC)))


@rule(
    "Classic, backdated past a whole interval [doubt]: whole intervals from the start, and a share of the one the rest lies in",
    f"{SUBSCRIPTIONS}/backdating",
    (
        (6000, "2027-03-03", "2027-04-20", "2027-05-01"),
        [11600],
        "3 Mar to 3 Apr is one; 3 Apr to 1 May is 28 days of 3 Apr to 3 May, 30 days: 60.00 × (1 + 28/30) = 116.00",
    ),
    (
        (3100, "2027-05-25", "2027-08-02", "2027-08-06"),
        [7400],
        "25 May to 25 Jul is two; 25 Jul to 6 Aug is 12 days of 25 Jul to 25 Aug, 31 days: 31.00 × (2 + 12/31) = 74.00",
    ),
)
def backdated_past_an_interval_in_classic_mode(shop: Shop, price: int, start: str, now: str, anchor: str) -> Any:
    return backdated_in_classic_mode(shop, price, start, now, anchor)


@rule(
    "Flexible, backdated: a line for each natural period, and for the first part of one",
    f"{SUBSCRIPTIONS}/backdating",
    (
        (6200, "2027-03-17", "2027-05-10", "2027-06-01"),
        [3000, 6200, 6200],
        "17 Mar to 1 Apr is 15 of March's 31 days: 62.00 × 15/31 = 30.00; April 62.00; May 62.00",
    ),
    (
        (9300, "2027-07-11", "2027-09-20", "2027-10-01"),
        [6300, 9300, 9300],
        "11 Jul to 1 Aug is 21 of July's 31 days: 93.00 × 21/31 = 63.00; August 93.00; September 93.00",
    ),
)
def backdated_in_flexible_mode(shop: Shop, price: int, start: str, now: str, anchor: str) -> Any:
    at(shop, now)
    dates = {"backdate_start_date": moment(start), "billing_cycle_anchor": moment(anchor)}
    return amounts(first(shop, shop.subscribe(shop.price(price), **dates)))


@rule(
    "A start before an anchor in the same month [doubt]: a share of the natural period that ends at the anchor",
    f"{SUBSCRIPTIONS}/billing-cycle",
    (
        (9300, "2027-09-04", "2027-09-16"),
        [3600],
        "4 to 16 Sep is 12 days of 16 Aug to 16 Sep, 31 days: 93.00 × 12/31 = 36.00",
    ),
    (
        (8400, "2027-03-03", "2027-03-24"),
        [6300],
        "3 to 24 Mar is 21 days of 24 Feb to 24 Mar, 28 days: 84.00 × 21/28 = 63.00",
    ),
)
def started_before_an_anchor(shop: Shop, price: int, now: str, anchor: str) -> Any:
    at(shop, now)
    return amounts(first(shop, shop.subscribe(shop.price(price), billing_cycle_anchor=moment(anchor))))


@rule(
    "Flexible, backdated without an anchor: the backdated start is the anchor, and each period is whole",
    COMPARE,
    (
        (7000, "2027-01-05", "2027-03-20"),
        ([7000, 7000, 7000], "2027-01-05", "2027-04-05"),
        "5 Jan, 5 Feb and 5 Mar begin a period of 70.00 each; the present one ends on 5 Apr",
    ),
    (
        (450, "2027-08-28", "2027-10-01"),
        ([450, 450], "2027-08-28", "2027-10-28"),
        "28 Aug and 28 Sep begin a period of 4.50 each; the present one ends on 28 Oct",
    ),
)
def backdated_without_an_anchor(shop: Shop, price: int, start: str, now: str) -> Any:
    at(shop, now)
    made = shop.subscribe(shop.price(price), backdate_start_date=moment(start))
    return amounts(first(shop, made)), shown(made.billing_cycle_anchor), shown(made.items.data[0].current_period_end)


@rule(
    "Backdated, metered: flexible bills each past period on a line of the first invoice, classic all of it with the next one",
    f"{SUBSCRIPTIONS}/usage-based/manage-billing",
    (
        (12, "flexible", (40, 7, 5)),
        ([480, 84], [60]),
        "40 × 0.12 = 4.80 and 7 × 0.12 = 0.84 at once; 5 × 0.12 = 0.60 when the third period ends",
    ),
    (
        (35, "classic", (3, 11, 8)),
        ([0], [770]),
        "a line of nothing at once; (3 + 11 + 8) × 0.35 = 7.70 when the present period ends",
    ),
)
def backdated_usage(shop: Shop, price: int, mode: str, used: tuple[int, int, int]) -> Any:
    at(shop, "2027-07-10")
    customer = shop.customer()
    terms: Any = {"customer": customer, "items": [{"price": metered(shop, unit_amount=price)}], "billing_mode": {"type": mode}}
    for value, when in zip(used, ("2027-08-01", "2027-09-01", "2027-09-10"), strict=True):
        at(shop, when)
        event = {"stripe_customer_id": customer, "value": str(value)}
        shop.v1.billing.meter_events.create({"event_name": METER["event_name"], "payload": event})
    made = shop.v1.subscriptions.create({**terms, "backdate_start_date": moment("2027-07-10")})
    at(shop, "2027-10-10T02:00")
    return amounts(first(shop, made)), amounts(shop.invoices(made)[-1])


@rule(
    "A trial that ends before the anchor: the time up to the anchor is prorated, then come full periods",
    f"{SUBSCRIPTIONS}/billing-cycle",
    (
        (8000, "2027-11-10", "2027-11-22", "2027-12-01"),
        [[2400], [8000]],
        "22 Nov to 1 Dec is 9 of November's 30 days: 80.00 × 9/30 = 24.00; then 80.00",
    ),
    (
        (3100, "2027-07-02", "2027-07-19", "2027-08-01"),
        [[1300], [3100]],
        "19 Jul to 1 Aug is 13 of July's 31 days: 31.00 × 13/31 = 13.00; then 31.00",
    ),
)
def a_trial_before_an_anchor(shop: Shop, price: int, now: str, trial_end: str, anchor: str) -> Any:
    at(shop, now)
    dates = {"trial_end": moment(trial_end), "billing_cycle_anchor": moment(anchor)}
    made = shop.subscribe(shop.price(price), **dates)
    at(shop, f"{anchor}T02:00")
    return shop.amounts(made)


@rule(
    "Day 31: the last day of each shorter month, and the 31st again afterwards",
    f"{SUBSCRIPTIONS}/billing-cycle",
    (
        (4500, "2027-11-10"),
        ([3000], ["2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]),
        "10 to 30 Nov is 20 days of 31 Oct to 30 Nov, 30 days: 45.00 × 20/30 = 30.00; 2028 is a leap year",
    ),
    (
        (6000, "2027-04-18"),
        ([2400], ["2027-04-30", "2027-05-31", "2027-06-30", "2027-07-31", "2027-08-31"]),
        "18 to 30 Apr is 12 days of 31 Mar to 30 Apr, 30 days: 60.00 × 12/30 = 24.00",
    ),
)
def the_last_day_of_each_month(shop: Shop, price: int, now: str) -> Any:
    at(shop, now)
    made = shop.subscribe(shop.price(price), billing_cycle_anchor_config={"day_of_month": 31})
    charged, ends = amounts(first(shop, made)), []
    for _ in range(5):
        end = shop.v1.subscriptions.retrieve(made.id).items.data[0].current_period_end
        ends.append(shown(end))
        shop.server.clock(set=end + 2 * HOUR)
    return charged, ends


@rule(
    "An anchor months ahead of a price for several: the first period ends at the first date in step with it",
    f"{SUBSCRIPTIONS}/billing-cycle",
    (
        (12200, 2, "2027-04-09", 10),
        ([10600], "2027-06-01"),
        "1 Oct is in step with 1 Jun; 9 Apr to 1 Jun is 53 days of 1 Apr to 1 Jun, 61 days: 122.00 × 53/61 = 106.00",
    ),
    (
        (9200, 3, "2027-09-11", 3),
        ([8189], "2027-12-01"),
        "1 Mar is in step with 1 Dec; 11 Sep to 1 Dec is 81 days of 1 Sep to 1 Dec, 91 days: 92.00 × 81/91 = 81.89",
    ),
)
def an_anchor_months_ahead(shop: Shop, price: int, months: int, now: str, month: int) -> Any:
    at(shop, now)
    config = {"day_of_month": 1, "month": month, "hour": 0, "minute": 0, "second": 0}
    made = shop.subscribe(shop.price(price, "month", count=months), billing_cycle_anchor_config=config)
    return amounts(first(shop, made)), shown(made.items.data[0].current_period_end)


@rule(
    "cancel_at at creation prorates the first period that it cuts short, in flexible mode not without prorations",
    COMPARE,
    (
        (5000, "2027-09-01", "2027-09-13", "flexible", "create_prorations"),
        [2000],
        "1 to 13 Sep is 12 of September's 30 days: 50.00 × 12/30 = 20.00",
    ),
    ((5000, "2027-09-01", "2027-09-13", "flexible", "none"), [5000], "the whole 50.00"),
    (
        (3100, "2027-10-01", "2027-10-23", "classic", "none"),
        [2200],
        "1 to 23 Oct is 22 of October's 31 days, in classic mode whatever is asked for: 31.00 × 22/31 = 22.00",
    ),
)
def an_end_at_creation(shop: Shop, price: int, now: str, end: str, mode: str, behavior: str) -> Any:
    at(shop, now)
    terms: Any = {"cancel_at": moment(end), "billing_mode": {"type": mode}, "proration_behavior": behavior}
    return amounts(first(shop, shop.subscribe(shop.price(price), **terms)))


@rule(
    "cancel_at in an update gives back the rest of the period",
    f"{SUBSCRIPTIONS}/prorations",
    (
        (5000, "2027-09-01", "2027-09-04", "2027-09-19"),
        [-2000],
        "19 Sep to 1 Oct is 12 of September's 30 days: 50.00 × 12/30 = 20.00",
    ),
    (
        (2480, "2027-12-01", "2027-12-10", "2027-12-26"),
        [-480],
        "26 Dec to 1 Jan is 6 of December's 31 days: 24.80 × 6/31 = 4.80",
    ),
)
def an_end_in_an_update(shop: Shop, price: int, now: str, later: str, end: str) -> Any:
    at(shop, now)
    made = shop.subscribe(shop.price(price))
    at(shop, later)
    shop.update(made, cancel_at=moment(end))
    return shop.pending(made)


@rule(
    "A trial that is added to an active subscription gives back the rest of the period",
    f"{SUBSCRIPTIONS}/prorations",
    (
        (5000, "2027-09-01", "2027-09-10", "2027-09-25"),
        [[-3500, 5000]],
        "10 Sep to 1 Oct is 21 of 30 days: 50.00 × 21/30 = 35.00; a period of 50.00 begins at the trial's end",
    ),
    (
        (6200, "2027-10-01", "2027-10-16", "2027-11-20"),
        [[-3200, 6200]],
        "16 Oct to 1 Nov is 16 of 31 days: 62.00 × 16/31 = 32.00; then 62.00",
    ),
)
def a_trial_that_is_added(shop: Shop, price: int, now: str, later: str, end: str) -> Any:
    at(shop, now)
    made = shop.subscribe(shop.price(price))
    shop.update(made, trial_end=moment(end), proration_date=at(shop, later))
    at(shop, f"{end}T02:00")
    return [sorted(found) for found in shop.amounts(made)]


@rule(
    "/resume obeys the anchor's type, proration_behavior and proration_date; with the anchor now (default) nothing is prorated",
    "docs.stripe.com/api/subscriptions/resume",
    (
        (9000, "2027-09-08", "2027-09-16", {**UNCHANGED, "proration_date": moment("2027-09-16")}),
        ([], [6600]),
        "16 Sep to 8 Oct is 22 of 30 days: 90.00 × 22/30 = 66.00, with the next invoice",
    ),
    (
        (
            6200,
            "2027-10-05",
            "2027-10-12",
            {**UNCHANGED, **AT_ONCE, "proration_date": moment("2027-10-12")},
        ),
        ([[4800]], []),
        "12 Oct to 5 Nov is 24 of 31 days: 62.00 × 24/31 = 48.00, invoiced at once",
    ),
    ((9000, "2027-09-08", "2027-09-16", {**UNCHANGED, "proration_behavior": "none"}), ([], []), "nothing until 8 Oct"),
    ((7100, "2027-09-08", "2027-09-16", {}), ([[7100]], []), "a whole period begins: 71.00"),
)
def resumed(shop: Shop, price: int, trial_end: str, now: str, params: Any) -> Any:
    at(shop, "2027-09-01")
    made = shop.subscribe(shop.price(price), card=False, trial_end=moment(trial_end), **PAUSES)
    at(shop, now)
    shop.v1.subscriptions.resume(made.id, params)
    return shop.amounts(made), shop.pending(made)


@rule(
    "Flexible, month to year: the billing date stays",
    COMPARE,
    (
        (3000, 36600, "2027-09-01", "2027-09-13"),
        (33600, "2027-09-01", "2028-09-01"),
        "18 of 30 days back: 30.00 × 18/30 = 18.00; 354 of the year's 366 days: 366.00 × 354/366 = 354.00; 354.00 - 18.00",
    ),
    (
        (6200, 73000, "2026-10-01", "2026-10-11"),
        (66800, "2026-10-01", "2027-10-01"),
        "21 of 31 days back: 62.00 × 21/31 = 42.00; 355 of 365 days: 730.00 × 355/365 = 710.00; 710.00 - 42.00",
    ),
)
def month_to_year(shop: Shop, monthly: int, yearly: int, now: str, later: str) -> Any:
    at(shop, now)
    made = shop.subscribe(shop.price(monthly))
    changed = shop.update(made, **swap(made, shop.price(yearly, "year")), proration_date=at(shop, later))
    (invoice,) = shop.invoices(made)
    return invoice.total, shown(changed.billing_cycle_anchor), shown(changed.items.data[0].current_period_end)


@rule(
    "trial_start is that of the latest trial in flexible mode, and of the first one in classic mode",
    COMPARE,
    (("flexible", "2027-09-01", "2027-10-20"), "2027-10-20", "the second trial begins on 20 Oct"),
    (("classic", "2027-09-03", "2027-10-22"), "2027-09-03", "the first trial began on 3 Sep"),
)
def the_trial_after_a_trial(shop: Shop, mode: str, now: str, again: str) -> Any:
    at(shop, now)
    made = shop.subscribe(shop.price(900), trial_period_days=9, billing_mode={"type": mode})
    return shown(shop.update(made, trial_end=at(shop, again) + 5 * DAY).trial_start)


@rule(
    "A credit is of what was charged (flexible), not of a change without prorations; of the present price in classic mode",
    f"{SUBSCRIPTIONS}/prorations",
    (
        ("flexible", 4000, 10000, 6000),
        [-2000, 3000],
        "15 of 30 days: of the 40.00 that were charged 20.00 back, of 60.00 30.00",
    ),
    (("classic", 4000, 10000, 6000), [-5000, 3000], "15 of 30 days: of the present 100.00 50.00 back, of 60.00 30.00"),
    (("flexible", 7200, 1000, 2600), [-3600, 1300], "15 of 30 days: of 72.00 36.00 back, of 26.00 13.00"),
)
def a_credit_of_what_was_charged(shop: Shop, mode: str, charged: int, silent: int, last: int) -> Any:
    at(shop, "2027-09-01")
    made = shop.subscribe(shop.price(charged), billing_mode={"type": mode})
    at(shop, "2027-09-06")
    shop.update(made, **swap(made, shop.price(silent)), proration_behavior="none")
    shop.update(made, **swap(made, shop.price(last)), proration_date=at(shop, "2027-09-16"))
    return shop.pending(made)


@rule(
    "Mixed intervals: each a multiple of the shortest; else refused, at Checkout too",
    f"{SUBSCRIPTIONS}/mixed-interval",
    (([("month", 1), ("month", 2), ("month", 6)],), ("taken", "taken"), "2 and 6 are multiples of 1"),
    (([("month", 4), ("month", 6)],), ("refused", "refused"), "6 is no multiple of 4"),
    (([("day", 21), ("week", 1)],), ("taken", "taken"), "21 days are 3 weeks"),
    (([("week", 2), ("month", 1)],), ("refused", "refused"), "weeks go with no months"),
    (([("day", 1), ("month", 3), ("year", 1)],), ("taken", "taken"), "one day goes with everything; a year is 4 × 3 months"),
    (([("day", 15), ("month", 1)],), ("refused", "refused"), "several days and months [doubt]"),
)
def mixed_intervals(shop: Shop, intervals: list[tuple[str, int]]) -> Any:
    items = [{"price": shop.price(500, interval, count=count), "quantity": 1} for interval, count in intervals]
    new: Any = {"customer": shop.customer(), "items": items}
    page: Any = {"mode": "subscription", "success_url": "https://example.com/", "line_items": items}

    def tried(call: Callable[[Any], Any], params: Any) -> str:
        try:
            call(params)
        except InvalidRequestError:
            return "refused"
        return "taken"

    return tried(shop.v1.subscriptions.create, new), tried(shop.v1.checkout.sessions.create, page)


@rule(
    "Mixed intervals: each is billed at its own dates",
    f"{SUBSCRIPTIONS}/mixed-interval",
    (
        (1100, 2700, 3),
        (3800, [1100, 1100, 3800]),
        "11.00 + 27.00 at first; 11.00 after one month and after two; 11.00 + 27.00 after three",
    ),
    ((250, 9900, 2), (10150, [250, 10150, 250]), "2.50 + 99.00 at first; 2.50; 2.50 + 99.00; 2.50"),
)
def bills_of_mixed_intervals(shop: Shop, monthly: int, longer: int, months: int) -> Any:
    at(shop, "2027-09-01")
    made = shop.subscribe(shop.price(monthly), shop.price(longer, "month", count=months))
    total = first(shop, made).total
    at(shop, "2027-12-01T02:00")
    return total, [invoice.total for invoice in shop.invoices(made)]


@rule(
    "The invoice of a new period looks back on the last one, its preview too; it is charged an hour later",
    "docs.stripe.com/api/invoices/object",
    (
        ("2027-03-07", "2027-04-07"),
        ("2027-03-07", "2027-04-07", "2027-04-07", HOUR, ("2027-03-07", "2027-04-07")),
        "7 Mar to 7 Apr; the license's line begins on 7 Apr; 1 hour",
    ),
    (
        ("2028-01-31", "2028-02-29"),
        ("2028-01-31", "2028-02-29", "2028-02-29", HOUR, ("2028-01-31", "2028-02-29")),
        "31 Jan to 29 Feb of a leap year; the license's line begins on 29 Feb; 1 hour",
    ),
)
def an_invoice_looks_back(shop: Shop, now: str, end: str) -> Any:
    at(shop, now)
    made = shop.subscribe(shop.price(1900))
    preview = shop.preview(made)
    shop.server.clock(set=made.items.data[0].current_period_end + 60)
    (draft,) = shop.invoices(made)
    previewed = shown(preview.period_start), shown(preview.period_end)
    charged = draft.next_payment_attempt - draft.period_end
    return shown(draft.period_start), shown(draft.period_end), shown(draft.lines.data[0].period.start), charged, previewed


@rule(
    "ending_balance is what the customer's balance is after the invoice; a preview says its subscription_proration_date",
    f"{SUBSCRIPTIONS}/prorations",
    (
        (1900, 2500, -5000, "2027-09-16"),
        (-3100, "2027-09-16"),
        "a balance of -50.00 and a total of 19.00 leave -31.00",
    ),
    ((700, 1400, -640, "2027-09-09"), (0, "2027-09-09"), "-6.40 and 7.00: the balance is used up"),
)
def what_an_invoice_tells(shop: Shop, price: int, other: int, balance: int, when: str) -> Any:
    at(shop, "2027-09-01")
    customer = shop.customer(balance=balance)
    made = shop.v1.subscriptions.create({"customer": customer, "items": [{"price": shop.price(price)}]})
    preview = shop.preview(made, **swap(made, shop.price(other)), proration_date=at(shop, when))
    return first(shop, made).ending_balance, shown(preview.parent.subscription_details.subscription_proration_date)


# From a total to money


@rule(
    "What is below the minimum charge is paid without one, goes to the balance, and is due with the next invoice",
    f"{BILLING}/customer/balance",
    (("usd", 37), [(37, 0, 37), (37, 74, 0)], "0.37 < 0.50 USD; 0.37 + 0.37 = 0.74"),
    (("gbp", 29), [(29, 0, 29), (29, 58, 0)], "0.29 < 0.30 GBP; 0.29 + 0.29 = 0.58"),
    (("czk", 800), [(800, 0, 800), (800, 1600, 0)], "8.00 < 15.00 CZK; 8.00 + 8.00 = 16.00"),
)
def below_the_minimum(shop: Shop, currency: str, price: int) -> Any:
    at(shop, "2027-09-01")
    made = shop.subscribe(shop.price(price, currency=currency))
    at(shop, "2027-10-01T02:00")
    return [(one.total, one.amount_due, one.ending_balance) for one in (first(shop, made), *shop.invoices(made))]


@rule(
    "A voided invoice gives back the balance that it used",
    f"{BILLING}/customer/balance",
    ((1200, -450), (1200, 750, -450), "12.00 - 4.50 = 7.50 due; -4.50 again"),
    ((800, -9000), (800, 0, -9000), "90.00 would have paid all of 8.00; -90.00 again"),
)
def voided(shop: Shop, price: int, balance: int) -> Any:
    at(shop, "2027-09-01")
    made = shop.subscribe(shop.price(price))
    shop.v1.customers.update(made.customer, {"balance": balance})
    shop.update(made, pause_collection={"behavior": "void"})
    at(shop, "2027-10-01T02:00")
    (invoice,) = shop.invoices(made)
    assert invoice.status == "void"
    return invoice.total, invoice.amount_due, shop.v1.customers.retrieve(made.customer).balance


@rule(
    "ISK and UGX are charged in hundreds, three decimals in tens [doubt but for UGX]: to the nearest, the rest to the balance",
    "docs.stripe.com/currencies",
    (("ugx", 12345), (12345, 12300, 45), "to the nearest 100"),
    (("ugx", 88850), (88850, 88900, -50), "a half goes up: 889.00"),
    (("isk", 6071), (6071, 6100, -29), "to the nearest 100"),
    (("kwd", 7777), (7777, 7780, -3), "to the nearest 10"),
)
def special_currencies(shop: Shop, currency: str, price: int) -> Any:
    invoice = first(shop, shop.subscribe(shop.price(price, currency=currency)))
    return invoice.total, invoice.amount_due, invoice.ending_balance


@rule(
    "What a proration made of an amount in UGX is rounded to the nearest hundred",
    "docs.stripe.com/currencies",
    ((50000, "2027-09-08"), (38333, 38300, 33), "23 of 30 days: 500.00 × 23/30 = 383.33; 383.00 is charged"),
    ((70000, "2027-09-12"), (44333, 44300, 33), "19 of 30 days: 700.00 × 19/30 = 443.33; 443.00 is charged"),
)
def a_proration_in_ugx(shop: Shop, price: int, now: str) -> Any:
    at(shop, now)
    made = shop.subscribe(shop.price(price, currency="ugx"), billing_cycle_anchor=moment("2027-10-01"))
    invoice = first(shop, made)
    return invoice.total, invoice.amount_due, invoice.total - invoice.amount_due


@rule(
    "A credit pays invoices whose period ends from effective_at on and before expires_at, whatever the lines' periods are",
    f"{SUBSCRIPTIONS}/usage-based/billing-credits",
    ((40, 50, 500, -HOUR, None), 1500, "usage of August, invoiced in September, when the credit is effective: 50 × 0.40 - 5.00"),
    ((40, 50, 500, HOUR, None), 2000, "the credit is effective an hour later: 50 × 0.40"),
    ((25, 12, 180, -HOUR, 60), 120, "it expires a minute later: 12 × 0.25 - 1.80"),
)
def credits_by_the_invoices_period(shop: Shop, price: int, used: int, granted: int, effective: int, expires: int | None) -> Any:
    now = at(shop, "2027-09-10")
    customer = shop.customer()
    made_price = metered(shop, unit_amount=price)
    event = {"stripe_customer_id": customer, "value": str(used)}
    shop.v1.billing.meter_events.create({"event_name": METER["event_name"], "payload": event, "timestamp": moment("2027-08-20")})
    grant: Any = {
        "customer": customer,
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": granted}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        "effective_at": now + effective,
    }
    if expires is not None:
        grant["expires_at"] = now + expires
    shop.v1.billing.credit_grants.create(grant)
    new: Any = {"customer": customer, "items": [{"price": made_price}], "backdate_start_date": moment("2027-08-10")}
    return first(shop, shop.v1.subscriptions.create(new)).total


def tiers(mode: str, up_to: int, one: tuple[str, int], other: tuple[str, int]) -> Any:
    found = [
        {"up_to": bound, "unit_amount_decimal": each, "flat_amount": flat}
        for bound, (each, flat) in ((up_to, one), ("inf", other))
    ]
    return {"billing_scheme": "tiered", "tiers_mode": mode, "tiers": found}


def billed(shop: Shop, used: int, **price: Any) -> list[int]:
    made = shop.subscribe(metered(shop, **price))
    if used:
        use(shop, made, used)
    return amounts(shop.preview(made))


@rule(
    "Graduated: of each tier that is reached its units and its flat amount, each rounded by itself; unused the first flat amount",
    "docs.stripe.com/products-prices/pricing-models",
    (
        (260, 100, ("1.5", 1200), ("1.23", 0)),
        [150, 1200, 197, 0],
        "100 × 0.015 = 1.50; 12.00; 160 × 0.0123 = 1.968, so 1.97; 0.00",
    ),
    ((47, 40, ("0.7", 0), ("3.9", 250)), [28, 0, 27, 250], "40 × 0.007 = 0.28; 0.00; 7 × 0.039 = 0.273, so 0.27; 2.50"),
    ((0, 100, ("1.5", 1200), ("1.23", 0)), [0, 1200], "no units; 12.00"),
)
def graduated(shop: Shop, used: int, up_to: int, one: tuple[str, int], other: tuple[str, int]) -> Any:
    return billed(shop, used, **tiers("graduated", up_to, one, other))


@rule(
    "Volume: one line, all units at the rate of the tier that their number falls into, with its flat amount",
    "docs.stripe.com/products-prices/pricing-models",
    ((260, 100, ("1.5", 1200), ("1.23", 400)), [720], "260 × 0.0123 + 4.00 = 7.198, so 7.20"),
    ((80, 100, ("1.4", 50), ("1.23", 400)), [162], "80 × 0.014 + 0.50 = 1.62"),
)
def volume(shop: Shop, used: int, up_to: int, one: tuple[str, int], other: tuple[str, int]) -> Any:
    return billed(shop, used, **tiers("volume", up_to, one, other))


@rule(
    "Descriptions: the quantity without separators, unit_label, package and interval",
    f"{SUBSCRIPTIONS}/prorations",
    (
        (73100, {"unit_amount": 15, "transform_quantity": {"divide_by": 40, "round": "up"}}, "call"),
        ["73100 call × Plan (at $0.15 per 40 units / month)"],
        "quantity, label, name, amount per package, interval",
    ),
    (
        (8, {"unit_amount": 950, "currency": "eur"}, None),
        ["8 × Plan (at €9.50 / month)"],
        "without a label and a package",
    ),
    (
        (1320, tiers("graduated", 1000, ("0", 300), ("2.6", 0)), "token"),
        [
            "1000 token × Plan (Tier 1 at $0.00 / month)",
            "Plan (Tier 1 at $3.00 / month)",
            "320 token × Plan (Tier 2 at $0.026 / month)",
            "Plan (Tier 2 at $0.00 / month)",
        ],
        "tier by tier",
    ),
)
def descriptions(shop: Shop, used: int, price: Any, label: str | None) -> Any:
    if label:
        shop.v1.products.update(shop.product, {"unit_label": label})
    made = shop.subscribe(metered(shop, **price))
    use(shop, made, used)
    return [line.description for line in shop.preview(made).lines.data]


@rule(
    "Descriptions of licenses, of trials and of prorations",
    f"{SUBSCRIPTIONS}/prorations",
    (
        (4, 2, "2027-09-16"),
        [
            "4 × Plan (at $9.00 every 2 months)",
            "Free trial for 4 × Plan",
            "Remaining time on 5 × Plan after 16 Sep 2027",
            "Unused time on 4 × Plan after 16 Sep 2027",
        ],
        "the quantity before the change and after it",
    ),
    (
        (1, 6, "2027-11-03"),
        [
            "1 × Plan (at $9.00 every 6 months)",
            "Free trial for 1 × Plan",
            "Remaining time on 2 × Plan after 03 Nov 2027",
            "Unused time on Plan after 03 Nov 2027",
        ],
        "a quantity of 1 is not said in a proration",
    ),
)
def descriptions_of_licenses(shop: Shop, quantity: int, months: int, when: str) -> Any:
    at(shop, "2027-09-01")
    terms: Any = {"customer": shop.customer(), "items": [{"price": shop.price(900, count=months), "quantity": quantity}]}
    made = shop.v1.subscriptions.create(terms)
    trial = shop.v1.subscriptions.create({**terms, "trial_period_days": 3})
    change: Any = [{"id": made["items"].data[0].id, "quantity": quantity + 1}]
    shop.update(made, items=change, proration_date=at(shop, when))
    pending = shop.v1.invoice_items.list({"pending": True}).data
    lines = [line for one in (made, trial) for line in first(shop, one).lines.data]
    return [line.description for line in lines] + sorted(str(item.description) for item in pending)


@rule(
    "Usage after a swap of prices is billed as of when it was reported; in classic mode only that since the swap",
    COMPARE,
    (("flexible", 20, 150, 35, 60), 5100, "150 × 0.20 + 60 × 0.35 = 30.00 + 21.00"),
    (("classic", 20, 150, 35, 60), 2100, "60 × 0.35"),
    (("flexible", 7, 33, 90, 4), 591, "33 × 0.07 + 4 × 0.90 = 2.31 + 3.60"),
)
def usage_around_a_swap(shop: Shop, mode: str, old: int, before: int, new: int, after: int) -> Any:
    at(shop, "2027-09-01")
    made = shop.subscribe(metered(shop, unit_amount=old), billing_mode={"type": mode})
    use(shop, made, before)
    at(shop, "2027-09-16")
    shop.update(made, **swap(made, metered(shop, unit_amount=new)))
    # As of when it is reported, whatever its timestamp.
    use(shop, made, after, moment("2027-09-10"))
    return shop.preview(made).total


@rule(
    "Previews: invoice_items[quantity_decimal], and subscription_details[cancel_now] from proration_date on",
    "docs.stripe.com/api/invoices/create_preview",
    ((6000, "2.25", 800, "2027-09-19"), (7800, -2400), "60.00 + 2.25 × 8.00 = 78.00; 12 of 30 days back: 60.00 × 12/30 = 24.00"),
    ((3300, "0.5", 90, "2027-09-11"), (3345, -2200), "33.00 + 0.5 × 0.90 = 33.45; 20 of 30 days back: 33.00 × 20/30 = 22.00"),
)
def previews(shop: Shop, price: int, quantity: str, each: int, when: str) -> Any:
    at(shop, "2027-09-01")
    made = shop.subscribe(shop.price(price))
    once: Any = {"currency": "usd", "product": shop.product, "unit_amount": each}
    extra: Any = [{"price_data": once, "quantity_decimal": quantity}]
    with_extra = shop.v1.invoices.create_preview({"subscription": made.id, "invoice_items": extra})
    return with_extra.total, shop.preview(made, cancel_now=True, proration_date=at(shop, when)).total


@rule(
    "Previews: preview_mode=recurring is what comes back; a preview can be read again for 72 hours",
    "docs.stripe.com/invoicing/preview",
    ((1000, 4500, 71), ([4500], 4500), "45.00 a month, without the change's prorations"),
    ((2900, 100, 3), ([100], 100), "1.00 a month"),
)
def recurring_previews(shop: Shop, price: int, other: int, hours: int) -> Any:
    at(shop, "2027-09-01")
    made = shop.subscribe(shop.price(price))
    at(shop, "2027-09-16")
    details: Any = swap(made, shop.price(other))
    asked: Any = {"subscription": made.id, "subscription_details": details, "preview_mode": "recurring"}
    preview = shop.v1.invoices.create_preview(asked)
    shop.server.clock(advance=hours * HOUR)
    again = shop.v1.invoices.retrieve(str(preview.id)).total
    shop.server.clock(advance=(73 - hours) * HOUR)
    assert refusal(shop.v1.invoices.retrieve, str(preview.id)).http_status == 404
    return amounts(preview), again


@rule(
    "add_invoice_items takes negative amounts",
    f"{SUBSCRIPTIONS}/prorations",
    ((-335, 2, 9000), 8330, "90.00 - 2 × 3.35"),
    ((-1999, 1, 2000), 1, "20.00 - 19.99"),
)
def own_prorations(shop: Shop, each: int, quantity: int, price: int) -> Any:
    at(shop, "2027-09-01")
    made = shop.subscribe(shop.price(price))
    credit: Any = {"currency": "usd", "product": shop.product, "unit_amount": each}
    shop.update(made, add_invoice_items=[{"price_data": credit, "quantity": quantity}])
    return shop.preview(made).total


@rule(
    "cancel_at in a future period prorates that period, whatever proration_behavior says",
    "docs.stripe.com/api/subscriptions/update",
    ((6000, "2027-11-11", "none"), [[6000], [2000]], "October 60.00; 1 to 11 Nov is 10 of 30 days: 60.00 × 10/30 = 20.00"),
    (
        (9300, "2027-10-18", "create_prorations"),
        [[5100]],
        "1 to 18 Oct is 17 of 31 days: 93.00 × 17/31 = 51.00",
    ),
)
def an_end_in_a_future_period(shop: Shop, price: int, end: str, behavior: str) -> Any:
    at(shop, "2027-09-01")
    made = shop.subscribe(shop.price(price))
    shop.update(made, cancel_at=moment(end), proration_behavior=behavior)
    shop.server.clock(set=moment(end) + HOUR)
    return shop.amounts(made)


@rule(
    "Flexible: one credit for each original debit",
    COMPARE,
    (
        (6000, 3000, "2027-09-11", "2027-09-06"),
        [-4000, -1000, 2500],
        "charged 20.00 to 11 Sep and 40.00 from then on: 5 of 10 days back, 10.00, and all of 40.00; 30.00 × 25/30 = 25.00",
    ),
    (
        (9000, 1500, "2027-09-21", "2027-09-16"),
        [-3000, -1500, 750],
        "charged 60.00 to 21 Sep and 30.00 from then on: 5 of 20 days back, 15.00, and all of 30.00; 15.00 × 15/30 = 7.50",
    ),
)
def a_credit_for_each_debit(shop: Shop, price: int, other: int, end: str, change: str) -> Any:
    at(shop, "2027-09-01")
    made = shop.subscribe(shop.price(price), cancel_at=moment(end))
    shop.update(made, cancel_at="")
    at(shop, change)
    shop.update(made, **swap(made, shop.price(other)), proration_date=moment(change), proration_behavior="always_invoice")
    return sorted(shop.amounts(made)[-1][-3:])


@rule(
    "Invoices of a new period have lines for all that is metered, also for 0; none is made, or added to one, at the beginning",
    COMPARE,
    ((1700, 25), ([1700], [0, 1700]), "17.00 at first; 0 used and 17.00 after a month"),
    ((310, 900), ([310], [0, 310]), "3.10 at first; 0 used and 3.10"),
)
def metered_lines_of_nothing(shop: Shop, price: int, each: int) -> Any:
    at(shop, "2027-09-01")
    made = shop.subscribe(metered(shop, unit_amount=each), shop.price(price))
    at(shop, "2027-10-01T02:00")
    return amounts(first(shop, made)), sorted(shop.amounts(made)[-1])


@rule(
    "An immediate cancel removes pending prorations only without invoice_now and without prorate",
    "docs.stripe.com/api/subscriptions/cancel",
    ((3000, 9000, {}), ([], []), "removed"),
    (
        (3000, 9000, {"prorate": True}),
        ([-6000, -2000, 6000], []),
        "20 of 30 days: 20.00 back for 30.00, 60.00 for 90.00, which is given back",
    ),
    ((6000, 4500, {"invoice_now": True}), ([], [-1000]), "20 of 30 days: 60.00 × 20/30 = 40.00 back, 45.00 × 20/30 = 30.00"),
)
def what_waits_at_a_cancel(shop: Shop, price: int, other: int, params: Any) -> Any:
    at(shop, "2027-09-01")
    made = shop.subscribe(shop.price(price))
    shop.update(made, **swap(made, shop.price(other)), proration_date=at(shop, "2027-09-11"))
    shop.v1.subscriptions.cancel(made.id, params)
    # A second that passes before the cancel is less than half a cent of what it gives back.
    return shop.pending(made), [invoice.total for invoice in shop.invoices(made)]


@rule(
    "A backdate of more than 250 lines is refused",
    f"{SUBSCRIPTIONS}/backdating",
    (("day", 249), 250, "249 days that are over, and today"),
    (("day", 250), "refused", "250 days that are over, and today"),
    (("week", 251), "refused", "251 weeks that are over, and this one"),
)
def many_backdated_lines(shop: Shop, interval: str, periods: int) -> Any:
    at(shop, "2027-09-01T12:00")
    start = moment("2027-09-01T10:00") - periods * (DAY if interval == "day" else 7 * DAY)
    price = shop.price(100, interval)
    if periods > 249:
        error = refusal(shop.subscribe, price, backdate_start_date=start)
        return "refused" if error.param == "backdate_start_date" else error
    return first(shop, shop.subscribe(price, backdate_start_date=start)).lines.total_count


@rule(
    "With billing_cycle_anchor_config the anchor is the next matching date after now, also of a backdated start",
    f"{SUBSCRIPTIONS}/backdating",
    (
        (9300, "2027-01-03", "2027-03-20", 10),
        ("2027-04-10", [2100, 9300, 9300, 9300]),
        "3 to 10 Jan is 7 days of 10 Dec to 10 Jan, 31 days: 93.00 × 7/31 = 21.00; periods from 10 Jan, 10 Feb and 10 Mar",
    ),
    (
        (6000, "2027-08-01", "2027-08-15", 11),
        ("2027-09-11", [1935, 6000]),
        "1 to 11 Aug is 10 days of 11 Jul to 11 Aug, 31 days: 60.00 × 10/31 = 19.35; the period from 11 Aug",
    ),
)
def a_backdated_anchor_config(shop: Shop, price: int, start: str, now: str, day: int) -> Any:
    at(shop, now)
    config = {"day_of_month": day, "hour": 0, "minute": 0, "second": 0}
    made = shop.subscribe(shop.price(price), backdate_start_date=moment(start), billing_cycle_anchor_config=config)
    return shown(made.billing_cycle_anchor), amounts(first(shop, made))


@pytest.mark.parametrize("example", short(EXAMPLES, 16, name))
def test_stripes_bill(server: LocalStripe, client: StripeClient, example: Example) -> None:
    seen = example.rule(Shop(server, client), *example.given)
    assert seen == example.right, f"{example.said}: {example.by_hand} ({example.page})"
