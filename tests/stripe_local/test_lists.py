"""What all resources share: lists, expansion, metadata, search, modes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import METER, make_guide, refusal
from tests.stripe_local.server import LIVE_KEY, LocalStripe


def ids(found: Any) -> list[str]:
    return [element.id for element in found.data]


@pytest.fixture
def products(client: StripeClient) -> list[str]:
    """Twelve products, newest first."""
    return [client.v1.products.create({"name": f"product {index}"}).id for index in range(12)][::-1]


def test_pages_are_newest_first_and_ten_long(client: StripeClient, products: list[str]) -> None:
    first = client.v1.products.list()
    assert (ids(first), first.has_more, first.url, first.object) == (products[:10], True, "/v1/products", "list")
    rest = client.v1.products.list({"starting_after": products[9]})
    assert (ids(rest), rest.has_more) == (products[10:], False)
    assert [product.id for product in client.v1.products.list({"limit": 5}).auto_paging_iter()] == products


def test_backwards(client: StripeClient, products: list[str]) -> None:
    page = client.v1.products.list({"ending_before": products[6], "limit": 3})
    assert (ids(page), page.has_more) == (products[3:6], True)
    page = client.v1.products.list({"ending_before": products[2], "limit": 3})
    assert (ids(page), page.has_more) == (products[:2], False)


def test_lines_of_a_payment_link_go_both_ways(client: StripeClient) -> None:
    product = client.v1.products.create({"name": "Seats"}).id
    price: Any = {"currency": "usd", "unit_amount": 100, "product": product, "recurring": {"interval": "month"}}
    items: Any = [{"price": client.v1.prices.create(price).id, "quantity": 1} for _ in range(3)]
    link = client.v1.payment_links.create({"line_items": items}).id
    lines = client.v1.payment_links.line_items
    first, second, third = (line.id for line in lines.list(link).data)
    assert [line.id for line in lines.list(link, {"ending_before": third}).data] == [first, second]
    assert [line.id for line in lines.list(link, {"ending_before": third, "limit": 1}).data] == [second]
    assert [line.id for line in lines.list(link, {"starting_after": first, "limit": 1}).data] == [second]
    for cursor in ("starting_after", "ending_before"):
        assert refusal(lines.list, link, {cursor: "li_none"}).param == cursor


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_limits(server: LocalStripe, limit: str) -> None:
    error = server.http("GET", f"/v1/products?limit={limit}").json()["error"]
    assert (error["param"], error["code"]) == ("limit", "parameter_invalid_integer")


def test_a_cursor_that_does_not_exist(client: StripeClient) -> None:
    error = refusal(client.v1.products.list, {"starting_after": "prod_none"})
    assert (error.http_status, error.code) == (400, "resource_missing")


def test_filters_by_creation(server: LocalStripe, client: StripeClient) -> None:
    old = client.v1.products.create({"name": "old"})
    server.clock(advance=3600)
    new = client.v1.products.create({"name": "new"})
    assert ids(client.v1.products.list({"created": {"gt": old.created}})) == [new.id]
    assert ids(client.v1.products.list({"created": {"lte": old.created}})) == [old.id]
    assert ids(client.v1.products.list({"created": new.created})) == [new.id]


def test_expansion(client: StripeClient) -> None:
    guide = make_guide(client)
    price = client.v1.prices.retrieve(guide.price.id, {"expand": ["product", "currency_options", "tiers"]})
    assert price.product.name == "Hypernian tokens"
    assert "tiers" not in price.to_dict()
    listed = client.v1.prices.list({"expand": ["data.product"]})
    assert listed.data[0].product.name == "Hypernian tokens"
    found = client.v1.subscriptions.retrieve(
        guide.subscription.id, {"expand": ["items.data.price.product", "customer", "latest_invoice"]}
    )
    assert found.customer.name == "John Doe"
    assert found.items.data[0].price.product.name == "Hypernian tokens"
    assert found.latest_invoice is None


@pytest.mark.parametrize(
    ("path", "expand", "hint"),
    [
        ("/v1/prices", "product", "data.product"),
        ("/v1/prices", "data.metadata", None),
        ("/v1/prices", "data.bogus", None),
        ("/v1/customers", "data.subscriptions.data.bogus", None),
        ("/v1/checkout/sessions", "data.line_items.price", None),
        ("/v1/customers", "data." + "bogus." * 800, None),
    ],
)
def test_what_cannot_be_expanded(server: LocalStripe, path: str, expand: str, hint: str | None) -> None:
    response = server.http("GET", path, params={"expand[]": expand})
    assert response.status_code == 400
    message = response.json()["error"]["message"]
    assert f"This property cannot be expanded ({expand})." in message
    assert hint is None or f"'{hint}'" in message


@pytest.mark.parametrize(
    "expand",
    [
        "data.items.data.price.product",
        "data.latest_invoice.lines.data.pricing.price_details.price",
        "data.customer." + "subscriptions.data.customer." * 170 + "name",
    ],
)
def test_a_path_of_more_than_four_levels_is_refused(server: LocalStripe, expand: str) -> None:
    response = server.http("GET", "/v1/subscriptions", params={"expand[]": expand})
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, "property_expansion_max_depth")
    assert error["message"].startswith("You cannot expand more than 4 levels of a property. Property: data.")


def test_hashes_on_the_way_are_no_levels(client: StripeClient) -> None:
    """Integrations ask Stripe for these: https://docs.stripe.com/changelog/basil moved the price of a line into two hashes."""
    guide = make_guide(client)
    path = "lines.data.pricing.price_details.price"
    preview: Any = {"subscription": guide.subscription.id, "expand": [f"{path}.product"]}
    shown: Any = client.v1.invoices.create_preview(preview)
    assert shown.lines.data[0].pricing.price_details.price.product.name == "Hypernian tokens"
    client.v1.subscriptions.cancel(guide.subscription.id, {"invoice_now": True})
    listed: Any = client.v1.invoices.list({"customer": guide.customer.id, "expand": [f"data.{path}"]})
    assert listed.data[0].lines.data[0].pricing.price_details.price.id == guide.price.id


