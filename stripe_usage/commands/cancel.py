"""`usage cancel`: takes an event back. https://docs.stripe.com/api/billing/meter-event-adjustment"""

from __future__ import annotations

import argparse
import sys
import time

from stripe_client.errors import Refused
from stripe_usage import checkpoint
from stripe_usage.errors import UsageError
from stripe_usage.naming import target

DESCRIPTION = """\
Takes events back, by the identifiers that `record` printed or that are in the checkpoint. Stripe does so within 24 hours of
their receipt; after that, where the meter sums up, record the opposite value instead. Invoices that are final stay as they are.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "cancel",
        help="take an event back, within 24 hours",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("identifiers", nargs="+", metavar="IDENTIFIER")
    target.add_to(parser)
    checkpoint.add_to(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Cancels what it can and returns the exit code. Raises `UsageError` with what it cannot."""
    to = target.target_of(arguments)
    path = checkpoint.path_of(arguments.checkpoint, to.meter.id)
    problems = []
    with checkpoint.opened(path, to.meter.id, to.meter.event_name, now=int(time.time())) as points:
        for identifier in dict.fromkeys(arguments.identifiers):
            try:
                to.account.client.post(
                    "/v1/billing/meter_event_adjustments",
                    {"event_name": to.meter.event_name, "type": "cancel", "cancel": {"identifier": identifier}},
                    kind="billing.meter_event_adjustment",
                )
            except Refused as e:
                if e.status != 400:
                    raise
                problems.append(f"{identifier}: {e.said}")
                continue
            points.canceled(identifier)
            points.commit()
            sys.stdout.write(f"Canceled {identifier}\n")
    if problems:
        raise UsageError("; ".join(problems))
    return 0
