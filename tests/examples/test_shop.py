"""examples/shop, as it is, against the local Stripe: from Checkout to the invoice of the usage, whatever goes wrong on the way.

Events get lost on their way, or their answers do, the shop is killed, Stripe is killed: of all that happened the shop is told,
nothing is told twice that did not have to be, and what happened to one object is told in its order.

Pages are below docs.stripe.com: webhooks (retries, order, events that come twice), checkout/fulfillment,
billing/subscriptions/webhooks, billing/subscriptions/usage-based.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.installing import INSTALL_SECONDS
from tests.examples.shop import LOST, REFUSED, SHOP, App, Road
from tests.stripe_local.server import TEST_KEY, LocalStripe
from tests.stripe_local.shop import moment

pytestmark = pytest.mark.timeout(INSTALL_SECONDS + 240)

START, LATER, RENEWED, RETRIED = map(
    moment, ("2031-03-10 12:00:00", "2031-03-30 12:00:00", "2031-04-11 12:00:00", "2031-04-12 12:00:00")
)
"""A month later everybody's period is over; a card that fails then is charged again after 42 hours."""

STAYS, FAILS, LEAVES, IDLE = USERS = ("user-1", "user-2", "user-3", "user-4")
TOKENS = {STAYS: 250, FAILS: 100_000, LEAVES: 130_001}
FEE = 2000
COSTS = {STAYS: 12, FAILS: 4000, LEAVES: 5204, IDLE: 0}
"""4 cents for each 100, of which one begun counts whole."""


def happens(number: int) -> str | None:
    """What happens to an event on its way."""
    return REFUSED if number % 9 == 4 else LOST if number % 9 == 7 else None


class Story:
    """Customers, a shop and Stripe."""

    def __init__(self, server: LocalStripe, road: Road, app: App, browser: httpx.Client) -> None:
        self.server, self.road, self.app, self.browser = server, road, app, browser
        self.happened: dict[str, str] = {}
        """Events in their order: the id of each, and of what it is about."""

    @property
    def v1(self) -> Any:
        return self.server.client().v1

    # What customers do

    def subscribe(self, user: str) -> None:
        """The button of the shop, then that of Checkout, and back."""
        on = self.browser.post(f"{self.app.url}/create-checkout-session", data={"user": user})
        assert on.status_code == 303, self.app.log.read_text()
        session = on.headers["Location"].rpartition("/")[2]
        filled_in = {"email": f"{user}@example.com", "name": user, "payment_method": "pm_card_visa"}
        done = self.server.http("POST", f"/_local/checkout/{session}", key=None, json=filled_in)
        assert self.browser.get(done.json()["redirect"]).status_code == 200, self.app.log.read_text()

    def press(self, user: str, **what: str) -> None:
        """A button in the portal."""
        on = self.browser.post(f"{self.app.url}/create-portal-session", data={"user": user})
        path = on.headers["Location"].removeprefix(self.server.url)
        pressed = self.server.http("POST", f"/_local/hosted{path}", key=None, json=what)
        assert pressed.status_code == 200, pressed.text

    def work(self, user: str, tokens: int) -> int:
        """Uses tokens; the status with which the shop answers."""
        return self.browser.post(f"{self.app.url}/work", data={"user": user, "tokens": str(tokens)}).status_code

    def account(self, user: str) -> Any:
        return self.browser.get(f"{self.app.url}/account", params={"user": user}).json()

    def statuses(self) -> list[str]:
        return [self.account(user)["status"] for user in USERS]

    # What becomes of it

    def settle(self) -> None:
        """Waits until nothing is on its way any more, and notes what happened. Stripe lists events for 30 days."""
        end = time.monotonic() + 120
        while self.v1.events.list({"delivery_success": False, "limit": 1}).data:
            assert time.monotonic() < end, "an event was given up"
            time.sleep(0.2)
        new = []
        for event in self.v1.events.list({"limit": 100}).auto_paging_iter():
            if event.id in self.happened:
                break
            # The invoice that is to come has no id yet.
            new.append((event.id, getattr(event.data.object, "id", "")))
        self.happened.update(reversed(new))

    def until_told_more(self, events: int) -> None:
        """Waits until so many more came, whatever became of them."""
        wanted, end = len(self.road.arrivals) + events, time.monotonic() + 60
        while len(self.road.arrivals) < wanted:
            assert time.monotonic() < end, self.app.log.read_text()
            time.sleep(0.005)


