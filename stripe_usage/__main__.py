"""`python -m stripe_usage`: meter events from where they are counted to Stripe."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence

from stripe_client.errors import StripeError
from stripe_client.version import version

from .errors import Interrupted, UsageError

try:
    from .commands import aggregate, cancel, checkout, completion, generate, invoice, ledger, reconcile, record, summary
    from .showing.console import visible
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
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (it is the process's own, to its end)
    try:
        if sys.stdout is None:
            raise UsageError("standard output is closed; nothing was done. Send it somewhere, such as to /dev/null")
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # whatever the locale can write
        arguments = parser().parse_args(argv)
        code = int(arguments.run(arguments))
        sys.stdout.flush()
        return code
    except (KeyboardInterrupt, Interrupted) as e:
        return _failed(str(e) or "interrupted", 130)
    except (UsageError, StripeError) as e:
        return _failed(str(e), 1)
    except BrokenPipeError:
        _give_up_output()  # the reader is gone, as in `… | head`
        return 1
    except OSError as e:
        _give_up_output()
        return _failed(f"{e.filename or 'standard output'}: {e.strerror}", 1)


def _failed(why: str, code: int) -> int:
    with contextlib.suppress(OSError):
        sys.stderr.write(visible(f"error: {why}\n"))
    return code


def _give_up_output() -> None:
    """What is left of the output is not tried again at the end of the process, which would complain in its own way."""
    with contextlib.suppress(OSError):
        sys.stdout.close()


if __name__ == "__main__":
    sys.exit(main())
