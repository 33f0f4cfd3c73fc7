"""The period's usage from a file, for computing without a request: a customer who is not in it uses nothing.

NDJSON or CSV (with a header), one line for each customer and price or meter: `customer`; one of `price` (id, lookup key or
name in the program), `event_name` and `meter` (id); and `value`, what the meter counted in the period, or the
quantity of a license.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import BinaryIO

from stripe_impact.errors import ImpactError
from stripe_pricing import is_metered, meter_of
from stripe_sources.errors import Unreadable, Wrong
from stripe_sources.files import records
from stripe_sources.numbers import number_of, shown

from .changes import Changes, items
from .facts import Facts, Item, Subscription
from .preview import Preview, Step

SAYING_WHAT = ("price", "event_name", "meter")
REMEDY = "give customer, one of price, event_name and meter, and value, as CSV with a header or NDJSON"


@dataclass(frozen=True)
class Row:
    """What was used: `by` says which of `SAYING_WHAT` the `what` is, `where` is what messages call the row."""

    where: str
    customer: str
    by: str
    what: str
    value: Decimal


def rows(stream: BinaryIO, source: str) -> list[Row]:
    """The lines of the file. Raises `ImpactError`, with all that is wrong with it, or where there are none."""
    found: list[Row] = []
    wrong: list[str] = []
    try:
        for record in records(stream, source, needed=("customer", "value")):
            try:
                if record.wrong:
                    raise Wrong(record.wrong)
                found.append(_row(record.number, record.fields))
            except Wrong as e:
                wrong.append(f"line {record.number}: {e}")
    except Unreadable as e:
        wrong.append(str(e))
    if wrong:
        raise ImpactError(f"{source}: {_some(wrong)}; {REMEDY}")
    if not found:
        raise ImpactError(f"{source} has no rows, which is no answer; {REMEDY}; or ask Stripe, without --usage")
    return found


def _some(wrong: list[str]) -> str:
    return "; ".join(wrong[:5]) + (f"; and {len(wrong) - 5} more" if len(wrong) > 5 else "")


def _row(line: int, values: Mapping[str, object]) -> Row:
    customer = _text(values, "customer")
    given = [name for name in SAYING_WHAT if values.get(name) not in (None, "")]
    if not customer:
        raise Wrong("customer is missing")
    if len(given) != 1:
        raise Wrong(f"gives {' and '.join(given) or 'neither price nor event_name nor meter'}")
    try:
        value = number_of("" if values.get("value") is None else values["value"])
    except Wrong as e:
        raise Wrong(f"value: {e}") from None
    return Row(f"line {line}", customer, given[0], _text(values, given[0]), value)


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    if value is not None and not isinstance(value, str):
        raise Wrong(f"{name}: {shown(value)} is not text")
    return (value or "").strip()


def facts(found: list[Row], preview: Preview, changes: Changes, source: str) -> Facts:
    """What the file says of the prices that the preview changes. Raises `ImpactError` where it is unclear which is meant."""
    result = Facts(source=source)
    existing = [s for s in preview.of("Price") if s.id]
    result.prices = {s.id: {"id": s.id, **s.old} for s in existing}
    for step in changes.meters_that_stop:
        result.prices_of_meter[step.id] = {s.id: True for s in existing if meter_of(s.old) == step.id}
    wrong: list[str] = []
    nameless: dict[str, list[Row]] = {}
    seen: dict[tuple[str, str], str] = {}
    for row in found:
        paid = _price_of(row, preview, existing, source)
        if paid is None:
            if row.by == "price":
                nameless.setdefault(row.what, []).append(row)
            result.strangers += _stranger(row, preview)
        elif before := seen.get((row.customer, paid.id)):
            wrong.append(f"{row.where}: {row.customer} has a value for {paid.name} on {before} already")
        elif not is_metered(paid.old) and (row.value < 0 or row.value != row.value.to_integral_value()):
            wrong.append(f"{row.where}: value: {row.value:f} is not a whole number of licenses of {paid.name}")
        else:
            seen[row.customer, paid.id] = row.where
            if paid.id in changes.priced_ids:
                _add(result, row, paid, changes)
    known = ", ".join(s.name for s in existing)
    for what, some in nameless.items():
        where = f"{some[0].where}{f' and {len(some) - 1:,} more' if len(some) > 1 else ''}"
        if preview.complete:
            wrong.append(f"{where}: no price has the id, lookup key or name {what} (there are {known or 'none'})")
        else:
            result.strangers.append(
                f"Not in the figures: usage of {what} ({where}): no price of the preview has this id, lookup key or name; "
                f"those that change are {known or 'none'}."
            )
    if wrong:
        raise ImpactError(f"{source}: {_some(wrong)}")
    return result


def _price_of(row: Row, preview: Preview, existing: list[Step], source: str) -> Step | None:
    if row.by == "price":
        return next((s for s in existing if row.what in (s.id, s.name, s.old.get("lookup_key"))), None)
    meters = {row.what}
    if row.by == "event_name":
        meters = {s.id for s in preview.of("Meter") if s.id and s.old.get("event_name") == row.what}
        metered = [s for s in existing if meter_of(s.old)]
        if not meters and metered and not preview.complete:
            raise ImpactError(
                f'{source}: {row.where}: the preview does not show which meter counts "{row.what}"; name the price instead '
                f"({', '.join(s.name for s in metered)}), or preview with PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true"
            )
    backed = [s for s in existing if meter_of(s.old) in meters]
    if len(backed) > 1:
        names = ", ".join(s.name for s in backed)
        raise ImpactError(f"{source}: {row.where}: {row.what} is billed by several prices ({names}); name the price")
    return backed[0] if backed else None


def _stranger(row: Row, preview: Preview) -> list[str]:
    if row.by == "price" or not preview.complete:
        return []
    return [f"Usage of {row.customer} is not billed: no price is backed by {row.what} ({row.value:f})."]


def _add(result: Facts, row: Row, step: Step, changes: Changes) -> None:
    metered = is_metered(step.old)
    item = Item(step.id, None if metered else int(row.value))
    if metered:
        result.usage[meter_of(step.old), row.customer, 0, 0] = row.value
    declared = next((d for d in changes.subscriptions if _has(d, row.customer, step.id)), None)
    key = declared.id if declared else row.customer
    before = result.subscriptions.get(key)
    if before:
        result.subscriptions[key] = replace(before, items=(*before.items, item))
        return
    currency = str(step.old.get("currency", ""))
    result.subscriptions[key] = Subscription(declared.id if declared else "", row.customer, currency, "", True, (item,))


def _has(declared: Step, customer: str, price: str) -> bool:
    return declared.old.get("customer") == customer and any(i.get("price") == price for i in items(declared.old))
