"""A year of a hundred subscriptions of mixed kinds on the local Stripe, in three ways that bill the same.

- `ByClocks`: under as many test clocks as Stripe's limits need, each moved on as far as they allow.
- `StepByStep`: by the server's own time, month by month.
- `InOneGo`: by the server's own time, at once.

Whatever happens within the year is agreed on at its start (schedules, trials, ends, thresholds, the card that fails), but for the
usage. In one go that is there before the first subscription: the server's time can go back.
https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from stripe_local.testing import LocalStripe

SUBSCRIPTIONS = 100
OF_A_CUSTOMER, CUSTOMERS_OF_A_CLOCK = 3, 3
"""What a test clock holds at most."""

DAY, HOUR, MINUTE = 86400, 3600, 60

REQUEST, AMOUNT_GTE = 30, 20_000
"""What a request costs, and the amount at which requests are billed before the month is over."""
FIRST_REQUESTS = USAGE_GTE = 900
"""How many requests are of the first tier, where a request costs less; as many are billed before the month is over."""


def _moment(year: int, month: int, day: int, hour: int) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


START = _moment(2031, 1, 31, 10)
"""The last day of a month, so that periods end on the last days of shorter ones."""
POINTS = [_moment(2031 + number // 12, number % 12 + 1, 15, 12) for number in range(1, 14)]
"""The middle of each month, when usage is reported, until two weeks after the year."""

Params = dict[str, Any]
Bills = dict[str, Any]
"""What customers were billed, by their names, without ids."""


# Who there is


class Catalogue:
    """What is sold, and what kinds of subscriptions need besides."""

    def __init__(self, v1: Any) -> None:
        self.v1 = v1
        self._product = v1.products.create({"name": "Plan"}).id
        self.monthly, self.dearer = self._price(1000), self._price(2500)
        self.yearly, self.quarterly = self._price(9000, interval="year"), self._price(2700, interval_count=3)
        metered, requests = self._counted("tokens"), self._counted("requests")
        packages = {"divide_by": 100, "round": "up"}
        self.usage = self._price(4, transform_quantity=packages, **metered)
        tiers = [{"up_to": 1000, "unit_amount": 2}, {"up_to": "inf", "unit_amount": 1}]
        self.tiers = self._price(None, billing_scheme="tiered", tiers_mode="graduated", tiers=tiers, **metered)
        self.requests = self._price(REQUEST, **requests)
        tiers = [{"up_to": FIRST_REQUESTS, "unit_amount": 3}, {"up_to": "inf", "unit_amount": 2}]
        self.request_tiers = self._price(None, billing_scheme="tiered", tiers_mode="graduated", tiers=tiers, **requests)
        quarter = {"percent_off": 25, "duration": "repeating", "duration_in_months": 3}
        self.quarter_off = v1.coupons.create(quarter).id
        self.amount_off = v1.coupons.create({"amount_off": 250, "currency": "usd", "duration": "forever"}).id
        self.exclusive, self.inclusive = (
            v1.tax_rates.create({"display_name": "VAT", "percentage": 19, "inclusive": inclusive}).id
            for inclusive in (False, True)
        )

    def _counted(self, what: str) -> Params:
        """What a price of something has that a meter counts."""
        sums = {"default_aggregation": {"formula": "sum"}}
        meter = self.v1.billing.meters.create({"display_name": what.title(), "event_name": what, **sums}).id
        return {"usage_type": "metered", "meter": meter}

    def _price(self, amount: int | None, **more: Any) -> str:
        recurring = {"interval": "month"}
        recurring |= {name: more.pop(name) for name in ("interval", "interval_count", "usage_type", "meter") if name in more}
        amounts = {} if amount is None else {"unit_amount": amount}
        params = {"currency": "usd", "product": self._product, "recurring": recurring, **amounts, **more}
        return str(self.v1.prices.create(params).id)

    def failing_card(self, customer: str) -> str:
        """A card that can be attached, and is declined when it is charged."""
        return str(self.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer}).id)

    def credits(self, customer: str) -> None:
        """Credits for usage, which last for a few months."""
        amount = {"type": "monetary", "monetary": {"currency": "usd", "value": 20_000}}
        scope = {"scope": {"price_type": "metered"}}
        self.v1.billing.credit_grants.create(
            {"customer": customer, "category": "paid", "amount": amount, "applicability_config": scope}
        )


def _plain(*prices: str, **more: Any) -> Params:
    return {"items": [{"price": price} for price in prices], **more}


def _fails_in_month_five(catalogue: Catalogue, customer: str) -> Params:
    items = [{"price": catalogue.monthly}]
    card = catalogue.failing_card(customer)
    phases = [
        {"items": items, "duration": {"interval": "month", "interval_count": 4}},
        {"items": items, "duration": {"interval": "month", "interval_count": 12}, "default_payment_method": card},
    ]
    return {"start_date": "now", "phases": phases}


def _dearer_within_month_six(catalogue: Catalogue, customer: str) -> Params:
    phases = [
        {"items": [{"price": catalogue.monthly}], "end_date": START + 165 * DAY},
        {"items": [{"price": catalogue.dearer}], "duration": {"interval": "month", "interval_count": 12}},
    ]
    return {"start_date": "now", "phases": phases}


def _tiers_with_credits(catalogue: Catalogue, customer: str) -> Params:
    catalogue.credits(customer)
    return _plain(catalogue.tiers)


def _requests_to_a_quantity(catalogue: Catalogue, customer: str) -> Params:
    return {"items": [{"price": catalogue.request_tiers, "billing_thresholds": {"usage_gte": USAGE_GTE}}]}


def _seats_with_a_coupon(catalogue: Catalogue, customer: str) -> Params:
    return {"items": [{"price": catalogue.monthly, "quantity": 3}], "discounts": [{"coupon": catalogue.quarter_off}]}


@dataclass(frozen=True)
class Kind:
    """A kind of subscription: what is sent for one of a customer. With `phases` that is a schedule."""

    name: str
    wanted: Callable[[Catalogue, str], Params]
    metered: bool = False


KINDS = (
    Kind("usage and a fee", lambda c, _: _plain(c.usage, c.monthly), metered=True),
    Kind("monthly", lambda c, _: _plain(c.monthly)),
    Kind("three seats, with a coupon for three months", _seats_with_a_coupon),
    Kind("after a trial", lambda c, _: _plain(c.monthly, trial_end=START + 14 * DAY)),
    Kind("tiers, with credits", _tiers_with_credits, metered=True),
    Kind("yearly, with tax", lambda c, _: _plain(c.yearly, default_tax_rates=[c.exclusive])),
    Kind(
        "every three months, with tax within the price and an amount off",
        lambda c, _: _plain(c.quarterly, default_tax_rates=[c.inclusive], discounts=[{"coupon": c.amount_off}]),
    ),
    Kind("sent", lambda c, _: _plain(c.monthly, collection_method="send_invoice", days_until_due=20)),
    Kind("usage after a trial", lambda c, _: _plain(c.usage, trial_end=START + 14 * DAY), metered=True),
    Kind("ends within a period", lambda c, _: _plain(c.dearer, cancel_at=START + 100 * DAY)),
    Kind("a card that fails in month 5", _fails_in_month_five),
    Kind("dearer within month 6", _dearer_within_month_six),
    Kind(
        "requests, billed at an amount",
        lambda c, _: _plain(c.requests, billing_thresholds={"amount_gte": AMOUNT_GTE}),
        metered=True,
    ),
    Kind("requests in tiers, billed at a quantity", _requests_to_a_quantity, metered=True),
)


@dataclass(frozen=True)
class Customer:
    """One of the customers: what they subscribe to, and the test clock that they are under, if there are any."""

    number: int
    kinds: tuple[Kind, ...]

    @property
    def name(self) -> str:
        """Theirs."""
        return f"customer {self.number}"

    @property
    def clock(self) -> int:
        """The number of the test clock."""
        return self.number // CUSTOMERS_OF_A_CLOCK

    @property
    def metered(self) -> bool:
        """Whether they use something."""
        return any(kind.metered for kind in self.kinds)

    def usage(self, point: int) -> Iterator[tuple[int, int]]:
        """When they used how much, in the days before one of `POINTS`."""
        for hours in (20, 2):
            yield POINTS[point] - hours * HOUR, (self.number * 997 + point * 1301 + hours * 59) % 7000

    def requests(self, point: int) -> int:
        """How many requests they make in the month before one of `POINTS`."""
        return (self.number * 331 + point * 467) % 1500


def _customers() -> Iterator[Customer]:
    """A third of the test clocks holds metered subscriptions too, and moves by a month; the others move by two."""
    without_usage = tuple(kind for kind in KINDS if not kind.metered)
    for number in range(-(-SUBSCRIPTIONS // OF_A_CUSTOMER)):
        kinds = without_usage if number // CUSTOMERS_OF_A_CLOCK % 3 else KINDS
        first, last = number * OF_A_CUSTOMER, min((number + 1) * OF_A_CUSTOMER, SUBSCRIPTIONS)
        yield Customer(number, tuple(kinds[one % len(kinds)] for one in range(first, last)))


CUSTOMERS = tuple(_customers())


# What happens


def _at_once(order: Callable[[], None]) -> None:
    order()


class Year:
    """The year on a server that has nothing yet. `prepare`, then `live`; then `bills` tells what was billed."""

    name = ""

    def __init__(self, server: LocalStripe) -> None:
        self.server = server
        self.moved: Callable[[Callable[[], None]], None] = _at_once
        """Lets time pass, as an order does it, which may be given again. A test kills the server meanwhile."""
        self.v1: Any = None
        self.connect()
        self.ids: dict[int, str] = {}
        self._subscriptions: dict[str, str] = {}
        """The kind of each subscription, by its id."""
        self.catalogue = Catalogue(self.v1)

    def connect(self) -> None:
        """Talk to the server, which may have been started again."""
        self.v1 = self.server.client(max_network_retries=0).v1

    def prepare(self) -> None:
        """Make customers and subscriptions."""
        raise NotImplementedError

    def live(self) -> None:
        """Let the year pass."""
        raise NotImplementedError

    def set_time(self, moment: int) -> None:
        """Set the server's own time, and wait for all that it makes due."""
        self.server.clock(set=moment)

    def new_customer(self, customer: Customer, **more: Any) -> None:
        """A customer with a card."""
        card = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
        self.ids[customer.number] = self.v1.customers.create({"name": customer.name, **card, **more}).id

    def subscribe(self, customer: Customer) -> None:
        """All that they subscribe to, at the start."""
        id = self.ids[customer.number]
        for kind in customer.kinds:
            params = {"customer": id, **kind.wanted(self.catalogue, id)}
            of = self.v1.subscription_schedules if "phases" in params else self.v1.subscriptions
            made = self.at_start(partial(of.create, params))
            self._subscriptions[getattr(made, "subscription", made.id)] = kind.name

    def at_start(self, make: Callable[[], Any]) -> Any:
        """What is made, within the second of the start."""
        return make()

    def use(self, point: int) -> None:
        """Report what everybody has used by then. Requests come at once, and may be billed then."""
        for customer in CUSTOMERS:
            if customer.metered:
                for number, (timestamp, value) in enumerate(customer.usage(point)):
                    self._report(customer, "tokens", f"{point}, {number}", timestamp, value)
                self.come_to(POINTS[point])
                self._report(customer, "requests", f"{point}", POINTS[point] - HOUR, customer.requests(point))

    def come_to(self, moment: int) -> None:
        """Have it that moment, and not a second later."""

    def _report(self, customer: Customer, what: str, number: str, timestamp: int, value: int) -> None:
        payload = {"stripe_customer_id": self.ids[customer.number], "value": str(value)}
        identifier = f"{what} of {customer.name}, {number}"
        self.v1.billing.meter_events.create(
            {"event_name": what, "identifier": identifier, "payload": payload, "timestamp": timestamp}
        )

    # What was billed

    def bills(self) -> Bills:
        """All that Stripe tells of every invoice, but for ids and what names them, and what was paid; moments to the minute."""
        return {customer.name: self._bills_of(self.ids[customer.number]) for customer in CUSTOMERS}

    def _bills_of(self, customer: str) -> dict[str, Any]:
        invoices: dict[str, list[Any]] = {}
        for found in self.v1.invoices.list({"customer": customer, "limit": 100}).auto_paging_iter():
            invoice = found.to_dict(for_json=True)
            of = invoice["parent"]["subscription_details"]["subscription"]
            if of in self._subscriptions:
                invoices.setdefault(self._subscriptions[of], []).insert(0, _without_ids(invoice))
        payments = self.v1.payment_intents.list({"customer": customer, "limit": 100}).auto_paging_iter()
        found = self.v1.customers.retrieve(customer)
        return {
            "balance": found.balance,
            "delinquent": found.delinquent,
            "invoices": invoices,
            "paid": sorted(payment.amount_received for payment in payments if payment.status == "succeeded"),
        }


