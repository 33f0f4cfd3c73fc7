"""How an invoice is collected: attempts, retries, and what becomes of it and of its subscription.

https://docs.stripe.com/billing/revenue-recovery/smart-retries, https://docs.stripe.com/billing/collection-method
"""

from __future__ import annotations

from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body, public
from stripe_local.wire.errors import CARD, StripeError
from stripe_local.wire.operation import Context

from . import credit_grants, customer_balance, payments, subscription_states

_DAY = 86400

# A subscription's first payment by a customer without a payment method, in Stripe's words.
NOTHING_TO_CHARGE = (
    "This customer has no attached payment source or default payment method. Please consider adding a default payment "
    "method. For more information, visit "
    "https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority."
)
_ACTS = (
    "This payment requires additional user action before it can be completed successfully. Payment can be completed using the "
    "PaymentIntent associated with the invoice. For more details see: "
    "https://stripe.com/docs/billing/subscriptions/overview#requires-action"
)
# Recorded.
_ACTS_OR_NOTHING = (
    "Payment for this subscription requires additional user action, but the requested payment behavior doesn't save the invoice "
    "or PaymentIntent. Retry the request with `payment_behavior=allow_incomplete` or `payment_behavior=default_incomplete`, then "
    "complete the PaymentIntent on the subscription's latest invoice. Additional information is available here: "
    "https://stripe.com/docs/billing/subscriptions/overview#requires-action"
)


def payment_method(subscription: Body | None, customer: Body, invoice: Body | None = None) -> str | None:
    """What an automatic charge would go to, or None."""
    found = (invoice or {}).get("default_payment_method") or (subscription or {}).get("default_payment_method")
    method: str | None = found or customer.get("invoice_settings", {}).get("default_payment_method")
    return method


def attempt(
    context: Context,
    invoice: Body,
    subscription: Body | None,
    customer: Body,
    at: int,
    *,
    payment: payments.Payment | None,
    method: str | None = None,
    automatic: bool = True,
    off_session: bool = True,
) -> StripeError | None:
    """Charge an open invoice; returns why it was not paid. The bodies are brought up to date, and are the caller's to store."""
    method = method or payment_method(subscription, customer, invoice)
    first = not invoice["attempted"]
    invoice["attempted"] = True
    if method is None or payment is None:
        result = None
    elif automatic and not first and payment.intent.get("_refused") == method:
        # Nothing is sent to a card that would be declined for ever; the counter climbs all the same.
        result = payments.Result(declined=payments.declined(context, method))
    else:
        result = payments.charge(context, payment.intent, method, off_session=off_session)
    counts = first or automatic
    failure = conclude(context, invoice, subscription, result, payment, at, counts=counts, automatic=automatic)
    if failure is not None and automatic and invoice["billing_reason"] != "subscription_create":
        mark_delinquent(context, customer, True)
    return failure


def mark_delinquent(context: Context, customer: Body, is_so: bool) -> None:
    """Note on a customer what became of the latest invoice: it could not be charged or is overdue, or it was settled.

    https://docs.stripe.com/api/customers/object#customer_object-delinquent
    """
    if not customer.get("deleted") and customer["delinquent"] != is_so:
        customer["delinquent"] = is_so
        context.objects.put(CUSTOMER, customer)


def conclude(
    context: Context,
    invoice: Body,
    subscription: Body | None,
    result: payments.Result | None,
    payment: payments.Payment | None,
    at: int,
    *,
    counts: bool,
    automatic: bool,
) -> StripeError | None:
    """Bring an invoice in line with an attempt's result (None: there was nothing to charge); returns why it was not paid."""
    if result is not None and result.acts:
        invoice["next_payment_attempt"] = invoice["_due"] = None
        invoice["auto_advance"] = invoice["auto_advance"] and invoice["billing_reason"] != "subscription_create"
        return _acts("invoice", _ACTS, _shown(payment))
    if counts:
        invoice["attempt_count"] += 1
    if result is not None and result.paid:
        if subscription is not None and subscription["payment_settings"]["save_default_payment_method"] == "on_subscription":
            subscription["default_payment_method"] = payment and payment.intent["payment_method"]
        pay(invoice, payment, at)
        return None
    if automatic:
        _plan(context, invoice, at)
    if result is None or result.declined is None:
        return StripeError(NOTHING_TO_CHARGE, code="resource_missing")
    error = result.declined.error(keeps=True)
    error.more.update(_shown(payment))
    if payment is not None:
        error.more.update(payments.what_failed(payment.intent))
    return error


