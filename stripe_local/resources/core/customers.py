"""Customer: who is billed. https://docs.stripe.com/api/customers"""

from __future__ import annotations

import re
from typing import Any

from stripe_local.resources import clocks
from stripe_local.resources.billing import customer_balance, discounts, new_customer, tax_ids
from stripe_local.resources.payment_methods import payment_methods
from stripe_local.resources.shared import (
    ADDRESS,
    CREATED,
    CUSTOM_FIELDS,
    NO_SOURCES,
    SHIPPING,
    copy,
    deleted,
    existing,
    merge_metadata,
)
from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body, Where, equal, public
from stripe_local.wire.errors import invalid
from stripe_local.wire.expand import Included, Nested, Ref, Unavailable, register
from stripe_local.wire.operation import Context, delete, get, post
from stripe_local.wire.pagination import PAGE, SEARCH, list_object, page, range_conditions
from stripe_local.wire.params import Enum, Int, ListOf, Metadata, Obj, Param, Refused, Str
from stripe_local.wire.search import search

_MUTABLE: dict[str, Param] = {
    "address": ADDRESS,
    "balance": Int(),
    "business_name": Str(150),
    "cash_balance": Obj({"settings": Obj({"reconciliation_mode": Enum("automatic", "manual", "merchant_default")})}),
    "description": Str(),
    "email": Str(512),
    "individual_name": Str(150),
    "invoice_prefix": Str(clearable=False),
    "invoice_settings": Obj(
        {
            "custom_fields": CUSTOM_FIELDS,
            "default_payment_method": Str(),
            "footer": Str(),
            "rendering_options": Obj(
                {
                    "amount_tax_display": Enum("exclude_tax", "include_inclusive_tax", clearable=True),
                    "template": Str(),
                },
                clearable=True,
            ),
        }
    ),
    "metadata": Metadata(),
    "name": Str(256),
    "next_invoice_sequence": Int(minimum=1),
    "phone": Str(20),
    "preferred_locales": ListOf(Str(), clearable=True),
    "shipping": SHIPPING,
    "source": NO_SOURCES,
    "tax_exempt": Enum("exempt", "none", "reverse", clearable=True),
    "validate": Refused("it belongs to payment sources, which do not exist here."),
}
_NO_LOCATIONS = {"immediately": "tax is not computed here, so no location is known to be right or wrong."}
CREATE: dict[str, Param] = {
    **_MUTABLE,
    "payment_method": Str(),
    "tax": Obj({"ip_address": Str(), "validate_location": Enum("deferred", "immediately", refused=_NO_LOCATIONS)}),
    "tax_id_data": ListOf(Obj(tax_ids.TAX_ID), max_items=5),
    "test_clock": Str(clearable=False),
}
UPDATE: dict[str, Param] = {
    **_MUTABLE,
    **dict.fromkeys(("bank_account", "card", "default_alipay_account", "default_bank_account", "default_card"), NO_SOURCES),
    "default_source": NO_SOURCES,
    "tax": Obj({"ip_address": Str(), "validate_location": Enum("auto", "deferred", "immediately", refused=_NO_LOCATIONS)}),
}
LIST: dict[str, Param] = {"created": CREATED, "email": Str(512), "test_clock": Str(clearable=False), **PAGE}

_PLAIN = (
    "business_name",
    "description",
    "email",
    "individual_name",
    "invoice_prefix",
    "name",
    "next_invoice_sequence",
    "phone",
)
_PREFIX = re.compile(r"[A-Z0-9]{3,12}\Z")
_OF_A_CLOCK = 3
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")


def render(context: Context, id: str) -> Body:
    """The customer as Stripe shows it; a deleted one is an id and `deleted`."""
    body = context.objects.get(CUSTOMER, id)
    return public(body) if body else deleted(CUSTOMER, id)


def _apply(context: Context, body: Body, params: dict[str, Any]) -> None:
    if params.get("invoice_prefix") and not _PREFIX.match(params["invoice_prefix"]):
        raise invalid("Invalid invoice_prefix: it must be 3 to 12 uppercase letters or numbers.", "invoice_prefix")
    if params.get("email") and not _EMAIL.match(params["email"]):
        raise invalid(f"Invalid email address: {params['email']}", "email", "email_invalid")
    copy(body, params, *_PLAIN)
    change = params.get("balance", body["balance"]) - body["balance"]
    if change:
        customer_balance.change(context, body, change, "adjustment", context.now)
    new_customer.detail(body, params)
    if "preferred_locales" in params:
        body["preferred_locales"] = params["preferred_locales"] or []
    settings = dict(params.get("invoice_settings", {}))
    if settings.get("default_payment_method"):
        settings["default_payment_method"] = payment_methods.attach(
            context, body["id"], settings["default_payment_method"], "invoice_settings[default_payment_method]"
        )
    if settings.get("rendering_options"):
        options = settings["rendering_options"]
        settings["rendering_options"] = {name: options.get(name) for name in ("amount_tax_display", "template")}
    body["invoice_settings"].update(settings)
    cash = params.get("cash_balance", {}).get("settings", {})
    body["_cash_balance"] = cash.get("reconciliation_mode", body["_cash_balance"])
    merge_metadata(body, params)


def _clock(context: Context) -> str | None:
    """The test clock under which a new customer is to be. Raises StripeError."""
    id = clocks.given(context)
    if id is not None and len(context.objects.find(CUSTOMER, [equal("test_clock", id)], limit=_OF_A_CLOCK)) >= _OF_A_CLOCK:
        raise invalid(
            f"You already have the maximum number ({_OF_A_CLOCK}) of customers allowed on this test clock.", "test_clock"
        )
    return id


