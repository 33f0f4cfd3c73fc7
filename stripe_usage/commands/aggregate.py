"""`usage aggregate`: the rows of a source, added up by hour or day, to the meters they are billed by."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from itertools import groupby

from stripe_sources.errors import Wrong
from stripe_usage.asking.customers import strangers
from stripe_usage.asking.meter import meter_of
from stripe_usage.errors import UsageError
from stripe_usage.events.periods import Period, moment_of
from stripe_usage.events.values import OLDEST_SECONDS, time_text
from stripe_usage.importing.progress import Shown
from stripe_usage.ledger import places, store
from stripe_usage.ledger.described import Described, Read
from stripe_usage.ledger.revisions import SECONDS, Rules
from stripe_usage.ledger.run import Outcome, Run, check
from stripe_usage.ledger.store import Changes, Feed, Ledger
from stripe_usage.naming import target
from stripe_usage.sending.senders import EVENTS_A_REQUEST
from stripe_usage.sending.stopping import ending
from stripe_usage.showing import ledger as written
from stripe_usage.showing.console import visible

from . import how

INCOMPLETE = 3

DESCRIPTION = """\
Adds up the rows of a source by hour or day, compares that with the ledger of what was billed, and shows what would be sent to
Stripe; with --send, sends it.

  python -m stripe_usage aggregate usage.yaml --stack dev
  python -m stripe_usage aggregate usage.yaml --stack dev --send

Run it as often as you like, and again after it was killed: nothing is counted twice. Rows that came late, or were corrected, are
sent as revisions of their windows; where the invoice is final, the month closed, or 35 days are over, they are reported, and
the source says what else becomes of them.
Exit code 3: something is not billed; the output says what, and why. More: docs/ledger.md
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "aggregate",
        help="bill the rows of a source, by hour or day",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", metavar="SOURCE", help="the file that describes where the rows are")
    target.add_account_to(parser)
    parser.add_argument("--send", action="store_true", help="send it; without this nothing is sent, and nothing kept")
    parser.add_argument(
        "--from", dest="begin", metavar="TIME", help="rows from here on (default: 35 days ago, or where the ledger begins)"
    )
    parser.add_argument("--to", dest="end", metavar="TIME", help="up to this, exclusive (default: the last full hour or day)")
    parser.add_argument(
        "--ledger",
        default=places.PATH,
        metavar="PLACE",
        help=f"what was billed: a file, or postgresql://… (default: {places.PATH})",
    )
    parser.add_argument("--gone", action="store_true", help="take back windows of which no row is left")
    how.add_to(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Shows or sends, and returns the exit code. Raises `UsageError`, `StripeError`."""
    described = Described(arguments.source)
    name, window = described.name, described.window
    account = target.account_of(arguments)
    now = account.now()
    ahead, stopped = time.time() - now, threading.Event()
    outcomes: list[tuple[Outcome, float]] = []

    def clock() -> int:
        return int(time.time() - ahead)

    with store.opened(arguments.ledger, keep=arguments.send) as ledger:
        period = _period(arguments, ledger.feeds(name), window, now)
        with described.read(period, now, account.client, account.texts()) as rows:
            for problem in rows.problems:
                sys.stderr.write(f"{visible(problem)}\n")
            taken = _take_in(described, rows, period, ledger)
        ledger.commit()
        for feed, changes in taken:
            meter = meter_of(account.client, feed.meter, None, inactive=True)
            with Shown(ledger.due_count(feed)[0], quiet=arguments.quiet or not arguments.send) as shown:

                def told(done: int, shown: Shown = shown) -> None:
                    shown.update(done, done)

                # Stripe takes events of customers that it does not have, and drops them later.
                absent = strangers(account.client, ledger.customers_due(feed))
                rules = Rules(meter.event_time_window is not None, described.late, arguments.gone)
                work = Run(ledger, feed, changes, meter, account.client, rules, absent, clock, told)
                if arguments.send:
                    with ending(stopped):
                        sender = how.sender_of(arguments, account, meter, now, stopped)
                        work.run(sender, how.threads(arguments), stopped)
                else:
                    work.dry()
            events = EVENTS_A_REQUEST if arguments.stream else 1
            outcomes.append((work.outcome, work.outcome.entries / events / how.per_second(arguments, account, meter)))
    show = written.outcomes_json if arguments.format == "json" else written.outcomes_text
    sys.stdout.write(show(name, window, period, outcomes, rows.events, sent=arguments.send))
    return 0 if not rows.problems and all(outcome.complete for outcome, _ in outcomes) else INCOMPLETE


def _take_in(described: Described, read: Read, period: Period, ledger: Ledger) -> list[tuple[Feed, Changes]]:
    """The rows of a period into the ledger. A meter that none of them is for any more has lost them all."""
    name, window, found = described.name, described.window, dict[str, tuple[Feed, Changes]]()
    for event_name, rows in groupby(read.aggregates, key=lambda one: one.event_name):
        if event_name in found:
            raise UsageError(f"{name}: windows of {event_name} come apart; they must be in order of event name")
        meter = read.meters[event_name]
        check(meter, name, window, ledger.feeds())
        feed = ledger.feed(name, meter.id, event_name, window, period.start)
        found[event_name] = feed, ledger.take_in(feed, rows, period)
    for feed in ledger.feeds(name):
        if feed.event_name not in found:
            found[feed.event_name] = feed, ledger.take_in(feed, (), period)
    return list(found.values())


def _period(arguments: argparse.Namespace, feeds: list[Feed], window: str, now: int) -> Period:
    """The time whose rows are read, in whole windows. Raises `UsageError` with all that is wrong."""
    seconds, problems = SECONDS[window], list[str]()
    last = now - now % seconds
    first = max(now - OLDEST_SECONDS, min((feed.begins for feed in feeds), default=0))
    first += -first % seconds
    given = []
    for option, text, default in (("--from", arguments.begin, first), ("--to", arguments.end, last)):
        try:
            moment = default if text is None else moment_of(text)
            if moment % seconds:
                problems.append(
                    f"{option}: {time_text(moment)} is not the beginning of one {window} in UTC, as the source has it"
                )
            given.append(moment)
        except Wrong as e:
            problems.append(f"{option}: {e}")
    if not problems and given[1] > now:
        problems.append(f"--to: {time_text(given[1])} is not over yet, so its rows are not complete")
    if not problems and given[1] <= given[0]:
        problems.append(f"--to: {time_text(given[1])} is not after {time_text(given[0])}, where the period begins")
    if problems:
        raise UsageError("; ".join(problems))
    return Period(*given)
