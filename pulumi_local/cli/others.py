"""`cancel`, `help`, `version`, `whoami`, `login`."""

from __future__ import annotations

import getpass
from importlib import metadata

import click

from pulumi_local import CLI_VERSION
from pulumi_local.cli.base import Command, Group, Shared, confirm, one_name, stack_option
from pulumi_local.cli.options import switch
from pulumi_local.errors import Unsupported


@click.command(cls=Command)
@click.argument("name", required=False, metavar="[STACK-NAME]")
@stack_option()
@switch("-y", "--yes", help="Skip confirmation prompts, and proceed with cancellation anyway")
@click.pass_obj
def cancel(shared: Shared, name: str | None, stack_name: str | None, yes: bool) -> None:
    """Free the lock of an update that runs, or of one that was killed.

    A process that still runs is not stopped: do not use this while one does.
    """
    found = shared.workspace.stack(one_name(stack_name, name))
    stack = found.reference.name
    confirm(shared, f"This will irreversibly cancel the currently running update for '{stack}'!", stack, yes=yes, required=False)
    shared.workspace.backend.lock(found.reference).break_all()
    shared.workspace.backend.settle(found.reference)
    click.echo(f"The currently running update for '{stack}' has been canceled!")


@click.command("help", cls=Command)
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
@click.pass_context
def help_(context: click.Context, words: tuple[str, ...]) -> None:
    """Print the help of a command."""
    found = context.find_root()
    for word in words:
        if not isinstance(found.command, Group):
            break
        name, command, _ = found.command.resolve_command(found, [word])
        assert command is not None
        found = click.Context(command, found, name)
    click.echo(found.get_help())


@click.command(cls=Command)
def version() -> None:
    """Print the version."""
    try:
        own = metadata.version("pulumi-stripe-billing")
    except metadata.PackageNotFoundError:  # a checkout that is not installed
        own = "unknown"
    click.echo(f"pulumi_local {own} (local engine; state format and output of Pulumi {CLI_VERSION})")


@click.command(cls=Command)
def whoami() -> None:
    """Display the current user."""
    click.echo(getpass.getuser())


@click.command(cls=Command)
@click.argument("url", required=False)
@switch("--local", help="Use the home directory; the default")
def login(url: str | None, local: bool) -> None:
    """Refused but for `file://`, which PULUMI_BACKEND_URL selects."""
    if local or url is None or url.startswith("file://"):
        where = "file://~" if local or url is None else url
        raise Unsupported(f"pulumi_local does not support `login`: set PULUMI_BACKEND_URL={where} instead")
    raise Unsupported(
        f"pulumi_local does not support the backend {url}; it keeps state in folders (PULUMI_BACKEND_URL=file://<folder>)"
    )
