"""The command line of `orphans`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from stripe_client.client import Client
from stripe_client.errors import StripeError
from stripe_client.project import add_stack, stack_of
from stripe_resources._core.values import ownership

from . import retiring, showing
from .asking import confirm, read, refuse, source_of
from .finding import Orphans, orphans
from .state import Held, held

DESCRIPTION = """\
Lists what belongs to a stack at Stripe and is in no state: a run was lost after Stripe's answer, and the
resource was then removed from the program; or the state itself was lost.

  pulumi stack export | python -m stripe_resources orphans --stack dev --state -

Stripe is only read, one paged list for each kind, unless --retire is given. The key is STRIPE_API_KEY, the
address STRIPE_API_BASE or Stripe's own; what Pulumi.<stack>.yaml says of stripe:livemode, stripe:account and
the like holds here too.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "orphans",
        help="list what belongs to a stack at Stripe and is in no state",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_stack(parser)
    state = parser.add_mutually_exclusive_group(required=True)
    state.add_argument("--state", metavar="FILE", help="what `pulumi stack export` wrote; - for standard input")
    state.add_argument("--no-state", action="store_true", help="the state is lost for good: list all that belongs to the stack")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--retire", action="store_true", help="take them out of use, as a destroy would")
    form.add_argument("--adopt", action="store_true", help="print the lines of a program that declare them again")
    form.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--yes", action="store_true", help="with --retire: do not ask")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Lists, retires or declares; what to tell the user. Raises `StripeError`."""
    to = stack_of(Path.cwd(), arguments.project, arguments.stack)
    entries = [] if arguments.no_state else held(read(arguments.state), source_of(arguments.state))
    owner = f"{to.project}/{to.stack}"
    settings = to.settings(os.environ)
    client = Client(settings)
    found = orphans(client, f"{owner}/", {entry.key for entry in entries})
    if arguments.json:
        return json.dumps(showing.data(found, owner), indent=2)
    if arguments.adopt:
        return retiring.lines(client, found.owned) or showing.text(found, owner)
    if not arguments.retire or not found.owned:
        return showing.text(found, owner)
    sys.stdout.write(f"{showing.text(found, owner)}\n\n")
    if found.unknown:
        raise StripeError("nothing was retired: what is not known may hang on these; use a key that may list all kinds")
    _refuse_outdated(found, entries, owner)
    if not arguments.yes:
        confirm(f"Retire {len(found.owned)} object{'s' if len(found.owned) > 1 else ''}?", to.stack)
    failed = retiring.retire(settings, found.owned, lambda line: print(line, flush=True))  # noqa: T201
    refuse(failed, len(found.owned), "retired")
    return f"{len(found.owned)} retired."


def _refuse_outdated(found: Orphans, entries: Sequence[Held], owner: str) -> None:
    """What a newer state has is no orphan. Raises `StripeError` where something of this state is in another one by now."""
    lineages = {entry.key: ownership.lineage_of(entry.outputs) for entry in entries}
    for one in found.held:
        if ownership.marked_otherwise(one.live, lineages[one.key]):
            raise StripeError(
                f"{one.label} is in this state, and in another one of {owner} that found it again, which may have these as well; "
                "give that state, or hand its objects over to this one first: `python -m stripe_resources take-over`"
            )
