"""The period's usage from a file, for computing without a request: a customer who is not in it uses nothing. Pure.

NDJSON or CSV (with a header), one line for each customer and price or meter: `customer`; one of `price` (id, lookup key or
name in the program), `event_name` and `meter` (id); and `value`, what the meter counted in the period, or the
quantity of a license.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from stripe_impact.errors import ImpactError
from stripe_pricing import is_metered, meter_of

from .changes import Changes, items
from .facts import Facts, Item, Subscription
from .preview import Preview, Step

SAYING_WHAT = ("price", "event_name", "meter")


@dataclass(frozen=True)
class Row:
    """One line of the file: `by` says which of `SAYING_WHAT` the `what` is."""

    line: int
    customer: str
    by: str
    what: str
    value: Decimal


def rows(text: str, source: str) -> list[Row]:
    """The lines of the file. Raises `ImpactError`, with all that is wrong with it."""
    found: list[Row] = []
    wrong: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for line, values in _records(text, source):
        row = _row(line, values)
        if isinstance(row, str):
            wrong.append(row)
        elif (row.customer, row.what) in seen:
            before = seen[row.customer, row.what]
            wrong.append(f"line {line}: {row.customer} has a value for {row.what} on line {before} already")
        else:
            seen[row.customer, row.what] = line
            found.append(row)
    if wrong:
        more = f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise ImpactError(f"{source}: {'; '.join(wrong[:5])}{more}; give customer, one of price, event_name and meter, and value")
    return found


def _records(text: str, source: str) -> Iterator[tuple[int, dict[str, Any]]]:
    if not text.lstrip().startswith("{"):
        reader = csv.DictReader(io.StringIO(text))
        for record in reader:
            yield reader.line_num, record
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, _object(line, f"{source}: line {number}")


def _object(text: str, where: str) -> dict[str, Any]:
    try:
        values = json.loads(text, parse_float=Decimal)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise ImpactError(f"{where} is not a JSON object; give one object a line, or CSV")
    return values


def _row(line: int, values: dict[str, Any]) -> Row | str:
    customer = str(values.get("customer") or "").strip()
    given = [name for name in SAYING_WHAT if values.get(name)]
    if not customer:
        return f"line {line}: customer is missing"
    if len(given) != 1:
        return f"line {line}: gives {' and '.join(given) or 'neither price nor event_name nor meter'}"
    try:
        value = Decimal(str(values.get("value")).strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        return f"line {line}: value: {values.get('value')!r} is not a number"
    return Row(line, customer, given[0], str(values[given[0]]).strip(), value)


def facts(found: list[Row], preview: Preview, changes: Changes, source: str) -> Facts:
    """What the file says of the prices that the preview changes. Raises `ImpactError` where it is unclear which is meant."""
    result = Facts(source=source)
    existing = [s for s in preview.of("Price") if s.id]
    result.prices = {s.id: {"id": s.id, **s.old} for s in existing}
    for step in changes.meters_that_stop:
        result.prices_of_meter[step.id] = {s.id: True for s in existing if meter_of(s.old) == step.id}
    for row in found:
        paid = _price_of(row, preview, existing, source)
        if paid is None:
            result.strangers += _stranger(row, preview)
        elif paid.id in changes.priced_ids:
            _add(result, row, paid, changes)
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
                f'{source}: line {row.line}: the preview does not show which meter counts "{row.what}"; name the price instead '
                f"({', '.join(s.name for s in metered)}), or preview with PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true"
            )
    backed = [s for s in existing if meter_of(s.old) in meters]
    if len(backed) > 1:
        names = ", ".join(s.name for s in backed)
        raise ImpactError(f"{source}: line {row.line}: {row.what} is billed by several prices ({names}); name the price")
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
