"""Each secret key is an account of its own: nothing of one is seen in another, on one server and in one file."""

from __future__ import annotations

import json
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import stripe

from stripe_local.store.database import SCHEMA_VERSION
from stripe_local.testing import Account
from tests.stripe_local.guide import METER, make_guide, refusal
from tests.stripe_local.receiver import Receiver
from tests.stripe_local.server import LIVE_KEY, TEST_KEY, LocalStripe

MONTH = 32 * 86400


@pytest.fixture
def one(server: LocalStripe) -> Account:
    return server.account()


@pytest.fixture
def other(server: LocalStripe) -> Account:
    return server.account()


def names(client: stripe.StripeClient) -> list[str]:
    return [product.name for product in client.v1.products.list().data]


def test_the_same_ids_event_names_and_idempotency_keys_are_free_in_another_account(one: Account, other: Account) -> None:
    for account, name in ((one, "Mine"), (other, "Theirs")):
        v1 = account.client().v1
        made = v1.products.create({"id": "tokens", "name": name}, {"idempotency_key": "k"})
        assert (made.name, v1.billing.meters.create(METER).event_name) == (name, METER["event_name"])
    assert (names(one.client()), names(other.client())) == (["Mine"], ["Theirs"])
    assert one.client().v1.products.search({"query": "name:'Theirs'"}).data == []


def test_an_account_has_an_id_and_two_modes(server: LocalStripe, one: Account) -> None:
    live = one.client(one.key.replace("_test_", "_live_"))
    ids = [client.v1.accounts.retrieve_current().id for client in (one.client(), live, server.client(), server.client(LIVE_KEY))]
    assert ids[0] == ids[1] != ids[2] == ids[3] == "acct_1LocalStripe0001"
    assert len(ids[0]) == len(ids[2])
    live.v1.products.create({"name": "Live"})
    assert (names(one.client()), names(live)) == ([], ["Live"])


def test_the_id_of_an_account_follows_from_its_key(server: LocalStripe) -> None:
    with LocalStripe() as elsewhere:
        found = {LocalStripe.client(on, "sk_test_mine").v1.accounts.retrieve_current().id for on in (server, elsewhere)}
    assert len(found) == 1


def test_time_takes_as_long_as_what_it_makes_due_unless_told_otherwise() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as busy:  # it accepts, and does not answer yet
        account = Account(f"http://127.0.0.1:{busy.getsockname()[1]}")
        with pytest.raises(TimeoutError):
            account.clock(advance=MONTH, timeout=0.1)


def test_clocks_run_apart(one: Account, other: Account) -> None:
    guides = {account: make_guide(account.client()) for account in (one, other)}
    for guide in guides.values():
        guide.use(1000)
    one.clock(advance=MONTH)
    assert one.clock() - other.clock() > MONTH - 60
    assert [len(guides[account].invoices()) for account in (one, other)] == [1, 0]
    assert guides[one].client.v1.products.create({"name": "Later"}).created > other.clock() + MONTH - 60


def test_answers_saved_for_idempotency_keys_expire_by_the_accounts_own_clock(one: Account, other: Account) -> None:
    kept = other.client().v1.products.create({"name": "Kept"}, {"idempotency_key": "kept"})
    one.clock(advance=MONTH)
    v1 = one.client().v1
    for index in range(300):  # answers are looked through every few hundred
        v1.customers.create({}, {"idempotency_key": str(index)})
    assert other.client().v1.products.create({"name": "Kept"}, {"idempotency_key": "kept"}).id == kept.id
    assert names(other.client()) == ["Kept"]


def test_faults_requests_and_stats_are_those_of_the_account(server: LocalStripe, one: Account, other: Account) -> None:
    one.fault(match={"path": "/v1/products"}, times=None, status=503)
    assert refusal(one.client(max_network_retries=0).v1.products.list).http_status == 503
    assert (names(other.client()), names(server.client())) == ([], [])
    assert [len(account.faults()) for account in (one, other, server)] == [1, 0, 0]
    other.clear_faults()
    assert refusal(one.client(max_network_retries=0).v1.products.list).http_status == 503
    assert [[request["status"] for request in account.requests()] for account in (one, other, server)] == [
        [503, 503],
        [200],
        [200],
    ]
    assert [account.stats()["requests"] for account in (one, other, server)] == [2, 1, 1]
    one.reset()
    assert (one.requests(), one.faults(), len(other.requests())) == ([], [], 1)
    assert names(one.client()) == []


def test_a_request_without_a_key_is_among_those_of_the_default_account(server: LocalStripe, one: Account) -> None:
    assert server.http("GET", "/v1/products", key=None).status_code == 401
    assert ([request["status"] for request in server.requests()], one.requests()) == ([401], [])


