"""Promotion code: what customers type for a coupon. https://docs.stripe.com/api/promotion_codes"""

from __future__ import annotations

import re
from typing import Any

from stripe_local.resources.shared import CREATED, NO_CUSTOMER_ACCOUNTS, existing, merge_metadata
from stripe_local.store.ids import new_id, random_text
from stripe_local.store.kinds import CUSTOMER, PROMOTION_CODE
from stripe_local.store.objects import Body, Where, equal, public
from stripe_local.wire.currencies import ByCurrency, Currency
from stripe_local.wire.errors import invalid, missing_param
from stripe_local.wire.expand import Included, Nested, Ref, register
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import PAGE, list_object, page, range_conditions
from stripe_local.wire.params import LATEST, Bool, Enum, Int, Metadata, Obj, Param, Str, Timestamp

from . import coupons

KIND = PROMOTION_CODE

_CODE = re.compile(r"[a-zA-Z0-9\-_]+")

_OPTIONS = ByCurrency(Obj({"minimum_amount": Int(minimum=1)}))
CREATE: dict[str, Param] = {
    "active": Bool(),
    "code": Str(500, clearable=False),
    "customer": Str(clearable=False),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "expires_at": Timestamp(),
    "max_redemptions": Int(minimum=1),
    "metadata": Metadata(),
    "promotion": Obj({"coupon": Str(clearable=False), "type": Enum("coupon", required=True)}, required=True),
    "restrictions": Obj(
        {
            "currency_options": _OPTIONS,
            "first_time_transaction": Bool(),
            "minimum_amount": Int(minimum=1),
            "minimum_amount_currency": Currency(),
        }
    ),
}
UPDATE: dict[str, Param] = {
    "active": Bool(),
    "metadata": Metadata(),
    "restrictions": Obj({"currency_options": _OPTIONS}),
}
LIST: dict[str, Param] = {
    "active": Bool(),
    "code": Str(),
    "coupon": Str(),
    "created": CREATED,
    "customer": Str(),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    **PAGE,
}


def _existing(context: Context) -> Body:
    return existing(context, KIND, "promotion code", context.path["promotion_code"], "promotion_code", in_path=True)


def _is_active(context: Context, body: Body) -> bool:
    return bool(body["_active_until"] > context.now)


def _rendered(context: Context, body: Body) -> Body:
    """The code as Stripe shows it: without the currency options, which have to be expanded."""
    restrictions = {name: value for name, value in body["restrictions"].items() if name != "currency_options"}
    return {**public(body), "active": _is_active(context, body), "restrictions": restrictions}


def render(context: Context, id: str) -> Body:
    """The code with this id."""
    return _rendered(context, existing(context, KIND, "promotion code", id, "promotion_code", in_path=True))


def with_code(context: Context, code: str, customer: str | None) -> Body | None:
    """The active code that customers type so: one of their own, or one for everybody."""
    found = context.objects.find(KIND, [equal("_code", code.lower()), Where("_active_until", ">", context.now)])
    found = [body for body in found if body["customer"] in (None, customer)]
    return max(found, key=lambda body: body["customer"] is not None, default=None)


def redeem(context: Context, id: str, param: str, customer: str, currency: str, worth: int | None, what: str) -> Body:
    """Use the code once more for what is `worth` so much; `what` cannot have a minimum where that is None. Raises StripeError."""
    body = existing(context, KIND, "promotion code", id, param)
    restrictions = body["restrictions"]
    if not _is_active(context, body):
        raise invalid("This promotion code cannot be redeemed because it is not active.", param)
    if body["customer"] not in (None, customer):
        raise invalid("This promotion code cannot be redeemed because it belongs to another customer.", param)
    if restrictions["first_time_transaction"] and context.objects.exists("invoice", equal("customer", customer)):
        raise invalid("This promotion code cannot be redeemed because the associated customer has prior transactions.", param)
    if worth is None:
        check_place(body, param, what)
    elif restrictions["currency_options"]:
        _check_minimum(restrictions["currency_options"].get(currency), param, currency, worth)
    if context.changes is None:  # a preview, which only reads
        return body
    body["times_redeemed"] += 1
    if body["times_redeemed"] == body["max_redemptions"]:
        body["_active_until"] = 0
    return context.objects.put(KIND, body)


def check_place(body: Body, param: str, what: str) -> None:
    """Raise StripeError for a code with a minimum on `what` may come to cost something else.

    https://docs.stripe.com/billing/subscriptions/coupons
    """
    if body["restrictions"]["currency_options"]:
        raise invalid(
            f"This promotion code cannot be redeemed on {what} because it uses the `minimum_amount` restriction and the amount "
            "may change.",
            param,
        )


def _check_minimum(option: Body | None, param: str, currency: str, worth: int) -> None:
    if option is None:
        raise invalid(f"This promotion code cannot be redeemed because it has no minimum amount in {currency}.", param)
    if worth < option["minimum_amount"]:
        raise invalid(
            f"This promotion code cannot be redeemed because it needs a minimum amount of {option['minimum_amount']} "
            f"{currency}, and this is {worth}.",
            param,
        )


def _check_code(code: str) -> None:
    if not _CODE.fullmatch(code):
        raise invalid(
            rf"This value must match the regex pattern. (/\A[a-zA-Z0-9\-_]+\z/ does not match for the value {code}).", "code"
        )


def _claim(context: Context, code: str, customer: str | None, id: str | None = None) -> None:
    for_whom = Where("customer", "is null", None) if customer is None else equal("customer", customer)
    holder = context.objects.first(KIND, equal("_code", code.lower()), Where("_active_until", ">", context.now), for_whom)
    if holder is not None and holder["id"] != id:
        raise invalid(f"An active promotion code with `code: {code}` already exists.")


