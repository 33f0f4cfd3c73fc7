"""Wrong inputs, each with the field that a preview must name. Used on the handlers alone and, end to end, on the engines."""

from typing import Any, NamedTuple


class Wrong(NamedTuple):
    name: str
    kind: str
    args: dict[str, Any]
    field: str
    """What the message must begin with."""


METER: dict[str, Any] = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
PRODUCT: dict[str, Any] = {"name": "Hypernian"}
PRICE: dict[str, Any] = {
    "currency": "usd",
    "product": "prod_1",
    "unit_amount": 4,
    "recurring": {"interval": "month", "usage_type": "metered", "meter": "mtr_1"},
}
TIERED: dict[str, Any] = {
    **{k: v for k, v in PRICE.items() if k != "unit_amount"},
    "billing_scheme": "tiered",
    "tiers_mode": "graduated",
    "tiers": [{"up_to": 100, "unit_amount": 4}, {"up_to": "inf", "unit_amount": 3}],
}
DEFAULT_PRICE: dict[str, Any] = {"product": "prod_1", "default_price": "price_1"}
CUSTOMER: dict[str, Any] = {"name": "John Doe"}
SUBSCRIPTION: dict[str, Any] = {"customer": "cus_1", "items": [{"price": "price_1"}]}

RIGHT = {
    "Meter": METER,
    "Product": PRODUCT,
    "Price": PRICE,
    "DefaultPrice": DEFAULT_PRICE,
    "Customer": CUSTOMER,
    "Subscription": SUBSCRIPTION,
}


def without(args: dict[str, Any], *names: str) -> dict[str, Any]:
    return {k: v for k, v in args.items() if k not in names}


MONTHLY = {"interval": "month"}

