"""Payment method configuration: which payment methods customers are shown. https://docs.stripe.com/api/payment_method_configurations

Configurations are kept, and customers pay by card. Every payment method can be used by this account, so that those that are
on are available; at Stripe that depends on the account's country and capabilities. As at Stripe there is one configuration
from the start, `DEFAULT`; it is stored before the first change, and shown as it will be stored until then.
"""

from __future__ import annotations

from typing import Any

from stripe_local.resources.shared import NO_CONNECT, copy, existing
from stripe_local.store.ids import new_id
from stripe_local.store.objects import Body, Condition, Where, equal, public
from stripe_local.wire.errors import invalid, missing_param
from stripe_local.wire.expand import register
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import PAGE, list_object, page
from stripe_local.wire.params import Bool, Enum, Obj, Param, Refused, Str

KIND = "payment_method_configuration"
DEFAULT = "pmc_local_default"
_URL = "/v1/payment_method_configurations"

_NAMES = """
    acss_debit affirm afterpay_clearpay alipay alma amazon_pay apple_pay au_becs_debit bacs_debit bancontact billie bizum blik
    boleto card cartes_bancaires cashapp crypto customer_balance eps fpx giropay google_pay grabpay ideal jcb kakao_pay klarna
    konbini kr_card link mb_way mobilepay multibanco naver_pay nz_bank_account oxxo p24 pay_by_bank payco paynow paypal paypay
    payto pix promptpay revolut_pay samsung_pay satispay scalapay sepa_debit sequra sofort sunbit swish twint upi
    us_bank_account wechat_pay zip
"""
_METHODS = _NAMES.split()
_ON = ("apple_pay", "card", "google_pay", "link")
"""What is on in the default configuration of Stripe's examples, and here where the preference is `none`."""

_METHOD = Obj({"display_preference": Obj({"preference": Enum("none", "off", "on")})})
_SHARED: dict[str, Param] = {
    **dict.fromkeys(_METHODS, _METHOD),
    "apple_pay_later": Refused("Apple ended it in 2024, and Stripe's answers do not show it."),
    "fr_meal_voucher_conecs": Refused("it is for accounts in France, and Stripe's answers do not show it."),
    "name": Str(100, clearable=False),
}
CREATE: dict[str, Param] = {**_SHARED, "parent": NO_CONNECT}
UPDATE: dict[str, Param] = {**_SHARED, "active": Bool()}
LIST: dict[str, Param] = {"active": Bool(), "application": Str(100), **PAGE}


def _method(name: str, preference: str) -> Body:
    value = preference
    if preference == "none":
        value = "on" if name in _ON else "off"
    shown = {"overridable": None, "preference": preference, "value": value}
    return {"available": value == "on", "display_preference": shown}


def _new(context: Context, id: str, name: str, *, is_default: bool) -> Body:
    body: Body = {
        "id": id,
        "object": KIND,
        "active": True,
        "application": None,
        "is_default": is_default,
        "livemode": context.livemode,
        "name": name,
        "parent": None,
    }
    for method in _METHODS:
        body[method] = _method(method, ("on" if method in _ON else "off") if is_default else "none")
    return body


def _default(context: Context) -> Body:
    return _new(context, DEFAULT, "Default", is_default=True)


def _is_stored(context: Context) -> bool:
    return context.objects.exists(KIND, equal("id", DEFAULT))


def _store_default(context: Context) -> None:
    if not _is_stored(context):
        context.objects.insert(KIND, _default(context))


def _existing(context: Context) -> Body:
    id = context.path["configuration"]
    if id == DEFAULT and not _is_stored(context):
        return _default(context)
    return existing(context, KIND, "payment_method_configuration", id, "configuration", in_path=True)


def _apply(body: Body, params: dict[str, Any]) -> None:
    copy(body, params, "active", "name")
    for method in _METHODS:
        preference = params.get(method, {}).get("display_preference", {}).get("preference")
        if preference is not None:
            body[method] = _method(method, preference)


def create(context: Context) -> Body:
    """`POST /v1/payment_method_configurations`."""
    params = context.params
    if "name" not in params:
        raise missing_param("name")
    _store_default(context)
    body = _new(context, new_id("pmc"), params["name"], is_default=False)
    _apply(body, params)
    return public(context.objects.insert(KIND, body))


def retrieve(context: Context) -> Body:
    """`GET /v1/payment_method_configurations/{configuration}`."""
    return public(_existing(context))


def update(context: Context) -> Body:
    """`POST /v1/payment_method_configurations/{configuration}`: preferences that are not sent stay."""
    _store_default(context)
    body = _existing(context)
    if body["is_default"] and context.params.get("active") is False:
        # That the default is in use whenever none is named is Stripe's; that it refuses this, and the words, are ours.
        raise invalid("The default configuration cannot be deactivated.", "active")
    _apply(body, context.params)
    return public(context.objects.put(KIND, body))


def list_(context: Context) -> Body:
    """`GET /v1/payment_method_configurations`."""
    params = context.params
    conditions: list[Condition] = [equal("active", params["active"])] if "active" in params else []
    if "application" in params:
        application = params["application"]
        conditions.append(equal("application", application) if application else Where("application", "is null", None))
    if _is_stored(context):
        found, more = page(context.objects, KIND, "payment_method_configuration", params, conditions)
    else:
        shown = params.get("active", True) and not params.get("application")
        found, more = [_default(context)] if shown else [], False
    return {**list_object(_URL, [public(body) for body in found], more), "_type": KIND}


register(KIND, {})

OPERATIONS = [
    post(_URL, create, CREATE),
    get(_URL, list_, LIST),
    get(f"{_URL}/{{configuration}}", retrieve),
    post(f"{_URL}/{{configuration}}", update, UPDATE),
]
