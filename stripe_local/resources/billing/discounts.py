"""Discount: a coupon on a subscription, an item, an invoice item or a customer. https://docs.stripe.com/api/discounts

A discount has the terms that its coupon had when it was redeemed: who has it keeps it, whatever becomes of the coupon.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from stripe_local.calculation import periods
from stripe_local.calculation.discounts import Discount
from stripe_local.resources.products import coupons, promotion_codes
from stripe_local.resources.shared import deleted
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER, SUBSCRIPTION_ITEM
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import StripeError, exclusive_params, invalid, missing_param, no_such
from stripe_local.wire.expand import Ref, register
from stripe_local.wire.operation import Context

KIND = "discount"

_MOST_RECENT = 1000
_recent: dict[str, Body] = {}
"""Discounts that only previews have, the latest ones: they are not stored, as previews are not."""


# Giving them


def given(
    context: Context,
    wanted: Sequence[dict[str, str]] | None,
    param: str,
    subscription: Body,
    *,
    of: dict[str, str] | None = None,
    has: Collection[str] = (),
    start: int | None = None,
    worth: int | None = None,
    what: str = "a subscription update",
) -> list[str]:
    """The discounts that a list of parameters redeems, or keeps of those that are there (`has`). Raises StripeError.

    They are `of` the subscription, unless that names a part of it; what the subscription or its customer has can be put on a
    part too. `worth` is what is bought, for codes with a minimum; `what` cannot have one where it is None.
    """
    owner = of or {"subscription": subscription["id"]}
    found: list[str] = []
    used: set[str] = set()
    for index, entry in enumerate(wanted or ()):
        here = f"{param}[{index}]"
        names = [name for name in ("coupon", "promotion_code", "discount") if name in entry]
        if len(names) > 1:
            raise exclusive_params(*(f"{here}[{name}]" for name in names))
        if not names:
            raise missing_param(f"{here}[coupon]")
        (name,) = names
        id, place = entry[name], f"{here}[{name}]"
        if name == "discount":
            if id not in has:
                if id not in _of_owners(context, subscription):
                    raise no_such("discount", id, place)
                copied = {**stored(context, id), "id": new_id("di"), "invoice": None, "subscription": None, **owner}
                id = context.objects.insert(KIND, copied)["id"]
            body = stored(context, id)
        else:
            code = None
            if name == "promotion_code":
                customer, currency = subscription["customer"], subscription["currency"]
                code = promotion_codes.redeem(context, id, place, customer, currency, worth, what)
            coupon = coupons.redeem(context, code["promotion"]["coupon"] if code else id, place)
            body = _new(context, subscription, coupon, code, place, owner, context.now if start is None else start)
        if body["source"]["coupon"] in used:
            raise invalid("Each discount can be given once: a coupon, its promotion codes and its discounts are the same.", here)
        used.add(body["source"]["coupon"])
        found.append(body["id"])
    return found


def _of_owners(context: Context, subscription: Body) -> set[str]:
    """What "one of its ancestors" has. https://docs.stripe.com/api/invoiceitems/create#create_invoiceitem-discounts-discount"""
    customer = context.objects.get(CUSTOMER, subscription["customer"]) or {}
    return {*subscription["discounts"], *of_customer(context, customer, context.now)}


def _new(
    context: Context, subscription: Body, coupon: Body, code: Body | None, place: str, owner: dict[str, str], start: int
) -> Body:
    if coupon["amount_off"] is not None and subscription["currency"] not in coupon["currency_options"]:
        raise invalid(f"The coupon {coupon['id']} has no amount in {subscription['currency']}.", place)
    months = coupon["duration_in_months"]
    body: Body = {
        "id": new_id("di"),
        "object": KIND,
        "checkout_session": None,
        "customer": subscription["customer"] or None,
        "customer_account": None,
        "end": None if months is None else periods.after(start, "month", months),
        "invoice": None,
        "invoice_item": None,
        "promotion_code": code and code["id"],
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": start,
        "subscription": None,
        "subscription_item": None,
        **owner,
        "_coupon": coupon,
    }
    if context.changes is None:  # a preview, which only reads
        _remember(body)
        return body
    return context.objects.insert(KIND, body)


# Which there are


def stored(context: Context, id: str) -> Body:
    """The discount with this id, of a preview too."""
    body = context.objects.get(KIND, id) or _recent.get(id)
    if body is None:
        raise no_such("discount", id, "discount", status=404)
    return body


