"""What every command shares: options that may stand anywhere, and refusal by name of what is not supported."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from pulumi_local import environment
from pulumi_local.cli import refusals
from pulumi_local.cli.options import Option, Switch, option, spelled_out
from pulumi_local.errors import EngineError
from pulumi_local.project.workspace import Workspace


@dataclass
class Shared:
    """The values of the options that every command has."""

    color: str = "auto"
    non_interactive: bool = False
    workspace: Workspace = field(default_factory=lambda: Workspace(Path.cwd()))

    @property
    def colored(self) -> bool:
        """Whether to colour standard output."""
        if self.color in ("always", "raw"):
            return True
        return self.color == "auto" and "NO_COLOR" not in os.environ and sys.stdout.isatty()

    @property
    def interactive(self) -> bool:
        """Whether somebody can be asked."""
        if self.non_interactive or os.environ.get("TERM") == "dumb" or os.environ.get("CI"):
            return False
        return sys.stdin.isatty() and sys.stdout.isatty()


def _change_folder(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    try:
        os.chdir(value)
    except OSError as e:
        raise EngineError(f"could not change to {value}: {e.strerror}") from None
    context.ensure_object(Shared).workspace = Workspace(Path.cwd())


def _set(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def remember(context: click.Context, _: click.Parameter, value: Any) -> None:
        if value:
            setattr(context.ensure_object(Shared), name, value)

    return remember


def shared_options() -> list[Option]:
    """The options of every command."""
    return [
        Option(
            ["-C", "--cwd"], metavar="DIR", everywhere=True, expose_value=False, callback=_change_folder, is_eager=True,
            help="Run as if it had been started in another directory",
        ),
        Option(
            ["--color"], type=click.Choice(["always", "never", "raw", "auto"]), everywhere=True, expose_value=False,
            callback=_set("color"), help='Colorize output (default "auto")',
        ),
        Switch(
            ["--non-interactive"], everywhere=True, expose_value=False, callback=_set("non_interactive"),
            help="Disable interactive mode for all commands",
        ),
    ]  # fmt: skip


class Command(click.Command):
    """A command with the shared options, which refuses by name the flags of the Pulumi CLI that it lacks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(shared_options())

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses as pflag does. Raises Unsupported for what only the CLI has, on the command line or in the environment."""
        try:
            return super().parse_args(ctx, spelled_out(self.params, args, interspersed=ctx.allow_interspersed_args))
        except click.NoSuchOption as e:
            raise refusals.no_such_flag(ctx, e.option_name) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command. Raises Unsupported where a variable sets a flag that only the CLI has."""
        if not isinstance(self, Group):
            refusals.refuse_flag_variables(ctx)
        return super().invoke(ctx)


class Group(Command, click.Group):
    """A group that refuses by name the commands of the Pulumi CLI that it lacks."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.aliases: dict[str, str] = {}

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name or alias."""
        return super().get_command(ctx, self.aliases.get(cmd_name, cmd_name))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name; one that only the Pulumi CLI has is refused by name."""
        if self.get_command(ctx, args[0]) is None:
            raise refusals.no_such_command(ctx, args[0])
        return super().resolve_command(ctx, args)


def stack_option(help_text: str = "The name of the stack to operate on. Defaults to the current stack") -> Callable[..., Any]:
    """`--stack`."""
    return option("-s", "--stack", "stack_name", metavar="NAME", help=help_text)


def exclusive(group: str, **given: object) -> None:
    """Refuses two flags of a group (names with spaces between them) that exclude each other."""
    named = sorted(name for name, value in given.items() if value)
    if len(named) > 1:
        raise EngineError(
            f"if any flags in the group [{group}] are set none of the others can be; [{' '.join(named)}] were all set"
        )


def one_name(option: str | None, argument: str | None) -> str | None:
    """The stack's name where it may be an option or an argument."""
    if option and argument:
        raise EngineError("only one of --stack or argument stack name may be specified, not both")
    return option or argument


def confirm(shared: Shared, prompt: str, name: str, *, yes: bool, required: bool) -> None:
    """Has the user type the stack's name, unless `yes`. Where nobody can be asked, raises EngineError if that is `required`."""
    if yes or environment.skips_confirmations():
        return
    if not shared.interactive:
        if required:
            raise EngineError("non-interactive mode requires --yes flag")
        return
    click.echo(prompt)
    click.echo(f"Please confirm that this is what you'd like to do by typing `{name}`: ", nl=False)
    if sys.stdin.readline().strip() != name:
        raise EngineError("confirmation declined")
