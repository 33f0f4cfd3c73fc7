"""A refresh of many objects: what it finds is what reading each by itself would find, in a fraction of the requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from stripe_client.settings import Settings
from stripe_resources import Refused, Unreachable
from stripe_resources._core.handler import Handler, connect
from stripe_resources._core.sweep import ADVANCE, FEW
from stripe_resources.register import KINDS
from tests.stripe_local.server import LocalStripe

Values = dict[str, Any]
COUNT = 150
STACK = "p/dev"


@pytest.fixture
def server(shared_server: LocalStripe) -> LocalStripe:
    shared_server.reset()
    return shared_server


class Process:
    """One provider process."""

    def __init__(self, server: LocalStripe) -> None:
        self.server = server
        settings = Settings("sk_test_local", server.url, False, requests_per_second=10_000)
        self._handlers = connect(settings, KINDS, sleep=lambda seconds: None)

    def handler(self, kind: str) -> Handler:
        return self._handlers(f"stripe:{kind}")

    def create(self, kind: str, name: str, args: Values) -> tuple[str, Values]:
        return self.handler(kind).create({**args, "__owner": f"{STACK}/{kind}/{name}"})

    def refresh(self, kind: str, made: list[tuple[str, Values]], at_a_time: int = 8) -> dict[str, Values | None]:
        """Outputs by id, None for what is gone; read as many at a time as the engine does."""
        handler = self.handler(kind)
        with ThreadPoolExecutor(at_a_time) as pool:
            found = list(pool.map(lambda one: handler.read(*one), made))
        return {id_: None if answer is None else answer[0] for (id_, _), answer in zip(made, found, strict=True)}

    def gets(self) -> int:
        return sum(r["method"] == "GET" for r in self.server.requests())


def prices(server: LocalStripe, count: int = COUNT, first: int = 0) -> list[tuple[str, Values]]:
    """Prices of all forms that this stack made, numbered from `first` on."""
    process = Process(server)
    product, _ = process.create("Product", "it", {"name": "Hypernian"})
    tiers = {
        "billing_scheme": "tiered",
        "tiers_mode": "graduated",
        "tiers": [{"up_to": 10, "unit_amount": 4}, {"up_to": "inf", "unit_amount": 3}],
        "recurring": {"interval": "month"},
    }
    forms: list[Values] = [
        {"unit_amount": 4},
        tiers,
        {"unit_amount_decimal": "0.0004", "currency_options": {"eur": {"unit_amount": 5}}},
        {"custom_unit_amount": {"enabled": True, "minimum": 100}},
        {"unit_amount": 4, "lookup_key": "key", "nickname": "Four", "metadata": {"a": "1"}},
    ]

    def args(i: int) -> Values:
        form = forms[i % len(forms)]
        return {**form, "currency": "usd", "product": product, **({"lookup_key": f"key{i}"} if "lookup_key" in form else {})}

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda i: process.create("Price", f"it{i}", args(i)), range(first, first + count)))
    server.forget_requests()
    return made


def foreign(client: stripe.StripeClient, count: int) -> None:
    """Prices that no stack made."""
    product = client.v1.products.create({"name": "Theirs"}).id
    for _ in range(count):
        client.v1.prices.create({"currency": "usd", "product": product, "unit_amount": 1})


def test_many_prices_are_read_with_few_requests_and_nothing_is_lost(server: LocalStripe) -> None:
    made = prices(server)
    process = Process(server)
    assert process.refresh("Price", made) == dict(made)
    assert process.gets() <= FEW + COUNT / 100 + 4


def test_a_few_are_read_one_by_one(server: LocalStripe) -> None:
    made = prices(server, FEW)
    process = Process(server)
    assert process.refresh("Price", made) == dict(made)
    assert sorted(r["path"] for r in server.requests()) == sorted(f"/v1/prices/{id_}" for id_, _ in made)


def test_drift_is_seen_as_if_each_was_read_by_itself(server: LocalStripe) -> None:
    made = prices(server)
    client = server.client()
    ids = [id_ for id_, _ in made]
    client.v1.prices.update(ids[3], {"active": False})
    client.v1.prices.update(ids[100], {"nickname": "Four and a bit"})
    client.v1.prices.update(ids[104], {"nickname": "Five", "metadata": {"a": "2"}, "lookup_key": "other"})
    client.v1.prices.update(ids[132], {"currency_options": {"eur": {"unit_amount": 6}, "gbp": {"unit_amount": 7}}})
    found = Process(server).refresh("Price", made)
    by_itself: dict[str, Values | None] = {}
    for i in range(0, COUNT, FEW):
        by_itself |= Process(server).refresh("Price", made[i : i + FEW])
    assert found == by_itself
    assert [id_ for id_ in ids if found[id_] != dict(made)[id_]] == [ids[3], ids[104], ids[132]]


def test_what_is_gone_is_gone(server: LocalStripe) -> None:
    process = Process(server)
    customers = [process.create("Customer", f"c{i}", {"name": f"John {i}"}) for i in range(60)]
    gone = {id_ for id_, _ in customers[::7]}
    for id_ in gone:
        server.client().v1.customers.delete(id_)
    found = Process(server).refresh("Customer", customers)
    assert {id_ for id_, live in found.items() if live is None} == gone
    assert {id_: live for id_, live in found.items() if live} == {k: v for k, v in customers if k not in gone}


def test_cancelled_subscriptions_are_on_no_list_and_gone(server: LocalStripe) -> None:
    process = Process(server)
    product, _ = process.create("Product", "it", {"name": "Hypernian"})
    monthly = {"currency": "usd", "product": product, "unit_amount": 4, "recurring": {"interval": "month"}}
    price, _ = process.create("Price", "it", monthly)
    customer, _ = process.create("Customer", "it", {"name": "John Doe"})
    declared = {"customer": customer, "items": [{"price": price, "quantity": 2}], "collection_method": "send_invoice"}
    made = [process.create("Subscription", f"s{i}", {**declared, "days_until_due": 30}) for i in range(40)]
    gone = {id_ for id_, _ in made[::5]}
    for id_ in gone:
        server.client().v1.subscriptions.cancel(id_)
    server.forget_requests()
    process = Process(server)
    found = process.refresh("Subscription", made)
    assert found == {id_: None if id_ in gone else outputs for id_, outputs in made}
    assert process.gets() <= FEW + len(gone) + 6


@pytest.mark.thorough
def test_an_account_full_of_other_peoples_prices_is_not_listed(server: LocalStripe) -> None:
    made = prices(server, 30)
    foreign(server.client(), 500)
    made += prices(server, 30, first=30)
    foreign(server.client(), 500)
    server.forget_requests()
    process = Process(server)
    # One at a time: otherwise it depends on which answers come late how many pages are begun in vain.
    assert process.refresh("Price", made, at_a_time=1) == dict(made)
    assert len(dict(made)) == 60
    assert process.gets() <= FEW + 12
    # Around each of the two stretches a page either way, and one beyond.
    assert sum(r["path"] == "/v1/prices" for r in server.requests()) <= 6, "11 pages would be the whole list"


@pytest.mark.thorough
def test_prices_here_and_there_among_others_cost_no_more_than_by_themselves(server: LocalStripe) -> None:
    made = []
    for first in (0, 8):
        foreign(server.client(), 110)
        made += prices(server, 8, first)
    foreign(server.client(), 110)
    server.forget_requests()
    process = Process(server)
    assert process.refresh("Price", made) == dict(made)
    assert process.gets() <= len(made) + ADVANCE


def test_a_page_needs_what_an_object_needs(server: LocalStripe) -> None:
    """The tiers of further currencies are included only where they are asked for by the currency's name."""
    process = Process(server)
    product, _ = process.create("Product", "it", {"name": "Hypernian"})
    args = {
        "currency": "usd",
        "product": product,
        "billing_scheme": "tiered",
        "tiers_mode": "volume",
        "tiers": [{"up_to": "inf", "unit_amount": 3}],
        "currency_options": {"eur": {"tiers": [{"up_to": "inf", "unit_amount": 2}]}},
        "recurring": {"interval": "month"},
    }
    made = [process.create("Price", f"it{i}", args) for i in range(FEW + 5)]
    assert Process(server).refresh("Price", made) == dict(made)


