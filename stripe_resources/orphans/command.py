"""The command line of `orphans`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from stripe_client.client import Client
from stripe_client.errors import ConfigurationError, StripeError
from stripe_client.project import Stack, stack_of

from . import retiring, showing
from .finding import orphans
from .state import ids

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
    parser.add_argument("--stack", help="the stack (default: PULUMI_STACK)")
    parser.add_argument("--project", help="the stack's project (default: the name in the nearest Pulumi.yaml)")
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
    known = set() if arguments.no_state else ids(_read(arguments.state), _name(arguments.state))
    owner = f"{to.project}/{to.stack}"
    settings = to.settings(os.environ)
    client = Client(settings)
    found = orphans(client, f"{owner}/", known)
    if arguments.json:
        return json.dumps(showing.data(found, owner), indent=2)
    if arguments.adopt:
        return retiring.lines(client, found.owned) or showing.text(found, owner)
    if not arguments.retire or not found.owned:
        return showing.text(found, owner)
    sys.stdout.write(f"{showing.text(found, owner)}\n\n")
    _confirm(arguments, to, len(found.owned))
    failed = retiring.retire(settings, found.owned, lambda line: print(line, flush=True))  # noqa: T201
    if failed:
        raise StripeError("\n       ".join([f"{len(failed)} of {len(found.owned)} could not be retired:", *failed]))
    return f"{len(found.owned)} retired."


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise ConfigurationError(f"{_name(file)} cannot be read: {getattr(e, 'strerror', None) or e}") from None


def _name(file: str) -> str:
    return "standard input" if file == "-" else file


def _confirm(arguments: argparse.Namespace, to: Stack, count: int) -> None:
    if arguments.yes:
        return
    if not sys.stdin.isatty():
        raise ConfigurationError("nobody is there to confirm it; give --yes, and --state a file")
    answer = input(f"Retire {count} object{'s' if count > 1 else ''}? Type the stack's name, {to.stack}, to confirm: ")
    if answer.strip() != to.stack:
        raise ConfigurationError("confirmation declined; nothing was changed")
