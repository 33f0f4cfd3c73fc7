"""Product: what is sold. https://docs.stripe.com/api/products"""

from __future__ import annotations

from stripe_local.resources.shared import (
    CREATED,
    CUSTOM_UNIT_AMOUNT,
    INTERVAL,
    TAX_BEHAVIOR,
    TAX_DETAILS,
    UNIT_AMOUNT,
    UNIT_AMOUNT_DECIMAL,
    copy,
    currency_options,
    deleted,
    existing,
)
from stripe_local.store.kinds import PRICE, PRODUCT
from stripe_local.store.objects import Body, Where, equal, public
from stripe_local.wire.currencies import Currency
from stripe_local.wire.errors import StripeError, invalid
from stripe_local.wire.expand import Nested, NotKept, Ref, register
from stripe_local.wire.operation import Context, delete, get, post
from stripe_local.wire.pagination import PAGE, SEARCH, list_object, page, range_conditions
from stripe_local.wire.params import Bool, Enum, Int, ListOf, Metadata, Number, Obj, Param, Str
from stripe_local.wire.search import search

from . import prices
from .new_product import apply, create_product

_FEATURES = ListOf(Obj({"name": Str(required=True)}), clearable=True, max_items=15)
_PACKAGE = Obj(
    {name: Number(required=True, minimum=0) for name in ("height", "length", "weight", "width")},
    clearable=True,
)
_MUTABLE: dict[str, Param] = {
    "active": Bool(),
    "description": Str(40_000),
    "images": ListOf(Str(), clearable=True, max_items=8),
    "marketing_features": _FEATURES,
    "metadata": Metadata(),
    "package_dimensions": _PACKAGE,
    "shippable": Bool(),
    "statement_descriptor": Str(22),
    "tax_code": Str(),
    "tax_details": Obj(TAX_DETAILS, clearable=True),
    "unit_label": Str(12),
    "url": Str(),
}
CREATE: dict[str, Param] = {
    **_MUTABLE,
    "default_price_data": Obj(
        {
            "currency": Currency(required=True),
            "currency_options": currency_options(),
            "custom_unit_amount": CUSTOM_UNIT_AMOUNT,
            "metadata": Metadata(),
            "recurring": Obj({"interval": Enum(*INTERVAL, required=True), "interval_count": Int(minimum=1)}),
            "tax_behavior": TAX_BEHAVIOR,
            "unit_amount": UNIT_AMOUNT,
            "unit_amount_decimal": UNIT_AMOUNT_DECIMAL,
        }
    ),
    "id": Str(clearable=False),
    "name": Str(required=True),
    "type": Enum("good", "service"),
}
UPDATE: dict[str, Param] = {**_MUTABLE, "default_price": Str(), "name": Str(clearable=False)}
LIST: dict[str, Param] = {
    "active": Bool(),
    "created": CREATED,
    "ids": ListOf(Str()),
    "shippable": Bool(),
    "type": Enum("good", "service"),
    "url": Str(),
    **PAGE,
}


def _existing(context: Context) -> Body:
    return existing(context, PRODUCT, "product", context.path["id"], "id", in_path=True)


def render(context: Context, id: str) -> Body:
    """The product as Stripe shows it."""
    body = context.objects.get(PRODUCT, id)
    return public(body) if body else deleted(PRODUCT, id)


def create(context: Context) -> Body:
    """`POST /v1/products`."""
    body = create_product(context, context.params)
    data = context.params.get("default_price_data")
    if data is not None:
        try:
            price = prices.create_price(context, {**data, "product": body["id"]})
        except StripeError as error:
            if error.param is not None:
                name, bracket, inner = error.param.partition("[")
                error.param = f"default_price_data[{name}]{bracket}{inner}"
            raise
        body["default_price"] = price["id"]
        context.objects.put(PRODUCT, body)
    return public(body)


def retrieve(context: Context) -> Body:
    """`GET /v1/products/{id}`."""
    return public(_existing(context))


def update(context: Context) -> Body:
    """`POST /v1/products/{id}`: an empty `default_price` unsets it."""
    body = _existing(context)
    params = context.params
    if params.get("default_price"):
        price = existing(context, PRICE, "price", params["default_price"], "default_price")
        # The wording of these two refusals is ours.
        if price["product"] != body["id"]:
            raise invalid(
                f"The price {price['id']} belongs to the product {price['product']}, so it cannot be the default "
                f"price of {body['id']}.",
                "default_price",
            )
        if not price["active"]:
            raise invalid(f"The price {price['id']} is inactive, so it cannot be the default price.", "default_price")
    copy(body, params, "default_price")
    apply(body, params)
    body["updated"] = context.now
    return public(context.objects.put(PRODUCT, body))


def delete_(context: Context) -> Body:
    """`DELETE /v1/products/{id}`: only a product that never had a price."""
    body = _existing(context)
    if context.objects.exists(PRICE, equal("product", body["id"])):
        raise invalid("This product cannot be deleted because it has one or more user-created prices.")
    context.objects.remove(PRODUCT, body["id"])
    return deleted(PRODUCT, body["id"])


def list_(context: Context) -> Body:
    """`GET /v1/products`."""
    params = context.params
    conditions = [equal(name, params[name]) for name in ("active", "shippable", "type", "url") if name in params]
    conditions += range_conditions("created", params.get("created"))
    if params.get("ids"):
        for cursor in ("starting_after", "ending_before"):
            if params.get(cursor):
                raise invalid(f"You may not use {cursor} together with ids.", cursor)
        conditions.append(Where("id", "in", params["ids"]))
    found, more = page(context.objects, PRODUCT, "product", params, conditions)
    return {**list_object("/v1/products", [public(body) for body in found], more), "_type": PRODUCT}


def search_(context: Context) -> Body:
    """`GET /v1/products/search`."""
    return search(context, PRODUCT, "/v1/products/search", lambda body: public(body))


register(
    PRODUCT,
    {
        "default_price": Ref("price"),
        "tax_code": NotKept("tax codes are not kept here."),
        "package_dimensions": Nested("package_dimensions"),
    },
    render,
)

OPERATIONS = [
    post("/v1/products", create, CREATE),
    get("/v1/products", list_, LIST),
    get("/v1/products/search", search_, SEARCH),
    get("/v1/products/{id}", retrieve),
    post("/v1/products/{id}", update, UPDATE),
    delete("/v1/products/{id}", delete_),
]
