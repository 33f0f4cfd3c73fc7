"""Payment link: an address at which customers subscribe. https://docs.stripe.com/api/payment-link

Links are kept, with Stripe's rules for them; nothing answers at their addresses.
"""

from __future__ import annotations

from typing import Any

from stripe_local.resources.shared import copy, existing, merge_metadata
from stripe_local.store.ids import new_id, random_text
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import invalid, missing_param, no_such
from stripe_local.wire.expand import Included, register, unavailable
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import PAGE, list_object, page, page_of

from .payment_link_items import check_interval, currency_of, line_of, set_quantity, shown_line
from .payment_link_parameters import CREATE, LIST, UPDATE

KIND = "payment_link"
SHOWN_ITEMS = 10
"""How many line items come with the link; `GET /v1/payment_links/{id}/line_items` has the rest."""

_OMITTED = ("line_items",)
_PLAIN = ("active", "allow_promotion_codes", "billing_address_collection", "inactive_message", "payment_method_collection")


def _existing(context: Context) -> Body:
    return existing(context, KIND, "payment link", context.path["payment_link"], "payment_link", in_path=True)


def _lines(context: Context, id: str) -> Body:
    """The first line items, as `expand[]=line_items` gives them."""
    body = context.objects.get(KIND, id)
    lines = body["line_items"] if body else []
    shown = [shown_line(context, line) for line in lines[:SHOWN_ITEMS]]
    return list_object(f"/v1/payment_links/{id}/line_items", shown, len(lines) > SHOWN_ITEMS)


def _apply(body: Body, params: dict[str, Any]) -> None:
    copy(body, params, *_PLAIN)
    for name in ("restrictions", "name_collection", "phone_number_collection"):
        if name in params:
            body[name] = params[name]
    if params.get("restrictions"):
        body["restrictions"] = {"completed_sessions": {"count": 0, **params["restrictions"]["completed_sessions"]}}
    if "after_completion" in params:
        body["after_completion"] = _after_completion(params["after_completion"])
    if "automatic_tax" in params:
        body["automatic_tax"] = {"liability": None, **params["automatic_tax"]}
    if "consent_collection" in params:
        before = body["consent_collection"] or {
            "payment_method_reuse_agreement": None,
            "promotions": None,
            "terms_of_service": None,
        }
        body["consent_collection"] = {**before, **params["consent_collection"]}
    if "custom_text" in params:
        body["custom_text"].update(params["custom_text"])
    if "tax_id_collection" in params:
        body["tax_id_collection"] = {"required": "never", **params["tax_id_collection"]}
    if "submit_type" in params:
        body["submit_type"] = params["submit_type"]
        body["url"] = _url(body)
    _set_subscription_data(body, params.get("subscription_data", {}))
    merge_metadata(body, params)


def _after_completion(wanted: dict[str, Any]) -> Body:
    kind = wanted["type"]
    if kind == "redirect" and "redirect" not in wanted:
        raise missing_param("after_completion[redirect]")
    for other in ("hosted_confirmation", "redirect"):
        if other != kind and other in wanted:
            raise invalid(f"You cannot set `after_completion[{other}]` when the type is `{kind}`.", f"after_completion[{other}]")
    shown = {"hosted_confirmation": {"custom_message": None, **wanted.get("hosted_confirmation", {})}}
    return {"type": kind, **(shown if kind == "hosted_confirmation" else {"redirect": wanted["redirect"]})}


def _set_subscription_data(body: Body, wanted: dict[str, Any]) -> None:
    """Hashes are merged, but metadata is declarative: what is sent is all there is."""
    data = body["subscription_data"]
    for name, value in wanted.items():
        if name == "invoice_settings":
            data[name].update(value)
        elif name == "metadata":
            data[name] = {key: text for key, text in (value or {}).items() if text is not None}
        else:
            data[name] = value


def _url(body: Body) -> str:
    host = {"book": "book", "donate": "donate"}.get(body["submit_type"], "buy")
    return f"https://{host}.stripe.com/{'' if body['livemode'] else 'test_'}{body['_code']}"


