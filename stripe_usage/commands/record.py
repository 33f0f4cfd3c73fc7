"""`usage record`: one event, or a file of them, to the meter of a stack."""

from __future__ import annotations

import argparse
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from stripe_sources.errors import Wrong
from stripe_sources.files import delimiter_of
from stripe_usage import checkpoint
from stripe_usage.asking.reports import DAYS, reported
from stripe_usage.checkpoint import Checkpoint, Corrected
from stripe_usage.errors import Interrupted, UsageError
from stripe_usage.events.event import Event, Reject
from stripe_usage.events.periods import DAY
from stripe_usage.events.rows import Columns, Rules, row_of
from stripe_usage.events.values import time_text
from stripe_usage.importing import reading
from stripe_usage.importing.customers import Customers
from stripe_usage.importing.progress import Shown
from stripe_usage.importing.rejects import FIRST, Rejects
from stripe_usage.importing.run import UNSURE, Import, Options, same, unsure
from stripe_usage.naming import target
from stripe_usage.naming.target import Target
from stripe_usage.sending.http import Http
from stripe_usage.sending.senders import Sender
from stripe_usage.sending.stopping import ending
from stripe_usage.showing.console import visible

from . import how

SOME_REJECTED = 3

DESCRIPTION = """\
Sends meter events to Stripe: one, by --customer and --value, or those of a file, NDJSON or CSV.

  python -m stripe_usage record --stack dev --customer cus_… --value 25
  python -m stripe_usage record --stack dev events.ndjson

A file may be imported again, and an import that was killed may be started again: nothing is counted twice. Rows that cannot be
sent are written, each with its line and all that is wrong with it, to FILE.rejects.ndjson; the others are sent.
Exit code 3: some rows were rejected, or corrected after they were sent. More: docs/usage.md
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "record", help="send meter events", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="the file of events; - is standard input")
    target.add_to(parser)
    one = parser.add_argument_group("one event")
    one.add_argument("--customer", metavar="ID", help="the customer that used something")
    one.add_argument("--value", help="how much: a number of at most 15 digits")
    one.add_argument("--timestamp", metavar="TIME", help="when: Unix seconds, or 2026-11-24T10:30:00Z (default: now)")
    one.add_argument("--identifier", help="the event's own name, so that it is counted once (default: a new one; printed)")
    file = parser.add_argument_group("a file of events")
    file.add_argument("--format", choices=("ndjson", "csv"), help="default: what its name or its beginning says")
    file.add_argument(
        "--delimiter", type=_delimiter, metavar="CHAR", help=r"between CSV fields; \t is a tab (default: a comma; in .tsv a tab)"
    )
    for name in ("customer", "value", "timestamp", "identifier"):
        file.add_argument(f"--{name}-column", default=name, metavar="NAME", help=f"where the {name} is (default: {name})")
    file.add_argument(
        "--batch", default="", metavar="NAME", help="tells equal rows of different files apart; needed for rows without a time"
    )
    file.add_argument("--rejects", type=Path, metavar="FILE", help="where rejected rows go (default: FILE.rejects.ndjson)")
    file.add_argument("--resend-unsure", action="store_true", help="send events again that may have been counted over a day ago")
    file.add_argument(
        "--never-imported",
        action="store_true",
        help="send rows with fractions of a second that an older version may have imported",
    )
    file.add_argument("--dry-run", action="store_true", help="look at everything, the customers too, and send nothing")
    file.add_argument("--quiet", action="store_true", help="no progress")
    group = parser.add_argument_group("how")
    how.add_to(group)
    checkpoint.add_to(group)
    group.add_argument(
        "--wait",
        type=how.positive,
        metavar="SECONDS",
        help="wait for Stripe's reports of events that it took and dropped (some 15 seconds; default: read those that are there)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Sends and returns the exit code. Raises `UsageError`, `StripeError`."""
    single = [name for name in ("customer", "value", "timestamp", "identifier") if getattr(arguments, name) is not None]
    if arguments.file and single:
        raise UsageError(f"--{single[0]} is for one event; name the columns of a file with --{single[0]}-column")
    if not arguments.file and not arguments.customer:
        raise UsageError("what is to be sent? Give --customer and --value, or a file (- is standard input)")
    if arguments.file == "-" and arguments.outputs == "-":
        raise UsageError("events and --outputs cannot both come from standard input")
    to = target.target_of(arguments)
    stopped = threading.Event()
    meter, settings = to.meter, to.account.settings
    now = Http(settings.api_base, 1, 1, stopped).clock(f"/v1/billing/meters/{meter.id}", settings.api_key)
    sender = how.sender_of(arguments, to.account, meter, now, stopped)
    path = checkpoint.path_of(arguments.checkpoint, meter.id)
    with checkpoint.opened(path, meter.id, meter.event_name, now=now, dry_run=arguments.dry_run) as points:
        sent = _file(arguments, to, sender, points, now, stopped) if arguments.file else _one(arguments, to, sender, points, now)
        return sent if arguments.dry_run else _dropped(to, points, now, arguments.wait or 0) or sent


def _dropped(to: Target, points: Checkpoint, now: int, wait: float) -> int:
    """Names the events that Stripe took and then dropped, of earlier imports too; returns the exit code, 0 without any."""
    time.sleep(wait)
    found = reported(to.account.client, to.meter.id, points.reports_read() or now - DAYS * DAY)
    if found is None:
        sys.stdout.write("The key may not read events, so it is not known whether Stripe dropped any of these.\n")
        return 0
    dropped = points.dropped(found.named, found.until)
    points.commit()
    if not dropped:
        return 0
    more = f", and {found.unnamed:,} more that its reports do not name" if found.unnamed else ""
    said = f"Stripe took {len(dropped):,} events and dropped them later{more}; sent again once their rows are recorded again:"
    _list(said, [str(one) for one in dropped[:FIRST]], len(dropped))
    return SOME_REJECTED


