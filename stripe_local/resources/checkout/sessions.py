"""Checkout session: a page at which a customer subscribes. https://docs.stripe.com/api/checkout/sessions

Of mode `subscription` only. The page is in `stripe_local/checkout`; `complete` is what its button does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from stripe_local.resources.billing import charges, discounts, invoice_totals, subscription_start
from stripe_local.resources.billing.subscription_parameters import CREATE as SUBSCRIPTION_CREATE
from stripe_local.resources.core import customers
from stripe_local.resources.products import prices, promotion_codes, tax_rates
from stripe_local.resources.shared import existing, merge_metadata
from stripe_local.store.ids import new_id, random_text
from stripe_local.store.kinds import CUSTOMER, PRODUCT
from stripe_local.store.objects import Body, Where, equal, public
from stripe_local.wire.errors import StripeError, exclusive_params, invalid, missing_param
from stripe_local.wire.expand import Included, Nested, Ref, register, unavailable
from stripe_local.wire.operation import Context, Handler, get, post
from stripe_local.wire.pagination import PAGE, list_object, page, page_of, range_conditions
from stripe_local.wire.params import Param, Params

from .session_parameters import CREATE, LIST, SUBSCRIPTION, UPDATE

KIND = "checkout.session"
ITEM = "item"

LONGEST_SECONDS, SHORTEST_SECONDS = 24 * 3600, 30 * 60


def _existing(context: Context) -> Body:
    return existing(context, KIND, "checkout.session", context.path["session"], "session", in_path=True)


# Creating


def _check_url(name: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise invalid("Not a valid URL", name, "url_invalid")


def _expiry(context: Context, expires_at: int | None) -> int:
    now = context.outside(context.now)
    if expires_at is None:
        return now + LONGEST_SECONDS
    if expires_at > now + LONGEST_SECONDS:
        raise invalid("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", "expires_at")
    if expires_at < now + SHORTEST_SECONDS:
        raise invalid("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", "expires_at")
    return expires_at


def _items(context: Context, wanted: list[dict[str, Any]], currency: str | None) -> tuple[list[Body], str]:
    """The line items as they are kept, and the session's currency."""
    found = []
    for index, item in enumerate(wanted):
        here = f"line_items[{index}]"
        if item.get("price") is None:
            raise missing_param(f"{here}[price]")
        price = prices.sellable(context, item["price"], f"{here}[price]")
        if charges.is_metered(price) and item.get("quantity") is not None:
            raise invalid(
                f"Quantity should not be specified where usage_type is `metered`. Remove quantity from `{here}`",
                f"{here}[quantity]",
            )
        if not charges.is_metered(price) and item.get("quantity") is None:
            raise invalid(f"Quantity is required. Add `quantity` to `{here}`", f"{here}[quantity]", "parameter_missing")
        currency = currency or price["currency"]
        charges.check_currency(price, currency, f"{here}[price]")
        rates = tax_rates.given(context, item.get("tax_rates"), f"{here}[tax_rates]")
        found.append({"id": new_id("li"), "price": price["id"], "quantity": item.get("quantity"), "tax_rates": rates})
    if not any(charges.stored_price(context, item["price"])["recurring"] for item in found):
        raise invalid("You must provide at least one recurring price in `subscription` mode when using prices.", "line_items")
    assert currency is not None
    return found, currency


# A customer who is not there yet.
_NOBODY: Body = {
    "id": "",
    "balance": 0,
    "tax_exempt": "none",
    **dict.fromkeys(("address", "currency", "email", "name", "phone", "shipping")),
}