def current(context: Context, ids: Iterable[str], at: int) -> list[str]:
    """Those that have not ended by then."""
    return [id for id in ids if (end := stored(context, id)["end"]) is None or at < end]


def of_invoice(context: Context, subscription: Body, at: int, customer: Body | None = None) -> list[str]:
    """What a subscription's invoice is discounted by: the subscription's own, or where it has none the customer's.

    `customer` is who has the subscription, where that is at hand.
    """
    found = current(context, subscription["discounts"], at)
    if found or subscription.get("_undiscounted"):
        return found
    return of_customer(context, customer or context.objects.get(CUSTOMER, subscription["customer"]) or {}, at)


def of_customer(context: Context, customer: Body, at: int) -> list[str]:
    """What a customer's invoices are discounted by, where nothing else is."""
    if not customer.get("discount"):
        return []
    _remember({"_coupon": None, **customer["discount"]})
    return current(context, [customer["discount"]["id"]], at)


def _terms(context: Context, body: Body, currency: str) -> Discount:
    coupon = body["_coupon"] or context.objects.get(coupons.KIND, body["source"]["coupon"]) or {}
    products = frozenset(coupon["applies_to"]["products"]) if coupon.get("applies_to") else None
    if coupon.get("percent_off") is not None:
        return Discount(body["id"], Decimal(str(coupon["percent_off"])), products=products)
    option = coupon.get("currency_options", {}).get(currency, {"amount_off": 0})
    return Discount(body["id"], amount=option["amount_off"], products=products)


def terms(context: Context, ids: Iterable[str], currency: str) -> list[Discount]:
    """What discounts take off, in that currency."""
    return [_terms(context, stored(context, id), currency) for id in ids]


def is_of_a_part(context: Context, id: str) -> bool:
    """Whether the discount is of an item, and not of the whole."""
    body = stored(context, id)
    return body["subscription_item"] is not None or body["invoice_item"] is not None


# What becomes of them


def _remember(body: Body) -> None:
    _recent[body["id"]] = body
    while len(_recent) > _MOST_RECENT:
        _recent.pop(next(iter(_recent)), None)


def on(invoice: Body) -> list[str]:
    """The ids of all discounts of an invoice and its lines."""
    lines = (id for line in invoice["_lines"] for id in (*line.get("discounts", ()), *line.get("taken", ())))
    return list(dict.fromkeys((*invoice["discounts"], *lines)))


def keep_for_preview(context: Context, invoice: Body) -> None:
    """Remember what a preview shows, and nothing stores."""
    for id in on(invoice):
        _remember(stored(context, id))


def use_up(context: Context, invoice: Body, subscription: Body | None, customer: Body) -> None:
    """Take discounts for one invoice from what they were on, once there is that invoice; two bodies are the caller's to store."""
    spent = set()
    for id in on(invoice):
        body = stored(context, id)
        if context.objects.get(KIND, id) is None:
            context.objects.insert(KIND, body)
        coupon = body["_coupon"] or context.objects.get(coupons.KIND, body["source"]["coupon"]) or {}
        if coupon.get("duration") == "once":
            spent.add(id)
    if not spent:
        return
    items = []
    if subscription is not None:
        subscription["discounts"] = [id for id in subscription["discounts"] if id not in spent]
        items = context.objects.find(SUBSCRIPTION_ITEM, [equal("subscription", subscription["id"])])
    for item in items:
        if spent & set(item["discounts"]):
            item["discounts"] = [id for id in item["discounts"] if id not in spent]
            context.objects.put(SUBSCRIPTION_ITEM, item)
    if (customer.get("discount") or {}).get("id") in spent:
        customer["discount"] = None


def removed(body: Body | None, holder: str, id: str) -> Body:
    """The answer to the removal of a discount. Raises a 404 where there is none."""
    if body is None:
        raise StripeError(f"No active discount for {holder}: {id}", status=404, code="resource_missing")
    return {**public(body, drop=("end",)), **deleted(KIND, body["id"])}


def place(body: Body) -> str:
    """Where the API has the discount of a subscription or of a customer, who have one at most by that path."""
    holder = f"subscriptions/{body['subscription']}" if body["subscription"] else f"customers/{body['customer']}"
    return f"/v1/{holder}/discount"


def render(context: Context, id: str) -> Body:
    """The discount with this id."""
    return public(stored(context, id))


register(
    KIND,
    {"customer": Ref(CUSTOMER), "promotion_code": Ref("promotion_code"), "source.coupon": Ref("coupon")},
    render,
)
