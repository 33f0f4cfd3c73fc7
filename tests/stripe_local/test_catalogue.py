"""Products, prices and customers: what Stripe fills in, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.stripe_local.guide import make_guide, price_params, refusal
from tests.stripe_local.server import LocalStripe

# Products


def test_product_defaults(client: StripeClient) -> None:
    product = client.v1.products.create({"name": "Hypernian"})
    assert product.id.startswith("prod_")
    assert (product.active, product.images, product.marketing_features, product.type) == (True, [], [], "service")
    assert product.updated == product.created
    assert product.default_price is None


def test_an_own_id_is_taken_once(client: StripeClient) -> None:
    assert client.v1.products.create({"id": "hypernian", "name": "a"}).id == "hypernian"
    assert refusal(client.v1.products.create, {"id": "hypernian", "name": "b"}).code == "resource_already_exists"


def test_fields_are_cleared_with_an_empty_string(client: StripeClient) -> None:
    product = client.v1.products.create(
        {
            "name": "a",
            "description": "b",
            "images": ["https://example.com/a.png"],
            "marketing_features": [{"name": "x"}],
            "package_dimensions": {"height": 1, "length": 2.5, "weight": 3, "width": 4},
            "unit_label": "token",
            "url": "https://example.com",
            "metadata": {"a": "1"},
        }
    )
    assert product.package_dimensions is not None
    assert product.package_dimensions.length == 2.5
    cleared: Any = dict.fromkeys(
        ("description", "images", "marketing_features", "package_dimensions", "unit_label", "url", "metadata"), ""
    )
    product = client.v1.products.update(product.id, cleared)
    assert (product.description, product.images, product.marketing_features) == (None, [], [])
    assert (product.package_dimensions, product.unit_label, product.url) == (None, None, None)
    assert product.metadata.to_dict() == {}


def test_a_product_goes_only_without_prices(client: StripeClient) -> None:
    product = client.v1.products.create({"name": "a"})
    price = client.v1.prices.create({"currency": "usd", "unit_amount": 1, "product": product.id})
    client.v1.prices.update(price.id, {"active": False})
    error = refusal(client.v1.products.delete, product.id)
    assert error.user_message == "This product cannot be deleted because it has one or more user-created prices."
    assert (error.code, error.http_status) == (None, 400)
    other = client.v1.products.create({"name": "b"})
    assert client.v1.products.delete(other.id).to_dict() == {"id": other.id, "object": "product", "deleted": True}
    gone = refusal(client.v1.products.retrieve, other.id)
    assert (gone.http_status, gone.code, gone.param) == (404, "resource_missing", "id")


def test_a_default_price(client: StripeClient) -> None:
    product = client.v1.products.create(
        {"name": "a", "default_price_data": {"currency": "usd", "unit_amount": 5, "recurring": {"interval": "month"}}}
    )
    price = client.v1.prices.retrieve(str(product.default_price))
    assert (price.unit_amount, price.product) == (5, product.id)
    second = client.v1.prices.create({"currency": "usd", "unit_amount": 6, "product": product.id})
    client.v1.products.update(product.id, {"default_price": second.id})
    assert client.v1.prices.update(price.id, {"active": False}).active is False
    # An inactive price, and one of another product.
    assert refusal(client.v1.products.update, product.id, {"default_price": price.id}).http_status == 400
    other = client.v1.products.create({"name": "b"})
    assert refusal(client.v1.products.update, other.id, {"default_price": second.id}).http_status == 400
    refused: Any = {"currency": "usd", "unit_amount": 1, "recurring": {"interval": "month", "meter": "mtr_1"}}
    assert refusal(client.v1.products.create, {"name": "a", "default_price_data": refused}).code == "parameter_unknown"


def test_a_default_price_is_archived_only_once_it_is_unset(client: StripeClient) -> None:
    """Stripe's words and Stripe's remedy: https://github.com/stripe/stripe-python/issues/658"""
    product = client.v1.products.create({"name": "a", "default_price_data": {"currency": "usd", "unit_amount": 5}})
    price = str(product.default_price)
    error = refusal(client.v1.prices.update, price, {"active": False, "nickname": "x"})
    assert (error.http_status, error.user_message) == (
        400,
        "This price cannot be archived because it is the default price of its product.",
    )
    kept = client.v1.prices.retrieve(price)
    assert (kept.active, kept.nickname) == (True, None), "nothing of a refused update is done"
    client.v1.products.update(product.id, {"name": "b"})
    assert client.v1.products.retrieve(product.id).default_price == price, "what is not sent stays"
    assert client.v1.products.update(product.id, {"default_price": ""}).default_price is None
    assert client.v1.prices.update(price, {"active": False}).active is False