def _set_amounts(context: Context, body: Body, customer: Body | None) -> None:
    """Set what the session charges, and each of its items: what the subscription's first invoice would, if it began now.

    Nothing else stays of that invoice: discounts are redeemed when the session is completed.
    """
    context.connection.execute("SAVEPOINT amounts")
    try:
        invoice = subscription_start.first_invoice(context, _subscription(context, body, None), customer or _NOBODY)
        _check_products(context, body, invoice)
        for item in body["_items"]:
            lines = [line for line in invoice["_lines"] if line["price"] == item["price"]]
            taken: dict[str, int] = {}
            for off in (off for line in lines for off in line["discount_amounts"]):
                taken[off["discount"]] = taken.get(off["discount"], 0) + off["amount"]
            item["amount"], item["total"] = (sum(line[name] for line in lines) for name in ("amount", "total"))
            item["discounts"] = _discounts(context, taken)
            item["taxes"] = invoice_totals.summed(tax for line in lines for tax in line["taxes"])
        taken = {off["discount"]: off["amount"] for off in invoice["total_discount_amounts"]}
        body["_breakdown"] = {"discounts": _discounts(context, taken), "taxes": invoice["total_taxes"]}
    except StripeError as error:
        if error.param is not None and error.param.split("[")[0] in SUBSCRIPTION:
            name, bracket, inner = error.param.partition("[")
            error.param = f"subscription_data[{name}]{bracket}{inner}"
        elif error.param is not None:
            error.param = error.param.replace("items", "line_items", 1)
        raise
    finally:
        context.connection.execute("ROLLBACK TO amounts")
    body["amount_subtotal"] = sum(item["amount"] for item in body["_items"])
    body["amount_total"] = sum(item["total"] for item in body["_items"])
    body["total_details"] = {
        "amount_discount": _sum(body["_breakdown"]["discounts"]),
        "amount_shipping": 0,
        "amount_tax": _sum(body["_breakdown"]["taxes"]),
    }


def _sum(entries: list[Body]) -> int:
    return sum(entry["amount"] for entry in entries)


def _discounts(context: Context, taken: dict[str, int]) -> list[Body]:
    """What discounts take off; they do not name a session of mode subscription. https://docs.stripe.com/api/discounts/object"""
    return [
        {"amount": amount, "discount": {**discounts.render(context, id), "subscription": None}} for id, amount in taken.items()
    ]


def _check_products(context: Context, body: Body, invoice: Body) -> None:
    """Raise StripeError for a coupon of products that are not sold here. https://docs.stripe.com/error-codes"""
    sold = {charges.stored_price(context, item["price"])["product"] for item in body["_items"]}
    given = body["discounts"][:1]
    for discount in discounts.terms(context, invoice["discounts"], body["currency"]) if given else []:
        if discount.products is not None and not discount.products & sold:
            name = "promotion_code" if given[0]["promotion_code"] else "coupon"
            raise invalid(
                "This coupon cannot be redeemed because it does not apply to anything in this order.",
                f"discounts[0][{name}]",
                "coupon_applies_to_nothing",
            )


