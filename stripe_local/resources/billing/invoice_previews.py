"""Invoice preview: what the next invoice of a subscription would be. https://docs.stripe.com/api/invoices/create_preview

Changes that the preview is asked about are really made, in a transaction that is thrown away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stripe_local.resources.shared import (
    DISCOUNTS,
    ISSUER,
    NO_AUTOMATIC_TAX,
    NO_CONNECT,
    NO_CUSTOMER_ACCOUNTS,
    NO_PREBILLING,
    TAX_RATES,
    existing,
)
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body
from stripe_local.wire.currencies import Currency
from stripe_local.wire.errors import StripeError, invalid, missing_param, not_supported
from stripe_local.wire.operation import Context, post
from stripe_local.wire.params import Bool, Enum, ListOf, Metadata, Obj, Param, Refused, Str, Timestamp

from . import (
    billing_runs,
    discounts,
    invoice_items,
    invoices,
    subscription_schedules,
    subscription_start,
    subscription_states,
    subscription_update,
    subscriptions,
    written_lines,
)
from .subscription_items import items_of
from .subscription_parameters import BILLING_MODE, CANCEL_AT, ITEM_CHANGE, MAX_ITEMS, TRIAL_END

_NO_SCHEDULES = Refused("what a schedule will change is not previewed; the subscription's next invoice is.")

_DETAILS: dict[str, Param] = {
    "billing_cycle_anchor": Obj({"timestamp": Timestamp(), "type": Enum("now", "timestamp", "unchanged", required=True)}),
    "billing_mode": BILLING_MODE,
    "billing_schedules": NO_PREBILLING,
    "cancel_at": CANCEL_AT,
    "cancel_at_period_end": Bool(),
    "cancel_now": Bool(),
    "default_tax_rates": TAX_RATES,
    "items": ListOf(Obj(ITEM_CHANGE), max_items=2 * MAX_ITEMS),
    "metadata": Metadata(),
    "pause": Refused("pausing a whole subscription is not emulated."),
    "proration_behavior": Enum("always_invoice", "create_prorations", "none"),
    "proration_date": Timestamp(),
    "resume_at": Refused("pausing a whole subscription is not emulated."),
    "start_date": Timestamp(),
    "trial_end": TRIAL_END,
}
_OF_A_NEW_ONE = (
    "billing_mode",
    "cancel_at",
    "cancel_at_period_end",
    "default_tax_rates",
    "items",
    "metadata",
    "proration_behavior",
    "trial_end",
)
PREVIEW: dict[str, Param] = {
    "automatic_tax": NO_AUTOMATIC_TAX,
    "currency": Currency(),
    "customer": Str(clearable=False),
    "customer_account": NO_CUSTOMER_ACCOUNTS,
    "customer_details": Refused("tax is not computed here; name a customer."),
    "discounts": DISCOUNTS,
    "invoice_items": ListOf(
        Obj(
            {
                **{name: param for name, param in written_lines.ITEM.items() if name != "pricing"},
                "currency": Currency(),
                "invoiceitem": Refused("pending invoice items cannot be changed here."),
                "price": Str(clearable=False),
                "unit_amount": Refused("name the item's price, or its amount."),
            }
        ),
        max_items=250,
    ),
    "issuer": ISSUER,
    "on_behalf_of": NO_CONNECT,
    "preview_mode": Enum("next", "recurring"),
    "schedule": _NO_SCHEDULES,
    "schedule_details": _NO_SCHEDULES,
    "subscription": Str(clearable=False),
    "subscription_details": Obj(_DETAILS),
}


def reads_only(params: dict[str, Any]) -> bool:
    """Whether the preview is of the subscription as it is."""
    return not {"discounts", "invoice_items", "subscription_details"} & params.keys()


def create_preview(context: Context) -> Body:
    """`POST /v1/invoices/create_preview`."""
    if reads_only(context.params):
        return _preview(context)
    assert context.changes is not None
    context.connection.execute("SAVEPOINT preview")
    try:
        with context.changes.unnoticed():
            return _preview(context)
    finally:
        context.connection.execute("ROLLBACK TO preview")


def _preview(context: Context) -> Body:
    params, body = context.params, None
    if params.get("subscription") is not None:
        body = existing(context, subscriptions.KIND, "subscription", params["subscription"], "subscription")
        if params.get("customer") not in (None, body["customer"]):
            raise invalid(f"The subscription {body['id']} does not belong to the customer {params['customer']}.", "customer")
        if body["status"] in subscription_states.OVER:
            raise _nothing_upcoming(body)
        if params.get("currency") not in (None, body["currency"]):
            raise invalid(f"The subscription {body['id']} is in {body['currency']}.", "currency")
    try:
        return _started(context) if body is None else _changed(context, body)
    except StripeError as error:
        # Here the parameters of the update, or of the new subscription, are those of `subscription_details`.
        if error.param is not None and error.param.split("[")[0] in _DETAILS and error.param not in params:
            name, bracket, inner = error.param.partition("[")
            error.param = f"subscription_details[{name}]{bracket}{inner}"
        raise


def _changed(context: Context, body: Body) -> Body:
    """The next invoice of an existing subscription, as it is or as `subscription_details` would make it."""
    details = dict(context.params.get("subscription_details", {}))
    for name in ("start_date", "billing_mode"):
        if name in details:
            raise invalid(f"`{name}` can only be previewed for a new subscription.", f"subscription_details[{name}]")
    if details.get("billing_cycle_anchor", {}).get("type") == "timestamp":
        raise not_supported("billing_cycle_anchor", "a subscription's billing date moves to now, and to no other time.")
    cancels, now = details.pop("cancel_now", False), context.now
    items = items_of(context, body["id"])
    lines: list[Body] = []
    if "discounts" in context.params:
        worth, has = billing_runs.worth(context, body, items), body["discounts"]
        body["discounts"] = discounts.given(context, context.params["discounts"], "discounts", body, has=has, worth=worth)
        body["_undiscounted"] = True
    if details:
        bill = subscription_update.modify(context, body, items, details)
        if body["status"] in subscription_states.OVER:
            raise _nothing_upcoming(body)
        if bill.now and not cancels and not _recurring(context):
            return _upcoming(context, body, bill.lines, now, (now, now), left_out=bill.left_out)
        lines = [] if _recurring(context) else bill.lines
    at = now if cancels else min(item["current_period_end"] for item in items)
    since = min(item["current_period_start"] for item in items if cancels or item["current_period_end"] == at)
    if cancels:
        prorate = details.get("proration_behavior") != "none"
        lines = lines + subscriptions.closing_lines(context, body, items, prorate=prorate, at=details.get("proration_date"))
    elif body["cancel_at"] is not None and body["cancel_at"] <= at:
        at = body["cancel_at"]
        lines = billing_runs.close(context, body, items, [at, -1], prorate=False)
    else:
        lines = _renewed(context, body, items, at)
    return _upcoming(context, body, lines, at, (since, at))


def _renewed(context: Context, body: Body, items: list[Body], at: int) -> list[Body]:
    """The lines of the next period, with which a phase of the subscription's schedule may begin."""
    then = replace(context, precise_now=float(at))
    phase = subscription_schedules.coming(then, body, items) if body.get("_phase_ends") == at else None
    if phase is None or phase.starts_trial or any(item["current_period_end"] != at for item in items):
        return billing_runs.renew(context, body, items, at)
    once = subscription_start.lines_once(then, body, phase.charged_once)
    return [*once, *subscription_update.renew(then, body, items, phase.params, at, resets=phase.resets)[0]]


