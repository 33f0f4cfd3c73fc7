"""`python -m stripe_resources`: what there is besides the resources."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from stripe_client.errors import StripeError
from stripe_client.reading import visible
from stripe_client.version import version

from .export import command as export
from .orphans import command as orphans
from .takeover import command as takeover


def parser() -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(prog="python -m stripe_resources", description="Stripe billing as Pulumi resources.")
    result.add_argument("--version", action="version", version=version())
    commands = result.add_subparsers(metavar="COMMAND", required=True)
    for command in (export, orphans, takeover):
        command.add_to(commands)
    return result


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; the exit code."""
    arguments = parser().parse_args(argv)
    try:
        sys.stdout.write(f"{arguments.run(arguments)}\n")
    except StripeError as e:
        sys.stderr.write(visible(f"error: {e}\n"))
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
