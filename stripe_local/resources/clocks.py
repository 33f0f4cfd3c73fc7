"""Whose time it is: what lives by a test clock is at that clock's time, and all else at the server's.

A customer is made under a test clock, and what is made for that customer lives by the same one. So a request says which one it is
about by the objects that it names, in its path or its parameters; `by_clock` is the one place where that is read. What is made
within it gets `context.test_clock`, and at most `context.now`. https://docs.stripe.com/billing/testing/test-clocks
"""

from __future__ import annotations

from dataclasses import replace

from stripe_local.resources.shared import existing
from stripe_local.store.kinds import CUSTOMER, INVOICE, PAYMENT_INTENT, SUBSCRIPTION, SUBSCRIPTION_ITEM
from stripe_local.store.objects import Where
from stripe_local.wire.errors import StripeError
from stripe_local.wire.operation import Context

KIND = "test_helpers.test_clock"

NOUN = "billingclock"
"""What Stripe calls a test clock where there is no such one."""

# What a request can name, by the prefix of its id.
_KINDS = {
    "bps": "billing_portal.session",
    "cbtxn": "billing.credit_balance_transaction",
    "ch": "charge",
    "clock": KIND,
    "cn": "credit_note",
    "credgr": "billing.credit_grant",
    "cs_test": "checkout.session",
    "cus": CUSTOMER,
    "ii": "invoiceitem",
    "in": INVOICE,
    "inpay": "invoice_payment",
    "pi": PAYMENT_INTENT,
    "pm": "payment_method",
    "re": "refund",
    "si": SUBSCRIPTION_ITEM,
    "sub": SUBSCRIPTION,
    "sub_sched": "subscription_schedule",
}
_PARAMS = ("test_clock", "customer", "subscription", "from_subscription", "schedule", "invoice", "payment_intent")
_OWNERS = ("customer", "_customer", "subscription", "invoice", "payment_intent")


def clock_of(context: Context, id: str) -> str | None:
    """The id of the test clock by which what has this id lives, or None."""
    kind = _KINDS.get(id.rpartition("_")[0])
    body = None if kind is None else context.objects.get(kind, id)
    if body is None:
        return None
    if kind == KIND:
        return id
    shown = body.get("test_clock") or body.get("_test_clock")
    if shown:
        return str(shown)
    # What does not show its clock itself says whose it is.
    owners = (body.get(name) for name in _OWNERS)
    return next((found for owner in owners if isinstance(owner, str) and (found := clock_of(context, owner))), None)


def by_clock(context: Context) -> Context:
    """The same work, at the time of the test clock of what its path or its parameters name, where they name any such thing."""
    named = [*context.path.values(), *(context.params[name] for name in _PARAMS if isinstance(context.params.get(name), str))]
    if not any(id.rpartition("_")[0] in _KINDS for id in named) or not context.objects.has_any(KIND):
        return context
    id = next((found for id in named if (found := clock_of(context, id)) is not None), None)
    return context if id is None else under(context, id)


def under(context: Context, id: str, at: int | None = None) -> Context:
    """The same work under that test clock, at its time, or at another; its changes are those of `context`."""
    time = frozen_time(context, id) if at is None else at
    return replace(context, precise_now=float(time), moment=0, test_clock=id, server_now=context.precise_now)


def frozen_time(context: Context, id: str) -> int:
    """The time of a test clock, which may have been deleted since."""
    body = context.objects.get(KIND, id)
    assert body is not None, id
    return int(body["_frozen_time"] if body.get("deleted") else body["frozen_time"])


def check_ready(context: Context) -> None:
    """Raise StripeError (429) for work that would change what a test clock moves on just now."""
    body = context.objects.get(KIND, context.test_clock) if context.test_clock is not None else None
    if body is not None and body.get("status") == "advancing":
        raise StripeError(f"Test clock advancement underway - cannot perform modifications: {body['id']}", status=429)


def due_here(context: Context) -> Where:
    """The condition that the time of this work, and no other, makes something due."""
    return Where("test_clock", "is", context.test_clock)


def given(context: Context) -> str | None:
    """The test clock that the parameter `test_clock` names, if any. Raises StripeError where there is none."""
    id: str | None = context.params.get("test_clock")
    return None if id is None else str(existing(context, KIND, NOUN, id, "test_clock")["id"])


def listed_here(context: Context) -> Where:
    """The condition that a list shows something: by default nothing that lives by a test clock."""
    if context.test_clock is not None:
        return due_here(context)
    return Where("test_clock", "is unset", None)
