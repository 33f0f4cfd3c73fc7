"""`usage summary`: what customers used, as Stripe counted it."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor

from stripe_pricing import number
from stripe_sources.errors import Wrong
from stripe_usage.asking.summaries import series_of
from stripe_usage.errors import UsageError
from stripe_usage.events.periods import asked, completed
from stripe_usage.naming import target
from stripe_usage.showing import summary as showing
from stripe_usage.showing.console import show
from stripe_usage.showing.svg import svg

FORMATS = ("table", "csv", "json", "chart", "svg")
_AT_ONCE = 8

DESCRIPTION = """\
Shows what customers used, as Stripe counted it, by hour, by day or in all.

  python -m stripe_usage summary --stack dev --customer cus_…
  python -m stripe_usage summary --stack dev --customer cus_… --from 2026-11-01 --to 2026-12-01 --by day --format svg > bill.svg

A period includes --from and excludes --to; both are on a whole minute, with --by hour on a whole hour and with --by day at the
beginning of a day, in UTC. Windows without usage are left out, but not of charts. More: docs/usage.md
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "summary",
        help="show what customers used",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    target.add_to(parser)
    parser.add_argument(
        "--customer", action="append", metavar="ID", help="whose usage; repeat for more (default: the stack's output customer_id)"
    )
    parser.add_argument(
        "--from",
        dest="begin",
        metavar="TIME",
        help="a date, 2026-11-24T10:30:00Z or Unix seconds (default: 30 days, or 48 hours, ago)",
    )
    parser.add_argument("--to", dest="end", metavar="TIME", help="likewise; not included (default: the end of this day, or hour)")
    parser.add_argument("--by", choices=("hour", "day", "total"), default="day", help="default: day")
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Shows and returns the exit code. Raises `UsageError`, `StripeError`."""
    by: str = arguments.by
    try:
        wish = asked(arguments.begin, arguments.end, by)
    except Wrong as e:
        raise UsageError(str(e)) from None
    to = target.target_of(arguments, inactive=True)
    default = to.account.output("customer_id")
    named: list[str] = arguments.customer or ([default] if default else [])
    if not named:
        raise UsageError("whose usage? Give --customer; the stack has no output customer_id")
    now = to.account.now()
    try:
        period = completed(wish, now)
    except Wrong as e:
        raise UsageError(str(e)) from None
    customers = list(dict.fromkeys(named))
    with ThreadPoolExecutor(min(_AT_ONCE, len(customers))) as pool:
        found = list(pool.map(lambda customer: series_of(to.account.client, to.meter, customer, period, by), customers))
    heading, note = showing.heading(to.meter, period, by), showing.freshness(now)
    if arguments.format == "json":
        sys.stdout.write(showing.json_text(found, to.meter, period, by, now))
        return 0
    if arguments.format in ("csv", "svg"):
        sys.stdout.write(showing.csv_text(found) if arguments.format == "csv" else svg(found, heading, note))
        sys.stderr.write(f"{note}\n")
        return 0
    sys.stdout.write(f"{heading}\n\n")
    if arguments.format == "table":
        show(showing.table(found, by))
    else:
        for series in found:
            sys.stdout.write("" if by == "total" else f"{series.customer}: {number(series.total)}\n")
            show(showing.chart(series))
    sys.stdout.write(f"\n{note}\n")
    return 0
