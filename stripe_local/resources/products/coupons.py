"""Coupon: a discount that can be given. https://docs.stripe.com/api/coupons"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from stripe_local.calculation import periods
from stripe_local.resources.shared import CREATED, copy, deleted, existing, merge_metadata
from stripe_local.store.ids import random_text
from stripe_local.store.kinds import PRODUCT, PROMOTION_CODE
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.currencies import ByCurrency, Currency
from stripe_local.wire.errors import exclusive_params, invalid
from stripe_local.wire.expand import Included, register
from stripe_local.wire.operation import Context, delete, get, post
from stripe_local.wire.pagination import PAGE, list_object, page, range_conditions
from stripe_local.wire.params import Enum, Int, ListOf, Metadata, Number, Obj, Param, Str, Timestamp

KIND = "coupon"
_GONE = "deleted_coupon"

_OPTIONS = ByCurrency(Obj({"amount_off": Int(required=True, minimum=1)}))
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
    "percent_off": Number(),
    "redeem_by": Timestamp(),
}
UPDATE: dict[str, Param] = {"currency_options": _OPTIONS, "metadata": Metadata(), "name": Str(40)}
LIST: dict[str, Param] = {"created": CREATED, **PAGE}

_OMITTED = ("applies_to", "currency_options")
_LEAST_PERCENT, _MOST_PERCENT = Decimal("0.01"), 100
_MOST_YEARS = 5


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
    """The coupon as Stripe shows it; a deleted one as it was, in the discounts and promotion codes that it has made."""
    body = context.objects.get(KIND, id)
    if body is not None:
        return _shown(context, body)
    gone = context.objects.get(_GONE, _gone(id))
    return deleted(KIND, id) if gone is None else {**_shown(context, gone), "id": id, "valid": False}


def _gone(id: str) -> str:
    """What is left of a deleted coupon has an id of its own: another coupon may be made with the coupon's."""
    return f"{_GONE}_{id}"


def _check(context: Context, params: dict[str, Any]) -> None:
    """Raise StripeError in Stripe's words, as recorded for 2026-08-26.dahlia."""
    amount, percent = params.get("amount_off"), params.get("percent_off")
    if amount is not None and percent is not None:
        raise invalid("Received both percent_off and amount_off parameters. Please pass in only one.")
    if amount is None and percent is None:
        raise invalid("Must provide percent_off or amount_off.", code="parameter_missing")
    if amount is not None and "currency" not in params:
        raise invalid("You must pass currency when passing amount_off", "currency")
    repeating, months = params.get("duration") == "repeating", params.get("duration_in_months")
    if repeating and months is None:
        raise invalid("The duration_in_months param must be set when creating a coupon with a repeating duration", "duration")
    if months is not None and not repeating:
        raise invalid("The duration_in_months param can only be set for a repeating duration", "duration_in_months")
    if percent is not None and not _LEAST_PERCENT <= percent <= _MOST_PERCENT:
        bound = (
            f"greater than or equal to {_LEAST_PERCENT}" if percent < _LEAST_PERCENT else f"less than or equal to {_MOST_PERCENT}"
        )
        raise invalid(f"This value must be {bound} (it currently is '{float(percent)}').", "percent_off")
    if percent is not None and params.get("currency_options"):
        raise exclusive_params("currency_options", "percent_off")
    check_expiry(context, params.get("redeem_by"), "redeem_by")
    for index, product in enumerate(params.get("applies_to", {}).get("products", [])):
        existing(context, PRODUCT, "product", product, f"applies_to[products][{index}]")


def check_expiry(context: Context, at: int | None, param: str) -> None:
    """Raise StripeError where a coupon, or one of its promotion codes, would end in the past, or in more than five years."""
    if at is None:
        return
    if at <= context.now:
        raise invalid(
            f"The parameter `{param}` expects a unix timestamp representing a date and time in the future. You specified the "
            f"value `{at}` which is in the past.",
            param,
        )
    if at > periods.after(context.now, "year", _MOST_YEARS):
        raise invalid("Invalid timestamp: can be no more than five years in the future.", param)


def _set_options(body: Body, options: dict[str, Any]) -> None:
    if body["currency"] in options:
        raise invalid(
            f"The currency option {body['currency']} is the coupon's own currency.", f"currency_options[{body['currency']}]"
        )
    body["currency_options"] |= options


def create(context: Context) -> Body:
    """`POST /v1/coupons`."""
    params = context.params
    _check(context, params)
    id = params.get("id") or random_text(8)
    if context.objects.get(KIND, id) is not None:
        raise invalid("Coupon already exists.", code="resource_already_exists")
    if context.objects.get(_GONE, _gone(id)) is not None:
        context.objects.remove(_GONE, _gone(id))
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
    context.objects.insert(_GONE, {**body, "id": _gone(body["id"])})
    return deleted(KIND, body["id"])


def list_(context: Context) -> Body:
    """`GET /v1/coupons`."""
    conditions = range_conditions("created", context.params.get("created"))
    found, more = page(context.objects, KIND, "coupon", context.params, conditions)
    return {**list_object("/v1/coupons", [_shown(context, body) for body in found], more), "_type": KIND}


def _field(name: str) -> Included:
    def value(context: Context, id: str) -> Any:
        body = context.objects.get(KIND, id) or context.objects.get(_GONE, _gone(id))
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