def create(context: Context) -> Body:
    """`POST /v1/checkout/sessions`."""
    params = context.params
    for name in ("mode", "line_items", "success_url"):
        if not params.get(name):
            raise missing_param(name)
    for name in ("success_url", "cancel_url"):
        if name in params:
            _check_url(name, params[name])
    customer: Body | None = None
    if "customer" in params:
        if "customer_email" in params:
            raise exclusive_params("customer", "customer_email")
        customer = existing(context, CUSTOMER, "customer", params["customer"], "customer")
    items, currency = _items(
        context, params["line_items"], params.get("currency") or (customer["currency"] if customer else None)
    )
    if params.get("allow_promotion_codes") and params.get("discounts"):
        raise exclusive_params("allow_promotion_codes", "discounts")
    expires = _expiry(context, params.get("expires_at"))
    body: Body = {
        "id": f"cs_{'live' if context.livemode else 'test'}_{random_text(58)}",
        "object": KIND,
        "adaptive_pricing": None,
        "after_expiration": None,
        "allow_promotion_codes": params.get("allow_promotion_codes"),
        "allowed_payment_method_types": None,
        "amount_subtotal": 0,
        "amount_total": 0,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "branding_settings": None,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": context.outside(context.now),
        "currency": currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {"after_submit": None, "shipping_address": None, "submit": None, "terms_of_service_acceptance": None},
        "customer": customer and customer["id"],
        "customer_account": None,
        "customer_creation": None if customer else "always",
        "customer_details": None,
        "customer_email": params.get("customer_email"),
        "discounts": [{"coupon": None, "promotion_code": None, **entry} for entry in params.get("discounts", [])],
        "excluded_payment_method_types": None,
        "expires_at": expires,
        "integration_identifier": None,
        "invoice": None,
        "invoice_creation": None,
        "livemode": context.livemode,
        "locale": params.get("locale"),
        "managed_payments": None,
        "metadata": {},
        "mode": "subscription",
        "name_collection": None,
        "optional_items": None,
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": params.get("payment_method_collection", "always"),
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "presentment_details": None,
        "recovered_from": None,
        "redirect_on_completion": None,
        "return_url": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": params["success_url"],
        "tax_id_collection": None,
        "total_details": None,
        "ui_mode": "hosted_page",
        "wallet_options": None,
        "_items": items,
        "_subscription_data": params.get("subscription_data", {}),
        "_due": expires,
    }
    merge_metadata(body, params)
    _set_amounts(context, body, customer)
    return rendered(context, context.objects.insert(KIND, body))


# Showing one


def rendered(context: Context, body: Body) -> Body:
    """The session as Stripe shows it; it has an address while it is open."""
    url = f"{context.settings.base_url}/c/pay/{body['id']}" if body["status"] == "open" else None
    return {**public(body), "url": url}


def render(context: Context, id: str) -> Body:
    """The session with this id."""
    return rendered(context, existing(context, KIND, "checkout.session", id, "session", in_path=True))


def retrieve(context: Context) -> Body:
    """`GET /v1/checkout/sessions/{session}`."""
    return rendered(context, _existing(context))


def update(context: Context) -> Body:
    """`POST /v1/checkout/sessions/{session}`: its metadata."""
    body = _existing(context)
    merge_metadata(body, context.params)
    return rendered(context, context.objects.put(KIND, body))


def _line_item(context: Context, item: Body, currency: str) -> Body:
    price = charges.stored_price(context, item["price"])
    product = context.objects.get(PRODUCT, price["product"])
    amount = item["amount"]
    shown = {} if item["quantity"] is None else {"quantity": item["quantity"]}
    return {
        "id": item["id"],
        "object": ITEM,
        "adjustable_quantity": None,
        "amount_discount": _sum(item.get("discounts", [])),
        "amount_subtotal": amount,
        "amount_tax": _sum(item.get("taxes", [])),
        "amount_total": item.get("total", amount),
        "currency": currency,
        "description": product["name"] if product else price["product"],
        "metadata": {},
        "price": prices.render(context, price["id"]),
        **shown,
    }


def _line_items(context: Context, id: str) -> Body:
    body = existing(context, KIND, "checkout.session", id, "session")
    found = [_line_item(context, item, body["currency"]) for item in body["_items"]]
    return list_object(f"/v1/checkout/sessions/{id}/line_items", found, False)


def list_line_items(context: Context) -> Body:
    """`GET /v1/checkout/sessions/{session}/line_items`."""
    listed = _line_items(context, _existing(context)["id"])
    found, more = page_of(listed["data"], "line item", context.params)
    return {**list_object(listed["url"], found, more), "_type": ITEM}


def list_(context: Context) -> Body:
    """`GET /v1/checkout/sessions`."""
    params = context.params
    conditions = [equal(name, params[name]) for name in ("customer", "status", "subscription") if params.get(name)]
    if "customer_details" in params:
        conditions.append(equal("customer_details.email", params["customer_details"]["email"]))
    conditions += range_conditions("created", params.get("created"))
    found, more = page(context.objects, KIND, "checkout.session", params, conditions)
    return {**list_object("/v1/checkout/sessions", [rendered(context, body) for body in found], more), "_type": KIND}


