"""Price: what a product costs, and how that is counted. https://docs.stripe.com/api/prices"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from stripe_local.resources.shared import (
    CREATED,
    CUSTOM_UNIT_AMOUNT,
    INTERVAL,
    TAX_BEHAVIOR,
    TAX_DETAILS,
    TIERS,
    UNIT_AMOUNT,
    UNIT_AMOUNT_DECIMAL,
    copy,
    currency_options,
    deleted,
    existing,
    merge_metadata,
)
from stripe_local.resources.usage import meters
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import PRICE, PRODUCT
from stripe_local.store.objects import Body, Where, equal, public
from stripe_local.wire.currencies import Currency
from stripe_local.wire.errors import exclusive_params, invalid
from stripe_local.wire.expand import Included, Nested, Ref, register
from stripe_local.wire.jsontext import plain
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import PAGE, SEARCH, list_object, page, range_conditions
from stripe_local.wire.params import Bool, Enum, Int, ListOf, Metadata, Obj, Param, Str
from stripe_local.wire.search import search

from .new_product import create_product

CREATE: dict[str, Param] = {
    "active": Bool(),
    "billing_scheme": Enum("per_unit", "tiered"),
    "currency": Currency(required=True),
    "currency_options": currency_options(),
    "custom_unit_amount": CUSTOM_UNIT_AMOUNT,
    "lookup_key": Str(200),
    "metadata": Metadata(),
    "nickname": Str(),
    "product": Str(clearable=False),
    "product_data": Obj(
        {
            "active": Bool(),
            "id": Str(clearable=False),
            "metadata": Metadata(),
            "name": Str(required=True),
            "statement_descriptor": Str(22),
            "tax_code": Str(),
            "tax_details": Obj(TAX_DETAILS),
            "unit_label": Str(12),
        }
    ),
    "recurring": Obj(
        {
            "interval": Enum(*INTERVAL, required=True),
            "interval_count": Int(minimum=1),
            "meter": Str(clearable=False),
            "trial_period_days": Int(minimum=1, maximum=730),
            "usage_type": Enum("licensed", "metered"),
        }
    ),
    "tax_behavior": TAX_BEHAVIOR,
    "tiers": TIERS,
    "tiers_mode": Enum("graduated", "volume"),
    "transfer_lookup_key": Bool(),
    "transform_quantity": Obj({"divide_by": Int(required=True, minimum=1), "round": Enum("down", "up", required=True)}),
    "unit_amount": UNIT_AMOUNT,
    "unit_amount_decimal": UNIT_AMOUNT_DECIMAL,
}
UPDATE: dict[str, Param] = {
    "active": Bool(),
    "currency_options": currency_options(clearable=True),
    "lookup_key": Str(200),
    "metadata": Metadata(),
    "nickname": Str(),
    "tax_behavior": TAX_BEHAVIOR,
    "transfer_lookup_key": Bool(),
}
LIST: dict[str, Param] = {
    "active": Bool(),
    "created": CREATED,
    "currency": Currency(),
    "lookup_keys": ListOf(Str(), max_items=10),
    "product": Str(),
    "recurring": Obj({"interval": Enum(*INTERVAL), "meter": Str(), "usage_type": Enum("licensed", "metered")}),
    "type": Enum("one_time", "recurring"),
    **PAGE,
}

_LONGEST = {"day": 1095, "week": 156, "month": 36, "year": 3}
_ADVERB = {"day": "daily", "week": "weekly", "month": "monthly", "year": "yearly"}
_OMITTED = ("tiers", "currency_options")


def shown(body: Body) -> Body:
    """The price as Stripe shows it: without tiers and currency options, which have to be expanded."""
    return public(body, _OMITTED)


def render(context: Context, id: str) -> Body:
    """The price with this id."""
    body = context.objects.get(PRICE, id)
    return shown(body) if body else deleted(PRICE, id)


def _tiers(context: Context, id: str) -> Any:
    body = context.objects.get(PRICE, id)
    return body.get("tiers") if body else None


def _currency_options(context: Context, id: str) -> Any:
    body = context.objects.get(PRICE, id)
    if body is None:
        return None
    return {
        currency: {name: value for name, value in option.items() if name != "tiers"}
        for currency, option in body["currency_options"].items()
    }


def _currency_option_with_tiers(context: Context, id: str, currency: str) -> Body:
    body = context.objects.get(PRICE, id)
    assert body is not None
    option: Body = body["currency_options"][currency]
    return option


# The rules for a new price, and how its amounts are stored.


def _amount(unit_amount: int | None, unit_amount_decimal: Decimal | None) -> tuple[int | None, str | None]:
    """(`unit_amount`, `unit_amount_decimal`) as Stripe stores them: the integer only when there is one."""
    if unit_amount is not None:
        return unit_amount, str(unit_amount)
    if unit_amount_decimal is None:
        return None, None
    whole = unit_amount_decimal == unit_amount_decimal.to_integral_value()
    return (int(unit_amount_decimal) if whole else None), plain(unit_amount_decimal)


def _stored_tiers(tiers: list[dict[str, Any]], param: str) -> list[Body]:
    if not tiers:
        raise invalid("You must specify at least one tier.", param)
    stored, previous = [], 0
    for index, tier in enumerate(tiers):
        here = f"{param}[{index}]"
        for pair in (("unit_amount", "unit_amount_decimal"), ("flat_amount", "flat_amount_decimal")):
            if all(tier.get(name) is not None for name in pair):
                raise exclusive_params(*(f"{here}[{name}]" for name in pair))
        unit, unit_decimal = _amount(tier.get("unit_amount"), tier.get("unit_amount_decimal"))
        flat, flat_decimal = _amount(tier.get("flat_amount"), tier.get("flat_amount_decimal"))
        if unit_decimal is None and flat_decimal is None:
            raise invalid("Each tier must have a `unit_amount` or a `flat_amount` set.", here)
        last, up_to = index == len(tiers) - 1, tier["up_to"]
        if last and up_to != "inf":
            raise invalid("The last tier must have `up_to` set to `inf`.", f"{here}[up_to]")
        if not last and (up_to == "inf" or up_to <= previous):
            raise invalid("Tiers must be in ascending order of `up_to`, and only the last may be `inf`.", f"{here}[up_to]")
        previous = up_to if isinstance(up_to, int) else previous
        stored.append(
            {
                "flat_amount": flat,
                "flat_amount_decimal": flat_decimal,
                "unit_amount": unit,
                "unit_amount_decimal": unit_decimal,
                "up_to": None if up_to == "inf" else up_to,
            }
        )
    return stored


def _custom_unit_amount(params: dict[str, Any] | None) -> Body | None:
    if not params or not params["enabled"]:
        return None
    return {name: params.get(name) for name in ("maximum", "minimum", "preset")}


def _amounts(params: dict[str, Any], *, tiered: bool, param: str = "") -> Body:
    """The amount fields of a price or of one of its currency options: exactly one kind must be given."""

    def name(field: str) -> str:
        return f"{param}[{field}]" if param else field

    given = [field for field in ("unit_amount", "unit_amount_decimal", "custom_unit_amount") if params.get(field) is not None]
    if tiered:
        if given:
            raise invalid(f"You cannot set `{given[0]}` when `billing_scheme` is `tiered`. Use `tiers` instead.", name(given[0]))
        if not params.get("tiers"):
            raise invalid("You must specify `tiers` when `billing_scheme` is `tiered`.", name("tiers"))
        amounts = _stored_tiers(params["tiers"], name("tiers"))
        return {"custom_unit_amount": None, "tiers": amounts, "unit_amount": None, "unit_amount_decimal": None}
    if params.get("tiers") is not None:
        raise invalid("You can only set `tiers` when `billing_scheme` is `tiered`.", name("tiers"))
    if len(given) > 1:
        raise exclusive_params(*map(name, given))
    if not given:
        raise invalid("Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.", name("unit_amount"))
    unit_amount, unit_amount_decimal = _amount(params.get("unit_amount"), params.get("unit_amount_decimal"))
    return {
        "custom_unit_amount": _custom_unit_amount(params.get("custom_unit_amount")),
        "unit_amount": unit_amount,
        "unit_amount_decimal": unit_amount_decimal,
    }


def _options(params: dict[str, Any], currency: str, *, tiered: bool) -> dict[str, Body]:
    """Currency options as stored: those that were sent."""
    stored = {}
    for code, option in (params or {}).items():
        here = f"currency_options[{code}]"
        if code == currency:
            raise invalid(f"The currency option {code} is the price's own currency.", here)
        stored[code] = {
            **_amounts(option, tiered=tiered, param=here),
            "tax_behavior": option.get("tax_behavior", "unspecified"),
        }
    return stored


def _with_own_currency(body: Body, options: dict[str, Body]) -> dict[str, Body]:
    """Stripe lists the price's own currency among its options."""
    own = {name: body[name] for name in ("custom_unit_amount", "unit_amount", "unit_amount_decimal")}
    own["tax_behavior"] = body["tax_behavior"]
    if body["billing_scheme"] == "tiered":
        own["tiers"] = body["tiers"]
    return dict(sorted({**options, body["currency"]: own}.items()))