def _one(arguments: argparse.Namespace, to: Target, sender: Sender, points: Checkpoint, now: int) -> int:
    fields = {name: getattr(arguments, name) for name in ("customer", "value", "timestamp", "identifier")}
    row = row_of(fields, Rules(counts=to.meter.formula == "count", has_batch=True), now, 1, "")
    if isinstance(row, Reject):
        raise UsageError("; ".join(f"--{problem}" for problem in row.problems))
    if arguments.stream or arguments.dry_run:
        customers = Customers(to.account.client, points, now)
        customers.learn([row.customer])
        if problem := customers.problem(row.customer):
            raise UsageError(f"--customer: {problem}")
    repeated = None if row.identifier else points.unanswered(row.customer, row.value, row.timestamp)
    identifier = row.identifier or (repeated[0] if repeated else f"usage-{uuid.uuid4().hex}")
    timestamp = now if row.timestamp is None else row.timestamp
    said = f"{row.value} for {row.customer} at {time_text(timestamp)}"
    if arguments.dry_run:
        sys.stdout.write(f"Would record {said}.\n")
        return 0
    known = points.find(identifier)
    if known is not None and not same(row, known):
        raise UsageError(f'--identifier: "{identifier}" already names another event; give this one its own')
    if known is not None and known.state in (checkpoint.ACCEPTED, checkpoint.CANCELED):
        sys.stdout.write(f"{identifier} was {known.state} before; nothing was sent.\n")
        return 0
    if known is not None and unsure(known, now) and not arguments.resend_unsure:
        another = "; another event needs an --identifier of its own" if repeated else ""
        raise UsageError(f"--identifier: {identifier} {UNSURE}{another}")
    timestamp = timestamp if known is None else known.timestamp
    said = f"{row.value} for {row.customer} at {time_text(timestamp)}"
    number = known.number if known else points.add(identifier, row.customer, row.value, timestamp, points.begin("", "", now), 1)
    points.sending([number], now)
    points.commit()
    again = f"it may have been counted; the same command with --identifier {identifier} sends it again, and it is counted once"
    try:
        refusals = sender.send([Event(number, identifier, row.customer, row.value, timestamp, row)])
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted; {again}") from None
    except UsageError as e:
        if e.sent:
            raise UsageError(f"{e}; {again}") from None
        points.refused(number, str(e))
        points.commit()
        raise
    if number in refusals:
        points.refused(number, refusals[number])
        points.commit()
        raise UsageError(f"Stripe refused it: {refusals[number]}")
    points.accepted([number])
    points.commit()
    sys.stdout.write(f"Recorded {said}, as {identifier}\n")
    return 0


def _file(
    arguments: argparse.Namespace, to: Target, sender: Sender, points: Checkpoint, now: int, stopped: threading.Event
) -> int:
    names = [getattr(arguments, f"{name}_column") for name in ("customer", "value", "timestamp", "identifier")]
    rules = Rules(Columns(*names), to.meter.formula == "count", bool(arguments.batch))
    default = "stdin" if arguments.file == "-" else arguments.file
    customers = Customers(to.account.client, points, now) if arguments.stream or arguments.dry_run else None
    options = Options(
        to.meter.id, arguments.batch, now, how.threads(arguments), arguments.resend_unsure, arguments.never_imported
    )
    began = time.monotonic()
    rejects_file = arguments.rejects or Path(f"{default}.rejects.ndjson")
    if rejects_file.resolve() == Path(arguments.file).resolve():
        raise UsageError(f"--rejects: {rejects_file} is the file of events; give another")
    with reading.opened(arguments.file) as source, Rejects(rejects_file) as rejects:
        work = Import(options, points, None if arguments.dry_run else sender, customers, rejects, stopped)
        rows = source.rows(rules, now, arguments.format, arguments.delimiter)
        with Shown(source.total, quiet=arguments.quiet) as shown, ending(stopped, lambda: work.reading):
            work.run(source, rows, shown)
    seconds = max(time.monotonic() - began, 1e-3)
    tally = work.tally
    verb = "would be sent" if arguments.dry_run else "sent"
    parts = [f"{tally.sent:,} {verb}", f"{tally.before:,} counted before", f"{rejects.count:,} rejected"]
    sys.stdout.write(f"{tally.rows:,} rows: {', '.join(parts)}; {tally.rows / seconds:,.0f} rows/s.\n")
    if rejects.count:
        listed = [f"line {reject.line}: {'; '.join(reject.problems)}" for reject in rejects.first]
        _list(f"Rejected rows are in {rejects.path}:", listed, rejects.count)
    if tally.corrected:
        listed = [f"line {c.line}: {_corrected(c)}" for c in tally.corrected[:FIRST]]
        said = f"{len(tally.corrected):,} rows were corrected after they were sent, and both count"
        _list(f"{said}; take back what was sent before with `cancel`, or record the opposite:", listed, len(tally.corrected))
    return SOME_REJECTED if rejects.count or tally.corrected else 0


def _list(intro: str, first: Sequence[str], count: int) -> None:
    lines = [intro, *(f"  {line}" for line in first), *(["  …"] if count > len(first) else [])]
    sys.stdout.write(visible("".join(f"{line}\n" for line in lines)))


def _corrected(c: Corrected) -> str:
    before = f"{c.value} for {c.customer} at {time_text(c.timestamp)}, {c.identifier}"
    return f"{before}, is now {c.now_value} for {c.now_customer} at {time_text(c.now_timestamp)}"


def _delimiter(text: str) -> str:
    try:
        return delimiter_of(text)
    except Wrong as e:
        raise argparse.ArgumentTypeError(str(e)) from None
