"""The requests of every verb, recoveries included, as Stripe's checker saw them: method, path, and that it accepted them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_client.settings import Settings
from stripe_resources import ConfigurationError, StripeError
from stripe_resources._core.behaviour import History, Recovery, Refusal
from stripe_resources._core.handler import Handler, connect
from stripe_resources._core.values.ownership import OWNER
from stripe_resources.moves import rules as moves
from stripe_resources.moves.run import subscribers
from stripe_resources.register import KINDS
from tests.stripe_resources.kinds.test_alert import ALERT
from tests.stripe_resources.kinds.test_customer import CUSTOMER
from tests.stripe_resources.kinds.test_default_price import DEFAULT_PRICE
from tests.stripe_resources.kinds.test_meter import METER
from tests.stripe_resources.kinds.test_price import PRICE
from tests.stripe_resources.kinds.test_product import PRODUCT
from tests.stripe_resources.kinds.test_subscription import SUBSCRIPTION
from tests.stripe_resources.samples import VERSION_1 as SAMPLES

from .conftest import KEY
from .stripe_mock import Exchange, StripeMock

Handlers = Callable[[str], Handler]


class Watch:
    """The requests since it was made; all of them must have been accepted."""

    def __init__(self, server: StripeMock) -> None:
        self._server, self._before = server, len(server.exchanges())

    def sent(self) -> list[str]:
        new = self._server.exchanges()[self._before :]
        assert [e for e in new if e.status != 200] == []
        return [f"{e.method} {e.path}" for e in new]


@pytest.fixture
def watch(stripe_mock: StripeMock) -> Watch:
    return Watch(stripe_mock)


@pytest.fixture(params=SAMPLES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_what_is_watched(stripe_mock: StripeMock, handlers: Handlers) -> None:
    """A refused request does not escape the watch."""
    before = len(stripe_mock.exchanges())
    with pytest.raises(Refused, match="Request validation error"):
        handlers("stripe:Product").create({"name": "Hypernian", "type": "service"})
    assert stripe_mock.exchanges()[before:] == [Exchange("POST", "/v1/products", 400)]


def test_read(handlers: Handlers, watch: Watch, kind: str) -> None:
    """What is in the state, and what was only named by its id."""
    sample, handler = SAMPLES[kind], handlers(f"stripe:{kind}")
    known = handler.read("id_1", {"livemode": False, "items": [], **sample.found_by})
    named = handler.read("id_1", sample.found_by)
    assert watch.sent() == [f"GET {sample.path}/id_1"] * 2
    assert known is not None
    assert named is not None
    expected = set(handler.schema.computed) - {*handler.schema.shown_once, *sample.not_in_example}
    assert expected <= named[0].keys(), "Stripe's own example has all that we report"


def test_delete(handlers: Handlers, watch: Watch, kind: str) -> None:
    sample = SAMPLES[kind]
    handlers(f"stripe:{kind}").delete("id_1", {**sample.found_by, **sample.retired_with})
    assert watch.sent() == [sample.retired_by or f"DELETE {sample.path}/id_1"]


def test_delete_without_options(handlers: Handlers, watch: Watch) -> None:
    handlers("stripe:Subscription").delete("id_1", {})
    assert watch.sent() == ["DELETE /v1/subscriptions/id_1"]


def test_a_default_price_is_set_after_the_product_was_made(handlers: Handlers, watch: Watch) -> None:
    id_, _ = handlers("stripe:Product").create({**PRODUCT, "default_price": "price_1"})
    assert watch.sent() == ["POST /v1/products", f"POST /v1/products/{id_}"]


def test_a_default_price_is_set_moved_and_unset(handlers: Handlers, client: Client, watch: Watch) -> None:
    handler = handlers("stripe:DefaultPrice")
    present = client.get("/v1/products/prod_1", {"expand": ["default_price"]})["default_price"]["id"]
    handler.create({"product": "prod_1", "default_price": present})
    handler.update("prod_1", {**DEFAULT_PRICE, "default_price": "price_0"}, DEFAULT_PRICE)
    client.post("/v1/products/prod_1", {"default_price": ""})
    assert watch.sent() == ["GET /v1/products/prod_1"] * 2 + ["POST /v1/products/prod_1"] * 2


def test_subscriptions_are_listed_by_price_and_moved_one_by_one(client: Client, watch: Watch) -> None:
    (listed,) = itertools.islice(subscribers(client, "price_1"), 1)
    client.get("/v1/prices/price_2", {"expand": ["currency_options"]})
    (item,) = moves.items_of(listed)
    for usage_type in ("metered", "licensed"):
        price = {**item["price"], "recurring": {**item["price"]["recurring"], "usage_type": usage_type}}
        params = moves.move({**listed, "items": {"data": [{**item, "price": price}]}}, price["id"], "price_2")
        client.post(f"/v1/subscriptions/{listed['id']}", params, moves.key(listed["id"], params))
    path = f"/v1/subscriptions/{listed['id']}"
    assert watch.sent() == ["GET /v1/subscriptions", "GET /v1/prices/price_2", f"POST {path}", f"POST {path}"]


# -- what Stripe has requests of its own for


def test_a_deactivated_alert_is_activated(handlers: Handlers, watch: Watch) -> None:
    handlers("stripe:Alert").update("alrt_1", {**ALERT, "status": "inactive"}, ALERT)
    assert watch.sent() == ["POST /v1/billing/alerts/alrt_1/activate"]


def test_what_paid_for_something_expires(client: Client, watch: Watch) -> None:
    client.post("/v1/billing/credit_grants/credgr_1/expire", {})
    assert watch.sent() == ["POST /v1/billing/credit_grants/credgr_1/expire"]


def test_a_deactivated_meter_is_reactivated(handlers: Handlers, watch: Watch) -> None:
    handlers("stripe:Meter").update("mtr_1", {**METER, "status": "inactive"}, {**METER, "display_name": "Other"})
    assert watch.sent() == ["POST /v1/billing/meters/mtr_1/reactivate", "POST /v1/billing/meters/mtr_1"]


@pytest.mark.parametrize("discounts", ["included", "itemized"])
def test_a_classic_subscription_becomes_flexible(handlers: Handlers, watch: Watch, discounts: str) -> None:
    olds = {**SUBSCRIPTION, "items": [{"id": "si_1", "price": "price_1"}], "billing_mode": {"type": "classic"}}
    news = {**SUBSCRIPTION, "billing_mode": {"type": "flexible", "flexible": {"proration_discounts": discounts}}}
    handlers("stripe:Subscription").update("sub_1", olds, news)
    assert watch.sent()[:2] == ["GET /v1/subscriptions/sub_1", "POST /v1/subscriptions/sub_1/migrate"]


def test_an_archived_product_or_price_is_taken_back_into_use(handlers: Handlers, watch: Watch) -> None:
    for kind, inputs in (("Product", PRODUCT), ("Price", PRICE)):
        handlers(f"stripe:{kind}").update("id_1", {**inputs, "active": False}, inputs)
    assert watch.sent() == ["POST /v1/products/id_1", "POST /v1/prices/id_1"]


def test_a_new_owner_is_written_down(handlers: Handlers, watch: Watch) -> None:
    for kind, inputs in (("Product", PRODUCT), ("Price", PRICE), ("Customer", CUSTOMER), ("Subscription", SUBSCRIPTION)):
        old, new = ({**inputs, OWNER: f"p/s/{kind}/{name}"} for name in ("old", "new"))
        handlers(f"stripe:{kind}").update("id_1", old, new)
    paths = [f"{SAMPLES[k].path}/id_1" for k in ("Product", "Price", "Customer", "Subscription")]
    assert watch.sent() == [f"{method} {path}" for path in paths for method in ("GET", "POST")], "whose it is, is looked at first"


def test_the_account_is_looked_up_before_anything_else(stripe_mock: StripeMock, watch: Watch) -> None:
    handlers = connect(Settings(KEY, stripe_mock.url, livemode=False, account="acct_other"), KINDS)
    with pytest.raises(ConfigurationError, match="acct_other"):
        handlers("stripe:Meter").create(METER)
    assert watch.sent() == ["GET /v1/account"]


# -- recoveries: stripe-mock refuses nothing that is valid, so the refusal is given


def recover(server: StripeMock, kind: str, inputs: dict[str, Any], refused: Refused) -> Recovery | None:
    """What the resource does about a refused create of an object that replaces one with the same inputs."""
    behaviour = KINDS[f"stripe:{kind}"].behaviour
    client = Client(Settings(KEY, server.url, livemode=False))
    return behaviour.recover(Refusal(client, inputs, inputs, History(inputs=inputs), refused, []))


def test_recovery_of_a_meter(stripe_mock: StripeMock, watch: Watch) -> None:
    client = Client(Settings(KEY, stripe_mock.url, livemode=False))
    active = client.get("/v1/billing/meters")["data"][0]
    inputs = {**METER, "event_name": active["event_name"]}
    assert recover(stripe_mock, "Meter", inputs, Refused("", 400, "An active meter already exists"))
    assert watch.sent()[1:] == ["GET /v1/billing/meters", f"POST /v1/billing/meters/{active['id']}/deactivate"]


def test_recovery_of_a_price(stripe_mock: StripeMock, watch: Watch) -> None:
    refused = Refused("", 400, "A price already uses that lookup key", param="lookup_key")
    with pytest.raises(StripeError, match="lookup_key"):
        recover(stripe_mock, "Price", {**PRICE, "lookup_key": "tokens"}, refused)
    assert watch.sent() == ["GET /v1/prices"]


def test_recovery_of_a_product(stripe_mock: StripeMock, watch: Watch) -> None:
    refused = Refused("", 400, "Product already exists", code="resource_already_exists")
    assert recover(stripe_mock, "Product", {**PRODUCT, "product_id": "prod_1"}, refused) is None, "it is not ours"
    assert watch.sent() == ["GET /v1/products/prod_1"]
