"""The root of the command line, and where errors become one line and an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

import click

from pulumi_local import reading
from pulumi_local.cli import configuration, importing, operations, others, policies, refusals, stacks, states
from pulumi_local.cli.base import Group, Shared
from pulumi_local.errors import EngineError, Reported, Signalled
from pulumi_local.run import interrupts


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.pass_context
def root(context: click.Context) -> None:
    """A local engine for Pulumi programs with Python dynamic resources.

    Commands, flags, output and exit codes are those of the Pulumi CLI; what is not supported is refused by name.
    """
    context.ensure_object(Shared)
    refusals.refuse_flag_variables(context)
    for warning in refusals.refuse_variables():
        click.echo(f"warning: {warning}", err=True)


for command in (
    *(operations.preview, operations.up, operations.refresh, operations.destroy, importing.import_),
    *(stacks.stack, states.state, configuration.config, policies.policy),
    *(others.cancel, others.help_, others.login, others.version, others.whoami),
):
    root.add_command(command)
root.aliases.update({"update": "up", "pre": "preview", "down": "destroy", "dn": "destroy"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code. No error that a user can cause ends in a stack trace."""
    try:
        with interrupts.ending():
            code = _main(arguments)
    except Signalled as e:
        code = _fail(f"{e.name} received; {e.outcome or 'the command was ended'}", e.exit_code)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # nobody reads it; there is no use in the interpreter trying again
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            code = code or 1
    return code


def _main(arguments: Sequence[str] | None) -> int:
    try:
        root.main(None if arguments is None else list(arguments), prog_name="pulumi_local", standalone_mode=False, obj=Shared())
    except Reported as e:
        return e.exit_code
    except EngineError as e:
        return _fail(str(e), e.exit_code)
    except click.exceptions.Exit as e:
        return e.exit_code
    except click.UsageError as e:
        return _fail(e.format_message(), 1)
    except click.Abort:  # the end of the input, where something was asked
        return _fail("end of input", 1)
    except BrokenPipeError:
        return 1
    except OSError as e:
        return _fail(f"{e.strerror or e}{f': {e.filename}' if e.filename else ''}", 1)
    return 0


def _fail(message: str, code: int) -> int:
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    prefix = "\x1b[38;5;1merror: \x1b[0m" if sys.stderr.isatty() and "NO_COLOR" not in os.environ else "error: "
    with contextlib.suppress(OSError):
        print(f"{prefix}{reading.visible(message)}", file=sys.stderr)  # noqa: T201
    return code
