"""`usage reconcile`: what was sent, against what Stripe counted, against what it will bill."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from stripe_sources.errors import Wrong
from stripe_usage import checkpoint
from stripe_usage.asking.reports import DAYS, reported
from stripe_usage.comparing.rows import Row
from stripe_usage.comparing.verdicts import Verdict
from stripe_usage.errors import UsageError
from stripe_usage.events.periods import DAY, Asked, Period, asked
from stripe_usage.events.values import time_text
from stripe_usage.ledger import places, store
from stripe_usage.ledger.described import Described
from stripe_usage.naming import target
from stripe_usage.reconciling import sent
from stripe_usage.reconciling.from_ledger import FromLedger
from stripe_usage.reconciling.raw import Raw
from stripe_usage.reconciling.run import Reconciler
from stripe_usage.showing import reconciled as written
from stripe_usage.showing.console import show, visible
from stripe_usage.showing.summary import freshness

DIFFERENCES = 3
SETTLE_MINUTES = 5
POLL_SECONDS = 2.0

DESCRIPTION = """\
Compares, for each customer, the events that `record` sent with Stripe's summaries and with the quantities on the next invoices.

  python -m stripe_usage reconcile --stack dev
  python -m stripe_usage reconcile --stack dev --wait 120

Stripe counts events some time after it took them: a gap that the last minutes' events explain is named, and does not count.
Exit code 3: there are differences or, with --wait, something still differs at its end. More: docs/usage.md
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "reconcile",
        help="compare what was sent with what Stripe counted and bills",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    target.add_to(parser)
    record = parser.add_mutually_exclusive_group()
    checkpoint.add_to(record)
    record.add_argument(
        "--ledger",
        nargs="?",
        const=places.PATH,
        metavar="PLACE",
        help=f"what `aggregate` billed, from the rows to the invoices: a file, or postgresql://… (without: {places.PATH})",
    )
    parser.add_argument(
        "--rows",
        action="append",
        default=[],
        metavar="FILE",
        help="with --ledger: read the rows of the source that this file describes once more, and compare; repeat for more",
    )
    parser.add_argument(
        "--customer",
        action="append",
        default=[],
        metavar="ID",
        help="only this customer; repeat for more (default: all with events sent)",
    )
    parser.add_argument(
        "--from", dest="begin", metavar="TIME", help="compare summaries from here on; a whole minute (default: the first event)"
    )
    parser.add_argument("--to", dest="end", metavar="TIME", help="up to this, exclusive; a whole minute (default: now)")
    parser.add_argument(
        "--settle",
        type=_duration,
        default=SETTLE_MINUTES,
        metavar="MINUTES",
        help=f"how long Stripe may take to count an event (default: {SETTLE_MINUTES})",
    )
    parser.add_argument("--wait", type=_duration, metavar="SECONDS", help="look again until all is equal, for at most this long")
    parser.add_argument("--no-invoices", action="store_true", help="compare with summaries only")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compares and returns the exit code. Raises `UsageError`, `StripeError`."""
    try:
        wish = asked(arguments.begin, arguments.end, "total")
    except Wrong as e:
        raise UsageError(str(e)) from None
    if arguments.rows and arguments.ledger is None:
        raise UsageError("--rows is compared with what a ledger has; give --ledger as well")
    sources = [Described(path) for path in arguments.rows]
    to = target.target_of(arguments, inactive=True)
    with _recorded(arguments, to, sources) as (name, recorded):
        reconciler = Reconciler(to.account.client, to.meter, recorded, invoices=not arguments.no_invoices)
        rows, period, now = _looked(reconciler, to, wish, arguments)
        unsent = recorded.unsent()
        reports = reported(to.account.client, to.meter.id, now - DAYS * DAY)
        dropped = recorded.dropped(reports.named) if reports is not None else []
    if arguments.format == "json":
        sys.stdout.write(written.json_text(rows, to.meter, period, now, unsent))
    else:
        sys.stdout.write(
            f"Events of {to.meter.event_name} ({to.meter.formula}) in {name}, "
            f"{time_text(period.start)} to {time_text(period.end)} (exclusive)\n\n"
        )
        if rows:
            show(written.table(rows, invoices=not arguments.no_invoices))
            sys.stdout.write("\n")
        sys.stdout.write("".join(f"{line}\n" for line in written.explanations(rows)))
        if unsent:
            changes = "changes of windows are not billed; ledger show says why"
            sys.stdout.write(
                f"{unsent:,} {changes if arguments.ledger else 'events wait to be sent; record their file again'}.\n"
            )
        if dropped:
            sys.stdout.write(f"Stripe dropped {len(dropped):,} events that it had taken:\n")
            sys.stdout.write(visible("".join(f"  {one}\n" for one in dropped)))
        sys.stdout.write(f"{written.conclusion(rows)}\n{freshness(now)}\n")
    worst = {row.verdict for row in rows}
    return DIFFERENCES if Verdict.DIFFERS in worst or (arguments.wait and Verdict.OPEN in worst) else 0


@contextmanager
def _recorded(
    arguments: argparse.Namespace, to: target.Target, sources: Sequence[Described]
) -> Iterator[tuple[str, sent.Record]]:
    """What was sent, and what it is called."""
    meter, settle = to.meter.id, int(arguments.settle * 60)
    if arguments.ledger is None:
        path = checkpoint.path_of(arguments.checkpoint, meter)
        with sent.opened(path, meter, settle) as checkpointed:
            yield _short(path), checkpointed
        return
    with store.reading(arguments.ledger) as ledger:
        yield ledger.name, FromLedger(ledger, meter, settle, [Raw(one, ledger, meter, ()) for one in sources])


def _looked(
    reconciler: Reconciler, to: target.Target, wish: Asked, arguments: argparse.Namespace
) -> tuple[list[Row], Period, int]:
    """The rows, the period, and when it was; with --wait looks again at those that differ, until they are equal."""
    until = time.monotonic() + (arguments.wait or 0)
    customers = reconciler.customers(arguments.customer)
    found: dict[str, Row] = {}
    while True:
        now = to.account.now()
        waiting = [c for c in customers if c not in found or found[c].verdict is not Verdict.EQUAL]
        period = reconciler.period(wish, arguments.customer, now)
        found |= {row.customer: row for row in reconciler.look(waiting, wish, period, now)}
        left = until - time.monotonic()
        if left <= 0 or all(row.verdict is Verdict.EQUAL for row in found.values()):
            return [found[c] for c in customers], period, now
        time.sleep(min(POLL_SECONDS, left))


def _short(path: Path) -> str:
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)


def _duration(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError("must not be negative")
    return value