def create(context: Context) -> Body:
    """`POST /v1/customers`: nothing is required."""
    params = context.params
    clock = _clock(context)
    body = new_customer.blank(context, clock)
    if params.get("payment_method"):
        payment_methods.attach(context, body["id"], params["payment_method"], "payment_method", joins=True)
    _apply(context, body, params)
    context.objects.insert(CUSTOMER, body)
    for wanted in params.get("tax_id_data", []):
        tax_ids.make(context, body["id"], wanted)
    return public(body)


def retrieve(context: Context) -> Body:
    """`GET /v1/customers/{customer}`: a deleted customer is answered with `deleted: true`."""
    body = context.objects.get(CUSTOMER, context.path["customer"])
    if body is not None and body.get("deleted"):
        return public(body)
    return public(existing(context, CUSTOMER, "customer", context.path["customer"], "id", in_path=True))


def update(context: Context) -> Body:
    """`POST /v1/customers/{customer}`."""
    body = existing(context, CUSTOMER, "customer", context.path["customer"], "id", in_path=True)
    _apply(context, body, context.params)
    return public(context.objects.put(CUSTOMER, body))


def delete_(context: Context) -> Body:
    """`DELETE /v1/customers/{customer}`: for good, and cancels its subscriptions at once."""
    return remove(context, existing(context, CUSTOMER, "customer", context.path["customer"], "id", in_path=True))


def remove(context: Context, body: Body) -> Body:
    """Delete a customer; what is left of them, such as invoices, stays under their test clock."""
    from stripe_local.resources.billing import subscriptions

    subscriptions.cancel_all_of(context, body["id"])
    gone = deleted(CUSTOMER, body["id"])
    context.objects.put(CUSTOMER, {**gone, "_test_clock": body["test_clock"]} if body["test_clock"] else gone)
    return gone


def discount(context: Context) -> Body:
    """`GET /v1/customers/{customer}/discount`."""
    body = existing(context, CUSTOMER, "customer", context.path["customer"], "customer", in_path=True)
    return body["discount"] or discounts.removed(None, "customer", body["id"])


def delete_discount(context: Context) -> Body:
    """`DELETE /v1/customers/{customer}/discount`."""
    body = existing(context, CUSTOMER, "customer", context.path["customer"], "customer", in_path=True)
    gone = discounts.removed(body["discount"], "customer", body["id"])
    context.objects.put(CUSTOMER, {**body, "discount": None})
    return gone


def list_(context: Context) -> Body:
    """`GET /v1/customers`."""
    params = context.params
    clocks.given(context)
    conditions = [Where("deleted", "is null", None), clocks.listed_here(context)]
    if "email" in params:
        conditions.append(equal("email", params["email"]))
    conditions += range_conditions("created", params.get("created"))
    found, more = page(context.objects, CUSTOMER, "customer", params, conditions)
    return {**list_object("/v1/customers", [public(body) for body in found], more), "_type": CUSTOMER}


def search_(context: Context) -> Body:
    """`GET /v1/customers/search`."""
    return search(context, CUSTOMER, "/v1/customers/search", public)


def _subscriptions(context: Context, id: str) -> Body:
    from stripe_local.resources.billing import subscriptions

    found = context.objects.find(
        subscriptions.KIND,
        [equal("customer", id), Where("status", "!=", "canceled")],
        newest_first=True,
    )
    data = [subscriptions.render(context, body["id"]) for body in found]
    return {
        **list_object(f"/v1/customers/{id}/subscriptions", data, False),
        "total_count": len(data),
    }


def _tax_ids(context: Context, id: str) -> Body:
    return list_object(f"/v1/customers/{id}/tax_ids", [public(body) for body in tax_ids.of_customer(context, id)], False)


def _tax(context: Context, id: str) -> Body:
    body = existing(context, CUSTOMER, "customer", id, "customer")
    # Tax is not computed here, so no location is ever recognised.
    return {
        "automatic_tax": "unrecognized_location",
        "ip_address": body["_tax"]["ip_address"],
        "location": None,
        "provider": "stripe",
    }


def _cash_balance(context: Context, id: str) -> Body:
    mode = existing(context, CUSTOMER, "customer", id, "customer")["_cash_balance"]
    by_default = mode == "merchant_default"
    return {
        "object": "cash_balance",
        "available": None,
        "customer": id,
        "customer_account": None,
        "livemode": context.livemode,
        "settings": {"reconciliation_mode": "automatic" if by_default else mode, "using_merchant_default": by_default},
    }


def _sources(context: Context, id: str) -> Body:
    return list_object(f"/v1/customers/{id}/sources", [], False)


INDEXED = {CUSTOMER: ("email", "test_clock")}

register(
    CUSTOMER,
    {
        "cash_balance": Included(_cash_balance),
        "default_source": Unavailable(),
        "discount": Nested("discount"),
        "invoice_settings": Nested("invoice_settings"),
        "invoice_settings.default_payment_method": Ref("payment_method"),
        "sources": Included(_sources),
        "sources.data": Unavailable(),
        "subscriptions": Included(_subscriptions, of="subscription"),
        "tax": Included(_tax),
        "tax_ids": Included(_tax_ids, of=tax_ids.KIND),
        "test_clock": Ref(clocks.KIND),
    },
    render,
)

OPERATIONS = [
    post("/v1/customers", create, CREATE),
    get("/v1/customers", list_, LIST),
    get("/v1/customers/search", search_, SEARCH),
    get("/v1/customers/{customer}", retrieve),
    post("/v1/customers/{customer}", update, UPDATE),
    delete("/v1/customers/{customer}", delete_),
    get("/v1/customers/{customer}/discount", discount),
    delete("/v1/customers/{customer}/discount", delete_discount),
]
