"""What makes events: every kind of stored object whose changes are told, with the types of its events.

How to declare another kind: see `stripe_local.wire.changes`. Names of events: https://docs.stripe.com/api/events/types; what
makes which: https://docs.stripe.com/billing/subscriptions/webhooks, https://docs.stripe.com/invoicing/overview#workflow-overview.
"""

from __future__ import annotations

from collections.abc import Iterator

from stripe_local.store.kinds import CUSTOMER, PRICE, PRODUCT, PROMOTION_CODE, SUBSCRIPTION_ITEM
from stripe_local.store.objects import Body
from stripe_local.wire.changes import INVOICE, LAST, PAYMENT, SUBSCRIPTION, Change, declare, follow, only, part, usual

from . import clocks
from .billing import (
    credit_grants,
    credit_notes,
    discounts,
    invoice_items,
    invoices,
    notices,
    payments,
    portal_configurations,
    portal_sessions,
    subscription_items,
    subscription_schedules,
    subscriptions,
    tax_ids,
)
from .checkout import payment_links, sessions
from .entitlements import active_entitlements
from .payment_methods import payment_methods
from .products import coupons, tax_rates
from .test_helpers import test_clocks
from .usage import alerts, meters

_MADE_OR_CHANGED = only("created", "updated")


def _became(change: Change, field: str, value: object) -> bool:
    """Whether the field has that value, and had it not before."""
    before, after = change.before or {}, change.after or {}
    return bool(after.get(field) == value and before.get(field) != value)


def _plan(price: Body) -> Body | None:
    """The plan that a recurring price is at the same time."""
    return subscription_items.plan_of(price) if price["recurring"] is not None else None


def _method(change: Change) -> Iterator[str]:
    before, after = (change.before or {}).get("customer"), (change.after or {}).get("customer")
    if before != after:
        yield "attached" if after else "detached"
    elif change.previous:
        yield "updated"


def _meter(change: Change) -> Iterator[str]:
    if change.before is not None and _became(change, "status", "inactive"):
        yield "deactivated"
    elif change.before is not None and _became(change, "status", "active"):
        yield "reactivated"
    else:
        yield from _MADE_OR_CHANGED(change)


def _charge(change: Change) -> Iterator[str]:
    for status in ("succeeded", "failed", "pending"):
        if _became(change, "status", status):
            yield status
    if (
        change.before is not None
        and change.after is not None
        and (change.after["amount_refunded"] > change.before["amount_refunded"])
    ):
        yield "refunded"


def _intent(change: Change) -> Iterator[str]:
    if change.before is None:
        yield "created"
    for status in ("succeeded", "requires_action", "processing", "canceled"):
        if _became(change, "status", status):
            yield status
    failed = (change.after or {}).get("last_payment_error")
    if failed and failed != (change.before or {}).get("last_payment_error"):
        yield "payment_failed"


def _payment(change: Change) -> Iterator[str]:
    if _became(change, "status", "paid"):
        yield "paid"


def _invoice(change: Change) -> Iterator[str]:
    yield from usual(change)
    before, after = change.before or {}, change.after
    if after is None:
        return
    was = before.get("status_transitions") or {}
    now = {name for name, at in after["status_transitions"].items() if at is not None and was.get(name) is None}
    if "finalized_at" in now:
        yield "finalized"
        if after["collection_method"] == "send_invoice" and before.get("automatically_finalizes_at") is not None:
            yield "sent"
    if "paid_at" in now:
        yield "paid"
        if after["attempted"] and after["amount_paid"] > 0:
            yield "payment_succeeded"
    elif after["status"] == "open" and after["attempt_count"] > before.get("attempt_count", 0):
        yield "payment_failed"
    elif after["status"] == "open" and after["attempted"] and after["attempt_count"] == 0 and not before.get("attempted"):
        yield "payment_action_required"
    if "voided_at" in now:
        yield "voided"
    if "marked_uncollectible_at" in now:
        yield "marked_uncollectible"


def _credit_note(change: Change) -> Iterator[str]:
    if _became(change, "status", "void"):
        yield "voided"
    else:
        yield from _MADE_OR_CHANGED(change)


def _subscription(change: Change) -> Iterator[str]:
    before, after = change.before or {}, change.after
    if change.before is not None and _became(change, "status", "canceled"):
        yield "deleted"
    elif change.before is not None and _became(change, "status", "paused"):
        # https://docs.stripe.com/billing/subscriptions/pause#identify-pause-and-resume-events
        yield from ("paused", "updated")
    elif before.get("status") == "paused" and after is not None and after["status"] != "paused":
        yield from ("resumed", "updated")
    else:
        yield from usual(change)
    if after is not None and after["trial_end"] is not None and after["trial_end"] != before.get("trial_end"):
        soon = after["trial_end"] - change.moment <= notices.TRIAL_SECONDS
        if soon and "trialing" in (before.get("status"), after["status"]):
            yield "trial_will_end"