def test_what_this_process_changed_is_not_read_from_an_old_page(server: LocalStripe) -> None:
    made = prices(server, 60)
    process = Process(server)
    process.refresh("Price", made)
    id_, outputs = made[30]
    handler = process.handler("Price")
    news = {k: v for k, v in outputs.items() if k in KINDS["stripe:Price"][0].fields or k == "__owner"}
    after = handler.update(id_, outputs, {**news, "nickname": "New"})
    assert process.refresh("Price", [(id_, after)]) == {id_: after}
    handler.delete(id_, after)
    read = process.refresh("Price", [(id_, after)])[id_]
    assert read is not None
    assert read["active"] is False


def test_a_list_that_is_refused_is_done_without(server: LocalStripe) -> None:
    made = prices(server, 40)
    body = {"error": {"message": "This key may read objects, not list them.", "type": "invalid_request_error"}}
    server.fault(match={"method": "GET", "path": "/v1/price[s]"}, times=None, status=403, body=body)
    process = Process(server)
    assert process.refresh("Price", made) == dict(made)
    assert process.gets() <= len(made) + ADVANCE


def test_a_key_that_is_refused_is_said_for_each_object(server: LocalStripe) -> None:
    made = prices(server, 20)
    server.fault(match={"method": "GET"}, times=None, status=401)
    handler = Process(server).handler("Price")
    for id_, outputs in made:
        with pytest.raises(Refused, match=f"could not be read: GET /v1/prices/{id_}: Stripe said: Fault: status 401"):
            handler.read(id_, outputs)


def test_no_answer_is_said_for_each_object_and_holds_up_nobody(server: LocalStripe) -> None:
    made = prices(server, 20)
    with LocalStripe() as gone:
        process = Process(gone)
    handler = process.handler("Price")

    def failure(one: tuple[str, Values]) -> str:
        with pytest.raises(Unreachable) as e:
            handler.read(*one)
        return str(e.value)

    with ThreadPoolExecutor(20) as pool:
        said = list(pool.map(failure, made))
    assert all("no answer from" in text and 'Price "it' in text for text in said)