WRONG = [
    Wrong("no event name", "Meter", without(METER, "event_name"), "event_name"),
    Wrong("display name too long", "Meter", {**METER, "display_name": "x" * 251}, "display_name"),
    Wrong("event name too long", "Meter", {**METER, "event_name": "x" * 101}, "event_name"),
    Wrong("unknown formula", "Meter", {**METER, "default_aggregation": {"formula": "max"}}, "default_aggregation.formula"),
    Wrong("unknown mapping", "Meter", {**METER, "customer_mapping": {"type": "by_name", "event_payload_key": "c"}}, "customer_mapping.type"),
    Wrong("mapping without key", "Meter", {**METER, "customer_mapping": {"type": "by_id"}}, "customer_mapping.event_payload_key"),
    Wrong("unknown field", "Meter", {**METER, "dimensions": ["model"]}, "dimensions"),
    Wrong("misspelt field", "Product", {**PRODUCT, "descripton": "tokens"}, "descripton"),
    Wrong("product without name", "Product", {"description": "tokens"}, "name"),
    Wrong("statement descriptor too long", "Product", {**PRODUCT, "statement_descriptor": "x" * 23}, "statement_descriptor"),
    Wrong("nine images", "Product", {**PRODUCT, "images": [f"https://example.com/{i}.png" for i in range(9)]}, "images"),
    Wrong("url without scheme", "Product", {**PRODUCT, "url": "example.com"}, "url"),
    Wrong("boolean as text", "Product", {**PRODUCT, "shippable": "yes"}, "shippable"),
    Wrong("metadata key too long", "Product", {**PRODUCT, "metadata": {"k" * 41: "v"}}, 'metadata["'),
    Wrong("metadata value too long", "Product", {**PRODUCT, "metadata": {"k": "v" * 501}}, 'metadata["k"]'),
    Wrong("too much metadata", "Product", {**PRODUCT, "metadata": {f"k{i}": "v" for i in range(50)}}, "metadata"),
    Wrong("metadata is no text", "Product", {**PRODUCT, "metadata": {"k": 1}}, 'metadata["k"]'),
    Wrong("no currency", "Price", without(PRICE, "currency"), "currency"),
    Wrong("currency in capitals", "Price", {**PRICE, "currency": "USD"}, "currency"),
    Wrong("no product", "Price", without(PRICE, "product"), "product"),
    Wrong("two products", "Price", {**PRICE, "product_data": {"name": "Hypernian"}}, "product_data"),
    Wrong("no amount", "Price", without(PRICE, "unit_amount"), "unit_amount"),
    Wrong("two amounts", "Price", {**PRICE, "unit_amount_decimal": "4"}, "unit_amount_decimal"),
    Wrong("negative amount", "Price", {**PRICE, "unit_amount": -1}, "unit_amount"),
    Wrong("fraction of a cent as a number", "Price", {**PRICE, "unit_amount": 0.5}, "unit_amount"),
    Wrong("decimal as a number", "Price", {**without(PRICE, "unit_amount"), "unit_amount_decimal": 0.5}, "unit_amount_decimal"),
    Wrong("thirteen decimal places", "Price", {**without(PRICE, "unit_amount"), "unit_amount_decimal": "0.0000000000001"}, "unit_amount_decimal"),
    Wrong("metered without meter", "Price", {**PRICE, "recurring": {**MONTHLY, "usage_type": "metered"}}, "recurring.meter"),
    Wrong("meter without metered", "Price", {**PRICE, "recurring": {**MONTHLY, "meter": "mtr_1"}}, "recurring.meter"),
    Wrong("unknown interval", "Price", {**PRICE, "recurring": {"interval": "quarter"}}, "recurring.interval"),
    Wrong("four years", "Price", {**PRICE, "recurring": {"interval": "month", "interval_count": 37}}, "recurring.interval_count"),
    Wrong("tiers per unit", "Price", {**PRICE, "tiers": TIERED["tiers"]}, "tiers"),
    Wrong("tiered without tiers", "Price", without(TIERED, "tiers"), "tiers"),
    Wrong("tiered without mode", "Price", without(TIERED, "tiers_mode"), "tiers_mode"),
    Wrong("tiers without end", "Price", {**TIERED, "tiers": [{"up_to": 100, "unit_amount": 4}]}, "tiers[0].up_to"),
    Wrong("falling tiers", "Price", {**TIERED, "tiers": [{"up_to": 9, "unit_amount": 4}, {"up_to": 5, "unit_amount": 3}, {"up_to": "inf", "unit_amount": 2}]}, "tiers[1].up_to"),
    Wrong("tier without amount", "Price", {**TIERED, "tiers": [{"up_to": "inf"}]}, "tiers[0]"),
    Wrong("packages of tiers", "Price", {**TIERED, "transform_quantity": {"divide_by": 100, "round": "up"}}, "transform_quantity"),
    Wrong("packages of nothing", "Price", {**PRICE, "transform_quantity": {"divide_by": 0, "round": "up"}}, "transform_quantity.divide_by"),
    Wrong("own currency as an option", "Price", {**PRICE, "currency_options": {"usd": {"unit_amount": 4}}}, 'currency_options["usd"]'),
    Wrong("option without amount", "Price", {**PRICE, "currency_options": {"eur": {}}}, 'currency_options["eur"]'),
    Wrong("transfer of no key", "Price", {**PRICE, "transfer_lookup_key": True}, "transfer_lookup_key"),
    Wrong("subscriptions left out in the cold", "Price", {**PRICE, "existing_subscriptions": "cancel"}, "existing_subscriptions"),
    Wrong("default price of nothing", "DefaultPrice", without(DEFAULT_PRICE, "product"), "product"),
    Wrong("no default price", "DefaultPrice", without(DEFAULT_PRICE, "default_price"), "default_price"),
    Wrong("no address", "Customer", {**CUSTOMER, "email": "john"}, "email"),
    Wrong("long phone", "Customer", {**CUSTOMER, "phone": "0" * 21}, "phone"),
    Wrong("country by name", "Customer", {**CUSTOMER, "address": {"country": "Ireland"}}, "address.country"),
    Wrong("a location found out by itself at first", "Customer", {**CUSTOMER, "tax": {"validate_location": "auto"}}, "tax.validate_location"),
    Wrong("no customer", "Subscription", without(SUBSCRIPTION, "customer"), "customer"),
    Wrong("no items", "Subscription", without(SUBSCRIPTION, "items"), "items"),
    Wrong("no item", "Subscription", {**SUBSCRIPTION, "items": []}, "items"),
    Wrong("one price twice", "Subscription", {**SUBSCRIPTION, "items": [{"price": "p"}, {"price": "p"}]}, "items[1].price"),
    Wrong("invoice without a due date", "Subscription", {**SUBSCRIPTION, "collection_method": "send_invoice"}, "days_until_due"),
    Wrong("due date without invoice", "Subscription", {**SUBSCRIPTION, "days_until_due": 30}, "days_until_due"),
    Wrong("two ends of a trial", "Subscription", {**SUBSCRIPTION, "trial_end": "now", "trial_period_days": 7}, "trial_period_days"),
    Wrong("two ends", "Subscription", {**SUBSCRIPTION, "cancel_at": 1800000000, "cancel_at_period_end": True}, "cancel_at"),
]  # fmt: skip