def test_tiers_and_currency_options_are_left_out_unless_expanded(client: StripeClient) -> None:
    product = client.v1.products.create({"name": "a"})
    tiers: Any = [{"up_to": 10, "unit_amount": 5}, {"up_to": "inf", "unit_amount_decimal": "2.5", "flat_amount": 7}]
    made = client.v1.prices.create(
        {
            "currency": "usd",
            "product": product.id,
            "billing_scheme": "tiered",
            "tiers_mode": "graduated",
            "recurring": {"interval": "month"},
            "tiers": tiers,
            "currency_options": {"eur": {"tiers": tiers}},
        }
    )
    assert not {"tiers", "currency_options"} & made.to_dict().keys()
    expanded = client.v1.prices.retrieve(
        made.id, {"expand": ["tiers", "currency_options", "currency_options.eur.tiers"]}
    ).to_dict(for_json=True)
    stored = [
        {
            "up_to": 10,
            "unit_amount": 5,
            "unit_amount_decimal": "5",
            "flat_amount": None,
            "flat_amount_decimal": None,
        },
        {
            "up_to": None,
            "unit_amount": None,
            "unit_amount_decimal": "2.5",
            "flat_amount": 7,
            "flat_amount_decimal": "7",
        },
    ]
    assert expanded["tiers"] == stored
    assert expanded["currency_options"]["eur"]["tiers"] == stored