_MOMENT = re.compile(r"\b\d{10}\b")
_ID = re.compile(r"\b([a-z]+(?:_[a-z]+)*)_(?:1[0-9a-f]{23}|[A-Za-z0-9]{14})\b")
_NAMES_IT = ("hosted_invoice_url", "invoice_pdf", "number", "test_clock")


def _without_ids(invoice: dict[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in invoice.items() if name not in _NAMES_IT}
    for rate in told["default_tax_rates"]:
        del rate["created"]
    # While usage is reported, the server's own time goes on, if only for a part of a second.
    text = _MOMENT.sub(lambda moment: str(int(moment.group()) // MINUTE * MINUTE), json.dumps(told))
    found: dict[str, Any] = json.loads(_ID.sub(r"\1", text))
    return found


class ByClocks(Year):
    """Under test clocks."""

    name = "test clocks"

    def __init__(self, server: LocalStripe) -> None:
        super().__init__(server)
        self._clocks: list[str] = []

    def prepare(self) -> None:
        """Each test clock gets as many customers as it can hold."""
        for customer in CUSTOMERS:
            if customer.clock == len(self._clocks):
                self._clocks.append(self.v1.test_helpers.test_clocks.create({"frozen_time": START}).id)
            self.new_customer(customer, test_clock=self._clocks[customer.clock])
            self.subscribe(customer)

    def live(self) -> None:
        """Two months at once, which is as far as Stripe lets a test clock go; a month, where usage is reported."""
        metered = {customer.clock for customer in CUSTOMERS if customer.metered}
        for point in range(len(POINTS)):
            for number, clock in enumerate(self._clocks):
                if number in metered or point % 2 or point == len(POINTS) - 1:
                    self.moved(partial(self._advance, clock, POINTS[point]))
            self.use(point)

    def _advance(self, clock: str, to: int) -> None:
        clocks = self.v1.test_helpers.test_clocks
        found = clocks.retrieve(clock)
        if found.status == "ready" and found.frozen_time < to:
            found = clocks.advance(clock, {"frozen_time": to})
        while found.status == "advancing":
            time.sleep(0.01)
            found = clocks.retrieve(clock)
        if (found.status, found.frozen_time) != ("ready", to):
            raise RuntimeError(f"{clock} did not advance to {to}: {found}")


class _ByTheServer(Year):
    """By the server's own time, which goes on by itself: what takes more than a second is made once more."""

    def at_start(self, make: Callable[[], Any]) -> Any:
        """What is made, within the second of the start; what was not is canceled, and left out of the bills."""
        while True:
            self.set_time(START)
            made = make()
            if made.created == START:
                return made
            of = self.v1.subscription_schedules if made.object == "subscription_schedule" else self.v1.subscriptions
            of.cancel(made.id)

    def come_to(self, moment: int) -> None:
        """As `Year.come_to`."""
        self.set_time(moment)

    def _make_customers(self) -> None:
        self.set_time(START)
        for customer in CUSTOMERS:
            self.new_customer(customer)

    def _make_subscriptions(self) -> None:
        self.set_time(START)
        for customer in CUSTOMERS:
            self.subscribe(customer)


class StepByStep(_ByTheServer):
    """By the server's own time, month by month."""

    name = "the server's own time, month by month"

    def prepare(self) -> None:
        """As anybody would."""
        self._make_customers()
        self._make_subscriptions()

    def live(self) -> None:
        """On to the middle of the next month, and report."""
        for point, moment in enumerate(POINTS):
            self.moved(partial(self.set_time, moment))
            self.use(point)


class InOneGo(_ByTheServer):
    """By the server's own time, at once."""

    name = "the server's own time, in one go"

    def prepare(self) -> None:
        """The usage of the year first, each month's at its time; then back, to subscribe."""
        self._make_customers()
        for point, moment in enumerate(POINTS):
            self.set_time(moment)
            self.use(point)
        self._make_subscriptions()

    def live(self) -> None:
        """On to the end."""
        self.moved(partial(self.set_time, POINTS[-1]))


WAYS: tuple[type[Year], ...] = (ByClocks, StepByStep, InOneGo)


def measured(way: type[Year]) -> tuple[dict[str, Any], Bills]:
    """How long the year takes in this way, on a server of its own, and what is billed."""
    with LocalStripe(advance_lag=0) as server:
        began = time.monotonic()
        year = way(server)
        year.prepare()
        prepared = time.monotonic()
        year.live()
        ended = time.monotonic()
        bills = year.bills()
    invoices = sum(len(some) for bill in bills.values() for some in bill["invoices"].values())
    found = {"way": way.name, "prepared": round(prepared - began, 2), "seconds": round(ended - prepared, 2), "invoices": invoices}
    return found, bills
