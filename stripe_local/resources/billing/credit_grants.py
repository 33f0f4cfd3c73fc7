"""Credit grant: billing credits of a customer. https://docs.stripe.com/api/billing/credit-grant

Credits pay for metered usage when an invoice is finalized; previews and drafts show what they would pay.
"""

from __future__ import annotations

from typing import Any

from stripe_local.calculation import credits
from stripe_local.resources import clocks
from stripe_local.resources.shared import NO_CUSTOMER_ACCOUNTS, existing, merge_metadata
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER, PRICE
from stripe_local.store.objects import Body, Where, equal, public
from stripe_local.wire.currencies import Currency
from stripe_local.wire.errors import exclusive_params, invalid, missing_param
from stripe_local.wire.expand import Ref, register
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import PAGE, list_object, page
from stripe_local.wire.params import Enum, Int, ListOf, Metadata, Obj, Param, Str, Timestamp

from . import charges
from . import credit_balance_transactions as transactions

KIND = "billing.credit_grant"
# Invoices whose period ended before a grant expires are drafts for an hour, and use it when they are finalized.
_SETTLED = 3600

MOST = 100
"""Grants of a customer that are not used up."""

_SCOPE: dict[str, Param] = {
    "price_type": Enum("metered"),
    "prices": ListOf(Obj({"id": Str(required=True)}), max_items=20),
}
CREATE: dict[str, Param] = {
    "amount": Obj(
        {
            "monetary": Obj({"currency": Currency(required=True), "value": Int(required=True, minimum=1)}),
            "type": Enum("monetary", required=True),
        },
        required=True,
    ),
    "applicability_config": Obj({"scope": Obj(_SCOPE, required=True)}, required=True),
    "category": Enum("paid", "promotional"),
    "customer": Str(clearable=False),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "effective_at": Timestamp(),
    "expires_at": Timestamp(),
    "metadata": Metadata(),
    "name": Str(100),
    "priority": Int(minimum=0, maximum=100),
}
UPDATE: dict[str, Param] = {"expires_at": Timestamp(clearable=True), "metadata": Metadata()}
LIST: dict[str, Param] = {"customer": Str(), "customer_account": NO_CUSTOMER_ACCOUNTS, **PAGE}
SUMMARY: dict[str, Param] = {
    "customer": Str(clearable=False),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "filter": Obj(
        {
            "applicability_scope": Obj(_SCOPE),
            "credit_grant": Str(clearable=False),
            "type": Enum("applicability_scope", "credit_grant", required=True),
        },
        required=True,
    ),
}


def _existing(context: Context) -> Body:
    return existing(context, KIND, "credit grant", context.path["id"], "id", in_path=True)


def _check_scope(context: Context, scope: dict[str, Any], here: str) -> None:
    if "price_type" in scope and "prices" in scope:
        raise exclusive_params(f"{here}[price_type]", f"{here}[prices]")
    if not scope.get("price_type") and not scope.get("prices"):
        raise missing_param(f"{here}[price_type]")
    for index, named in enumerate(scope.get("prices", [])):
        price = existing(context, PRICE, "price", named["id"], f"{here}[prices][{index}][id]")
        if not charges.is_metered(price):
            raise invalid("Credit grants can only apply to metered prices.", f"{here}[prices][{index}][id]")


def create(context: Context) -> Body:
    """`POST /v1/billing/credit_grants`."""
    params = context.params
    if "monetary" not in params["amount"]:
        raise missing_param("amount[monetary]")
    if "customer" not in params:
        raise missing_param("customer")
    existing(context, CUSTOMER, "customer", params["customer"], "customer")
    _check_scope(context, params["applicability_config"]["scope"], "applicability_config[scope]")
    effective = params.get("effective_at", context.now)
    expires = params.get("expires_at")
    if expires is not None and expires <= max(context.now, effective):
        raise invalid("`expires_at` must be in the future, and after `effective_at`.", "expires_at")
    there = context.objects.find(KIND, [equal("customer", params["customer"])])
    if sum(not _over(context, body) and _unused(body) > 0 for body in there) >= MOST:
        raise invalid(f"A customer can have at most {MOST} unused credit grants.", "customer")
    body: Body = {
        "id": new_id("credgr"),
        "object": KIND,
        "amount": params["amount"],
        "applicability_config": params["applicability_config"],
        "category": params.get("category", "paid"),
        "created": context.now,
        "customer": params["customer"],
        "customer_account": None,
        "effective_at": effective,
        "expires_at": expires,
        "livemode": context.livemode,
        "metadata": {},
        "name": params.get("name"),
        "priority": params.get("priority", 50),
        "test_clock": context.test_clock,
        "updated": context.now,
        "voided_at": None,
        "_due": expires and expires + _SETTLED,
        "_used": 0,
    }
    merge_metadata(body, params)
    context.objects.insert(KIND, body)
    transactions.add(context, body, "credit", "credits_granted", _unused(body), context.now)
    return public(body)