def _recurring(context: Context, params: dict[str, Any]) -> Body | None:
    recurring = params.get("recurring")
    if recurring is None:
        return None
    interval, count = recurring["interval"], recurring.get("interval_count", 1)
    usage_type, meter = recurring.get("usage_type", "licensed"), recurring.get("meter")
    if count > _LONGEST[interval]:
        raise invalid(
            f"The interval_count for {_ADVERB[interval]} prices can't be greater than {_LONGEST[interval]}",
            "recurring[interval_count]",
        )
    if usage_type == "metered" and meter is None:
        raise invalid(
            "Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters.",
            "recurring[meter]",
        )
    if meter is not None:
        if usage_type != "metered":
            raise invalid("You can only set `meter` when `usage_type` is `metered`.", "recurring[meter]")
        backing = existing(context, meters.KIND, "billing meter", meter, "recurring[meter]")
        if backing["status"] != "active":
            raise invalid(f"The meter {meter} is inactive, so it cannot be attached to a price.", "recurring[meter]")
    return {
        "interval": interval,
        "interval_count": count,
        "meter": meter,
        "trial_period_days": recurring.get("trial_period_days"),
        "usage_type": usage_type,
    }


def _claim_lookup_key(context: Context, id: str | None, key: str, *, transfer: bool) -> None:
    holder = context.objects.first(PRICE, equal("lookup_key", key))
    if holder is None or holder["id"] == id:
        return
    if not transfer:
        raise invalid(f"A price (`{holder['id']}`) already uses that lookup key.", "lookup_key")
    holder["lookup_key"] = None
    context.objects.put(PRICE, holder)


