"""Payment method: Stripe's test cards, such as `pm_card_visa`. https://docs.stripe.com/api/payment_methods

As at Stripe, naming a test card makes a copy with an id of its own. What comes of charging it is in `test_cards`.
"""

from __future__ import annotations

from typing import Any

from stripe_local.resources.shared import ADDRESS, NO_CUSTOMER_ACCOUNTS, deleted, existing, merge_metadata
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER, INVOICE, SUBSCRIPTION
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import StripeError, exclusive_params, invalid, missing_param, no_such, not_supported
from stripe_local.wire.expand import Ref, register, unavailable
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import PAGE, list_object, page
from stripe_local.wire.params import AnyWord, Enum, Int, Metadata, Obj, Param, Refused, Str

from . import test_cards
from .test_cards import Card

KIND = "payment_method"

CARDS = {"pm_card_visa": "Visa", "pm_card_mastercard": "Mastercard", "pm_card_amex": "American Express"}
"""The test cards of the pages, and what people call them."""

_ONLY_CARDS = Refused("only test cards are emulated.")
_OTHER_TYPES = (
    *("acss_debit", "affirm", "afterpay_clearpay", "alipay", "alma", "amazon_pay", "au_becs_debit", "bacs_debit", "bancontact"),
    *("billie", "bizum", "blik", "boleto", "cashapp", "crypto", "custom", "customer_balance", "eps", "fpx", "giropay", "grabpay"),
    *("ideal", "interac_present", "kakao_pay", "klarna", "konbini", "kr_card", "link", "mb_way", "mobilepay", "multibanco"),
    *("naver_pay", "nz_bank_account", "oxxo", "p24", "pay_by_bank", "payco", "paynow", "paypal", "paypay", "payto", "pix"),
    *("promptpay", "revolut_pay", "samsung_pay", "satispay", "scalapay", "sepa_debit", "sequra", "sofort", "sunbit", "swish"),
    *("twint", "upi", "us_bank_account", "wechat_pay", "zip"),
)
_DETAILS = Obj({"address": ADDRESS, "email": Str(512), "name": Str(), "phone": Str(20), "tax_id": Str()})
_REDISPLAY = Enum("always", "limited", "unspecified")
_NETWORKS = Obj({"preferred": Enum("cartes_bancaires", "mastercard", "visa")}, clearable=True)
_CARD: dict[str, Param] = {
    "cvc": Str(),
    "exp_month": Int(),
    "exp_year": Int(),
    "networks": _NETWORKS,
    "number": Str(clearable=False),
    "token": Str(clearable=False),
}
CREATE: dict[str, Param] = {
    **dict.fromkeys(_OTHER_TYPES, _ONLY_CARDS),
    "allow_redisplay": _REDISPLAY,
    "billing_details": _DETAILS,
    "card": Obj(_CARD),
    "customer": Refused("no connected account shares payment methods here."),
    "metadata": Metadata(),
    "payment_method": Refused("no connected account shares payment methods here."),
    "radar_options": Refused("there is no Radar here."),
    "type": AnyWord(),
}
UPDATE: dict[str, Param] = {
    "allow_redisplay": _REDISPLAY,
    "billing_details": _DETAILS,
    "card": Obj({"exp_month": Int(), "exp_year": Int(), "networks": _NETWORKS}),
    "metadata": Metadata(),
    "us_bank_account": _ONLY_CARDS,
}
ATTACH: dict[str, Param] = {"customer": Str(clearable=False), "customer_account": NO_CUSTOMER_ACCOUNTS}
LIST: dict[str, Param] = {
    "allow_redisplay": _REDISPLAY,
    "customer": Str(),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "type": AnyWord(),
    **PAGE,
}
LIST_OF_CUSTOMER: dict[str, Param] = {"allow_redisplay": _REDISPLAY, "type": AnyWord(), **PAGE}


def _new(context: Context, name: str, card: Card, customer: str | None) -> Body:
    return {
        "id": new_id("pm"),
        "object": KIND,
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "unchecked" if customer is None else "pass",
            },
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": f"local{card.number[-11:]}",
            "funding": card.funding,
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": context.now,
        "customer": customer,
        "customer_account": None,
        "livemode": context.livemode,
        "metadata": {},
        "type": "card",
        "_test_card": name,
    }