@pytest.fixture(params=["python", pytest.param("node", marks=pytest.mark.thorough)])
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Story]:
    """A shop that is open."""
    with ExitStack() as stack:
        server = stack.enter_context(LocalStripe(tmp_path / "stripe.db"))
        server.clock(set=START)
        v1: Any = server.client().v1
        monthly = {"currency": "usd", "recurring": {"interval": "month"}}
        v1.prices.create({**monthly, "unit_amount": FEE, "lookup_key": "shop_fee", "product_data": {"name": "Base fee"}})
        meter = v1.billing.meters.create(
            {"display_name": "Tokens", "event_name": "shop_tokens", "default_aggregation": {"formula": "sum"}}
        ).id
        monthly["recurring"] |= {"usage_type": "metered", "meter": meter}
        packages = {"unit_amount": 4, "transform_quantity": {"divide_by": 100, "round": "up"}}
        v1.prices.create({**monthly, **packages, "lookup_key": "shop_tokens", "product_data": {"name": "Tokens"}})
        enabled = {"payment_method_update": {"enabled": True}, "subscription_cancel": {"enabled": True}}
        v1.billing_portal.configurations.update("bpc_local_default", {"features": enabled})
        road = stack.enter_context(closing(Road(happens)))
        before = [event.id for event in v1.events.list({"limit": 100}).data]
        secret = v1.webhook_endpoints.create({"url": road.url, "enabled_events": ["*"]}).secret
        settings = {"STRIPE_API_KEY": TEST_KEY, "STRIPE_API_BASE": server.url, "STRIPE_WEBHOOK_SECRET": secret}
        app = stack.enter_context(App(request.param, tmp_path, settings))
        road.leads_to = app.url
        told = Story(server, road, app, stack.enter_context(httpx.Client(timeout=30)))
        told.happened.update(dict.fromkeys(before, ""))
        yield told


def test_the_shop_knows_all_that_happened_and_everything_once(story: Story) -> None:
    v1, server, road, app = story.v1, story.server, story.road, story.app
    before = set(story.happened)
    forged = {"Stripe-Signature": "t=1,v1=00"}
    assert story.browser.post(f"{app.url}/webhook", content=b"{}", headers=forged).status_code == 400
    assert story.work(STAYS, 1) == 402

    # Checkout → provision
    for user in USERS:
        story.subscribe(user)
        if user in TOKENS:
            assert story.work(user, TOKENS[user]) == 200, app.log.read_text()
    story.settle()
    for user in USERS:
        account = story.account(user)
        assert (account["status"], account["messages"]) == ("active", ["Welcome. You have: Base fee, Tokens"])
        assert [invoice["total"] for invoice in account["invoices"]] == [FEE]

    # A card is used up, a customer leaves at the end of the month, and the month passes: nobody is there when Stripe tells of it,
    # and then both crash while they are at it.
    customer, subscription = story.account(FAILS)["customer"], story.account(FAILS)["subscription"]
    card = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer}).id
    v1.subscriptions.update(subscription, {"default_payment_method": card})
    story.press(LEAVES, action="cancel", subscription=story.account(LEAVES)["subscription"])
    server.clock(set=LATER)
    story.settle()
    app.kill()
    server.clock(set=RENEWED)
    story.until_told_more(1)
    server.kill()
    app.start()
    server.start()
    story.until_told_more(5)
    app.kill()
    server.kill()
    app.start()
    server.start()
    story.settle()

    # Usage → invoice
    assert story.statuses() == ["active", "past_due", "canceled", "active"]
    found = {user: [invoice["total"] for invoice in story.account(user)["invoices"]] for user in USERS}
    assert found == {
        STAYS: [FEE, FEE + COSTS[STAYS]],
        FAILS: [FEE],
        LEAVES: [FEE, COSTS[LEAVES]],
        IDLE: [FEE, FEE + COSTS[IDLE]],
    }

    # Payment failed → notify
    _, notice = story.account(FAILS)["messages"]
    (due,) = story.v1.invoices.list({"customer": customer, "status": "open"}).data
    assert notice.startswith("We could not charge 60.00 USD.")
    assert notice.endswith(due.hosted_invoice_url)
    assert [story.work(user, 1) for user in USERS] == [200, 402, 402, 200]
    story.press(FAILS, action="card", payment_method="pm_card_mastercard")
    server.clock(set=RETRIED)
    story.settle()
    assert story.statuses() == ["active", "active", "canceled", "active"]
    assert story.account(FAILS)["invoices"][1:] == [{"id": due.id, "total": FEE + COSTS[FAILS]}]
    assert [len(story.account(user)["messages"]) for user in USERS] == [1, 2, 1, 1]
    for user in USERS:
        paid = story.v1.invoices.list({"customer": story.account(user)["customer"], "status": "paid"}).data[::-1]
        assert story.account(user)["invoices"] == [{"id": one.id, "total": one.total} for one in paid]

    # What it was told
    happened = {event: about for event, about in story.happened.items() if event not in before}
    taken = [arrival for arrival in road.arrivals if arrival.was_taken]
    assert {arrival.event for arrival in taken} == set(happened), "no event is missed"
    again = Counter(arrival.event for arrival in taken)
    assert sum(again.values()) - len(again) <= 1, "only what was on its way as Stripe was killed is told twice"
    assert len(road.arrivals) - len(taken) > len(happened) // 9, "much went wrong on the way"
    in_order = dict.fromkeys(arrival.event for arrival in taken)
    for about in set(happened.values()) - {""}:
        of_it = [event for event in happened if happened[event] == about]
        assert [event for event in in_order if happened[event] == about] == of_it, "what happens to one object is told in order"
    assert server.stats()["statuses"]["5xx"] == 0


def test_both_shops_use_the_client_of_the_other_tests() -> None:
    node = SHOP.parents[1] / "tests" / "clients" / "node" / "package.json"
    assert json.loads((SHOP / "package.json").read_text()) == json.loads(node.read_text())
