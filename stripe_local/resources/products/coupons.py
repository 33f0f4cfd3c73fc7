"""Coupon: a discount that can be given. https://docs.stripe.com/api/coupons"""

from __future__ import annotations

from typing import Any

from stripe_local.resources.shared import CREATED, copy, deleted, existing, merge_metadata
from stripe_local.store.ids import random_text
from stripe_local.store.kinds import PRODUCT, PROMOTION_CODE
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.currencies import Currency
from stripe_local.wire.errors import exclusive_params, invalid, missing_param
from stripe_local.wire.expand import Included, register
from stripe_local.wire.operation import Context, delete, get, post
from stripe_local.wire.pagination import PAGE, list_object, page, range_conditions
from stripe_local.wire.params import Enum, Int, ListOf, MapOf, Metadata, Number, Obj, Param, Str, Timestamp

KIND = "coupon"

_OPTIONS = MapOf(Obj({"amount_off": Int(required=True, minimum=1)}))
CREATE: dict[str, Param] = {
    "amount_off": Int(minimum=1),
    "applies_to": Obj({"products": ListOf(Str(clearable=False))}),
    "currency": Currency(),
    "currency_options": _OPTIONS,
    "duration": Enum("forever", "once", "repeating"),
    "duration_in_months": Int(minimum=1),
    "id": Str(clearable=False),
    "max_redemptions": Int(minimum=1),
    "metadata": Metadata(),
    "name": Str(40),
    "percent_off": Number(minimum=0, maximum=100),
    "redeem_by": Timestamp(),
}
UPDATE: dict[str, Param] = {"currency_options": _OPTIONS, "metadata": Metadata(), "name": Str(40)}
LIST: dict[str, Param] = {"created": CREATED, **PAGE}

_OMITTED = ("applies_to", "currency_options")
_FIVE_YEARS = 5 * 366 * 86400


def _existing(context: Context) -> Body:
    return existing(context, KIND, "coupon", context.path["coupon"], "coupon", in_path=True)


def is_valid(context: Context, body: Body) -> bool:
    """Whether the coupon can be redeemed once more."""
    expired = body["redeem_by"] is not None and body["redeem_by"] < context.now
    return not expired and (body["max_redemptions"] is None or body["times_redeemed"] < body["max_redemptions"])


def redeem(context: Context, id: str, param: str) -> Body:
    """Use the coupon once more. Raises StripeError when it is not there, or not valid."""
    body = existing(context, KIND, "coupon", id, param)
    if not is_valid(context, body):
        raise invalid(f"Coupon expired: {id}", param, "coupon_expired")
    if context.changes is None:  # a preview, which only reads
        return body
    body["times_redeemed"] += 1
    context.objects.put(KIND, body)
    if not is_valid(context, body):
        _retire_codes(context, id)
    return body


def _retire_codes(context: Context, id: str) -> None:
    """The promotion codes of a coupon that is not valid any more are inactive for good."""
    for code in context.objects.find(PROMOTION_CODE, [equal("promotion.coupon", id)]):
        context.objects.put(PROMOTION_CODE, {**code, "_active_until": 0})


def _shown(context: Context, body: Body) -> Body:
    return {**public(body, _OMITTED), "valid": is_valid(context, body)}


def render(context: Context, id: str) -> Body:
    """The coupon as Stripe shows it."""
    body = context.objects.get(KIND, id)
    return _shown(context, body) if body else deleted(KIND, id)


def _check(context: Context, params: dict[str, Any]) -> None:
    amount, percent = params.get("amount_off"), params.get("percent_off")
    if amount is not None and percent is not None:
        raise exclusive_params("amount_off", "percent_off")
    if amount is None and not percent:
        raise invalid("Must provide percent_off or amount_off.", "percent_off")
    if amount is not None and "currency" not in params:
        raise missing_param("currency")
    if amount is None and params.get("currency_options"):
        raise invalid("You can only set `currency_options` together with `amount_off`.", "currency_options")
    repeating = params.get("duration") == "repeating"
    if repeating != (params.get("duration_in_months") is not None):
        raise invalid("You must set `duration_in_months` when the duration is repeating, and only then.", "duration_in_months")
    redeem_by = params.get("redeem_by")
    if redeem_by is not None and not context.now < redeem_by <= context.now + _FIVE_YEARS:
        raise invalid("The redeem_by date must be in the future, and within the next five years.", "redeem_by")
    for index, product in enumerate(params.get("applies_to", {}).get("products", [])):
        existing(context, PRODUCT, "product", product, f"applies_to[products][{index}]")


def _set_options(body: Body, options: dict[str, Any]) -> None:
    for code, option in options.items():
        Currency().convert(code, f"currency_options[{code}]")
        body["currency_options"][code] = option


def create(context: Context) -> Body:
    """`POST /v1/coupons`."""
    params = context.params
    _check(context, params)
    id = params.get("id") or random_text(8)
    if context.objects.get(KIND, id) is not None:
        raise invalid(f"Coupon already exists: {id}", "id", "resource_already_exists")
    body: Body = {
        "id": id,
        "object": KIND,
        "amount_off": params.get("amount_off"),
        "applies_to": params.get("applies_to"),
        "created": context.now,
        "currency": params.get("currency"),
        "currency_options": {},
        "duration": params.get("duration", "once"),
        "duration_in_months": params.get("duration_in_months"),
        "livemode": context.livemode,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": {},
        "name": params.get("name"),
        "percent_off": params.get("percent_off"),
        "redeem_by": params.get("redeem_by"),
        "times_redeemed": 0,
    }
    if body["amount_off"] is not None:
        body["currency_options"] = {body["currency"]: {"amount_off": body["amount_off"]}}
    _set_options(body, params.get("currency_options", {}))
    merge_metadata(body, params)
    return _shown(context, context.objects.insert(KIND, body))


def retrieve(context: Context) -> Body:
    """`GET /v1/coupons/{coupon}`."""
    return _shown(context, _existing(context))


def update(context: Context) -> Body:
    """`POST /v1/coupons/{coupon}`: the discount itself stays."""
    body = _existing(context)
    if context.params.get("currency_options") and body["amount_off"] is None:
        raise invalid("You can only set `currency_options` of a coupon with `amount_off`.", "currency_options")
    _set_options(body, context.params.get("currency_options", {}))
    copy(body, context.params, "name")
    merge_metadata(body, context.params)
    return _shown(context, context.objects.put(KIND, body))


def delete_(context: Context) -> Body:
    """`DELETE /v1/coupons/{coupon}`: who has the discount keeps it."""
    body = _existing(context)
    _retire_codes(context, body["id"])
    context.objects.remove(KIND, body["id"])
    return deleted(KIND, body["id"])


def list_(context: Context) -> Body:
    """`GET /v1/coupons`."""
    conditions = range_conditions("created", context.params.get("created"))
    found, more = page(context.objects, KIND, "coupon", context.params, conditions)
    return {**list_object("/v1/coupons", [_shown(context, body) for body in found], more), "_type": KIND}


def _field(name: str) -> Included:
    def value(context: Context, id: str) -> Any:
        body = context.objects.get(KIND, id)
        return body[name] if body else None

    return Included(value)


register(KIND, {name: _field(name) for name in _OMITTED}, render)

OPERATIONS = [
    post("/v1/coupons", create, CREATE),
    get("/v1/coupons", list_, LIST),
    get("/v1/coupons/{coupon}", retrieve),
    post("/v1/coupons/{coupon}", update, UPDATE),
    delete("/v1/coupons/{coupon}", delete_),
]