def retrieve(context: Context) -> Body:
    """`GET /v1/billing/credit_grants/{id}`."""
    return public(_existing(context))


def update(context: Context) -> Body:
    """`POST /v1/billing/credit_grants/{id}`: with an empty `expires_at` it never expires."""
    body = _existing(context)
    if "expires_at" in context.params:
        expires = context.params["expires_at"]
        if body["voided_at"] is not None:
            raise invalid("A voided credit grant cannot be updated.", "expires_at")
        if expires is not None and expires <= context.now:
            raise invalid("`expires_at` must be in the future.", "expires_at")
        body["expires_at"], body["_due"] = expires, expires and expires + _SETTLED
    merge_metadata(body, context.params)
    body["updated"] = context.now
    return public(context.objects.put(KIND, body))


def _over(context: Context, body: Body) -> bool:
    return body["voided_at"] is not None or (body["expires_at"] is not None and body["expires_at"] <= context.now)


def void(context: Context) -> Body:
    """`POST /v1/billing/credit_grants/{id}/void`: only a grant that has paid for nothing."""
    body = _existing(context)
    if body["_used"]:
        raise invalid("You cannot void a credit grant that has been applied to an invoice.")
    if _over(context, body):
        raise invalid("You cannot void a credit grant that is voided or expired.")
    body["voided_at"] = body["updated"] = context.now
    _end(context, body, "credits_voided", context.now)
    return public(body)


def _end(context: Context, body: Body, type: str, at: int) -> None:
    """Take what is left from a grant that is void, or expired, and store it."""
    body["_due"], body["_ended"] = None, True
    context.objects.put(KIND, body)
    if _unused(body):
        transactions.add(context, body, "debit", type, _unused(body), at)


def catch_up(context: Context, moment: int) -> None:
    """Take what is left from the grants that expire at that moment."""
    for body in context.objects.find(KIND, [Where("_due", "=", moment), clocks.due_here(context)]):
        _end(context, body, "credits_expired", body["expires_at"])


def expire(context: Context) -> Body:
    """`POST /v1/billing/credit_grants/{id}/expire`."""
    body = _existing(context)
    if _over(context, body):
        raise invalid("You cannot expire a credit grant that is voided or expired.")
    body["expires_at"] = body["updated"] = context.now
    _end(context, body, "credits_expired", context.now)
    return public(body)


def list_(context: Context) -> Body:
    """`GET /v1/billing/credit_grants`."""
    customer = context.params.get("customer")
    conditions = [equal("customer", customer)] if customer else []
    found, more = page(context.objects, KIND, "credit grant", context.params, conditions)
    return {**list_object("/v1/billing/credit_grants", [public(body) for body in found], more), "_type": KIND}


# What they pay for


def _left(context: Context, body: Body, at: int) -> int:
    """What a grant can pay at that time, in minor units."""
    if body["voided_at"] is not None or body.get("_ended") or body["effective_at"] > at:
        return 0
    if body["expires_at"] is not None and body["expires_at"] <= at:
        return 0
    return _unused(body)


def _unused(body: Body) -> int:
    return int(body["amount"]["monetary"]["value"]) - int(body["_used"])


def _grant(context: Context, body: Body, at: int) -> credits.Grant:
    named = body["applicability_config"]["scope"].get("prices")
    scope = None if named is None else frozenset(price["id"] for price in named)
    return credits.Grant(body["id"], _left(context, body, at), scope)


def payments(
    context: Context, customer: str, currency: str, prices: list[str | None], amounts: list[int], at: int
) -> list[credits.Payment]:
    """What a customer's grants pay at that time of lines with these prices and amounts; `line` is the place among all of them."""
    grants = [
        body
        for body in context.objects.find(KIND, [equal("customer", customer), equal("amount.monetary.currency", currency)])
        if _left(context, body, at) > 0
    ]
    if not grants:
        return []
    charged = [
        (place, credits.Charge(price, amount))
        for place, (price, amount) in enumerate(zip(prices, amounts, strict=True))
        if price is not None and amount and charges.is_metered(charges.stored_price(context, price))
    ]
    grants.sort(key=lambda g: credits.order(g["priority"], g["expires_at"], g["category"], g["effective_at"], g["created"]))
    found = credits.payments([_grant(context, body, at) for body in grants], [charge for _, charge in charged])
    return [credits.Payment(payment.grant, charged[payment.line][0], payment.amount) for payment in found]


