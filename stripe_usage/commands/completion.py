"""`usage completion`: completion of commands and options in a shell."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

import shtab

SHELLS = ("bash", "zsh")

DESCRIPTION = """\
Prints a function `usage` for `python -m stripe_usage`, and the completion of its commands and options:

  eval "$(python -m stripe_usage completion bash)"
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser], whole: Callable[[], argparse.ArgumentParser]) -> None:
    """Adds the command; `whole` makes the whole command line."""
    parser = commands.add_parser(
        "completion",
        help="print what completes commands and options in a shell",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shell", choices=SHELLS)
    parser.set_defaults(run=lambda arguments: run(arguments, whole()))


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Prints and returns the exit code."""
    parser.prog = "usage"
    sys.stdout.write('usage() { python -m stripe_usage "$@"; }\n')
    sys.stdout.write(shtab.complete(parser, arguments.shell) + "\n")
    return 0
