"""The comparison as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.table import Table

from stripe_pricing import number
from stripe_usage.asking.meter import Meter
from stripe_usage.comparing.rows import Bill, Row, Unbilled, Used
from stripe_usage.comparing.verdicts import Compared, Verdict
from stripe_usage.events.periods import Period
from stripe_usage.events.values import text_of, time_text


def table(rows: Sequence[Row], *, invoices: bool) -> Table:
    """A row for each customer, and for each further price or period on its invoices."""
    shown = Table(box=None, padding=(0, 3, 0, 0), show_edge=False)
    shown.add_column("customer", no_wrap=True)
    rows_known = any(row.used for row in rows)
    read = any(row.used and row.used.read for row in rows)
    columns = (
        *(("source",) if read else ()),
        *(("rows",) if rows_known else ()),
        "sent",
        "summaries",
        *(("sent in period", "invoice") if invoices else ()),
    )
    for name in columns:
        shown.add_column(name, justify="right", no_wrap=True)
    shown.add_column("", no_wrap=True)
    for row in rows:
        counted = [number(row.counted.sent), number(row.counted.stripe)] if row.counted else ["", ""]
        bills = [_bill(bill) for bill in row.bills] or [["", ""]]
        first, *more = bills
        used = [number(row.used.value) if row.used else ""] if rows_known else []
        if read:
            used = [number(row.used.read.value) if row.used and row.used.read else "", *used]
        shown.add_row(row.customer, *used, *counted, *(first if invoices else ()), row.verdict.value)
        for bill in more if invoices else ():
            shown.add_row("", *("" for _ in used), "", "", *bill, "")
    return shown


def _bill(bill: Bill) -> list[str]:
    return [number(bill.compared.sent), number(bill.compared.stripe)]


def explanations(rows: Sequence[Row]) -> list[str]:
    """Remarks about customers, one line each."""
    return [f"{row.customer}: {sentence}" for row in rows for sentence in row.said]


def conclusion(rows: Sequence[Row]) -> str:
    """The result in one line."""
    counts = {verdict: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    words = {Verdict.EQUAL: "equal", Verdict.OPEN: "still to be processed", Verdict.DIFFERS: "different"}
    parts = [f"{counts[verdict]:,} {words[verdict]}" for verdict in Verdict if counts[verdict]]
    return f"{len(rows):,} customer{'' if len(rows) == 1 else 's'}: {', '.join(parts) or 'nothing was sent'}."


def json_text(rows: Sequence[Row], meter: Meter, period: Period, now: int, unsent: int) -> str:
    """Everything; values are decimals in text, `difference` is how much more Stripe has."""
    whole = {
        "meter": meter.id,
        "event_name": meter.event_name,
        "formula": meter.formula,
        "start": time_text(period.start),
        "end": time_text(period.end),
        "asked_at": time_text(now),
        "waiting_to_be_sent": unsent,
        "customers": [_row(row) for row in rows],
    }
    return json.dumps(whole, indent=2) + "\n"


def _row(row: Row) -> dict[str, object]:
    return {
        "customer": row.customer,
        "verdict": row.verdict.value,
        "rows": _used(row.used) if row.used else None,
        "summaries": _compared(row.counted) if row.counted else None,
        "invoices": [
            {
                "subscription": bill.billed.subscription,
                "invoice": bill.billed.invoice or None,
                "at_thresholds": list(bill.billed.before),
                "price": bill.billed.price,
                "start": time_text(bill.billed.period.start),
                "end": time_text(bill.billed.period.end),
                **_compared(bill.compared),
            }
            for bill in row.bills
        ],
        "unbilled": [_unbilled(one) for one in row.unbilled],
        "said": row.said,
    }


def _used(one: Used) -> dict[str, object]:
    read = {"rows": one.read.rows, "value": text_of(one.read.value), "newer": one.newer} if one.read else None
    return {
        "rows": one.rows,
        "value": text_of(one.value),
        "billed": text_of(one.billed),
        "difference": one.difference,
        "read": read,
        "changed": one.changed,
    }


def _unbilled(one: Unbilled) -> dict[str, object]:
    start, end = map(time_text, one.gap.period)
    return {"start": start, "end": end, "events": one.amount.events, "sent": text_of(one.amount.sent), "why": one.gap.why}


def _compared(found: Compared) -> dict[str, object]:
    return {
        "sent": text_of(found.sent),
        "stripe": text_of(found.stripe),
        "difference": text_of(found.difference),
        "verdict": found.verdict.value,
    }
