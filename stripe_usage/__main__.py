"""`python -m stripe_usage`: meter events from where they are counted to Stripe."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from stripe_client.errors import StripeError
from stripe_client.version import version

from .errors import Interrupted, UsageError

try:
    from .commands import aggregate, cancel, checkout, completion, generate, invoice, ledger, reconcile, record, summary
except ModuleNotFoundError as e:
    sys.exit(f"stripe_usage needs {e.name}: pip install 'pulumi-stripe-billing[usage]'")

COMMANDS = (record, aggregate, ledger, cancel, summary, invoice, reconcile, checkout, generate)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog="python -m stripe_usage", description="Usage: meter events, and what Stripe makes of them."
    )
    result.add_argument("--version", action="version", version=version())
    commands = result.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_to(commands)
    completion.add_to(commands, parser)
    return result


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; returns 0 done, 1 failed, 2 wrong options, 3 done but something is wrong, 130 interrupted."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except (KeyboardInterrupt, Interrupted) as e:
        sys.stderr.write(f"error: {e or 'interrupted'}\n")
        return 130
    except (UsageError, StripeError) as e:
        sys.stderr.write(f"error: {e}\n")
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # the reader is gone, as in `… | head`
        return 1


if __name__ == "__main__":
    sys.exit(main())