def attach(context: Context, customer: str, id: str, param: str, *, joins: bool = False) -> str:
    """The id of the payment method attached to the customer: itself, or a new copy of a test card. Raises StripeError.

    One that is nobody's yet `joins` the customer only where Stripe attaches it.
    """
    card = test_cards.named(id) if id.startswith("pm_card_") else None
    if card is not None:
        there = context.objects.first(KIND, equal("customer", customer), equal("_test_card", id))
        if there is not None:
            return str(there["id"])
        _check(card)
        return str(context.objects.insert(KIND, _new(context, id, card, customer))["id"])
    body = context.objects.get(KIND, id)
    if body is None:
        raise no_such("PaymentMethod", id, param)
    if joins and body["customer"] is None:
        _join(context, body, customer)
    if body["customer"] != customer:
        raise invalid(
            f"The customer does not have a payment method with the ID {id}. The payment method must be attached to the customer.",
            param,
            "resource_missing",
        )
    return id


def _check(card: Card) -> None:
    """Stripe holds a card against its bank before a customer has it. Raises StripeError (402)."""
    if card.decline is not None and not card.attaches:
        error = card.decline.error()
        error.param = ""  # recorded
        raise error


def _join(context: Context, body: Body, customer: str) -> Body:
    """Attach a payment method that is nobody's yet. Raises StripeError (402)."""
    _check(card_of(body))
    body["customer"] = customer
    body["card"]["checks"] = {**(body["card"]["checks"] or {}), "cvc_check": "pass"}
    return context.objects.put(KIND, body)


def card_of(body: Body) -> Card:
    """The test card that a payment method is a copy of."""
    card = test_cards.named(body["_test_card"])
    assert card is not None, body["_test_card"]
    return card


def _existing(context: Context) -> Body:
    """The payment method that the path names; a test card is copied first. Raises a 404."""
    id = context.path["payment_method"]
    card = test_cards.named(id) if id.startswith("pm_card_") else None
    if card is not None:
        return context.objects.insert(KIND, _new(context, id, card, None))
    return existing(context, KIND, "PaymentMethod", id, "payment_method", in_path=True)


def _apply(context: Context, body: Body, params: dict[str, Any]) -> None:
    test_cards.check_details(params.get("card", {}), context.now)
    details = params.get("billing_details", {})
    for name, value in details.items():
        body["billing_details"][name] = value if name != "address" else {**body["billing_details"]["address"], **(value or {})}
    for name in ("exp_month", "exp_year"):
        if name in params.get("card", {}):
            body["card"][name] = test_cards.full_year(params["card"][name]) if name == "exp_year" else params["card"][name]
    if "networks" in params.get("card", {}):
        body["card"]["networks"]["preferred"] = (params["card"]["networks"] or {}).get("preferred")
    body["allow_redisplay"] = params.get("allow_redisplay", body["allow_redisplay"])
    merge_metadata(body, params)


def create(context: Context) -> Body:
    """`POST /v1/payment_methods`: a test card, by its number or its token."""
    params = context.params
    if params.get("type") is None:
        raise missing_param("type")
    if params["type"] != "card":
        raise not_supported("type", _ONLY_CARDS.reason)
    given = [name for name in ("number", "token") if name in params.get("card", {})]
    if len(given) > 1:
        raise exclusive_params("card[number]", "card[token]")
    if not given:
        raise missing_param("card[number]")
    value = params["card"][given[0]]
    name = test_cards.numbered(value) if given == ["number"] else f"pm_card_{value.removeprefix('tok_')}"
    card = test_cards.named(name) if name is not None else None
    if card is None and given == ["token"]:
        raise no_such("token", value, "card[token]")
    if card is None or name is None:
        raise test_cards.unknown(value)
    if given == ["number"]:
        for part in ("exp_month", "exp_year"):
            if part not in params["card"]:
                raise missing_param(f"card[{part}]")
    body = _new(context, name, card, None)
    _apply(context, body, params)
    return public(context.objects.insert(KIND, body))