def test_product_filters(client: StripeClient) -> None:
    first = client.v1.products.create({"name": "a", "active": False, "url": "https://example.com", "shippable": True})
    second = client.v1.products.create({"name": "b"})
    filters: list[tuple[Any, list[str]]] = [
        ({"active": True}, [second.id]),
        ({"active": False}, [first.id]),
        ({"shippable": True}, [first.id]),
        ({"url": "https://example.com"}, [first.id]),
        ({"ids": [first.id, second.id]}, [second.id, first.id]),
    ]
    for params, expected in filters:
        assert [product.id for product in client.v1.products.list(params).data] == expected
    assert refusal(client.v1.products.list, {"ids": [first.id], "starting_after": second.id}).http_status == 400


# Prices


@pytest.fixture
def product(client: StripeClient) -> str:
    return client.v1.products.create({"name": "a"}).id


MONTHLY = {"interval": "month"}
TIERS: list[Any] = [{"up_to": 10, "unit_amount": 5}, {"up_to": "inf", "unit_amount": 2}]
TIERED: dict[str, Any] = {
    "billing_scheme": "tiered",
    "tiers_mode": "graduated",
    "unit_amount": None,
    "recurring": MONTHLY,
    "tiers": TIERS,
}


def create(client: StripeClient, of: str, /, **params: Any) -> Any:
    wanted: Any = {"currency": "usd", "unit_amount": 4, "product": of, **params}
    return client.v1.prices.create({name: value for name, value in wanted.items() if value is not None})


def test_price_defaults(client: StripeClient, product: str) -> None:
    price = create(client, product, recurring=MONTHLY)
    assert (price.active, price.billing_scheme, price.type, price.tax_behavior) == (
        True,
        "per_unit",
        "recurring",
        "unspecified",
    )
    assert price.recurring.to_dict() == {
        "interval": "month",
        "interval_count": 1,
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }
    assert create(client, product).type == "one_time"


@pytest.mark.parametrize(
    ("sent", "unit_amount", "decimal"),
    [("0.0015000000", None, "0.0015"), ("4.000", 4, "4"), ("0", 0, "0"), ("12.5", None, "12.5"), ("100", 100, "100")],
)
def test_decimals_are_canonical(client: StripeClient, product: str, sent: str, unit_amount: int | None, decimal: str) -> None:
    price = create(client, product, unit_amount=None, unit_amount_decimal=sent)
    shown = price.to_dict(for_json=True)
    assert (shown["unit_amount"], shown["unit_amount_decimal"]) == (unit_amount, decimal)