# Ending


def _check_open(body: Body, what: str) -> None:
    if body["status"] != "open":
        raise invalid(
            f'Only Checkout Sessions with a status in ["open"] can be {what}. This Checkout Session has a status of '
            f"`{body['status']}`.",
            "session",
        )


def expire(context: Context) -> Body:
    """`POST /v1/checkout/sessions/{session}/expire`."""
    body = _existing(context)
    _check_open(body, "expired")
    return end(context, body)


def end(context: Context, body: Body) -> Body:
    """End the session, without a subscription."""
    body["status"], body["_due"] = "expired", None
    return rendered(context, context.objects.put(KIND, body))


def catch_up(context: Context, moment: int) -> None:
    """Expire the sessions that are due at that moment."""
    for body in context.objects.find(KIND, [Where("_due", "=", moment)]):
        end(context, body)


def redeem(context: Context, id: str, code: str | None) -> None:
    """The customer types a promotion code, or takes it back. Raises StripeError."""
    body = existing(context, KIND, "checkout.session", id, "session", in_path=True)
    _check_open(body, "changed")
    found = promotion_codes.with_code(context, code, body["customer"]) if code else None
    if not body["allow_promotion_codes"] or (code and found is None):
        raise invalid(f"This code is invalid: {code}", "promotion_code")
    body["discounts"] = [{"coupon": None, "promotion_code": found["id"]}] if found else []
    _set_amounts(context, body, context.objects.get(CUSTOMER, body["customer"]) if body["customer"] else None)
    context.objects.put(KIND, body)


def needs_card(body: Body) -> bool:
    """Whether the customer must give a card."""
    return bool(body["payment_method_collection"] == "always" or body["amount_total"] > 0)


def complete(context: Context, id: str, customer: dict[str, Any], card: str | None) -> Body:
    """The customer subscribes: makes the customer, unless there is one, and the subscription. Raises StripeError.

    `customer` is what a new one is made of (`email`, `name`), `card` one of Stripe's test cards, such as `pm_card_visa`.
    """
    body = existing(context, KIND, "checkout.session", id, "session", in_path=True)
    _check_open(body, "completed")
    if needs_card(body) and not card:
        raise missing_param("payment_method")
    if body["customer"] is None:
        email = body["customer_email"] or customer.get("email")
        if not email:
            raise missing_param("email")
        body["customer"] = _as(context, customers.create, customers.CREATE, {**customer, "email": email})["id"]
    buyer = existing(context, CUSTOMER, "customer", body["customer"], "customer")
    _set_amounts(context, body, buyer)
    subscription = _as(context, subscription_start.create, SUBSCRIPTION_CREATE, _subscription(context, body, card))
    buyer = existing(context, CUSTOMER, "customer", body["customer"], "customer")
    body.update(
        status="complete",
        payment_status="paid" if body["amount_total"] else "no_payment_required",
        subscription=subscription["id"],
        invoice=subscription["latest_invoice"],
        customer_details={
            "address": buyer["address"],
            "business_name": buyer["business_name"],
            "email": buyer["email"],
            "individual_name": buyer["individual_name"],
            "name": buyer["name"],
            "phone": buyer["phone"],
            "tax_exempt": buyer["tax_exempt"],
            "tax_ids": [],
        },
        _due=None,
    )
    return rendered(context, context.objects.put(KIND, body))