def _nothing_upcoming(body: Body) -> StripeError:
    return StripeError(f"No upcoming invoices for customer: {body['customer']}", status=404, code="invoice_upcoming_none")


def _started(context: Context) -> Body:
    """The first invoice of a subscription that does not exist yet; in flexible mode it has no usage on it."""
    params = context.params
    details = params.get("subscription_details", {})
    if not details.get("items"):
        raise missing_param("subscription")
    if params.get("customer") is None:
        raise missing_param("customer")
    customer = existing(context, CUSTOMER, "customer", params["customer"], "customer")
    for index, item in enumerate(details["items"]):
        for name in ("id", "deleted", "clear_usage"):
            if item.get(name) is not None:
                raise invalid(
                    f"`{name}` can only be previewed for an existing subscription.",
                    f"subscription_details[items][{index}][{name}]",
                )
    wanted = {name: details[name] for name in _OF_A_NEW_ONE if name in details}
    wanted.update({name: params[name] for name in ("currency", "discounts") if name in params})
    if "start_date" in details:
        wanted["backdate_start_date"] = details["start_date"]
    anchor = details.get("billing_cycle_anchor", {})
    if anchor.get("type") == "timestamp":
        if "timestamp" not in anchor:
            raise missing_param("subscription_details[billing_cycle_anchor][timestamp]")
        wanted["billing_cycle_anchor"] = anchor["timestamp"]
    made = subscription_start.new(context, wanted, customer)
    made.body["_undiscounted"] = "discounts" in params
    at, lines = context.now, made.lines
    if _recurring(context):
        at = min(item["current_period_end"] for item in made.change.items)
        lines = billing_runs.renew(context, made.body, made.change.items, at)
    shown = _upcoming(context, made.body, lines, at, (context.now, at))
    # There is no subscription to name.
    return {**shown, "parent": None}


def _recurring(context: Context) -> bool:
    """Whether the preview is of what comes back each period: without what waits, and without what the change costs now."""
    return bool(context.params.get("preview_mode") == "recurring")


def _upcoming(
    context: Context, body: Body, lines: list[Body], at: int, period: tuple[int, int], left_out: frozenset[str] = frozenset()
) -> Body:
    params = context.params
    customer = existing(context, CUSTOMER, "customer", body["customer"], "customer")
    waiting = []
    if not _recurring(context):
        waiting = [item["_line"] for item in invoice_items.pending(context, body, but=left_out)]
    extra = [_extra_line(context, body, item, index, at) for index, item in enumerate(params.get("invoice_items", []))]
    invoice, _ = invoices.draft(
        context,
        body,
        customer,
        [*waiting, *lines, *extra],
        reason="upcoming",
        at=at,
        period=period,
        id=new_id("upcoming_in"),
    )
    if body["collection_method"] == "charge_automatically":
        invoice["next_payment_attempt"] = at + invoices.GRACE_SECONDS
    details = params.get("subscription_details", {})
    if any(line["proration"] for line in [*waiting, *lines]):
        invoice["parent"]["subscription_details"]["subscription_proration_date"] = details.get("proration_date", context.now)
    return invoices.rendered_preview(context, invoice)


def _extra_line(context: Context, body: Body, wanted: dict[str, Any], index: int, at: int) -> Body:
    here = f"invoice_items[{index}]"
    return written_lines.new(context, wanted, here, body, id=new_id("ii"), at=at, price="price")


OPERATIONS = [post("/v1/invoices/create_preview", create_preview, PREVIEW, reads_only=reads_only)]
