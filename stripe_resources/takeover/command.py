"""The command line of `take-over`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from stripe_client.client import Client
from stripe_client.project import add_stack, stack_of
from stripe_resources.orphans.asking import confirm, read, refuse, source_of
from stripe_resources.orphans.state import Held, held

from .marking import hand_over, taken

DESCRIPTION = """\
Hands the objects of a stack over to one of its states. Where a stack has two (of two people, or a lost one and
a copy of it), each object is in the one that found it last, and the other one is refused. This makes the given
state the one that has them; the other one is refused from then on.

  pulumi stack export | python -m stripe_resources take-over --stack dev --state -

Lists what is in another state by now, and asks. The key is STRIPE_API_KEY, the address STRIPE_API_BASE or
Stripe's own; what Pulumi.<stack>.yaml says of stripe:livemode, stripe:account and the like holds here too.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "take-over",
        help="hand the objects of a stack over to a state that is refused",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_stack(parser)
    parser.add_argument("--state", metavar="FILE", required=True, help="what `pulumi stack export` wrote; - for standard input")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Lists and hands over; what to tell the user. Raises `StripeError`."""
    to = stack_of(Path.cwd(), arguments.project, arguments.stack)
    owner = f"{to.project}/{to.stack}"
    entries = held(read(arguments.state), source_of(arguments.state))
    client = Client(to.settings(os.environ))
    found = taken(client, [entry for entry in entries if entry.owner.startswith(f"{owner}/")])
    if not found:
        return f"Nothing in this state of {owner} is in another one."
    sys.stdout.write(f"{_text(found, owner)}\n\n")
    if not arguments.yes:
        confirm(f"Hand {len(found)} object{'s' if len(found) > 1 else ''} over to this state?", to.stack)
    refuse(hand_over(client, found), len(found), "handed over")
    return f"{len(found)} handed over: another state of {owner} that has them is refused from now on."


def _text(found: Sequence[Held], owner: str) -> str:
    verb = "s are" if len(found) > 1 else " is"
    return "\n".join(
        [f"{len(found)} object{verb} in another state of {owner} by now:", "", *(f"{one.label}  {one.owner}" for one in found)]
    )
