"""Invoice preview: what the next invoice of a subscription or a schedule would be.

https://docs.stripe.com/api/invoices/create_preview. Changes that the preview is asked about are really made, in a transaction
that is thrown away.
"""

from __future__ import annotations

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
from stripe_local.store.objects import Body
from stripe_local.wire.currencies import Currency
from stripe_local.wire.errors import StripeError, invalid, missing_param, not_supported
from stripe_local.wire.operation import Context, post
from stripe_local.wire.params import Bool, Enum, ListOf, Metadata, Obj, Param, Refused, Str, Timestamp

from . import (
    preview_customers,
    schedule_previews,
    subscription_pauses,
    subscription_start,
    subscription_states,
    subscription_update,
    subscriptions,
    upcoming_invoices,
    written_lines,
)
from .schedule_parameters import PREVIEWED
from .subscription_items import items_of
from .subscription_parameters import BILLING_MODE, CANCEL_AT, ITEM_CHANGE, MAX_ITEMS, PAUSE, TRIAL_END

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
    "pause": Obj(PAUSE),
    "proration_behavior": Enum("always_invoice", "create_prorations", "none"),
    "proration_date": Timestamp(),
    "resume_at": Enum("now"),
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
    "customer_details": Obj(preview_customers.DETAILS),
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
    "schedule": Str(clearable=False),
    "schedule_details": Obj(PREVIEWED),
    "subscription": Str(clearable=False),
    "subscription_details": Obj(_DETAILS),
}


def reads_only(params: dict[str, Any]) -> bool:
    """Whether the preview is of a subscription as it is."""
    changes = {"customer_details", "discounts", "invoice_items", "schedule", "schedule_details", "subscription_details"}
    return not changes & params.keys()


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
    if {"schedule", "schedule_details"} & params.keys():
        return schedule_previews.preview(context)
    if params.get("subscription") is not None:
        body = existing(context, subscriptions.KIND, "subscription", params["subscription"], "subscription")
        if params.get("customer") not in (None, body["customer"]):
            raise invalid(f"The subscription {body['id']} does not belong to the customer {params['customer']}.", "customer")
        if body["status"] in subscription_states.OVER:
            raise upcoming_invoices.none_of(body["customer"])
        if params.get("currency") not in (None, body["currency"]):
            raise invalid(f"The subscription {body['id']} is in {body['currency']}.", "currency")
        preview_customers.detail(context, body["customer"])
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
    items = items_of(context, body["id"])
    upcoming_invoices.redeem(context, body, items)
    if details.get("pause") or "resume_at" in details:
        return subscription_pauses.preview(context, body, items, details)
    cancels, now = details.pop("cancel_now", False), context.now
    lines: list[Body] = []
    if details:
        bill = subscription_update.modify(context, body, items, details)
        if body["status"] in subscription_states.OVER:
            raise upcoming_invoices.none_of(body["customer"])
        if bill.now and not cancels and not upcoming_invoices.is_recurring(context):
            return upcoming_invoices.of(context, body, bill.lines, now, (now, now), left_out=bill.left_out)
        lines = [] if upcoming_invoices.is_recurring(context) else bill.lines
    if not cancels:
        return upcoming_invoices.by_itself(context, body, items)
    prorate = details.get("proration_behavior") != "none"
    lines = lines + subscriptions.closing_lines(context, body, items, prorate=prorate, at=details.get("proration_date"))
    since = min(item["current_period_start"] for item in items)
    return upcoming_invoices.of(context, body, lines, now, (since, now))


def _started(context: Context) -> Body:
    """The first invoice of a subscription that does not exist yet; in flexible mode it has no usage on it."""
    params = context.params
    details = params.get("subscription_details", {})
    if not details.get("items"):
        raise missing_param("subscription")
    for name in ("pause", "resume_at"):
        if name in details:
            raise invalid(f"`{name}` can only be previewed for an existing subscription.", f"subscription_details[{name}]")
    customer = preview_customers.of_new(context)
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
    return upcoming_invoices.of_new(context, made, [])


OPERATIONS = [post("/v1/invoices/create_preview", create_preview, PREVIEW, reads_only=reads_only)]