TOO_LONG = "The interval_count for monthly prices can't be greater than 36"
METERED = "Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters."


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"recurring": {"interval": "month", "usage_type": "metered"}}, METERED),
        (
            {"recurring": {"interval": "month", "interval_count": 37}},
            "The interval_count for monthly prices can't be greater than 36",
        ),
        ({"product": None}, "You must specify either `product` or `product_data` when creating a price."),
        ({"product_data": {"name": "b"}}, "You may only specify one of these parameters: product, product_data."),
        ({"unit_amount": None}, "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set."),
        ({"unit_amount_decimal": "4.5"}, "You may only specify one of these parameters: unit_amount, unit_amount_decimal."),
        ({**TIERED, "recurring": None}, "Prices with `type=one_time` are not supported with tiered billing."),
    ],
)
def test_refusals_in_stripes_words(client: StripeClient, product: str, params: Any, message: str) -> None:
    error = refusal(create, client, product, **params)
    assert (error.user_message, error.http_status) == (message, 400)
    assert client.v1.prices.list().data == []


@pytest.mark.parametrize(
    "params",
    [
        {"recurring": {"interval": "year", "interval_count": 4}},
        {"recurring": {"interval": "week", "interval_count": 157}},
        {"recurring": {"interval": "day", "interval_count": 1096}},
        {**TIERED, "tiers_mode": None},
        {**TIERED, "tiers": None},
        {**TIERED, "tiers": [{"up_to": 10, "unit_amount": 5}]},
        {**TIERED, "tiers": [{"up_to": "inf", "unit_amount": 5}, {"up_to": "inf", "unit_amount": 5}]},
        {**TIERED, "tiers": [{"up_to": 10, "unit_amount": 5}, {"up_to": 5, "unit_amount": 5}, TIERS[-1]]},
        {**TIERED, "tiers": [{"up_to": "inf"}]},
        {**TIERED, "tiers": [{"up_to": "inf", "unit_amount": 5, "unit_amount_decimal": "5"}]},
        {**TIERED, "unit_amount": 4},
        {**TIERED, "transform_quantity": {"divide_by": 10, "round": "up"}},
        {"tiers": TIERS},
        {"tiers_mode": "volume"},
        {"currency_options": {"usd": {"unit_amount": 4}}},
        {"currency_options": {"eur": {"unit_amount": 4, "unit_amount_decimal": "4"}}},
        {"currency_options": {"eur": {"tax_behavior": "inclusive"}}},
        {"currency_options": {"zzz": {"unit_amount": 4}}},
        {"recurring": MONTHLY, "unit_amount": None, "custom_unit_amount": {"enabled": True}},
        {"transform_quantity": {"divide_by": 0, "round": "up"}},
    ],
)
def test_other_refusals(client: StripeClient, product: str, params: Any) -> None:
    assert refusal(create, client, product, **params).http_status == 400
    assert client.v1.prices.list().data == []


def test_meters_of_prices(client: StripeClient) -> None:
    guide = make_guide(client)
    licensed: Any = {"recurring": {"interval": "month", "meter": guide.meter.id}}
    assert refusal(create, client, guide.price.product, **licensed).http_status == 400
    unknown: Any = {"recurring": {"interval": "month", "usage_type": "metered", "meter": "mtr_none"}}
    error = refusal(create, client, guide.price.product, **unknown)
    assert (error.code, error.http_status) == ("resource_missing", 400)


@pytest.mark.parametrize(
    "params",
    [{"unit_amount": 5}, {"currency": "eur"}, {"recurring": MONTHLY}, {"tiers": TIERS}, {"product": "prod_1"}],
)
def test_what_is_charged_does_not_change(client: StripeClient, product: str, params: Any) -> None:
    price = create(client, product)
    error = refusal(client.v1.prices.update, price.id, params)
    assert (error.code, error.param) == ("parameter_unknown", next(iter(params)))