def use(context: Context, invoice: Body, paid: list[credits.Payment], at: int) -> None:
    """Take what was paid from the grants, for good, and name the transactions on the lines of the invoice."""
    for payment in paid:
        body = context.objects.get(KIND, payment.grant)
        assert body is not None
        body["_used"] += payment.amount
        context.objects.put(KIND, body)
        line = invoice["_lines"][payment.line]
        made = transactions.add(context, body, "debit", "credits_applied", payment.amount, at, (invoice["id"], line["id"]))
        line.setdefault("credit_transactions", []).append([payment.grant, payment.amount, made["id"]])


def give_back(context: Context, invoice: Body, at: int) -> None:
    """Give back the credits that a void invoice had used; those of a grant that has expired expire again at once."""
    for line in invoice["_lines"]:
        for grant, amount, _ in line.get("credit_transactions", []):
            body = context.objects.get(KIND, grant)
            assert body is not None
            body["_used"] -= amount
            context.objects.put(KIND, body)
            application = (invoice["id"], line["id"])
            transactions.add(context, body, "credit", "credits_application_invoice_voided", amount, at, application)
            if body["expires_at"] is not None and body["expires_at"] <= at:
                transactions.add(context, body, "debit", "credits_expired", amount, at)


def summary(context: Context) -> Body:
    """`GET /v1/billing/credit_balance_summary`: what is left, by currency."""
    params = context.params
    if "customer" not in params:
        raise missing_param("customer")
    existing(context, CUSTOMER, "customer", params["customer"], "customer")
    wanted = params["filter"]
    name = wanted["type"]
    if name not in wanted:
        raise missing_param(f"filter[{name}]")
    found = context.objects.find(KIND, [equal("customer", params["customer"])])
    if name == "credit_grant":
        existing(context, KIND, "credit grant", wanted["credit_grant"], "filter[credit_grant]")
        found = [body for body in found if body["id"] == wanted["credit_grant"]]
    else:
        _check_scope(context, wanted["applicability_scope"], "filter[applicability_scope]")
        found = [body for body in found if _within(body["applicability_config"]["scope"], wanted["applicability_scope"])]
    left: dict[str, int] = {}
    for body in found:
        currency = body["amount"]["monetary"]["currency"]
        left[currency] = left.get(currency, 0) + _left(context, body, context.now)
    # Nothing is reserved here between the use of credits and its entry, so both balances are the same.
    return {
        "object": "billing.credit_balance_summary",
        "balances": [
            {"available_balance": _money(value, currency), "ledger_balance": _money(value, currency)}
            for currency, value in sorted(left.items())
        ],
        "customer": params["customer"],
        "customer_account": None,
        "livemode": context.livemode,
    }


def _money(value: int, currency: str) -> Body:
    return {"monetary": {"currency": currency, "value": value}, "type": "monetary"}


def _within(scope: dict[str, Any], wanted: dict[str, Any]) -> bool:
    if "price_type" in wanted or "price_type" in scope:
        return scope.get("price_type") == wanted.get("price_type") or "prices" in wanted
    return bool({price["id"] for price in scope["prices"]} & {price["id"] for price in wanted["prices"]})


INDEXED = {KIND: ("customer", ("test_clock", "_due"))}


def render(context: Context, id: str) -> Body:
    """The grant with this id."""
    return public(existing(context, KIND, "credit grant", id, "id", in_path=True))


register(KIND, {"customer": Ref("customer"), "test_clock": Ref(clocks.KIND)}, render)
register("billing.credit_balance_summary", {"customer": Ref("customer")})

OPERATIONS = [
    post("/v1/billing/credit_grants", create, CREATE),
    get("/v1/billing/credit_grants", list_, LIST),
    get("/v1/billing/credit_grants/{id}", retrieve),
    post("/v1/billing/credit_grants/{id}", update, UPDATE),
    post("/v1/billing/credit_grants/{id}/void", void),
    post("/v1/billing/credit_grants/{id}/expire", expire),
    get("/v1/billing/credit_balance_summary", summary, SUMMARY),
]
