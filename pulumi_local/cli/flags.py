"""Options that several commands share, and what they mean."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from pulumi_local import environment
from pulumi_local.cli.base import Shared, stack_option
from pulumi_local.cli.options import option, switch
from pulumi_local.errors import USAGE, EngineError
from pulumi_local.request import View

F = TypeVar("F", bound=Callable[..., Any])

_NOT_INTERACTIVE = "--yes or --skip-preview or --preview-only must be passed in to proceed when running in non-interactive mode"


def _default_parallel() -> int:
    named = os.environ.get("PULUMI_PARALLEL", "")
    return int(named) if re.fullmatch("[0-9]{1,9}", named) and int(named) > 0 else (os.cpu_count() or 1) * 4


def options(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator, in this order."""

    def decorate(function: F) -> F:
        for add in reversed(options):
            function = add(function)
        return function

    return decorate


OUTPUT = options(
    switch("--diff", help="Display operation as a rich diff showing the overall change"),
    switch("-j", "--json", "as_json", help="Serialize the diffs, operations, and overall output as JSON"),
    switch("--suppress-outputs", help="Suppress display of stack outputs"),
    switch("--suppress-progress", help="Suppress display of periodic progress dots"),
    option(
        "--suppress-permalink", bare="false", default="", metavar="[true|false]",
        help="Suppress display of the state permalink (the default)",
    ),
)  # fmt: skip
STACK = options(
    stack_option(),
    option("-m", "--message", default="", help="Optional message to associate with the operation"),
    option(
        "-p", "--parallel", type=click.IntRange(min=0), default=_default_parallel, show_default="4 x CPUs",
        help="Allow P resource operations to run in parallel at once (1 for no parallelism).",
    ),
)  # fmt: skip
YES = switch("-y", "--yes", help="Automatically approve and perform the operation after previewing it")
PREVIEW_ONLY = switch("--preview-only", help="Only show a preview, but don't perform the operation itself")


def view(shared: Shared, flags: dict[str, Any]) -> View:
    """How to show what happens."""
    return View(
        color=shared.colored,
        interactive=shared.interactive,
        diff=flags["diff"],
        as_json=flags["as_json"],
        show_sames=flags.get("show_sames", False),
        show_replacement_steps=flags.get("show_replacement_steps", False),
        suppress_outputs=flags["suppress_outputs"],
        suppress_progress=flags["suppress_progress"],
        permalink=flags["suppress_permalink"] == "false",
    )


def confirmed(shared: Shared, flags: dict[str, Any]) -> dict[str, Any]:
    """The flags, with `yes` set however it was given. Raises EngineError where it is needed, without a terminal, and missing."""
    yes = flags["yes"] or flags["skip_preview"] or environment.skips_confirmations()
    preview_only = flags.get("preview_only", False)
    if not shared.interactive and not yes and not preview_only:
        raise EngineError(_NOT_INTERACTIVE, USAGE)
    if flags["skip_preview"] and preview_only:
        raise EngineError("--skip-preview and --preview-only cannot be used together")
    if yes and preview_only:
        raise EngineError("--yes and --preview-only cannot be used together")
    return {**flags, "yes": yes}