def test_lookup_keys_are_unique_and_move(client: StripeClient, product: str) -> None:
    first = create(client, product, lookup_key="k")
    client.v1.prices.update(first.id, {"active": False})
    error = refusal(create, client, product, lookup_key="k")
    assert error.user_message == f"A price (`{first.id}`) already uses that lookup key."
    assert error.param == "lookup_key"
    second = create(client, product, lookup_key="k", transfer_lookup_key=True)
    assert client.v1.prices.retrieve(first.id).lookup_key is None
    assert [price.id for price in client.v1.prices.list({"lookup_keys": ["k"]}).data] == [second.id]
    assert refusal(client.v1.prices.update, first.id, {"lookup_key": "k"}).http_status == 400
    client.v1.prices.update(first.id, {"lookup_key": "k", "transfer_lookup_key": True})
    assert client.v1.prices.retrieve(second.id).lookup_key is None
    assert client.v1.prices.update(first.id, {"lookup_key": "k"}).lookup_key == "k"
    assert client.v1.prices.update(first.id, {"lookup_key": ""}).lookup_key is None


def test_tax_behavior_is_decided_once(client: StripeClient, product: str) -> None:
    price = create(client, product)
    client.v1.prices.update(price.id, {"tax_behavior": "inclusive"})
    client.v1.prices.update(price.id, {"tax_behavior": "inclusive"})
    for other in ("exclusive", "unspecified"):
        assert refusal(client.v1.prices.update, price.id, {"tax_behavior": other}).http_status == 400


def test_currency_options_change(client: StripeClient, product: str) -> None:
    price = create(client, product, currency_options={"eur": {"unit_amount": 5}, "gbp": {"unit_amount": 6}})

    def others() -> dict[str, Any]:
        found = client.v1.prices.retrieve(price.id, {"expand": ["currency_options"]}).to_dict(for_json=True)
        return {code: option["unit_amount"] for code, option in found["currency_options"].items() if code != "usd"}

    client.v1.prices.update(price.id, {"currency_options": {"eur": {"unit_amount": 7}}})
    assert others() == {"eur": 7, "gbp": 6}
    client.v1.prices.update(price.id, {"currency_options": ""})
    assert others() == {}


def test_price_filters(client: StripeClient, product: str) -> None:
    guide = make_guide(client)
    plain = create(client, product, currency="eur")
    filters: list[tuple[Any, list[str]]] = [
        ({"product": product}, [plain.id]),
        ({"currency": "eur"}, [plain.id]),
        ({"type": "recurring"}, [guide.price.id]),
        ({"recurring": {"usage_type": "metered", "interval": "month"}}, [guide.price.id]),
        ({"recurring": {"meter": guide.meter.id}}, [guide.price.id]),
        ({"active": False}, []),
    ]
    for params, expected in filters:
        assert [price.id for price in client.v1.prices.list(params).data] == expected


def test_a_refused_price_leaves_no_product_behind(client: StripeClient) -> None:
    create(client, client.v1.products.create({"name": "a"}).id, lookup_key="k")
    params: Any = {"currency": "usd", "unit_amount": 1, "product_data": {"name": "orphan"}, "lookup_key": "k"}
    refusal(client.v1.prices.create, params)
    tier: Any = {**price_params("mtr_none"), "product_data": {"name": "orphan"}}
    refusal(client.v1.prices.create, tier)
    assert [found.name for found in client.v1.products.list().data] == ["a"]


# Customers


def test_customer_defaults(client: StripeClient) -> None:
    customer = client.v1.customers.create({})
    assert (customer.balance, customer.delinquent, customer.tax_exempt, customer.preferred_locales) == (
        0,
        False,
        "none",
        [],
    )
    assert customer.invoice_settings is not None
    assert customer.invoice_settings.default_payment_method is None
    assert len(customer.invoice_prefix or "") >= 3


