"""The public surface: the names that programs, states and scripts of users hold on to, each with what is promised of it.

A name is written as an entry of the changelog writes it: `Price.unit_amount`, `stripe:apiKey`, `stripe-usage record --rate`.
"""

from __future__ import annotations

import argparse
import enum
import functools
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

import stripe_impact.command
import stripe_local.__main__
import stripe_project.__main__
import stripe_resources.__main__
import stripe_usage.__main__
from pulumi_local.cli.app import root as pulumi_local_root
from pulumi_local.cli.base import shared_options
from pulumi_local.cli.options import Switch
from scripts.resource_docs import all_nested
from stripe_client.settings import KEYS as SETTINGS
from stripe_components.declarations import PlanPrice, UsageBasedPlanArgs
from stripe_components.plan import TYPE as PLAN_TYPE
from stripe_components.plan import UsageBasedPlan
from stripe_resources.declare import fields_of
from stripe_resources.register import KINDS, Role
from tests.stripe_resources.in_states import in_states
from tests.surface.observing import observed

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/py.typed"))
COMMANDS = {
    "stripe-impact": stripe_impact.command.parser,
    "stripe-local": stripe_local.__main__.parser,
    "stripe-project": stripe_project.__main__.parser,
    "stripe-resources": stripe_resources.__main__.parser,
    "stripe-usage": stripe_usage.__main__.parser,
}
CHANGES = {
    Role.MUTABLE: "a change updates",
    Role.IMMUTABLE: "a change replaces",
    Role.OPTION: "sent along",
    Role.RETIRE_OPTION: "for the delete",
    Role.ADOPTION: "at creation",
}
MODULES = (*PACKAGES, "stripe_local.fixtures", "stripe_local.testing", "stripe_project.testing", "stripe_resources.testing")
READ = re.compile(
    r"""environ(?:ment)?(?:\.get\(|\.setdefault\(|\[)\s*"([A-Z_]+)"|is_on\("([A-Z_]+)"\)|"([A-Z_]+)" (?:not )?in os\.environ"""
)
NOT_OURS = {"CI", "PATH", "PYTHONPATH", "TERM", "PULUMI_CONFIG", "PULUMI_PROJECT", "PULUMI_PYTHON_CMD", "UV_PROJECT_ENVIRONMENT"}
"""Variables that are read, but set by systems, or by an engine for its own processes."""

Surface = dict[str, dict[str, str]]
"""Groups of names, each with what is promised of it."""


@functools.cache
def surface() -> Surface:
    """Today's."""
    groups = {
        "state": in_states(),
        "resources": resources(),
        "components": components(),
        "names": names(),
        "settings": dict.fromkeys(SETTINGS, "setting"),
        "environment": dict.fromkeys(environment(), "variable"),
        "commands": dict(commands()),
        **observed(),
    }
    return {name: dict(sorted(group.items())) for name, group in groups.items()}


def resources() -> dict[str, str]:
    """Kinds with the types of their resources, their arguments and outputs; and the nested arguments."""
    found: dict[str, str] = {}
    for schema, _ in KINDS.values():
        found[schema.kind] = f"pulumi-python:dynamic/{schema.token}"
        for name, field in fields_of(schema.arguments).items():
            found[f"{schema.kind}.{name}"] = f"{_requiredness(field.required)}; {CHANGES[field.role]}"
        for name in schema.computed:
            found[f"{schema.kind}.{name}"] = "secret output" if name in schema.shown_once else "output"
    for class_ in all_nested(schema.arguments for schema, _ in KINDS.values()):
        found |= _fields(class_.__name__, class_)
    return found


def components() -> dict[str, str]:
    """The same of components."""
    outputs = {f"UsageBasedPlan.{name}": "output" for name in inspect.get_annotations(UsageBasedPlan)}
    arguments = _fields("UsageBasedPlan", UsageBasedPlanArgs)
    both = {name: f"{arguments[name]}, and output" for name in arguments.keys() & outputs.keys()}
    return {**outputs, **arguments, **both, **_fields("PlanPrice", PlanPrice), "UsageBasedPlan": PLAN_TYPE}


def _fields(owner: str, declaration: type) -> dict[str, str]:
    fields = fields_of(declaration).items()
    return {owner: "argument", **{f"{owner}.{name}": _requiredness(field.required) for name, field in fields}}


def _requiredness(required: bool) -> str:
    return "required argument" if required else "argument"


def names() -> dict[str, str]:
    """What modules say is public; of resources, which are a group of their own, nothing."""
    found: dict[str, str] = {}
    kinds = {kind for schema, _ in KINDS.values() for kind in (schema.kind, f"{schema.kind}Args")}
    for module in map(importlib.import_module, MODULES):
        for name in getattr(module, "__all__", ()):
            if module.__name__ != "stripe_resources" or name not in kinds:
                found[f"{module.__name__}.{name}"] = _shape(getattr(module, name))
    return found


def _shape(value: object) -> str:
    if inspect.isclass(value):
        return "enumeration: " + ", ".join(value.__members__) if issubclass(value, enum.Enum) else "class"
    if inspect.isfunction(value):
        return f"function({', '.join(_parameters(value))})"
    return "value"


def _parameters(function: Any) -> Iterator[str]:
    for parameter in inspect.signature(function).parameters.values():
        star = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        only = " by name" if parameter.kind is parameter.KEYWORD_ONLY else ""
        yield star + parameter.name + only + ("" if parameter.default is parameter.empty else "=…")


def environment() -> set[str]:
    """The variables that the packages read."""
    text = "\n".join(path.read_text() for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {name for found in READ.findall(text) for name in found if name} - NOT_OURS


def commands() -> Iterator[tuple[str, str]]:
    """Commands, their options and arguments, with what they take."""
    for name, parser in COMMANDS.items():
        yield from _argparse(name, parser())
    yield from _click("pulumi-local", pulumi_local_root, click.Context(pulumi_local_root))


def _argparse(name: str, parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    yield name, "command"
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command, below in action.choices.items():
                yield from _argparse(f"{name} {command}", below)
        elif not isinstance(action, argparse._HelpAction):
            takes = "flag" if action.nargs == 0 else _takes(action.nargs, action.choices)
            for option in action.option_strings or [str(action.metavar or action.dest)]:
                yield f"{name} {option}", ("required; " if action.required and action.option_strings else "") + takes


def _takes(count: object, choices: Iterable[object] | None) -> str:
    number = "" if count is None else f" ({count})"
    return (f"one of {', '.join(map(str, choices))}" if choices is not None else "value") + number


def _click(name: str, command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    yield name, "command"
    shared = set() if context.command is command else {option.name for option in shared_options()}
    for parameter in command.params:
        if parameter.name in shared:
            continue
        if isinstance(parameter, click.Option):
            choices = parameter.type.choices if isinstance(parameter.type, click.Choice) else None
            bare = isinstance(parameter, Switch) and not parameter.metavar
            takes = "flag" if parameter.is_flag or bare else _takes("*" if parameter.multiple else None, choices)
            for option in (*parameter.opts, *parameter.secondary_opts):
                yield f"{name} {option}", ("required; " if parameter.required else "") + takes
        else:
            yield f"{name} {parameter.human_readable_name}", "value"
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from _click(f"{name} {below}", found, context)


def flat(groups: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """All names with what is promised. Raises ValueError where two groups have one name."""
    found: dict[str, str] = {}
    for group in groups.values():
        if both := found.keys() & group.keys():
            raise ValueError(f"in two groups: {sorted(both)}")
        found |= group
    return found