def _schedule(change: Change) -> Iterator[str]:
    over = [word for word in ("completed", "canceled", "released") if _became(change, "status", word)]
    # Recorded: one that is released is told to be updated first.
    if "completed" not in over and "canceled" not in over:
        yield from _MADE_OR_CHANGED(change)
    yield from over


def _session(change: Change) -> Iterator[str]:
    if _became(change, "status", "complete"):
        yield "completed"
    if _became(change, "status", "expired"):
        yield "expired"


def _test_clock(change: Change) -> Iterator[str]:
    yield from only("created", "deleted")(change)
    for status in ("advancing", "ready", "internal_failure"):
        if change.before is not None and _became(change, "status", status):
            yield status


def _triggered(change: Change) -> Iterator[str]:
    if change.before is None:
        yield "triggered"


# The number of the next invoice is no change of a customer, at Stripe either.
declare(CUSTOMER, "customer", path="/v1/customers", quiet=("next_invoice_sequence",))
declare(CUSTOMER, "customer.discount", shows=lambda customer: customer["discount"], alone=discounts.place)
declare(
    discounts.KIND,
    "customer.discount",
    words=only("created"),
    shows=lambda body: body if body["subscription"] else None,
    alone=discounts.place,
)
declare(
    tax_ids.KIND,
    "customer.tax_id",
    path="/v1/tax_ids",
    words=only("created", "deleted"),
    shows=lambda body: body if body["customer"] else None,
)
declare(payment_methods.KIND, "payment_method", path="/v1/payment_methods", words=_method)

declare(PRODUCT, "product", path="/v1/products", gone={"active": False})
declare(PRICE, "plan", path="/v1/plans", shows=_plan)
declare(PRICE, "price", path="/v1/prices")
declare(coupons.KIND, "coupon", path="/v1/coupons", gone={"valid": False})
declare(PROMOTION_CODE, "promotion_code", path="/v1/promotion_codes", words=_MADE_OR_CHANGED)
declare(tax_rates.KIND, "tax_rate", path="/v1/tax_rates", words=_MADE_OR_CHANGED)

declare(meters.KIND, "billing.meter", path="/v1/billing/meters", words=_meter)
declare(
    alerts.FIRED,
    "billing.alert",
    path="/v1/billing/alerts",
    words=_triggered,
    shows=lambda mark: mark["triggered"],
    about="alert",
)
declare(credit_grants.KIND, "billing.credit_grant", path="/v1/billing/credit_grants", words=_MADE_OR_CHANGED)
declare(
    "billing.credit_balance_transaction",
    "billing.credit_balance_transaction",
    path="/v1/billing/credit_balance_transactions",
    words=only("created"),
)

declare("charge", "charge", path="/v1/charges", words=_charge, place=PAYMENT)
declare("payment_intent", "payment_intent", path="/v1/payment_intents", words=_intent, place=PAYMENT)
declare(payments.REFUND, "refund", path="/v1/refunds", words=_MADE_OR_CHANGED, place=PAYMENT)
declare(invoice_items.KIND, "invoiceitem", path="/v1/invoiceitems", words=only("created", "deleted"))
declare(invoices.KIND, "invoice", path="/v1/invoices", words=_invoice, place=INVOICE)
declare(credit_notes.KIND, "credit_note", path="/v1/credit_notes", words=_credit_note, place=INVOICE)
declare("invoice_payment", "invoice_payment", path="/v1/invoice_payments", words=_payment, place=LAST)
declare(subscriptions.KIND, "customer.subscription", path="/v1/subscriptions", words=_subscription, place=SUBSCRIPTION)
part(SUBSCRIPTION_ITEM, of=subscriptions.KIND, by="subscription")
follow(subscriptions.KIND, active_entitlements.follow)

declare(subscription_schedules.KIND, "subscription_schedule", path="/v1/subscription_schedules", words=_schedule, place=LAST)
declare(sessions.KIND, "checkout.session", path="/v1/checkout/sessions", words=_session, place=LAST)
declare(payment_links.KIND, "payment_link", path="/v1/payment_links", words=_MADE_OR_CHANGED)
declare(
    portal_configurations.KIND, "billing_portal.configuration", path="/v1/billing_portal/configurations", words=_MADE_OR_CHANGED
)
declare(portal_sessions.KIND, portal_sessions.KIND, path="/v1/billing_portal/sessions", words=only("created"))
declare(clocks.KIND, "test_helpers.test_clock", path=test_clocks.PATH, words=_test_clock, place=LAST)
