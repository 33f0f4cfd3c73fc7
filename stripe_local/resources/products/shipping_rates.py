"""Shipping rate: a price of shipping that customers can choose. https://docs.stripe.com/api/shipping_rates

Shipping rates are kept, and nothing is shipped: sessions and payment links take no `shipping_options`.
"""

from __future__ import annotations

from typing import Any

from stripe_local.resources.shared import CREATED, TAX_BEHAVIOR, copy, existing, merge_metadata
from stripe_local.store.ids import new_id
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.currencies import ByCurrency, Currency
from stripe_local.wire.errors import invalid, missing_param
from stripe_local.wire.expand import Included, Nested, Unavailable, register
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import PAGE, list_object, page, range_conditions
from stripe_local.wire.params import Bool, Enum, Int, Metadata, Obj, Param, Str

KIND = "shipping_rate"

_BOUND = Obj(
    {
        "unit": Enum("business_day", "day", "hour", "month", "week", required=True),
        "value": Int(required=True, minimum=1),
    }
)


def _options(*, creating: bool) -> ByCurrency:
    return ByCurrency(Obj({"amount": Int(required=creating, minimum=0), "tax_behavior": TAX_BEHAVIOR}))


CREATE: dict[str, Param] = {
    "delivery_estimate": Obj({"maximum": _BOUND, "minimum": _BOUND}),
    "display_name": Str(100, required=True),
    "fixed_amount": Obj(
        {
            "amount": Int(required=True, minimum=0),
            "currency": Currency(required=True),
            "currency_options": _options(creating=True),
        }
    ),
    "metadata": Metadata(),
    "tax_behavior": TAX_BEHAVIOR,
    "tax_code": Str(),
    "type": Enum("fixed_amount"),
}
UPDATE: dict[str, Param] = {
    "active": Bool(),
    "fixed_amount": Obj({"currency_options": _options(creating=False)}),
    "metadata": Metadata(),
    "tax_behavior": TAX_BEHAVIOR,
}
LIST: dict[str, Param] = {"active": Bool(), "created": CREATED, "currency": Currency(), **PAGE}


def _existing(context: Context) -> Body:
    return existing(context, KIND, "shipping rate", context.path["shipping_rate"], "shipping_rate_token", in_path=True)


def _set_options(body: Body, options: dict[str, Any]) -> None:
    for code, option in options.items():
        here = f"fixed_amount[currency_options][{code}]"
        if code == body["fixed_amount"]["currency"]:
            # Stripe's words: https://github.com/stripe/stripe-go/issues/1710
            raise invalid(
                "You are specifying an update to a currency option that matches the top-level currency for this shipping "
                "rate. Please remove this currency option and update the top-level params instead.",
                here,
            )
        known = body["fixed_amount"]["currency_options"]
        known[code] = {"tax_behavior": "unspecified", **known.get(code, {}), **option}
        if "amount" not in known[code]:
            raise missing_param(f"{here}[amount]")


def _shown(body: Body) -> Body:
    """As Stripe shows it: currency options only when they are asked for."""
    amount = {name: value for name, value in body["fixed_amount"].items() if name != "currency_options"}
    return {**public(body), "fixed_amount": amount}


def create(context: Context) -> Body:
    """`POST /v1/shipping_rates`."""
    params = context.params
    if "fixed_amount" not in params:
        raise missing_param("fixed_amount")
    amount, estimate = params["fixed_amount"], params.get("delivery_estimate")
    body: Body = {
        "id": new_id("shr"),
        "object": KIND,
        "active": True,
        "created": context.now,
        "delivery_estimate": estimate and {"maximum": None, "minimum": None, **estimate},
        "display_name": params["display_name"],
        "fixed_amount": {"amount": amount["amount"], "currency": amount["currency"], "currency_options": {}},
        "livemode": context.livemode,
        "metadata": {},
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tax_code": params.get("tax_code"),
        "type": "fixed_amount",
    }
    _set_options(body, amount.get("currency_options", {}))
    merge_metadata(body, params)
    return _shown(context.objects.insert(KIND, body))


def retrieve(context: Context) -> Body:
    """`GET /v1/shipping_rates/{shipping_rate}`."""
    return _shown(_existing(context))


def update(context: Context) -> Body:
    """`POST /v1/shipping_rates/{shipping_rate}`: the amount itself stays; of currency options, those not sent stay too."""
    body = _existing(context)
    copy(body, context.params, "active", "tax_behavior")
    _set_options(body, context.params.get("fixed_amount", {}).get("currency_options", {}))
    merge_metadata(body, context.params)
    return _shown(context.objects.put(KIND, body))


def list_(context: Context) -> Body:
    """`GET /v1/shipping_rates`."""
    params = context.params
    filters = {"active": "active", "currency": "fixed_amount.currency"}
    conditions = [equal(field, params[name]) for name, field in filters.items() if name in params]
    conditions += range_conditions("created", params.get("created"))
    found, more = page(context.objects, KIND, "shipping rate", params, conditions)
    return {**list_object("/v1/shipping_rates", [_shown(body) for body in found], more), "_type": KIND}


def _all_options(context: Context, id: str) -> Any:
    """The currency options, with the rate's own currency among them, as Stripe lists it."""
    body = context.objects.get(KIND, id)
    if body is None:
        return None
    amount = body["fixed_amount"]
    own = {"amount": amount["amount"], "tax_behavior": body["tax_behavior"]}
    return dict(sorted({**amount["currency_options"], amount["currency"]: own}.items()))


register(
    KIND,
    {
        "delivery_estimate": Nested("delivery_estimate"),
        "fixed_amount": Nested("fixed_amount"),
        "fixed_amount.currency_options": Included(_all_options),
        "tax_code": Unavailable(),
    },
)

OPERATIONS = [
    post("/v1/shipping_rates", create, CREATE),
    get("/v1/shipping_rates", list_, LIST),
    get("/v1/shipping_rates/{shipping_rate}", retrieve),
    post("/v1/shipping_rates/{shipping_rate}", update, UPDATE),
]