def retrieve(context: Context) -> Body:
    """`GET /v1/payment_methods/{payment_method}`."""
    id = context.path["payment_method"]
    return public(existing(context, KIND, "PaymentMethod", id, "payment_method", in_path=True))


def update(context: Context) -> Body:
    """`POST /v1/payment_methods/{payment_method}`."""
    body = _existing(context)
    if body["customer"] is None:
        raise invalid("You must save this PaymentMethod to a customer before you can update it.")
    _apply(context, body, context.params)
    return public(context.objects.put(KIND, body))


def attach_(context: Context) -> Body:
    """`POST /v1/payment_methods/{payment_method}/attach`."""
    if "customer" not in context.params:
        raise missing_param("customer")
    customer, body = context.params["customer"], _existing(context)
    existing(context, CUSTOMER, "customer", customer, "customer")
    if body["customer"] not in (None, customer):
        raise invalid("The payment method you provided has already been attached to a customer.")
    return public(_join(context, body, customer))


def detach(context: Context) -> Body:
    """`POST /v1/payment_methods/{payment_method}/detach`: from its customer, and from all that would be charged to it."""
    body = _existing(context)
    if body["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer so detachment is impossible.")
    customer = context.objects.get(CUSTOMER, body["customer"])
    if customer and not customer.get("deleted") and customer["invoice_settings"]["default_payment_method"] == body["id"]:
        customer["invoice_settings"]["default_payment_method"] = None
        context.objects.put(CUSTOMER, customer)
    for kind in (SUBSCRIPTION, INVOICE):
        for holder in context.objects.find(kind, [equal("customer", body["customer"])]):
            if holder["default_payment_method"] == body["id"]:
                holder["default_payment_method"] = None
                context.objects.put(kind, holder)
    body["customer"] = None
    return public(context.objects.put(KIND, body))


def _list(context: Context, customer: str | None, url: str) -> Body:
    params = context.params
    conditions = [equal("customer", customer)] if customer else []
    conditions += [equal(name, params[name]) for name in ("allow_redisplay", "type") if params.get(name)]
    found, more = page(context.objects, KIND, "PaymentMethod", params, conditions)
    return {**list_object(url, [public(body) for body in found], more), "_type": KIND}


def list_(context: Context) -> Body:
    """`GET /v1/payment_methods`."""
    customer = context.params.get("customer")
    if customer:
        existing(context, CUSTOMER, "customer", customer, "customer")
    return _list(context, customer, "/v1/payment_methods")


def list_of_customer(context: Context) -> Body:
    """`GET /v1/customers/{customer}/payment_methods`."""
    customer = existing(context, CUSTOMER, "customer", context.path["customer"], "id", in_path=True)["id"]
    return _list(context, customer, f"/v1/customers/{customer}/payment_methods")


def retrieve_of_customer(context: Context) -> Body:
    """`GET /v1/customers/{customer}/payment_methods/{payment_method}`."""
    body = existing(context, KIND, "PaymentMethod", context.path["payment_method"], "payment_method", in_path=True)
    if body["customer"] != context.path["customer"]:
        raise StripeError("Invalid request", status=404, param="customer")  # recorded
    return public(body)


def render(context: Context, id: str) -> Body:
    """The payment method, in brief."""
    body = context.objects.get(KIND, id)
    return public(body) if body else deleted(KIND, id)


INDEXED = {KIND: ("customer",)}

register(
    KIND,
    {
        "customer": Ref("customer"),
        **unavailable(
            "card.generated_from.setup_attempt",
            "sepa_debit.generated_from.charge",
            "sepa_debit.generated_from.setup_attempt",
        ),
    },
    render,
)

OPERATIONS = [
    post("/v1/payment_methods", create, CREATE),
    get("/v1/payment_methods", list_, LIST),
    get("/v1/payment_methods/{payment_method}", retrieve),
    post("/v1/payment_methods/{payment_method}", update, UPDATE),
    post("/v1/payment_methods/{payment_method}/attach", attach_, ATTACH),
    post("/v1/payment_methods/{payment_method}/detach", detach),
    get("/v1/customers/{customer}/payment_methods", list_of_customer, LIST_OF_CUSTOMER),
    get("/v1/customers/{customer}/payment_methods/{payment_method}", retrieve_of_customer),
]
