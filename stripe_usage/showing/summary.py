"""Series of usage as a table, a chart in the terminal, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from rich.bar import Bar
from rich.table import Table

from stripe_pricing import number
from stripe_usage.asking.meter import Meter
from stripe_usage.asking.series import Series, label
from stripe_usage.events.periods import Period
from stripe_usage.events.values import text_of, time_text

CHART_WIDTH = 40


def heading(meter: Meter, period: Period, by: str) -> str:
    """What is shown."""
    what = {"sum": "the sum of values", "count": "the number of events", "last": "the last value"}[meter.formula]
    each = "" if by == "total" else f" by {by}"
    return f"Usage of {meter.event_name}{each}, {what}: {time_text(period.start)} to {time_text(period.end)} (exclusive), in UTC"


def freshness(now: int) -> str:
    """How much the figures can be relied on."""
    return f"Asked at {time_text(now)}. Stripe counts events some time after it took them: the newest may be missing."


def table(found: Sequence[Series], by: str) -> Table:
    """A row for each window with usage, a column for each customer, and the total."""
    shown = Table(box=None, padding=(0, 3, 0, 0), show_edge=False)
    if by == "total":
        shown.add_column("customer", no_wrap=True)
        shown.add_column("usage", justify="right", no_wrap=True)
        for series in found:
            shown.add_row(series.customer, number(series.total))
        return shown
    shown.add_column(by, no_wrap=True)
    values = [{w.start: number(w.value) for w in series.windows} for series in found]
    for series in found:
        shown.add_column(series.customer, justify="right", no_wrap=True)
    for start in sorted(set().union(*values)):
        shown.add_row(label(start, by), *(column.get(start, "") for column in values))
    shown.add_row("last" if found[0].formula == "last" else "total", *(number(series.total) for series in found))
    return shown


def chart(series: Series, width: int = CHART_WIDTH) -> Table:
    """A bar for each window, those without usage too. Values below 0 have no bar."""
    shown = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, show_header=False)
    shown.add_column(no_wrap=True)
    shown.add_column(width=width)
    shown.add_column(justify="right", no_wrap=True)
    windows = list(series.every_window())
    most = max((float(w.value) for w in windows), default=0.0)
    for window in windows:
        bar = Bar(most or 1.0, 0, max(float(window.value), 0.0), width=width)
        name = series.customer if series.by == "total" else label(window.start, series.by)
        shown.add_row(name, bar, number(window.value))
    return shown


def csv_text(found: Sequence[Series]) -> str:
    """One row for each customer and window with usage: customer, start, end (RFC 3339), value."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("customer", "start", "end", "value"))
    for series in found:
        for window in series.windows:
            writer.writerow((series.customer, time_text(window.start), time_text(window.end), text_of(window.value)))
    return text.getvalue()


def json_text(found: Sequence[Series], meter: Meter, period: Period, by: str, now: int) -> str:
    """Everything, values as decimals in text."""
    whole = {
        "meter": meter.id,
        "event_name": meter.event_name,
        "formula": meter.formula,
        "start": time_text(period.start),
        "end": time_text(period.end),
        "by": by,
        "asked_at": time_text(now),
        "newest_events_may_be_missing": True,
        "customers": [
            {
                "customer": series.customer,
                "total": text_of(series.total),
                "windows": [
                    {"start": time_text(w.start), "end": time_text(w.end), "value": text_of(w.value)} for w in series.windows
                ],
            }
            for series in found
        ],
    }
    return json.dumps(whole, indent=2) + "\n"
