"""Options as the Pulumi CLI reads them: on the command line, like https://pkg.go.dev/github.com/spf13/pflag, and as variables."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from typing import Any

import click

from pulumi_local.errors import EngineError

PREFIX = "PULUMI_OPTION_"
_TRUE, _FALSE = {"1", "t", "true"}, {"0", "f", "false"}


class Option(click.Option):
    """An option that its variable sets as well: `PULUMI_OPTION_TARGET` is `--target`, a list being one line of CSV."""

    def __init__(self, *args: Any, bare: str | None = None, everywhere: bool = False, **kwargs: Any) -> None:
        """`bare` is the value of the option where it has none; without it the next word is the value.

        An option that is `everywhere` may stand before and after the command's name; its variable counts once.
        """
        super().__init__(*args, **kwargs)
        self.bare = bare
        self.everywhere = everywhere
        self.long = max(self.opts, key=len)
        self.envvar = variable(self.long)

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """What the variable says; None where it is not set, or empty. Raises EngineError for what it cannot be."""
        text = None if self.everywhere and ctx.parent is not None else self.resolve_envvar_value(ctx)
        if text is None:
            return None
        try:
            value = next(csv.reader([text])) if self.multiple else text
            self.type_cast_value(ctx, value)
        except click.BadParameter as e:
            raise EngineError(f"{self.envvar}: {e.message}") from None
        except csv.Error:
            raise EngineError(f"{self.envvar}: give values with commas between them, in one line") from None
        return value


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    raise click.BadParameter(f"{value!r} is neither true nor false")


class Switch(Option):
    """An option that is true where it has no value: `--yes` is `--yes=true`."""

    def __init__(self, *args: Any, default: Any = False, metavar: str = "", **kwargs: Any) -> None:
        super().__init__(*args, bare="true", type=_boolean, default=default, metavar=metavar, **kwargs)


def option(*names: str, cls: type[Option] = Option, **attributes: Any) -> Callable[..., Any]:
    """`click.option` for an `Option`."""
    return click.option(*names, cls=cls, **attributes)


def switch(*names: str, **attributes: Any) -> Callable[..., Any]:
    """`click.option` for a `Switch`."""
    return option(*names, cls=Switch, **attributes)


def variable(flag: str) -> str:
    """The variable of a flag."""
    return PREFIX + flag.lstrip("-").replace("-", "_").upper()


def spelled_out(params: Sequence[click.Parameter], words: Sequence[str], *, interspersed: bool) -> list[str]:
    """The command line with every option as `--name=value`: `-fs dev` becomes `--skip-preview=true --stack=dev`.

    Options that are not there stay as they are, and so does what comes after `--` or, in a group (not `interspersed`), after the
    name of the subcommand.
    """
    named = {name: p for p in params if isinstance(p, Option) for name in p.opts}
    found: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--" or not (interspersed or word.startswith("-")):
            return [*found, word, *left]
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            found += _one(named, name, value if equals else None, left)
            continue
        letters = word[1:] if word.startswith("-") else ""
        if not letters:
            found.append(word)
        while letters:
            name, letters = f"-{letters[0]}", letters[1:]
            known = named.get(name)
            if letters.startswith("=") or (known and known.bare is None and letters):
                found += _one(named, name, letters.removeprefix("="), left)
                break
            found += _one(named, name, None, left)
    return found


def _one(named: dict[str, Option], name: str, value: str | None, left: list[str]) -> list[str]:
    known = named.get(name)
    if known is None:
        return [name if value is None else f"{name}={value}"] if name.startswith("--") else [name]
    if value is None:
        value = known.bare if known.bare is not None else left.pop(0) if left else None
    return [known.long if value is None else f"{known.long}={value}"]