def _check_coupon(context: Context, coupon: Body, params: dict[str, Any]) -> None:
    """Raise StripeError where the code would outlast its coupon."""
    if not coupons.is_valid(context, coupon):
        raise invalid(f"Coupon expired: {coupon['id']}", "promotion[coupon]", "coupon_expired")
    if coupon["redeem_by"] is not None and params.get("expires_at", 0) > coupon["redeem_by"]:
        raise invalid("The promotion code cannot expire after its coupon's `redeem_by`.", "expires_at")
    if coupon["max_redemptions"] is not None and params.get("max_redemptions", 0) > coupon["max_redemptions"]:
        raise invalid("The promotion code cannot have more `max_redemptions` than its coupon.", "max_redemptions")


def _until(expires_at: int | None) -> int:
    return LATEST if expires_at is None else expires_at


def create(context: Context) -> Body:
    """`POST /v1/promotion_codes`."""
    params = context.params
    if "coupon" not in params["promotion"]:
        raise invalid("You must pass promotion.coupon when passing promotion", "promotion.coupon")
    coupon = existing(context, coupons.KIND, "coupon", params["promotion"]["coupon"], "promotion[coupon]")
    if params.get("customer"):
        existing(context, CUSTOMER, "customer", params["customer"], "customer")
    code = params.get("code") or random_text(8).upper()
    _check_code(code)
    coupons.check_expiry(context, params.get("expires_at"), "expires_at")
    _check_coupon(context, coupon, params)
    expires_at = params.get("expires_at", coupon["redeem_by"])
    if params.get("active", True):
        _claim(context, code, params.get("customer"))
    restrictions = params.get("restrictions", {})
    if ("minimum_amount" in restrictions) != ("minimum_amount_currency" in restrictions):
        needed = "minimum_amount_currency" if "minimum_amount" in restrictions else "minimum_amount"
        raise missing_param(f"restrictions[{needed}]")
    options = dict(restrictions.get("currency_options", {}))
    if "minimum_amount" in restrictions:
        options[restrictions["minimum_amount_currency"]] = {"minimum_amount": restrictions["minimum_amount"]}
    body: Body = {
        "id": new_id("promo"),
        "object": KIND,
        "code": code,
        "created": context.now,
        "customer": params.get("customer"),
        "customer_account": None,
        "expires_at": expires_at,
        "livemode": context.livemode,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": {},
        "promotion": {"coupon": coupon["id"], "type": "coupon"},
        "restrictions": {
            "currency_options": options,
            "first_time_transaction": restrictions.get("first_time_transaction", False),
            "minimum_amount": restrictions.get("minimum_amount"),
            "minimum_amount_currency": restrictions.get("minimum_amount_currency"),
        },
        "times_redeemed": 0,
        "_active_until": _until(expires_at) if params.get("active", True) else 0,
        "_code": code.lower(),
    }
    merge_metadata(body, params)
    return _rendered(context, context.objects.insert(KIND, body))


def retrieve(context: Context) -> Body:
    """`GET /v1/promotion_codes/{promotion_code}`."""
    return _rendered(context, _existing(context))


def update(context: Context) -> Body:
    """`POST /v1/promotion_codes/{promotion_code}`."""
    body = _existing(context)
    if context.params.get("active"):
        coupon = context.objects.get(coupons.KIND, body["promotion"]["coupon"])
        used_up = body["times_redeemed"] == body["max_redemptions"] or _until(body["expires_at"]) <= context.now
        if used_up or coupon is None or not coupons.is_valid(context, coupon):
            raise invalid("This promotion code has expired or is used up, or its coupon is, and cannot be activated.", "active")
        _claim(context, body["code"], body["customer"], body["id"])
    if "active" in context.params:
        body["_active_until"] = _until(body["expires_at"]) if context.params["active"] else 0
    body["restrictions"]["currency_options"].update(context.params.get("restrictions", {}).get("currency_options", {}))
    merge_metadata(body, context.params)
    return _rendered(context, context.objects.put(KIND, body))


def list_(context: Context) -> Body:
    """`GET /v1/promotion_codes`."""
    params = context.params
    # What does not exist cannot be listed by: recorded for 2026-08-26.dahlia.
    if params.get("coupon"):
        existing(context, coupons.KIND, "coupon", params["coupon"], "coupon")
    if params.get("customer"):
        existing(context, CUSTOMER, "customer", params["customer"], "customer")
    conditions = [equal("customer", params["customer"])] if "customer" in params else []
    if "active" in params:
        conditions.append(Where("_active_until", ">" if params["active"] else "<=", context.now))
    if params.get("code"):
        conditions.append(equal("_code", params["code"].lower()))
    if params.get("coupon"):
        conditions.append(equal("promotion.coupon", params["coupon"]))
    conditions += range_conditions("created", params.get("created"))
    found, more = page(context.objects, KIND, "promotion code", params, conditions)
    return {**list_object("/v1/promotion_codes", [_rendered(context, body) for body in found], more), "_type": KIND}


def _currency_options(context: Context, id: str) -> Any:
    body = context.objects.get(KIND, id)
    return body["restrictions"]["currency_options"] if body else None


register(
    KIND,
    {
        "customer": Ref("customer"),
        "promotion": Nested("promotion"),
        "promotion.coupon": Ref("coupon"),
        "restrictions.currency_options": Included(_currency_options),
    },
    render,
)

OPERATIONS = [
    post("/v1/promotion_codes", create, CREATE),
    get("/v1/promotion_codes", list_, LIST),
    get("/v1/promotion_codes/{promotion_code}", retrieve),
    post("/v1/promotion_codes/{promotion_code}", update, UPDATE),
]
