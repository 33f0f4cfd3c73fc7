"""`usage ledger`: what `aggregate` billed, down to windows and revisions; months that are closed; answers that got lost."""

from __future__ import annotations

import argparse
import json
import re
import sys
from calendar import monthrange
from pathlib import Path

from stripe_usage.asking.meter import meter_of
from stripe_usage.comparing.verdicts import Verdict
from stripe_usage.errors import UsageError
from stripe_usage.events.periods import DAY, Asked, Period, moment_of
from stripe_usage.events.values import time_text
from stripe_usage.ledger import store
from stripe_usage.ledger.revisions import State
from stripe_usage.naming import target
from stripe_usage.reconciling.from_ledger import FromLedger
from stripe_usage.reconciling.run import Reconciler
from stripe_usage.showing import ledger as written
from stripe_usage.showing.console import show

OPEN = 3
ALWAYS = Period(0, 2**40)
SETTLE_SECONDS = 300

DESCRIPTION = """\
Shows what aggregate billed, and keeps it in order.

  python -m stripe_usage ledger show
  python -m stripe_usage ledger explain cus_… --month 2026-11 --stack dev
  python -m stripe_usage ledger export --month 2026-11 > billed.ndjson
  python -m stripe_usage ledger close 2026-10 --source logs --stack dev
  python -m stripe_usage ledger settle usage-1764460800-r1-… --counted

Exit code 3: something is not billed, or differs. More: docs/ledger.md
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "ledger",
        help="show what was billed of a source, and close months",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    def verb(name: str, does: str) -> argparse.ArgumentParser:
        found = verbs.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.")
        found.add_argument("--ledger", type=Path, default=store.PATH, metavar="FILE", help=f"default: {store.PATH}")
        return found

    shown = verb("show", "show what was billed, by source, meter and month, and what is not")
    shown.add_argument("--source", metavar="NAME", help="only this source")
    shown.set_defaults(run=_show)

    explained = verb("explain", "show what a customer is billed, from the invoice down to windows and their revisions")
    explained.add_argument("customer", metavar="CUSTOMER", help="the customer's id")
    explained.add_argument("--month", type=_month, required=True, metavar="YYYY-MM", help="in UTC")
    target.add_account_to(explained)
    explained.set_defaults(run=_explain)

    exported = verb("export", "write all windows with their revisions, a JSON object on a line")
    exported.add_argument("--source", metavar="NAME", help="only this source")
    exported.add_argument("--month", type=_month, metavar="YYYY-MM", help="only windows that begin in it, in UTC")
    exported.set_defaults(run=_export)

    closing = verb("close", "close a month: what changes in it later is reported, and never sent")
    closing.add_argument("month", type=_month, metavar="YYYY-MM", help="in UTC")
    closing.add_argument("--source", required=True, metavar="NAME", help="whose month")
    target.add_account_to(closing)
    closing.set_defaults(run=_close)

    settled = verb("settle", "say of a revision without a known answer whether Stripe counted it")
    settled.add_argument("identifier", metavar="IDENTIFIER", help="the revision's identifier")
    how = settled.add_mutually_exclusive_group(required=True)
    how.add_argument("--counted", action="store_true", help="it was")
    how.add_argument("--lost", action="store_true", help="it was not: another revision takes its place")
    settled.set_defaults(run=_settle)


def _show(arguments: argparse.Namespace) -> int:
    with store.reading(arguments.ledger) as ledger:
        months = written.months(ledger, arguments.source)
    if not months:
        raise UsageError(f"{arguments.ledger}: there is nothing of {arguments.source or 'any source'} in it")
    show(written.months_table(months))
    return OPEN if any(month.open for month in months) else 0


def _explain(arguments: argparse.Namespace) -> int:
    account = target.account_of(arguments)
    now, differs = account.now(), False
    with store.reading(arguments.ledger) as ledger:
        meters = dict.fromkeys(feed.meter for feed in ledger.feeds())
        found = [meter for meter in meters if any(True for _ in ledger.windows(meter, arguments.customer, arguments.month))]
        if not found:
            raise UsageError(f"{arguments.customer} has no windows that begin in that month in {arguments.ledger}")
        for id in found:
            meter = meter_of(account.client, id, None, inactive=True)
            reconciler = Reconciler(account.client, meter, FromLedger(ledger, id, SETTLE_SECONDS), invoices=True)
            (row,) = reconciler.look([arguments.customer], Asked(None, None, "total"), arguments.month, now)
            sys.stdout.write(written.explained(ledger, meter, row, arguments.month))
            differs |= row.verdict is Verdict.DIFFERS
    return OPEN if differs else 0


def _export(arguments: argparse.Namespace) -> int:
    with store.reading(arguments.ledger) as ledger:
        for meter in dict.fromkeys(feed.meter for feed in ledger.feeds(arguments.source)):
            for feed, window, held in ledger.windows(meter, None, arguments.month or ALWAYS):
                if arguments.source in (None, feed.source):
                    record = written.window_json(feed, window, held, ledger.revisions(window.id))
                    sys.stdout.write(json.dumps(record) + "\n")
    return 0


def _close(arguments: argparse.Namespace) -> int:
    now, month, source = target.account_of(arguments).now(), arguments.month, arguments.source
    name = time_text(month.start)[:7]
    if now < month.end:
        raise UsageError(f"{name} is not over; a month can be closed from {time_text(month.end)}")
    with store.opened(arguments.ledger) as ledger:
        feeds = ledger.feeds(source)
        if not feeds:
            raise UsageError(f"--source: {arguments.ledger} has nothing of {source}")
        problems = []
        for feed in feeds:
            unanswered = sum(month.start <= one.timestamp < month.end for one in ledger.unanswered(feed))
            due = sum(w.value != w.billed and not held and f == feed for f, w, held in ledger.windows(feed.meter, None, month))
            if unanswered:
                problems.append(f"{feed.event_name}: {unanswered:,} revisions are without a known answer")
            if due:
                problems.append(f"{feed.event_name}: {due:,} windows wait to be sent")
        if problems:
            raise UsageError(f"{name} of {source} cannot be closed: {'; '.join(problems)}; run aggregate --send first")
        ledger.close(source, name, now)
        ledger.commit()
    sys.stdout.write(f"{name} of {source} is closed: what changes in it is reported, and never sent.\n")
    return 0


def _settle(arguments: argparse.Namespace) -> int:
    with store.opened(arguments.ledger) as ledger:
        found = ledger.find(arguments.identifier)
        if found is None:
            raise UsageError(f"{arguments.ledger} has no revision {arguments.identifier}")
        if found.state not in (State.SENDING, State.UNSURE):
            raise UsageError(f"{arguments.identifier} is {found.state}; only what has no known answer can be settled")
        if arguments.counted:
            ledger.accepted([found.number], found.sent_at)
        else:
            ledger.lost(found.number)
        ledger.commit()
    sys.stdout.write(f"{arguments.identifier} is {'accepted' if arguments.counted else 'lost'}.\n")
    return 0


def _month(text: str) -> Period:
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text):
        raise argparse.ArgumentTypeError(f"{text} is not a month; give one such as 2026-11")
    start = moment_of(f"{text}-01")
    return Period(start, start + monthrange(int(text[:4]), int(text[5:]))[1] * DAY)