def test_prices_are_listed_a_hundred_at_a_time_with_tiers_and_currency_options(server: LocalStripe, client: StripeClient) -> None:
    tiers: Any = [{"up_to": 10, "unit_amount": 5}, {"up_to": "inf", "unit_amount_decimal": "2.5"}]
    metered: Any = [client.v1.billing.meters.create({**METER, "event_name": name}).id for name in ("a", "b")]
    product, other = (client.v1.products.create({"name": name}).id for name in "ab")

    def create(index: int, **more: Any) -> Any:
        params: Any = {
            "currency": "usd",
            "product": product,
            "billing_scheme": "tiered",
            "tiers_mode": "graduated",
            "tiers": tiers,
            "currency_options": {"eur": {"tiers": tiers}},
            "recurring": {"interval": "month", "usage_type": "metered", "meter": metered[0]},
            "lookup_key": f"key_{index}",
            **more,
        }
        return client.v1.prices.create(params)

    first = create(0)
    server.clock(advance=100)
    made = [create(index).id for index in range(1, 120)][::-1]
    expand = ["data.tiers", "data.currency_options"]
    page = client.v1.prices.list({"limit": 100, "expand": expand})
    rest = client.v1.prices.list({"limit": 100, "expand": expand, "starting_after": page.data[-1].id})
    assert (ids(page), page.has_more) == (made[:100], True)
    assert (ids(rest), rest.has_more) == ([*made[100:], first.id], False)
    for found in (page.data[0], rest.data[-1]):
        alone = client.v1.prices.retrieve(found.id, {"expand": ["tiers", "currency_options"]})
        assert found.to_dict(for_json=True) == alone.to_dict(for_json=True)
        assert len(alone.to_dict()["tiers"]) == 2
        assert sorted(alone.to_dict()["currency_options"]) == ["eur", "usd"]
    elsewhere = create(120, product=other, recurring={"interval": "year", "usage_type": "metered", "meter": metered[1]})
    client.v1.prices.update(made[1], {"active": False})
    filters: list[tuple[Any, list[str]]] = [
        ({"lookup_keys": ["key_0", "key_120", "key_none"]}, [elsewhere.id, first.id]),
        ({"recurring": {"meter": metered[1]}}, [elsewhere.id]),
        ({"recurring": {"interval": "year", "meter": metered[0]}}, []),
        ({"product": product, "active": True, "limit": 3}, [made[0], *made[2:4]]),
        ({"product": product, "active": False}, [made[1]]),
        ({"product": product, "active": True, "limit": 100, "starting_after": made[-2]}, [made[-1], first.id]),
        ({"created": {"gte": first.created + 1}, "limit": 2}, [elsewhere.id, made[0]]),
        ({"created": {"gte": first.created, "lt": first.created + 100}}, [first.id]),
    ]
    for params, expected in filters:
        assert ids(client.v1.prices.list(params)) == expected, params


def test_metadata_is_merged_and_unset(client: StripeClient) -> None:
    customer = client.v1.customers.create({"metadata": {"a": "1", "b": "2"}})
    customer = client.v1.customers.update(customer.id, {"metadata": {"b": "", "c": "3"}})
    assert customer.metadata.to_dict() == {"a": "1", "c": "3"}
    customer = client.v1.customers.update(customer.id, {"metadata": ""})
    assert customer.metadata.to_dict() == {}
    customer = client.v1.customers.update(customer.id, {"name": "x"})
    assert customer.metadata.to_dict() == {}


def test_search(client: StripeClient) -> None:
    first = client.v1.products.create({"name": "Hypernian", "metadata": {"stack": "dev", "it's": "x"}})
    second = client.v1.products.create({"name": "Other", "metadata": {"stack": "prod"}, "active": False})

    def found(query: str) -> list[str]:
        return ids(client.v1.products.search({"query": query}))

    assert found("name:'hypernian'") == [first.id]
    assert found("name~'ther'") == [second.id]
    assert found("metadata['stack']:'dev' AND active:'true'") == [first.id]
    assert found("metadata['stack']:'dev' OR metadata['stack']:'prod'") == [second.id, first.id]
    assert found("-metadata['stack']:'dev'") == [second.id]
    assert found("description:null AND -name:'none'") == [second.id, first.id]
    assert found('metadata["stack"]:"none"') == []
    for query in ("name", "name:'a' AND active:'true' OR active:'false'", ""):
        assert refusal(client.v1.products.search, {"query": query}).http_status == 400


def test_search_has_pages(client: StripeClient) -> None:
    made = [client.v1.customers.create({"name": "same"}).id for _ in range(5)][::-1]
    first = client.v1.customers.search({"query": "name:'same'", "limit": 3})
    assert (ids(first), first.has_more) == (made[:3], True)
    second = client.v1.customers.search({"query": "name:'same'", "limit": 3, "page": first.next_page or ""})
    assert (ids(second), second.has_more, second.next_page) == (made[3:], False, None)


