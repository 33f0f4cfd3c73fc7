"""What time makes happen: periods and trials end, subscriptions are canceled, invoices are finalized, sessions expire.

Each thing happens at its own moment, and its events are recorded then.
"""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import replace

from stripe_local.resources.shared import existing
from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body, Where
from stripe_local.wire.changes import Changes
from stripe_local.wire.errors import StripeError
from stripe_local.wire.operation import Context

from . import clocks
from .billing import (
    billing_runs,
    credit_grants,
    invoice_collection,
    invoice_effects,
    invoice_items,
    invoice_previews,
    invoices,
    notices,
    payments,
    pending_updates,
    subscription_schedules,
    subscription_settings,
    subscription_start,
    subscription_states,
    subscription_update,
    subscriptions,
    thresholds,
)
from .billing.subscription_items import items_of, put_all
from .checkout import sessions as checkout_sessions
from .test_helpers import test_clocks
from .usage import meter_errors, threshold_watch
from .webhooks import events

_log = logging.getLogger("uvicorn.error")

# Where it is written when something is due.
_BY_EACH_CLOCK = (
    (subscriptions.KIND, "_due"),
    (subscriptions.KIND, "_notice"),
    (subscription_schedules.KIND, "_due"),
    (subscription_schedules.KIND, "_notice"),
    (invoices.KIND, "_due"),
    (credit_grants.KIND, "_due"),
)
_BY_THE_SERVERS = ((checkout_sessions.KIND, "_due"), (clocks.KIND, "_due"), (threshold_watch.KIND, "_due"))


def next_due(context: Context) -> float | None:
    """When something next happens by itself (Unix seconds) by the clock whose time it is, or None."""
    by_the_server = context.test_clock is None
    moments: list[float | None] = [meter_errors.next_due(context)] if by_the_server else []
    if context.objects.has_any():  # mostly, one of the two modes has nothing
        moments.append(context.objects.smallest(_BY_EACH_CLOCK, clocks.due_here(context)))
        if by_the_server:
            moments.append(context.objects.smallest(_BY_THE_SERVERS))
    return min((moment for moment in moments if moment is not None), default=None)


def catch_up(context: Context) -> None:
    """Do everything that is due, in chronological order; at one moment, invoices before subscriptions.

    By the server's clock that is what no test clock holds, and that test clocks move on; each does as much for what it holds.
    """
    here = clocks.due_here(context)
    while (due := next_due(context)) is not None and due <= context.precise_now:
        context.now = context.moment = moment = int(due)
        for body in context.objects.find(invoices.KIND, [Where("_due", "=", moment), here]):
            _collect(context, body, moment)
            events.record(context)
        credit_grants.catch_up(context, moment)
        events.record(context)
        for body in context.objects.find(subscriptions.KIND, [Where("_notice", "=", moment), here]):
            _tell(context, body, moment)
        for body in context.objects.find(subscription_schedules.KIND, [Where("_notice", "=", moment), here]):
            subscription_schedules.tell(context, body)
        for body in context.objects.find(subscription_schedules.KIND, [Where("_due", "=", moment), here]):
            subscription_schedules.start_due(_at(context, moment), body)
            events.record(context)
        for body in context.objects.find(subscriptions.KIND, [Where("_due", "=", moment), here]):
            _advance(context, body, moment)
            events.record(context)
        if context.test_clock is None:
            checkout_sessions.catch_up(context, moment)
            events.record(context)
            meter_errors.catch_up(context, moment)
            thresholds.catch_up(context, due)
            for body in test_clocks.due(context, due):
                _move(context, body)
    context.now = context.moment = int(context.precise_now)


def _move(context: Context, body: Body) -> None:
    """A test clock is where it was to go, with all that happens on the way; or it is too old, and goes."""
    under = replace(clocks.under(context, body["id"], test_clocks.target(body)), changes=Changes())
    connection = context.connection
    connection.execute("SAVEPOINT moving")
    try:
        catch_up(under)
        test_clocks.arrive(under, body)
        if body["deletes_after"] <= context.moment:
            test_clocks.remove(under, body)
    except sqlite3.Error:  # such as a full disk: it is tried again
        raise
    except Exception:  # a bug here, or objects that were changed past the API: other clocks go on
        connection.execute("ROLLBACK TO moving")
        _log.exception("%s did not advance to %s", body["id"], test_clocks.target(body))
        under.changes = Changes()
        test_clocks.arrive(under, body, failed=True)
    connection.execute("RELEASE moving")
    events.record(under)
    assert under.changes is not None
    assert context.changes is not None
    context.changes.emitted |= under.changes.emitted


def _at(context: Context, moment: int) -> Context:
    """The context of what happens as if it were asked for at that moment."""
    return replace(context, precise_now=float(moment))


def _tell(context: Context, body: Body, at: int) -> None:
    items = items_of(context, body["id"])
    if notices.trial_ends(body, at):
        shown = subscriptions.rendered(context, body, items)
        related = {"id": body["id"], "type": subscriptions.KIND, "url": f"/v1/subscriptions/{body['id']}"}
        events.emit(context, "customer.subscription.trial_will_end", object=shown, related=related)
    if notices.invoice_comes(body, items, at):
        preview = replace(_at(context, at), params={"subscription": body["id"]})
        try:
            shown = invoice_previews.create_preview(preview)
        except StripeError:  # such as a customer that is deleted: nothing comes
            shown = {}
        if shown:
            about = {"customer": body["customer"], "subscription": body["id"]}
            shown = {name: value for name, value in shown.items() if name != "id"}
            events.emit(context, "invoice.upcoming", object=shown, data=about)
    subscriptions.save(context, body, items)