def _product(context: Context, params: dict[str, Any]) -> str:
    product, data = params.get("product"), params.get("product_data")
    if product is not None and data is not None:
        raise invalid("You may only specify one of these parameters: product, product_data.", "product")
    if product is not None:
        existing(context, PRODUCT, "product", product, "product")
        return str(product)
    if data is None:
        raise invalid("You must specify either `product` or `product_data` when creating a price.", "product")
    return str(create_product(context, data)["id"])


def create_price(context: Context, params: dict[str, Any], *, inline: bool = False) -> Body:
    """Store a new price from a price's parameters. `inline` prices (`price_data`) are born inactive."""
    recurring = _recurring(context, params)
    tiered = params.get("billing_scheme") == "tiered"
    if tiered:
        if recurring is None:
            raise invalid("Prices with `type=one_time` are not supported with tiered billing.", "interval")
        if params.get("tiers_mode") is None:
            raise invalid("You must specify `tiers_mode` when `billing_scheme` is `tiered`.", "tiers_mode")
        if params.get("transform_quantity") is not None:
            raise invalid("`transform_quantity` cannot be combined with `tiers`.", "transform_quantity")
    elif params.get("tiers_mode") is not None:
        raise invalid("You can only set `tiers_mode` when `billing_scheme` is `tiered`.", "tiers_mode")
    if params.get("custom_unit_amount") is not None and recurring is not None:
        raise invalid("`custom_unit_amount` is only supported for one-time prices.", "custom_unit_amount")
    amounts = _amounts(params, tiered=tiered)
    options = _options(params.get("currency_options") or {}, params["currency"], tiered=tiered)
    lookup_key = params.get("lookup_key")
    if lookup_key is not None:
        _claim_lookup_key(context, None, lookup_key, transfer=params.get("transfer_lookup_key", False))
    body: Body = {
        "id": new_id("price"),
        "object": PRICE,
        "active": False if inline else params.get("active", True),
        "billing_scheme": "tiered" if tiered else "per_unit",
        "created": context.now,
        "currency": params["currency"],
        **amounts,
        "livemode": context.livemode,
        "lookup_key": lookup_key,
        "metadata": {},
        "nickname": params.get("nickname"),
        "product": _product(context, params),
        "recurring": recurring,
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tiers_mode": params.get("tiers_mode"),
        "transform_quantity": params.get("transform_quantity"),
        "type": "one_time" if recurring is None else "recurring",
        "_inline": inline,
    }
    merge_metadata(body, params)
    body["currency_options"] = _with_own_currency(body, options)
    return context.objects.insert(PRICE, body)


def create(context: Context) -> Body:
    """`POST /v1/prices`."""
    return public(create_price(context, context.params), _OMITTED)