def create(context: Context) -> Body:
    """`POST /v1/payment_links`."""
    params = context.params
    if not params["line_items"]:
        raise missing_param("line_items")
    lines = [line_of(context, wanted, f"line_items[{index}]") for index, wanted in enumerate(params["line_items"])]
    check_interval(context, lines)
    body: Body = {
        "id": new_id("plink"),
        "object": KIND,
        "active": True,
        "after_completion": _after_completion({"type": "hosted_confirmation"}),
        "allow_promotion_codes": False,
        "application": None,
        "application_fee_amount": None,
        "application_fee_percent": None,
        "automatic_tax": {"enabled": False, "liability": None},
        "billing_address_collection": "auto",
        "consent_collection": None,
        "currency": currency_of(context, lines, params.get("currency")),
        "custom_fields": [],
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "customer_creation": "always",
        "inactive_message": None,
        "invoice_creation": None,
        "line_items": lines,
        "livemode": context.livemode,
        "managed_payments": None,
        "metadata": {},
        "name_collection": None,
        "on_behalf_of": None,
        "optional_items": None,
        "payment_intent_data": None,
        "payment_method_collection": "always",
        "payment_method_options": None,
        "payment_method_types": None,
        "phone_number_collection": {"enabled": False},
        "restrictions": None,
        "shipping_address_collection": None,
        "shipping_options": [],
        "submit_type": "auto",
        "subscription_data": {
            "description": None,
            "invoice_settings": {
                "account_tax_ids": None,
                "custom_fields": None,
                "description": None,
                "footer": None,
                "issuer": {"type": "self"},
            },
            "metadata": {},
            "trial_period_days": None,
            "trial_settings": None,
        },
        "tax_id_collection": {"enabled": False, "required": "never"},
        "transfer_data": None,
        "_code": random_text(18),
    }
    body["url"] = _url(body)
    _apply(body, params)
    return public(context.objects.insert(KIND, body), _OMITTED)


def retrieve(context: Context) -> Body:
    """`GET /v1/payment_links/{payment_link}`."""
    return public(_existing(context), _OMITTED)


def update(context: Context) -> Body:
    """`POST /v1/payment_links/{payment_link}`: of what is sold, the quantities."""
    body = _existing(context)
    lines = {line["id"]: line for line in body["line_items"]}
    for index, wanted in enumerate(context.params.get("line_items", [])):
        if wanted["id"] not in lines:
            raise no_such("line item", wanted["id"], f"line_items[{index}][id]", status=400)
        set_quantity(lines[wanted["id"]], wanted, f"line_items[{index}]")
    _apply(body, context.params)
    return public(context.objects.put(KIND, body), _OMITTED)


def list_(context: Context) -> Body:
    """`GET /v1/payment_links`."""
    conditions = [equal("active", context.params["active"])] if "active" in context.params else []
    found, more = page(context.objects, KIND, "payment link", context.params, conditions)
    return {**list_object("/v1/payment_links", [public(body, _OMITTED) for body in found], more), "_type": KIND}


def list_lines(context: Context) -> Body:
    """`GET /v1/payment_links/{payment_link}/line_items`, in their order."""
    body = _existing(context)
    found, more = page_of(body["line_items"], "line item", context.params)
    shown = [shown_line(context, line) for line in found]
    return {**list_object(f"/v1/payment_links/{body['id']}/line_items", shown, more), "_type": "item"}


register(
    KIND,
    {
        "line_items": Included(_lines, of="item"),
        **unavailable(
            "application",
            "automatic_tax.liability.account",
            "invoice_creation.invoice_data.account_tax_ids",
            "invoice_creation.invoice_data.issuer.account",
            "on_behalf_of",
            "shipping_options.shipping_rate",
            "subscription_data.invoice_settings.issuer.account",
            "transfer_data.destination",
        ),
    },
)

OPERATIONS = [
    post("/v1/payment_links", create, CREATE),
    get("/v1/payment_links", list_, LIST),
    get("/v1/payment_links/{payment_link}", retrieve),
    post("/v1/payment_links/{payment_link}", update, UPDATE),
    get("/v1/payment_links/{payment_link}/line_items", list_lines, PAGE),
]
