"""`stripe-project`, also `python -m stripe_project`: the commands of a project."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from stripe_client.version import version

try:
    from . import children, environments, new, stack
    from .adding import command as adding
    from .ci import command as ci
except ModuleNotFoundError as e:
    sys.exit(f"stripe-project needs {e.name}: pip install 'pulumi-stripe-billing[local]'")
except KeyboardInterrupt:
    sys.exit(130)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(prog="stripe-project", description="Stripe billing as code: the commands of a project.")
    result.add_argument("--version", action="version", version=version())
    commands = result.add_subparsers(metavar="COMMAND", required=True)
    for module in (new, adding, stack, environments, ci):
        module.add_to(commands)
    return result


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; its exit code."""
    arguments, more = parser().parse_known_args(argv)
    if more and not arguments.passes_on:
        parser().error(f"unrecognized arguments: {' '.join(more)}")
    children.listen()
    try:
        return int(arguments.run(arguments, more))
    except children.Stopped as e:
        return children.report(e)


if __name__ == "__main__":
    sys.exit(main())