def _subscription(context: Context, body: Body, card: str | None) -> dict[str, Any]:
    recurring: list[Body] = []
    once: list[Body] = []
    for item in body["_items"]:
        wanted = {name: item[name] for name in ("price", "quantity", "tax_rates") if item.get(name)}
        (recurring if charges.stored_price(context, item["price"])["recurring"] else once).append(wanted)
    data = body["_subscription_data"]
    if data.get("billing_cycle_anchor", context.now) < context.now:
        # The anchor has passed while the session was open: the period that it began is charged in full.
        # https://docs.stripe.com/payments/checkout/billing-cycle
        data = {**data, "backdate_start_date": data["billing_cycle_anchor"]}
    metadata = {key: value for key, value in (data.get("metadata") or {}).items() if value is not None}
    return {
        **data,
        "metadata": metadata,
        "currency": body["currency"],
        "customer": body["customer"],
        "discounts": [{name: id for name, id in entry.items() if id} for entry in body["discounts"]],
        "items": recurring,
        **({"add_invoice_items": once} if once else {}),
        **({"default_payment_method": card} if card else {}),
    }


def _as(context: Context, handler: Handler, params: dict[str, Param], values: dict[str, Any]) -> Body:
    """The answer to a request with these parameters, within this one."""
    inner = replace(context, params=Params(params).parse(values, ""), path={})
    return handler(inner)


def _item(context: Context, id: str) -> Body:
    """The line item as it is kept, in its session; nothing for one of a payment link."""
    body = context.objects.get(KIND, context.objects.naming(id) or "")
    return next(item for item in body["_items"] if item["id"] == id) if body else {}


def _item_discounts(context: Context, id: str) -> list[Body]:
    return list(_item(context, id).get("discounts", []))


def _item_taxes(context: Context, id: str) -> list[Body]:
    return _taxes(context, _item(context, id).get("taxes", []))


def _taxes(context: Context, taxes: list[Body]) -> list[Body]:
    """Taxes as Checkout shows them, which has no reason for a rate set by hand."""
    return [
        {
            "amount": tax["amount"],
            "rate": tax_rates.render(context, tax["tax_rate_details"]["tax_rate"]),
            "taxability_reason": None if tax["taxability_reason"] == "not_available" else tax["taxability_reason"],
            "taxable_amount": tax["taxable_amount"],
        }
        for tax in taxes
    ]


def _breakdown(context: Context, id: str) -> Body:
    found = existing(context, KIND, "checkout.session", id, "session").get("_breakdown", {"discounts": [], "taxes": []})
    return {"discounts": found["discounts"], "taxes": _taxes(context, found["taxes"])}


INDEXED = {KIND: ("customer", "_due")}

register(
    ITEM,
    {
        "discounts": Included(_item_discounts),
        "price": Nested("price"),
        "taxes": Included(_item_taxes),
        **unavailable("discounts.discount", "taxes.rate"),
    },
)
register(
    KIND,
    {
        **unavailable(
            "automatic_tax.liability.account",
            "invoice_creation.invoice_data.account_tax_ids",
            "invoice_creation.invoice_data.issuer.account",
            "payment_intent",
            "payment_link",
            "setup_intent",
            "shipping_cost.shipping_rate",
            "shipping_options.shipping_rate",
            "total_details.breakdown.discounts",
            "total_details.breakdown.taxes",
        ),
        "customer": Ref("customer"),
        "discounts": Nested("checkout.discount"),
        "discounts.coupon": Ref("coupon"),
        "discounts.promotion_code": Ref("promotion_code"),
        "invoice": Ref("invoice"),
        "line_items": Included(_line_items, of=ITEM),
        "subscription": Ref("subscription"),
        "total_details.breakdown": Included(_breakdown),
    },
    render,
)

OPERATIONS = [
    post("/v1/checkout/sessions", create, CREATE),
    get("/v1/checkout/sessions", list_, LIST),
    get("/v1/checkout/sessions/{session}", retrieve),
    post("/v1/checkout/sessions/{session}", update, UPDATE),
    get("/v1/checkout/sessions/{session}/line_items", list_line_items, PAGE),
    post("/v1/checkout/sessions/{session}/expire", expire),
]