def test_objects_that_carry_a_tag_are_found_a_hundred_at_a_time(client: StripeClient) -> None:
    tag = "hypernian/dev/Customer/"
    made = [client.v1.customers.create({"metadata": {"pulumi_resource": f"{tag}{index}"}}).id for index in range(120)][::-1]
    client.v1.customers.create({"metadata": {"other": "x"}})
    client.v1.customers.create({})
    has_key: Any = {"query": '-metadata["pulumi_resource"]:null', "limit": 100}
    first = client.v1.customers.search(has_key)
    assert (ids(first), first.has_more) == (made[:100], True)
    assert [customer.id for customer in client.v1.customers.search(has_key).auto_paging_iter()] == made
    one = client.v1.customers.search({"query": f'metadata["pulumi_resource"]:"{tag}7"'})
    assert (ids(one), one.has_more, one.next_page) == ([made[-8]], False, None)
    without = client.v1.customers.search({"query": 'metadata["pulumi_resource"]:NULL'})
    assert len(without.data) == 2
    client.v1.customers.delete(made[0])
    assert ids(client.v1.customers.search(has_key))[0] == made[1]


@pytest.fixture(scope="module")
def lagging() -> Iterator[LocalStripe]:
    with LocalStripe(search_lag=60) as server:
        yield server


@pytest.fixture
def late(lagging: LocalStripe) -> LocalStripe:
    """A local Stripe whose search lags a minute behind."""
    lagging.reset()
    return lagging


def names(client: StripeClient, query: str = "-name:'none'") -> list[str]:
    return [product.name for product in client.v1.products.search({"query": query}).data]


def test_search_sees_a_new_object_late_and_lists_at_once(late: LocalStripe) -> None:
    client = late.client()
    product = client.v1.products.create({"name": "a"})
    assert names(client) == []
    assert ids(client.v1.products.list()) == [product.id]
    late.clock(advance=59)
    assert names(client) == []
    late.clock(advance=2)
    assert names(client) == ["a"]


def test_search_sees_each_change_in_its_turn(late: LocalStripe) -> None:
    client = late.client()
    product = client.v1.products.create({"name": "a"})
    late.clock(advance=61)
    client.v1.products.update(product.id, {"name": "b"})
    late.clock(advance=30)
    client.v1.products.update(product.id, {"name": "c"})
    assert names(client) == ["a"]
    assert names(client, "name:'c'") == []
    late.clock(advance=31)
    assert names(client) == ["b"]
    late.clock(advance=31)
    assert names(client) == ["c"]
    assert client.v1.products.retrieve(product.id).name == "c"


def test_search_sees_what_is_gone_for_a_while(late: LocalStripe) -> None:
    client = late.client()
    for id in ("first", "second"):
        client.v1.products.create({"id": id, "name": id})
    customer = client.v1.customers.create({"name": "John Doe"}).id
    late.clock(advance=61)
    client.v1.products.delete("first")
    client.v1.products.create({"id": "first", "name": "again"})
    client.v1.products.delete("second")
    client.v1.customers.delete(customer)
    assert names(client) == ["second", "first"]
    assert ids(client.v1.customers.search({"query": "created>0"})) == [customer]
    late.clock(advance=61)
    assert names(client) == ["again"]
    assert client.v1.customers.search({"query": "created>0"}).data == []


def test_modes_are_apart(server: LocalStripe) -> None:
    test, live = server.client(), server.client(LIVE_KEY)
    guide = make_guide(test, lookup_key="hypernian")
    assert live.v1.products.list().data == []
    for call, id in (
        (live.v1.prices.retrieve, guide.price.id),
        (live.v1.billing.meters.retrieve, guide.meter.id),
        (live.v1.customers.update, guide.customer.id),
        (live.v1.subscriptions.cancel, guide.subscription.id),
    ):
        assert refusal(call, id).http_status == 404
    # The same event name, lookup key and own id in the other mode.
    other = make_guide(live, lookup_key="hypernian")
    assert other.meter.livemode is True
    assert other.meter.id.startswith("mtr_")
    assert not other.meter.id.startswith("mtr_test_")
    assert guide.meter.id.startswith("mtr_test_")
    guide.use(25)
    assert (guide.preview().total, other.preview().total) == (4, 0)
    assert test.v1.accounts.retrieve_current().id == live.v1.accounts.retrieve_current().id


def test_reset_empties_both_modes(server: LocalStripe) -> None:
    for key in ("sk_test_local", LIVE_KEY):
        server.client(key).v1.billing.meters.create(METER)
    server.fault(match={"path": "/v1"}, times=3, status=500)
    server.clock(advance=1000)
    server.reset()
    for key in ("sk_test_local", LIVE_KEY):
        assert server.client(key).v1.billing.meters.list().data == []
    assert server.faults() == []
    assert len(server.requests()) == 2
