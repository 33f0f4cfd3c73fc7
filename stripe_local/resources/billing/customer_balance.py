"""Customer balance transaction: what changed what a customer owes, or has in credit.

https://docs.stripe.com/api/customer_balance_transactions. Amounts in minor units; what is positive the customer owes.
"""

from __future__ import annotations

from stripe_local.resources.shared import CREATED, existing, merge_metadata
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.currencies import Currency
from stripe_local.wire.errors import invalid, no_such
from stripe_local.wire.expand import Ref, register, unavailable
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import PAGE, list_object, page, range_conditions
from stripe_local.wire.params import Int, Metadata, Param, Str

KIND = "customer_balance_transaction"
_URL = "/v1/customers/{customer}/balance_transactions"

CREATE: dict[str, Param] = {
    "amount": Int(required=True),
    "currency": Currency(required=True),
    "description": Str(350),
    "metadata": Metadata(),
}
UPDATE: dict[str, Param] = {"description": Str(350), "metadata": Metadata()}
LIST: dict[str, Param] = {"created": CREATED, "invoice": Str(), **PAGE}


def change(
    context: Context,
    customer: Body,
    amount: int,
    type: str,
    at: int,
    *,
    invoice: str | None = None,
    currency: str | None = None,
    credit_note: str | None = None,
) -> Body:
    """Add to a customer's balance, which is the caller's to store; returns the transaction, which is stored."""
    customer["balance"] += amount
    return context.objects.insert(
        KIND,
        {
            "id": new_id("cbtxn"),
            "object": KIND,
            "amount": amount,
            "checkout_session": None,
            "created": at,
            "credit_note": credit_note,
            "currency": currency or customer["currency"] or "usd",
            "customer": customer["id"],
            "customer_account": None,
            "description": None,
            "ending_balance": customer["balance"],
            "invoice": invoice,
            "livemode": context.livemode,
            "metadata": {},
            "type": type,
        },
    )


def _customer(context: Context) -> Body:
    return existing(context, CUSTOMER, "customer", context.path["customer"], "customer", in_path=True)


def _transaction(context: Context) -> Body:
    customer, id = _customer(context), context.path["transaction"]
    body = context.objects.get(KIND, id)
    if body is None or body["customer"] != customer["id"]:
        raise no_such("customer_balance_transaction", id, "transaction", status=404)
    return body


def create(context: Context) -> Body:
    """`POST /v1/customers/{customer}/balance_transactions`."""
    params, customer = context.params, _customer(context)
    if customer["currency"] not in (None, params["currency"]):
        raise invalid(f"The customer {customer['id']} is in {customer['currency']}, and so is the balance.", "currency")
    customer["currency"] = params["currency"]
    body = change(context, customer, params["amount"], "adjustment", context.now)
    context.objects.put(CUSTOMER, customer)
    body["description"] = params.get("description")
    merge_metadata(body, params)
    return public(context.objects.put(KIND, body))


def render(context: Context, id: str) -> Body:
    """The transaction with this id."""
    return public(existing(context, KIND, "customer_balance_transaction", id, "transaction", in_path=True))


def retrieve(context: Context) -> Body:
    """`GET /v1/customers/{customer}/balance_transactions/{transaction}`."""
    return public(_transaction(context))


def update(context: Context) -> Body:
    """`POST /v1/customers/{customer}/balance_transactions/{transaction}`: its words; the amount stays."""
    body = _transaction(context)
    body["description"] = context.params.get("description", body["description"])
    merge_metadata(body, context.params)
    return public(context.objects.put(KIND, body))


def list_(context: Context) -> Body:
    """`GET /v1/customers/{customer}/balance_transactions`."""
    params, customer = context.params, _customer(context)
    conditions = [equal("customer", customer["id"])]
    if params.get("invoice"):
        conditions.append(equal("invoice", params["invoice"]))
    conditions += range_conditions("created", params.get("created"))
    found, more = page(context.objects, KIND, "customer_balance_transaction", params, conditions)
    url = f"/v1/customers/{customer['id']}/balance_transactions"
    return {**list_object(url, [public(body) for body in found], more), "_type": KIND}


INDEXED = {KIND: ("customer",)}

register(
    KIND,
    {"credit_note": Ref("credit_note"), "customer": Ref(CUSTOMER), "invoice": Ref("invoice"), **unavailable("checkout_session")},
    render,
)

OPERATIONS = [
    post(_URL, create, CREATE),
    get(_URL, list_, LIST),
    get(f"{_URL}/{{transaction}}", retrieve),
    post(f"{_URL}/{{transaction}}", update, UPDATE),
]