def test_customer_fields(client: StripeClient) -> None:
    address = {"line1": "1 Main St", "country": "US"}
    customer = client.v1.customers.create(
        {
            "name": "John Doe",
            "email": "John@example.com",
            "address": address,
            "shipping": {"name": "John", "address": address},
            "preferred_locales": ["en"],
            "tax_exempt": "exempt",
            "payment_method": "pm_card_visa",
            "invoice_settings": {"default_payment_method": "pm_card_visa", "footer": "Thanks"},
            "tax_id_data": [{"type": "eu_vat", "value": "DE123456789"}],
            "expand": ["tax_ids.data.customer", "invoice_settings.default_payment_method"],
        }
    )
    assert customer.address is not None
    assert (customer.address.line1, customer.address.city) == ("1 Main St", None)
    assert customer.tax_ids is not None
    (tax_id,) = customer.tax_ids.data
    assert isinstance(tax_id.customer, stripe.Customer)
    assert (tax_id.value, tax_id.customer.id) == ("DE123456789", customer.id)
    assert customer.invoice_settings.default_payment_method.customer == customer.id
    cleared: Any = {"address": "", "shipping": "", "email": "", "tax_exempt": "", "name": ""}
    customer = client.v1.customers.update(customer.id, cleared)
    assert (customer.address, customer.shipping, customer.email, customer.name) == (None, None, None, None)
    assert customer.tax_exempt == "none"
    assert [found.id for found in client.v1.customers.list({"email": "John@example.com"}).data] == []


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"email": "nonsense"}, "email"),
        ({"email": "x" * 513}, "email"),
        ({"invoice_prefix": "ab"}, "invoice_prefix"),
        ({"payment_method": "pm_none"}, "payment_method"),
        ({"phone": "1" * 21}, "phone"),
        ({"source": "tok_visa"}, "source"),
        ({"tax": {"validate_location": "immediately"}}, "tax[validate_location]"),
        ({"tax_exempt": "sometimes"}, "tax_exempt"),
    ],
)
def test_customers_that_are_refused(client: StripeClient, params: Any, param: str) -> None:
    error = refusal(client.v1.customers.create, params)
    assert (error.http_status, error.param) == (400, param)
    assert client.v1.customers.list().data == []


def test_how_bank_transfers_are_matched(client: StripeClient) -> None:
    customer = client.v1.customers.create({}).id

    def settings(**sent: Any) -> tuple[str, bool]:
        shown = client.v1.customers.update(
            customer, {"cash_balance": {"settings": sent}, "expand": ["cash_balance"]}
        ).cash_balance
        assert shown is not None
        return shown.settings.reconciliation_mode, shown.settings.using_merchant_default

    assert settings() == ("automatic", True)
    assert settings(reconciliation_mode="manual") == ("manual", False)
    assert settings() == ("manual", False)
    assert settings(reconciliation_mode="merchant_default") == ("automatic", True)


def test_create_only_parameters(client: StripeClient) -> None:
    customer = client.v1.customers.create({})
    for params in ({"payment_method": "pm_card_visa"}, {"tax_id_data": [{"type": "eu_vat", "value": "x"}]}):
        assert refusal(client.v1.customers.update, customer.id, params).code == "parameter_unknown"


def test_email_is_matched_with_its_case(client: StripeClient) -> None:
    made = client.v1.customers.create({"email": "John@example.com"})
    assert [found.id for found in client.v1.customers.list({"email": "John@example.com"}).data] == [made.id]
    assert client.v1.customers.list({"email": "john@example.com"}).data == []


def test_a_deleted_customer(server: LocalStripe, client: StripeClient) -> None:
    guide = make_guide(client)
    id = guide.customer.id
    assert client.v1.customers.delete(id).to_dict() == {"id": id, "object": "customer", "deleted": True}
    assert server.http("GET", f"/v1/customers/{id}").json() == {"id": id, "object": "customer", "deleted": True}
    assert client.v1.subscriptions.retrieve(guide.subscription.id).status == "canceled"
    assert client.v1.customers.list().data == []
    for call in (client.v1.customers.delete, client.v1.customers.update):
        error = refusal(call, id)
        assert (error.http_status, error.code) == (404, "resource_missing")
    again = refusal(client.v1.subscriptions.create, {"customer": id, "items": [{"price": guide.price.id}]})
    assert isinstance(again, stripe.InvalidRequestError)
    assert (again.http_status, again.param) == (404, "customer")