def _collect(context: Context, body: Body, at: int) -> None:
    """A draft is finalized, an open invoice charged again, or it is overdue."""
    id = body["_subscription"]
    subscription = None if id is None else context.objects.get(subscriptions.KIND, id)
    if body["status"] == "draft":
        invoices.finalize(context, body, subscription, at)
        if subscription is not None:
            subscriptions.save(context, subscription)
        return
    customer = context.objects.get(CUSTOMER, body["customer"])
    assert customer is not None
    if body["collection_method"] == "send_invoice":
        body["_due"] = None
        invoice_collection.mark_delinquent(context, customer, True)
    else:
        payment = payments.stored(context, body)
        invoice_collection.attempt(context, body, subscription, customer, at, payment=payment)
        if payment is not None:
            payments.put(context, payment)
    context.objects.put(invoices.KIND, body)
    invoice_effects.follow(context, body, at)


def _advance(context: Context, body: Body, at: int) -> None:
    items = items_of(context, body["id"])
    pause = body["pause_collection"]
    if pause is not None and pause["resumes_at"] is not None and pause["resumes_at"] <= at:
        body["pause_collection"] = None
    if body["next_pending_invoice_item_invoice"] is not None and body["next_pending_invoice_item_invoice"] <= at:
        _bill_pending(context, body, items, at)
    if body["pending_update"] is not None and body["pending_update"]["expires_at"] <= at:
        pending_updates.drop(context, body, at)
    if body["status"] == "incomplete":
        _expire(context, body, at)
    elif body["cancel_at"] is not None and body["cancel_at"] <= at:
        _end(context, body, items, at)
    elif body.get("_phase_ends") is not None and body["_phase_ends"] <= at:
        _turn(context, body, items, at)
    else:
        _cycle(context, body, items, at)
    subscriptions.save(context, body)
    assert body["_due"] is None or body["_due"] > at, f"{body['id']} stays due at {at}"


def _expire(context: Context, body: Body, at: int) -> None:
    """The first invoice was not paid in time: it is void. https://docs.stripe.com/billing/subscriptions/overview"""
    invoice = context.objects.get(invoices.KIND, body["latest_invoice"])
    if invoice is not None and invoice["status"] == "open":
        customer = context.objects.get(CUSTOMER, invoice["customer"])
        assert customer is not None
        invoice_collection.void(context, invoice, customer, at)
        context.objects.put(invoices.KIND, invoice)
    subscription_states.follow(context, body, at)


def _end(context: Context, body: Body, items: list[Body], at: int) -> None:
    lines = billing_runs.close(context, body, items, [at, -1], prorate=False)
    subscriptions.bill_end(context, body, items, lines, at)
    subscription_states.end(context, body, at, reason="cancellation_requested")


def _bill_pending(context: Context, body: Body, items: list[Body], at: int) -> None:
    """Bill what waits, between two periods. https://docs.stripe.com/billing/invoices/subscription"""
    subscription_settings.plan_pending(body, at)
    if all(item["current_period_end"] != at for item in items) and invoice_items.pending(context, body):
        invoices.issue(context, body, [], reason="subscription_update", at=at, grace=True)


def _turn(context: Context, body: Body, items: list[Body], at: int) -> None:
    """The next phase of the schedule begins, or the schedule is over."""
    then = _at(context, at)
    phase = subscription_schedules.advance(then, body, items)
    context.objects.put(subscriptions.KIND, body)
    if phase is None:
        _cycle(context, body, items, at)
        return
    context.connection.execute("SAVEPOINT phase")
    try:
        if not phase.starts_trial and all(item["current_period_end"] == at for item in items):
            _cycle(then, body, items, at, phase)
        else:
            if not phase.starts_trial:
                # https://docs.stripe.com/billing/subscriptions/mixed-interval: an item is renewed before it changes.
                _cycle(then, body, items, at)
            if body["status"] not in subscription_states.OVER:
                subscription_schedules.enter(then, body, phase)
    except StripeError:  # such as a coupon that cannot be redeemed any more: the subscription stays as it is
        context.connection.execute("ROLLBACK TO phase")
        body.clear()
        body.update(existing(context, subscriptions.KIND, "subscription", phase.subscription, "id"))
        body["cancel_at"] = phase.params.get("cancel_at", body["cancel_at"])
        _cycle(context, body, items_of(context, body["id"]), at)
    context.connection.execute("RELEASE phase")


def _cycle(context: Context, body: Body, items: list[Body], at: int, phase: subscription_schedules.Coming | None = None) -> None:
    """A trial or a period ends, and a `phase` begins with the next one."""
    if body["status"] == "trialing" and body["trial_end"] > at:
        return
    if body["status"] != "paused" and (body["status"] != "trialing" or subscription_update.leave_trial(context, body, items, at)):
        _renew(context, body, items, at, phase)
    elif phase is not None and body["status"] == "paused":
        subscription_schedules.enter(context, body, phase)


def _renew(context: Context, body: Body, items: list[Body], at: int, phase: subscription_schedules.Coming | None = None) -> None:
    ending = [item for item in items if item["current_period_end"] == at]
    if not ending:
        return
    period = (min(item["current_period_start"] for item in ending), at)
    if phase is None:
        lines = billing_runs.renew(context, body, items, at)
        put_all(context, ending)
    else:
        lines, change = subscription_update.renew(context, body, items, phase.params, at, resets=phase.resets)
        change.save()
        subscription_start.add_invoice_items(context, body, phase.charged_once)
    if lines or invoice_items.pending(context, body):
        invoices.issue(context, body, lines, reason="subscription_cycle", at=at, period=period, grace=True)
