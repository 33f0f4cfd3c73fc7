"""`usage ledger`: what `aggregate` billed, down to windows and revisions; months that are closed; answers that got lost."""

from __future__ import annotations

import argparse
import json
import re
import sys
from calendar import monthrange

from stripe_usage.asking.billed import Billing, Past
from stripe_usage.asking.meter import meter_of
from stripe_usage.comparing.rows import as_made, billed_of
from stripe_usage.comparing.verdicts import Verdict
from stripe_usage.errors import UsageError
from stripe_usage.events.periods import DAY, MINUTE, Asked, Period, moment_of
from stripe_usage.events.values import time_text
from stripe_usage.ledger import places, store
from stripe_usage.ledger.described import Described
from stripe_usage.ledger.revisions import State
from stripe_usage.naming import target
from stripe_usage.reconciling.from_ledger import FromLedger
from stripe_usage.reconciling.raw import Raw
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
  python -m stripe_usage ledger explain in_… --rows usage.yaml --stack dev
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
        found.add_argument(
            "--ledger", default=places.PATH, metavar="PLACE", help=f"a file, or postgresql://… (default: {places.PATH})"
        )
        return found

    shown = verb("show", "show what was billed, by source, meter and month, and what is not")
    shown.add_argument("--source", metavar="NAME", help="only this source")
    shown.set_defaults(run=_show)

    explained = verb("explain", "show what a customer is billed, from the invoice down to windows, revisions and rows")
    explained.add_argument("what", metavar="INVOICE|CUSTOMER", help="an invoice's id, or a customer's with --month")
    explained.add_argument("--month", type=_month, metavar="YYYY-MM", help="in UTC")
    explained.add_argument(
        "--rows",
        action="append",
        default=[],
        metavar="FILE",
        help="read the rows of the source that this file describes once more; repeat for more",
    )
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
        raise UsageError(f"{places.name_of(arguments.ledger)}: there is nothing of {arguments.source or 'any source'} in it")
    show(written.months_table(months))
    return OPEN if any(month.open for month in months) else 0


def _explain(arguments: argparse.Namespace) -> int:
    invoice = arguments.what if arguments.what.startswith("in_") else ""
    if bool(invoice) == bool(arguments.month):
        raise UsageError(f"{arguments.what}: give an invoice's id alone, or a customer's with --month")
    sources = [Described(path) for path in arguments.rows]
    account = target.account_of(arguments)
    now, differs, found = account.now(), False, False
    past = Billing(account.client).invoice(invoice) if invoice else None
    with store.reading(arguments.ledger) as ledger:
        for id in dict.fromkeys(feed.meter for feed in ledger.feeds()):
            period, customer = (_billed(past, id), past.customer) if past else (arguments.month, arguments.what)
            if period is None or not any(True for _ in ledger.windows(id, customer, period)):
                continue
            found = True
            meter = meter_of(account.client, id, None, inactive=True)
            names = {feed.source for feed in ledger.feeds() if feed.meter == id}
            raw = [Raw(one, ledger, id, [customer]) for one in sources if one.name in names]
            reconciler = Reconciler(account.client, meter, FromLedger(ledger, id, SETTLE_SECONDS, raw), invoices=True)
            (row,) = reconciler.look([customer], Asked(None, None, "total"), period, now)
            again = {one.source: one.look(period, now).windows for one in raw}
            what = invoice or time_text(period.start)[:7]
            sys.stdout.write(written.explained(ledger, meter, row, what, period, again, invoice))
            differs |= row.verdict is Verdict.DIFFERS
        if not found:
            raise UsageError(f"{ledger.name} has no windows of {arguments.what} that begin in that time")
    return OPEN if differs else 0


def _billed(past: Past, meter: str) -> Period | None:
    """What of a meter's usage an invoice bills: whole minutes, as Stripe sums up. Windows begin with one."""
    lines = [as_made(line, past.created) for line in billed_of(past.subscription, past.lines, meter, past.id)]
    periods = [line.period for line in lines if line]
    if not periods:
        return None
    start, end = min(one.start for one in periods), max(one.end for one in periods)
    return Period(start + -start % MINUTE, end + -end % MINUTE)


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
            raise UsageError(f"--source: {places.name_of(arguments.ledger)} has nothing of {source}")
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
            raise UsageError(f"{places.name_of(arguments.ledger)} has no revision {arguments.identifier}")
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