def _acts(of: str, words: str, more: Body) -> StripeError:
    code = f"{of}_payment_intent_requires_action"
    return StripeError(words, status=402, type=CARD, code=code, more=more, keeps=True)


def refusing(failure: StripeError) -> StripeError:
    """The failure of a payment on which a change of a subscription depends: nothing of what was done before is kept."""
    if failure.code == "invoice_payment_intent_requires_action":
        failure = _acts("subscription", _ACTS_OR_NOTHING, {})
    failure.keeps = False
    for name in ("payment_intent", "payment_method", "charge"):
        failure.more.pop(name, None)
    return failure


def _shown(payment: payments.Payment | None) -> Body:
    return {} if payment is None else {"payment_intent": public(payment.intent)}


def _plan(context: Context, invoice: Body, at: int) -> None:
    """When the invoice is charged again, if it is; the first one of a subscription never is by itself."""
    invoice["next_payment_attempt"] = invoice["_due"] = None
    if invoice["billing_reason"] == "subscription_create":
        invoice["auto_advance"] = False
    elif invoice["auto_advance"]:
        rules = subscription_states.rules(context)
        if invoice["attempt_count"] <= rules["retries"]:
            invoice["next_payment_attempt"] = invoice["_due"] = at + rules["days"] * _DAY // rules["retries"]
        else:
            invoice["_given_up"] = True


def pay(invoice: Body, payment: payments.Payment | None, at: int, *, out_of_band: bool = False) -> None:
    """An open invoice is paid; it and its payment are the caller's to store."""
    invoice["status"] = "paid"
    invoice["amount_paid"] = invoice["amount_due"]
    invoice["amount_remaining"] = 0
    invoice["auto_advance"] = False
    invoice["next_payment_attempt"] = invoice["_due"] = None
    invoice["status_transitions"]["paid_at"] = at
    if out_of_band:
        invoice["amount_paid_off_stripe"] = invoice["amount_due"]
    else:
        invoice["attempted"] = True
    if payment is not None:
        payments.settle(payment, at)


def credit(context: Context, invoice: Body, amount: int, at: int) -> None:
    """Take from what is due of an open invoice, or put back what is negative; where nothing is left, it is paid.

    https://docs.stripe.com/invoicing/integration/programmatic-credit-notes
    """
    for name, less in (("amount_due", amount), ("amount_remaining", amount), ("pre_payment_credit_notes_amount", -amount)):
        invoice[name] -= less
    payment = payments.stored(context, invoice)
    if invoice["amount_remaining"] == 0:
        pay(invoice, payment, at)
    elif payment is not None:
        payment.intent["amount"] = payment.joins["amount_requested"] = invoice["amount_remaining"]
    if payment is not None:
        payments.put(context, payment)


def void(context: Context, invoice: Body, customer: Body, at: int) -> None:
    """Void an invoice, and give back the balance that it used. https://docs.stripe.com/billing/customer/balance"""
    invoice["status"] = "void"
    invoice["auto_advance"] = False
    invoice["next_payment_attempt"] = invoice["_due"] = None
    invoice["status_transitions"]["voided_at"] = at
    if not customer.get("deleted") and invoice.get("_used_balance"):
        customer_balance.change(context, customer, invoice["_used_balance"], "unapplied_from_invoice", at, invoice=invoice["id"])
        invoice["_used_balance"] = 0
        context.objects.put(CUSTOMER, customer)
    credit_grants.give_back(context, invoice, at)
    payment = payments.stored(context, invoice)
    if payment is not None:
        payments.settle(payment, at)
        payments.put(context, payment)


def mark_uncollectible(invoice: Body, at: int, reason: str) -> None:
    """Give an invoice up; it can still be paid."""
    invoice["status"] = "uncollectible"
    invoice["auto_advance"] = False
    invoice["next_payment_attempt"] = invoice["_due"] = None
    invoice["status_transitions"]["marked_uncollectible_at"] = at
    invoice["status_details"] = {"uncollectible": {"reason": reason}}
