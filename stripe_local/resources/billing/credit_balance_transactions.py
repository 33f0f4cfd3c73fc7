"""Credit balance transaction: what was added to a credit grant, or taken from it.

https://docs.stripe.com/api/billing/credit-balance-transaction
"""

from __future__ import annotations

from typing import Any

from stripe_local.resources import clocks
from stripe_local.resources.shared import NO_CUSTOMER_ACCOUNTS
from stripe_local.store.ids import new_id
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import missing_param, no_such
from stripe_local.wire.expand import Ref, register
from stripe_local.wire.operation import Context, get
from stripe_local.wire.pagination import PAGE, list_object, page
from stripe_local.wire.params import Param, Str

KIND = "billing.credit_balance_transaction"
_URL = "/v1/billing/credit_balance_transactions"

LIST: dict[str, Param] = {"credit_grant": Str(), "customer": Str(), "customer_account": NO_CUSTOMER_ACCOUNTS, **PAGE}


def add(
    context: Context, grant: Body, side: str, type: str, amount: int, at: int, application: tuple[str, str] | None = None
) -> Body:
    """Store a `credit` to a grant, or a `debit` from it; `application` is the invoice and the line that it paid for."""
    of = application and {"invoice": application[0], "invoice_line_item": application[1]}
    money = {"monetary": {"currency": grant["amount"]["monetary"]["currency"], "value": amount}, "type": "monetary"}
    detail: dict[str, Any] = {"amount": money, "type": type}
    detail["credits_application_invoice_voided" if side == "credit" else "credits_applied"] = of
    return context.objects.insert(
        KIND,
        {
            "id": new_id("cbtxn"),
            "object": KIND,
            "created": at,
            "credit": None,
            "credit_grant": grant["id"],
            "debit": None,
            "effective_at": at if type != "credits_granted" else grant["effective_at"],
            "livemode": context.livemode,
            "test_clock": context.test_clock,
            "type": side,
            side: detail,
            "_customer": grant["customer"],
        },
    )


def retrieve(context: Context) -> Body:
    """`GET /v1/billing/credit_balance_transactions/{id}`."""
    return render(context, context.path["id"])


def render(context: Context, id: str) -> Body:
    """The transaction with this id."""
    body = context.objects.get(KIND, id)
    if body is None:
        raise no_such("credit balance transaction", id, "id", status=404)
    return public(body)


def list_(context: Context) -> Body:
    """`GET /v1/billing/credit_balance_transactions`: those of a customer."""
    params = context.params
    if not params.get("customer"):
        raise missing_param("customer")
    conditions = [equal("_customer", params["customer"])]
    if params.get("credit_grant"):
        conditions.append(equal("credit_grant", params["credit_grant"]))
    found, more = page(context.objects, KIND, "credit balance transaction", params, conditions)
    return {**list_object(_URL, [public(body) for body in found], more), "_type": KIND}


INDEXED = {KIND: ("_customer",)}

register(
    KIND,
    {
        "credit.credits_application_invoice_voided.invoice": Ref("invoice"),
        "credit_grant": Ref("billing.credit_grant"),
        "debit.credits_applied.invoice": Ref("invoice"),
        "test_clock": Ref(clocks.KIND),
    },
    render,
)

OPERATIONS = [get(_URL, list_, LIST), get(f"{_URL}/{{id}}", retrieve)]
