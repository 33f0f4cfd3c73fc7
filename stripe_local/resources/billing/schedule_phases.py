"""The phases of a subscription schedule: laid out from parameters, and what each makes of its subscription.

https://docs.stripe.com/billing/subscriptions/subscription-schedules
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from stripe_local.calculation import periods
from stripe_local.resources.payment_methods import payment_methods
from stripe_local.resources.products import coupons, promotion_codes, tax_rates
from stripe_local.resources.shared import existing
from stripe_local.store.kinds import PROMOTION_CODE
from stripe_local.store.objects import Body
from stripe_local.wire.errors import StripeError, exclusive_params, invalid, missing_param
from stripe_local.wire.operation import Context

from . import charges, discounts, threshold_settings
from . import subscription_start as start
from .subscription_items import Change

_MOST_PHASES = 10
_OF_INVOICES = ("custom_fields", "description", "footer")


@contextlib.contextmanager
def _within(place: str) -> Iterator[None]:
    """Errors about a part name the whole: `items` is `phases[0][items]`."""
    try:
        yield
    except StripeError as error:
        if error.param is not None:
            name, bracket, inner = error.param.partition("[")
            error.param = f"{place}[{name}]{bracket}{inner}"
        raise


# Settings


def default_settings(context: Context, customer: str, wanted: dict[str, Any], there: Body | None = None) -> Body:
    """The settings that hold where a phase has none; those `there` stay where nothing else is `wanted`. Raises StripeError."""
    found = there or {
        "application_fee_percent": None,
        "automatic_tax": _automatic_tax(),
        "billing_cycle_anchor": "automatic",
        "billing_thresholds": None,
        "collection_method": "charge_automatically",
        "default_payment_method": None,
        "description": None,
        "invoice_settings": {**_invoice_settings({}), "issuer": {"type": "self"}},
        "on_behalf_of": None,
        "transfer_data": None,
    }
    with _within("default_settings"):
        body = {**found, **_settings(context, customer, wanted)}
        body["invoice_settings"] = {**found["invoice_settings"], **wanted.get("invoice_settings", {})}
        if body["collection_method"] == "charge_automatically" and "days_until_due" not in wanted.get("invoice_settings", {}):
            body["invoice_settings"]["days_until_due"] = None
        _check_collection(body["collection_method"], body["invoice_settings"]["days_until_due"])
    return body


def _settings(context: Context, customer: str, wanted: dict[str, Any]) -> Body:
    """What phases and default settings have in common, as far as it was sent."""
    found: Body = {name: wanted[name] for name in ("billing_cycle_anchor", "collection_method", "description") if name in wanted}
    if "billing_thresholds" in wanted:
        found["billing_thresholds"] = threshold_settings.merged(None, wanted["billing_thresholds"])
    if "automatic_tax" in wanted:
        found["automatic_tax"] = _automatic_tax()
    if "default_payment_method" in wanted:
        method = wanted["default_payment_method"]
        found["default_payment_method"] = method and payment_methods.attach(context, customer, method, "default_payment_method")
    return found


def _automatic_tax() -> Body:
    return {"disabled_reason": None, "enabled": False, "liability": None}


def _invoice_settings(wanted: dict[str, Any]) -> Body:
    empty = dict.fromkeys(("account_tax_ids", "custom_fields", "days_until_due", "description", "footer", "issuer"))
    return {**empty, **wanted}


def _check_collection(method: str, days: int | None) -> None:
    if method == "send_invoice" and days is None:
        raise invalid(
            "`days_until_due` is required when `collection_method` is `send_invoice`.", "invoice_settings[days_until_due]"
        )
    if method == "charge_automatically" and days is not None:
        raise invalid(
            "`days_until_due` can only be set when `collection_method` is `send_invoice`.", "invoice_settings[days_until_due]"
        )


# Laying phases out


EMPTY: Body = {
    "add_invoice_items": [],
    "application_fee_percent": None,
    "billing_cycle_anchor": None,
    "billing_thresholds": None,
    "collection_method": None,
    "default_payment_method": None,
    "description": None,
    "invoice_settings": None,
    "metadata": {},
    "on_behalf_of": None,
    "proration_behavior": "create_prorations",
    "transfer_data": None,
    "_metadata": {},
}
"""What a phase has where nothing is said of it."""


def laid_out(
    context: Context, schedule: Body, customer: Body, wanted: Sequence[dict[str, Any]], begins: int, currency: str | None
) -> list[Body]:
    """The phases that parameters ask for, one after the other, the first of which `begins` then. Raises StripeError.

    They have the `currency` of the subscription, where there is one already.
    """
    if len(wanted) > _MOST_PHASES:
        raise invalid(f"A subscription schedule can have at most {_MOST_PHASES} current and future phases.", "phases")
    found: list[Body] = []
    for index, sent in enumerate(wanted):
        with _within(f"phases[{index}]"):
            since = found[-1]["end_date"] if found else begins
            if "start_date" in sent and _moment(context, sent["start_date"]) != since:
                raise invalid("A phase starts when the one before it ends.", "start_date")
            if not sent["items"]:
                raise missing_param("items")
            currency = currency or start.currency_of(context, sent, customer)
            if sent.get("currency", currency) != currency:
                raise invalid(f"The subscription schedule is in {currency}.", "currency")
            found.append(_phase(context, schedule, sent, since, currency))
    return found


def _moment(context: Context, value: int | str) -> int:
    return context.now if value == "now" else int(value)


def _phase(context: Context, schedule: Body, sent: dict[str, Any], since: int, currency: str) -> Body:
    subscription = _imagined(schedule, currency, since)
    agreed = {item["price"] for phase in schedule["_phases"] for item in phase["items"]}
    items = _items(context, subscription, sent["items"], agreed)
    end = _end(context, sent, since, items)
    settings = _settings(context, schedule["customer"], sent)
    defaults = schedule["default_settings"]
    own = _invoice_settings(sent["invoice_settings"]) if "invoice_settings" in sent else None
    method, days = settings.get("collection_method", defaults["collection_method"]), (own or {}).get("days_until_due")
    _check_collection(method, _first(days, defaults["invoice_settings"]["days_until_due"]) if method == "send_invoice" else days)
    trial_end = _trial_end(context, sent, since, end, new=not schedule["_phases"])
    off = _discounts(context, sent.get("discounts"), "discounts", *_where(context, schedule, since))
    anchor = sent.get("billing_cycle_anchor", defaults["billing_cycle_anchor"])
    if trial_end is not None and anchor == "phase_start":
        raise invalid("`billing_cycle_anchor` cannot be `phase_start` for a phase with a trial.", "billing_cycle_anchor")
    thresholds = settings.get("billing_thresholds") or defaults["billing_thresholds"]
    threshold_settings.check(context, thresholds, items, currency)
    metadata = sent.get("metadata") or {}
    return {
        **EMPTY,
        "add_invoice_items": _once(context, currency, sent.get("add_invoice_items", [])),
        "currency": currency,
        "default_tax_rates": tax_rates.given(context, sent.get("default_tax_rates"), "default_tax_rates"),
        "discounts": off,
        "end_date": end,
        "invoice_settings": own,
        "items": items,
        "metadata": {key: value for key, value in metadata.items() if value is not None},
        "proration_behavior": sent.get("proration_behavior", "create_prorations"),
        "start_date": since,
        "trial_end": trial_end,
        **settings,
        # An empty value unsets a key of the subscription's.
        "_metadata": metadata,
        # https://docs.stripe.com/api/subscription_schedules/create#create_subscription_schedule-phases-discounts
        "_inherits": "discounts" not in sent or sent["discounts"] is not None,
    }


def _where(context: Context, schedule: Body, since: int) -> tuple[str | None, frozenset[str]]:
    """What the discounts of a phase are on, as `_discounts` takes it, and the codes that it has already."""
    if since > context.now:
        return "a future phase", frozenset()
    there = (off["promotion_code"] for phase in schedule["_phases"] for off in phase["discounts"])
    return "a subscription update" if schedule["subscription"] else None, frozenset(filter(None, there))


def _imagined(schedule: Body, currency: str, since: int) -> Body:
    """As much of a subscription as it takes to check a phase."""
    return {
        "id": "",
        "billing_cycle_anchor": since,
        "billing_mode": schedule["billing_mode"],
        "currency": currency,
        "customer": schedule["customer"],
        "discounts": [],
    }


def _items(context: Context, subscription: Body, sent: Sequence[dict[str, Any]], agreed: Collection[str]) -> list[Body]:
    change = Change(context, subscription, [])
    change.apply([{**item, "discounts": None, "_agreed": item.get("price") in agreed} for item in sent])
    found = []
    for index, (wanted, item) in enumerate(zip(sent, change.items, strict=True)):
        found.append(
            {
                "billing_thresholds": item["billing_thresholds"],
                "discounts": _discounts(context, wanted.get("discounts"), f"items[{index}][discounts]", "a subscription item"),
                "metadata": item["metadata"],
                "plan": item["price"],
                "price": item["price"],
                **({} if item["quantity"] is None else {"quantity": item["quantity"]}),
                "tax_rates": item["tax_rates"],
                "_metadata": wanted.get("metadata") or {},
            }
        )
    return found


def _discounts(
    context: Context,
    wanted: Sequence[dict[str, str]] | None,
    param: str,
    what: str | None,
    there: Collection[str] = (),
) -> list[Body]:
    """What is to be redeemed when the phase begins; what does not exist cannot be. Raises StripeError.

    `what` it is on, where that takes no code with a minimum but those that are `there`.
    """
    found = []
    for index, entry in enumerate(wanted or ()):
        here = f"{param}[{index}]"
        if len(entry) > 1:
            raise exclusive_params(*(f"{here}[{name}]" for name in sorted(entry)))
        if not entry:
            raise missing_param(f"{here}[coupon]")
        if "coupon" in entry:
            existing(context, coupons.KIND, "coupon", entry["coupon"], f"{here}[coupon]")
        if "promotion_code" in entry:
            code = existing(context, PROMOTION_CODE, "promotion code", entry["promotion_code"], f"{here}[promotion_code]")
            if what is not None and code["id"] not in there:
                promotion_codes.check_place(code, f"{here}[promotion_code]", what)
        if "discount" in entry:
            existing(context, discounts.KIND, "discount", entry["discount"], f"{here}[discount]")
        found.append({"coupon": None, "discount": None, "promotion_code": None, **entry})
    return found


def _once(context: Context, currency: str, sent: Sequence[dict[str, Any]]) -> list[Body]:
    """What is charged once when the phase begins; prices made on the spot are made now."""
    found = []
    for index, wanted in enumerate(sent):
        here = f"add_invoice_items[{index}]"
        found.append(
            {
                "discountable": wanted.get("discountable"),
                "discounts": _discounts(context, wanted.get("discounts"), f"{here}[discounts]", "an invoice item"),
                "metadata": {key: value for key, value in (wanted.get("metadata") or {}).items() if value is not None},
                "period": {"end": {"type": "min_item_period_end"}, "start": {"type": "max_item_period_start"}},
                "price": start.once_price(context, wanted, here, currency)["id"],
                "quantity": wanted.get("quantity", 1),
                "tax_rates": tax_rates.given(context, wanted.get("tax_rates"), f"{here}[tax_rates]"),
            }
        )
    return found


def _end(context: Context, sent: dict[str, Any], since: int, items: Sequence[Body]) -> int:
    if "end_date" in sent and "duration" in sent:
        raise exclusive_params("end_date", "duration")
    if "end_date" in sent:
        end = _moment(context, sent["end_date"])
        if end <= since:
            raise invalid("A phase ends after it starts.", "end_date")
        return end
    # Without either, a phase lasts one interval of its price.
    length = sent.get("duration") or charges.stored_price(context, items[0]["price"])["recurring"]
    return periods.after(since, length["interval"], length.get("interval_count", 1))


def _trial_end(context: Context, sent: dict[str, Any], since: int, end: int, *, new: bool) -> int | None:
    given = sent.get("trial_end")
    if given is not None:
        given = _moment(context, given)
        # An update takes both where they say the same; a creation does not.
        # https://docs.stripe.com/api/subscription_schedules/create, https://docs.stripe.com/api/subscription_schedules/update
        if sent.get("trial") and (new or given != end):
            raise exclusive_params("trial", "trial_end")
        if not since <= given <= end:
            raise invalid("`trial_end` must lie within its phase.", "trial_end")
        return given if given > since else None
    return end if sent.get("trial") else None


# What a phase makes of its subscription


def wanted(schedule: Body, phase: Body) -> dict[str, Any]:
    """All that a phase says of its subscription, in the parameters of an update; its `items` and `discounts` are as it has them.

    A phase beats the default settings. What neither says is unset.
    """
    defaults, own = schedule["default_settings"], phase["invoice_settings"] or {}
    method = phase["collection_method"] or defaults["collection_method"]
    of_invoices = {name: _first(own.get(name), defaults["invoice_settings"][name]) for name in _OF_INVOICES}
    days = _first(own.get("days_until_due"), defaults["invoice_settings"]["days_until_due"])
    last = phase is schedule["_phases"][-1]
    return {
        "billing_thresholds": phase["billing_thresholds"] or defaults["billing_thresholds"],
        "cancel_at": phase["end_date"] if last and schedule["end_behavior"] == "cancel" else None,
        "collection_method": method,
        "days_until_due": days if method == "send_invoice" else None,
        "default_payment_method": phase["default_payment_method"] or defaults["default_payment_method"],
        "default_tax_rates": phase["default_tax_rates"],
        "description": _first(phase["description"], defaults["description"]),
        "discounts": phase["discounts"],
        "invoice_settings": of_invoices,
        "items": phase["items"],
        "metadata": phase["_metadata"],
        "trial_end": phase["trial_end"],
    }


def _first(own: Any, default: Any) -> Any:
    return default if own is None else own


def anchors(schedule: Body, phase: Body) -> bool:
    """Whether the billing date is to be the start of the phase."""
    return bool((phase["billing_cycle_anchor"] or schedule["default_settings"]["billing_cycle_anchor"]) == "phase_start")


def to_redeem(context: Context, entries: Sequence[Body], has: Collection[str]) -> list[dict[str, str]]:
    """The discounts of a phase as parameters: one that is there already goes on, and one that is gone is left out."""
    there = {discounts.stored(context, id)["source"]["coupon"]: id for id in discounts.current(context, has, context.now)}
    found: list[dict[str, str]] = []
    for entry in entries:
        ((name, id),) = [(name, id) for name, id in entry.items() if id is not None]
        if name == "promotion_code":
            coupon = existing(context, PROMOTION_CODE, "promotion code", id, "discounts")["promotion"]["coupon"]
        else:
            coupon = id if name == "coupon" else discounts.stored(context, id)["source"]["coupon"]
        if coupon in there:
            found.append({"discount": there[coupon]})
        elif name != "discount":
            found.append({name: id})
    return found


def new_items(context: Context, entries: Sequence[Body]) -> list[dict[str, Any]]:
    """The items of a phase as parameters of a new subscription."""
    return [_item(context, entry, ()) for entry in entries]


def item_changes(context: Context, entries: Sequence[Body], items: Sequence[Body]) -> list[dict[str, Any]]:
    """The items of a phase as changes of the items that there are.

    An item whose price stays is kept. Of the others, the first is swapped for the first, and so on; the rest goes, or is new.
    """
    by_price = {item["price"]: item for item in items}
    left = [item for item in items if item["price"] not in {entry["price"] for entry in entries}]
    found = []
    for entry in entries:
        item = by_price.get(entry["price"]) or (left.pop(0) if left else None)
        change = _item(context, entry, () if item is None else item["discounts"])
        found.append(change if item is None else {"id": item["id"], **change})
    return [*found, *({"id": item["id"], "deleted": True} for item in left)]


def _item(context: Context, entry: Body, has: Collection[str]) -> dict[str, Any]:
    return {
        "_agreed": True,
        "billing_thresholds": entry["billing_thresholds"],
        "discounts": to_redeem(context, entry["discounts"], has),
        "metadata": entry["_metadata"],
        "price": entry["price"],
        "tax_rates": entry["tax_rates"],
        **({"quantity": entry["quantity"]} if "quantity" in entry else {}),
    }


def charged_once(phase: Body) -> list[dict[str, Any]]:
    """What a phase charges once, as parameters."""
    found = []
    for entry in phase["add_invoice_items"]:
        named = {"_agreed": True, **{name: entry[name] for name in ("metadata", "price", "quantity", "tax_rates")}}
        if entry["discountable"] is not None:
            named["discountable"] = entry["discountable"]
        if entry["discounts"]:
            named["discounts"] = [{name: id for name, id in of.items() if id is not None} for of in entry["discounts"]]
        found.append(named)
    return found


def shown(context: Context, phase: Body) -> Body:
    """The phase as Stripe shows it."""

    def plain(body: Body) -> Body:
        return {name: value for name, value in body.items() if not name.startswith("_")}

    def taxed(body: Body) -> Body:
        return {**plain(body), "tax_rates": tax_rates.shown(context, body["tax_rates"])}

    return {
        **plain(phase),
        "add_invoice_items": [taxed(item) for item in phase["add_invoice_items"]],
        "default_tax_rates": tax_rates.shown(context, phase["default_tax_rates"]),
        "items": [taxed(item) for item in phase["items"]],
    }