def retrieve(context: Context) -> Body:
    """`GET /v1/prices/{price}`."""
    return public(existing(context, PRICE, "price", context.path["price"], "price", in_path=True), _OMITTED)


def _archive(context: Context, body: Body) -> None:
    product = context.objects.get(PRODUCT, body["product"])
    if product is not None and product["default_price"] == body["id"]:
        # Stripe's words, and its way out: https://github.com/stripe/stripe-python/issues/658
        raise invalid("This price cannot be archived because it is the default price of its product.", "active")
    body["active"] = False


def _set_tax_behavior(body: Body, tax_behavior: str) -> None:
    if body["tax_behavior"] not in ("unspecified", tax_behavior):
        raise invalid(
            f"You cannot change `tax_behavior` from `{body['tax_behavior']}`: once set to `inclusive` or `exclusive` it stays.",
            "tax_behavior",
        )
    body["tax_behavior"] = tax_behavior


def update(context: Context) -> Body:
    """`POST /v1/prices/{price}`: everything that determines what is charged stays as it was."""
    params = context.params
    body = existing(context, PRICE, "price", context.path["price"], "price", in_path=True)
    if body["_inline"]:
        raise invalid(f"The price {body['id']} was created inline, so it cannot be updated.")
    if params.get("active") is False and body["active"]:
        _archive(context, body)
    elif params.get("active"):
        body["active"] = True
    if params.get("lookup_key"):
        _claim_lookup_key(context, body["id"], params["lookup_key"], transfer=params.get("transfer_lookup_key", False))
    copy(body, params, "lookup_key", "nickname")
    if "tax_behavior" in params:
        _set_tax_behavior(body, params["tax_behavior"])
    merge_metadata(body, params)
    others = {code: option for code, option in body["currency_options"].items() if code != body["currency"]}
    if "currency_options" in params:
        changed = _options(params["currency_options"] or {}, body["currency"], tiered=body["billing_scheme"] == "tiered")
        others = {} if params["currency_options"] is None else {**others, **changed}
    body["currency_options"] = _with_own_currency(body, others)
    return public(context.objects.put(PRICE, body), _OMITTED)


def list_(context: Context) -> Body:
    """`GET /v1/prices`: prices made inline are left out, as they cannot be reused."""
    params = context.params
    if params.get("product"):
        existing(context, PRODUCT, "product", params["product"], "product")
    conditions = [equal(name, params[name]) for name in ("active", "currency", "product", "type") if name in params]
    conditions += [equal(f"recurring.{name}", value) for name, value in params.get("recurring", {}).items()]
    conditions += range_conditions("created", params.get("created"))
    if params.get("lookup_keys"):
        conditions.append(Where("lookup_key", "in", params["lookup_keys"]))
    conditions.append(equal("_inline", False))
    found, more = page(context.objects, PRICE, "price", params, conditions)
    data = [public(body, _OMITTED) for body in found]
    return {**list_object("/v1/prices", data, more), "_type": PRICE}


def search_(context: Context) -> Body:
    """`GET /v1/prices/search`."""
    return search(context, PRICE, "/v1/prices/search", lambda body: public(body, _OMITTED))


def sellable(context: Context, id: str, param: str) -> Body:
    """A price that is active, of a product that is. Raises StripeError."""
    body = existing(context, PRICE, "price", id, param)
    if not body["active"]:
        raise invalid(f"The price specified is inactive. This field only accepts active prices. ({id})", param)
    product = context.objects.get(PRODUCT, body["product"])
    if product is None or not product["active"]:
        raise invalid(f"Price `{id}` is not available to be purchased because its product is not active.", param)
    return body


def usable(context: Context, id: str, param: str) -> Body:
    """A price that a new subscription item may use. Raises StripeError."""
    body = sellable(context, id, param)
    if body["recurring"] is None:
        raise invalid(
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
            param,
        )
    return body


INDEXED = {PRICE: ("lookup_key", "product", "recurring.meter")}

register(
    PRICE,
    {
        "product": Ref("product"),
        "tiers": Included(_tiers),
        "currency_options": Included(_currency_options, keyed=_currency_option_with_tiers),
        "recurring": Nested("recurring"),
        "transform_quantity": Nested("transform_quantity"),
        "custom_unit_amount": Nested("custom_unit_amount"),
    },
    render,
)

OPERATIONS = [
    post("/v1/prices", create, CREATE),
    get("/v1/prices", list_, LIST),
    get("/v1/prices/search", search_, SEARCH),
    get("/v1/prices/{price}", retrieve),
    post("/v1/prices/{price}", update, UPDATE),
]