def test_events_go_to_the_endpoints_of_their_account(one: Account, other: Account) -> None:
    with closing(Receiver()) as receiver:
        one.client().v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["product.created"]})
        other.client().v1.products.create({"name": "Theirs"})
        mine = one.client().v1.products.create({"name": "Mine"})
        body, _ = receiver.deliveries.get(timeout=10)
        assert json.loads(body)["data"]["object"]["id"] == mine.id
        one.client().v1.products.create({"name": "Another"})
        body, _ = receiver.deliveries.get(timeout=10)
        assert json.loads(body)["data"]["object"]["name"] == "Another", "and nothing in between"
    assert {event.data["object"]["name"] for event in other.client().v1.events.list().data} == {"Theirs"}


def test_the_pages_of_customers_find_the_account(server: LocalStripe, one: Account) -> None:
    v1 = one.client().v1
    price: Any = {"currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}, "product_data": {"name": "Team"}}
    line: Any = {"price": v1.prices.create(price).id, "quantity": 1}
    session = v1.checkout.sessions.create({"mode": "subscription", "line_items": [line], "success_url": "http://127.0.0.1:1/"})
    path = f"/_local/checkout/{session.id}"
    assert server.http("GET", path, key=None).json()["due_now"] == "5.00 USD"
    answer = {"email": "jane@example.com", "payment_method": "pm_card_visa"}
    assert server.http("POST", path, key=None, json=answer).status_code == 200
    (customer,) = v1.customers.list().data
    invoice = v1.invoices.create({"customer": customer.id, "collection_method": "send_invoice", "days_until_due": 3})
    v1.invoice_items.create({"customer": customer.id, "invoice": invoice.id, "amount": 100, "currency": "usd"})
    v1.invoices.finalize_invoice(invoice.id)
    paid = server.http("POST", f"/_local/hosted/i/{invoice.id}", key=None, json={"payment_method": "pm_card_visa"})
    assert (paid.json()["status"], v1.invoices.retrieve(invoice.id).status) == ("paid", "paid")
    assert server.client().v1.customers.list().data == []
    assert server.http("GET", "/_local/checkout/cs_test_none", key=None).status_code == 404


def test_a_meter_event_session_is_one_of_its_account(server: LocalStripe, one: Account) -> None:
    guide = make_guide(one.client())
    made = server.http("POST", "/v2/billing/meter_event_session", key=one.key, json={}).json()
    payload = {"stripe_customer_id": guide.customer.id, "value": "25"}
    events = {"events": [{"event_name": METER["event_name"], "payload": payload}]}
    token = made["authentication_token"]
    assert server.http("POST", "/v2/billing/meter_event_stream", key=token, json=events).status_code == 200
    assert guide.preview().total == 4
    assert one.requests()[-2]["path"] == "/v2/billing/meter_event_stream"
    strange = token.replace(guide.client.v1.accounts.retrieve_current().id, "acct_1none")
    assert server.http("POST", "/v2/billing/meter_event_stream", key=strange, json=events).status_code == 401


def test_what_is_changed_past_the_api_is_the_accounts_own(server: LocalStripe, one: Account) -> None:
    product = one.client().v1.products.create({"name": "Mine"})
    assert one.change(product.id, name="Changed")["name"] == "Changed"
    with pytest.raises(RuntimeError, match="There is no object"):
        server.change(product.id, name="Changed")


def test_the_page_shows_the_default_account_or_the_one_that_is_chosen(server: LocalStripe, one: Account) -> None:
    one.client().v1.products.create({"name": "Mine"})
    id = one.client().v1.accounts.retrieve_current().id
    usual = server.http("GET", "/_local/overview", key=None).json()
    chosen = server.http("GET", "/_local/overview", key=None, params={"account": id}).json()
    assert [product["name"] for product in usual["products"]] == []
    assert [product["name"] for product in chosen["products"]] == ["Mine"]
    assert usual["accounts"][0] == "acct_1LocalStripe0001"
    assert id in usual["accounts"]
    server.http("POST", "/_local/faults", key=None, params={"account": id}, json={"status": 500})
    assert (len(one.faults()), server.faults()) == (1, [])
    assert server.http("GET", "/_local/overview", key=None, params={"account": "acct_1none"}).status_code == 404


def test_the_control_endpoints_are_those_of_one_account(server: LocalStripe, one: Account, other: Account) -> None:
    mine = one.client().v1.products.create({"name": "Mine"})
    for order in (lambda: other.change(mine.id, name="Theirs"), lambda: other.remove(mine.id)):
        with pytest.raises(RuntimeError, match=f"There is no object '{mine.id}' in test mode"):
            order()
    assert one.change(mine.id, name="Changed")["name"] == "Changed"
    assert server.http("POST", "/_local/collection", key=one.key, json={"then": "cancel"}).status_code == 200
    found = [server.http("GET", "/_local/collection", key=key).json()["then"] for key in (one.key, other.key, TEST_KEY)]
    assert found == ["cancel", "leave_past_due", "leave_past_due"]
    for key in ("sk_wrong", "pk_test_mine", "rk_test_nobodymadethis"):
        assert server.http("GET", "/_local/requests", key=key).status_code == 401
    other.forget_requests()
    other.clear_stats()
    assert (len(one.requests()), one.stats()["requests"]) == (1, 1)
    other.reset()
    assert names(one.client()) == ["Changed"]


def test_another_key_of_the_same_account(server: LocalStripe, one: Account) -> None:
    rolled = one.secret_key()
    one.client().v1.products.create({"name": "Mine"})
    assert names(one.client(rolled)) == ["Mine"]
    assert rolled.startswith("sk_test_")
    assert one.secret_key("sk_live_rolled", livemode=True) == "sk_live_rolled"
    assert one.client("sk_live_rolled").v1.products.create({"name": "Live"}).livemode is True
    for wrong in ({"key": "sk_live_x"}, {"key": "rk_test_x"}, {"key": "sk_test_x y"}, {"permissions": [], "key": "sk_test_x"}):
        assert server.http("POST", "/_local/keys", json=wrong).status_code == 400, wrong
    one.reset()
    assert names(one.client(rolled)) == [], "a key made for an account is forgotten with what is in it"


def test_accounts_keys_and_clocks_survive_kill_9(tmp_path: Path) -> None:
    with LocalStripe(tmp_path / "stripe.db") as server:
        one = server.account()
        for account, name in ((one, "Mine"), (server, "Default")):
            account.client().v1.products.create({"name": name})
        key = one.restricted_key("product_read")
        one.clock(advance=MONTH)
        server.kill()
        server.start()
        other = server.account()
        assert names(other.client()) == []
        assert (names(one.client(key)), names(server.client())) == (["Mine"], ["Default"])
        assert one.clock() - server.clock() > MONTH - 60
        assert refusal(one.client(key).v1.products.create, {"name": "x"}).http_status == 403


def test_a_file_of_the_version_before_is_the_default_account(tmp_path: Path) -> None:
    db = tmp_path / "stripe.db"
    with LocalStripe(db) as server:
        server.client().v1.products.create({"name": "Test"})
        server.client(LIVE_KEY).v1.products.create({"name": "Live"})
        server.clock(advance=MONTH)
    with closing(sqlite3.connect(db)) as connection:
        connection.executescript(f"DROP TABLE accounts; DROP TABLE keys; PRAGMA user_version = {SCHEMA_VERSION - 1}")
    with LocalStripe(db) as server:
        assert (names(server.client()), names(server.client(LIVE_KEY))) == (["Test"], ["Live"])
        assert server.clock() - time.time() > MONTH - 60
        assert names(server.account().client()) == []


# A hundred at once


def _test_of_somebody(account: Account, number: int, barrier: threading.Barrier) -> None:
    """What a test does that has an account of its own; each does it a little differently."""
    v1 = account.client(max_network_retries=0).v1
    barrier.wait()
    started = account.clock()
    guide = make_guide(account.client(max_network_retries=0))
    v1.products.create({"id": "mine", "name": f"Product {number}"}, {"idempotency_key": "same"})
    guide.use(100 * number)
    barrier.wait()
    account.fault(match={"method": "GET", "path": "/v1/prices"}, times=1, status=500 + number % 4)
    account.clock(advance=3600 * number)
    barrier.wait()
    assert guide.preview().total == 4 * number
    assert v1.products.retrieve("mine").name == f"Product {number}"
    assert len(v1.products.list().data) == 2
    assert [meter.id for meter in v1.billing.meters.list().data] == [guide.meter.id]
    assert [customer.id for customer in v1.customers.list().data] == [guide.customer.id]
    assert refusal(v1.prices.list).http_status == 500 + number % 4
    assert [price.id for price in v1.prices.list().data] == [guide.price.id]
    assert 0 <= account.clock() - started - 3600 * number < 600
    assert {event.data["object"]["name"] for event in v1.events.list({"type": "product.created"}).data} == {
        "Hypernian tokens",
        f"Product {number}",
    }
    paths = [request["path"] for request in account.requests()]
    assert paths.count("/v1/billing/meter_events") == 1
    assert paths.count("/v1/prices") == 3
    assert account.stats()["requests"] == len(paths)


@pytest.fixture
def alone() -> Iterator[LocalStripe]:
    with LocalStripe() as server:
        yield server


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_a_hundred_tests_at_once_see_nothing_of_one_another(alone: LocalStripe) -> None:
    barrier = threading.Barrier(100)
    with ThreadPoolExecutor(100) as pool:
        running = [pool.submit(_test_of_somebody, alone.account(), number, barrier) for number in range(100)]
        for one in running:
            one.result()
    assert (alone.requests(), names(alone.client())) == ([], [])
