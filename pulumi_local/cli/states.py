"""`state`: protect, unprotect, remove. They edit the state and nothing else."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from typing import Any

import click

from pulumi_local import environment
from pulumi_local.cli.base import Group, Shared, stack_option
from pulumi_local.cli.flags import options
from pulumi_local.cli.options import switch
from pulumi_local.errors import EngineError, Reported
from pulumi_local.interfaces import Deployment
from pulumi_local.state import edit as state_edit

_EDITS = "This command will edit your stack's state directly. Confirm?"
_PROTECTS = (
    "This will protect by modifying the stack state directly.\n"
    "If your program does not also set the 'protect' resource option, Pulumi will unprotect the \n"
    "resource the next time your program runs (e.g. as part of a `pulumi up`)\n"
    "Confirm?"
)


@click.group(cls=Group)
def state() -> None:
    """Edit the current stack's state."""


state.aliases.update({"rm": "remove", "delete": "remove"})

_URNS = options(
    click.argument("urns", nargs=-1, metavar="[RESOURCE-URN]..."),
    stack_option(),
    switch("-y", "--yes", help="Skip confirmation prompts"),
)


@state.command()
@_URNS
@switch("--all", "every", help="Protect all resources in the checkpoint")
@click.pass_obj
def protect(shared: Shared, /, every: bool, **flags: Any) -> None:
    """Protect resources in a stack's state from deletion.

    Unless the program protects them too, its next update takes the protection away.
    """
    _set_protection(shared, True, every, **flags)


@state.command()
@_URNS
@switch("--all", "every", help="Unprotect all resources in the checkpoint")
@click.pass_obj
def unprotect(shared: Shared, /, every: bool, **flags: Any) -> None:
    """Unprotect resources in a stack's state, so that they may be deleted."""
    _set_protection(shared, False, every, **flags)


def _set_protection(shared: Shared, wanted: bool, every: bool, urns: tuple[str, ...], stack_name: str | None, yes: bool) -> None:
    word = "protected" if wanted else "unprotected"
    if not every:
        _require(urns)

    def edit(deployment: Deployment) -> Deployment:
        return state_edit.with_protection(deployment, None if every else urns, wanted)

    _edit(shared, stack_name, yes, _PROTECTS if wanted else _EDITS, edit)
    click.echo(f"All resources {word}" if every else f"{len(urns)} resources {word}")


@state.command()
@_URNS
@switch("--force", help="Force deletion of protected resources")
@switch("--target-dependents", help="Delete the URN and all its dependents")
@switch("--all", "every", help="Delete all resources in the stack")
@click.pass_obj
def remove(
    shared: Shared, /, urns: tuple[str, ...], stack_name: str | None, yes: bool, force: bool, target_dependents: bool, every: bool
) -> None:
    """Delete resources from a stack's state; the objects stay.

    A resource that others depend on stays, unless they go as well; a protected one, unless --force is given.
    """
    if every and urns:
        raise EngineError("cannot specify a resource URN when deleting all resources")
    if not every:
        _require(urns)
    warned = _warn if force else None
    count = 0

    def edit(deployment: Deployment) -> Deployment:
        nonlocal count
        if every:
            return state_edit.without_all(deployment, warned)
        edited, count = state_edit.without(deployment, urns, dependents=target_dependents, protected=warned)
        return edited

    _edit(shared, stack_name, yes, _EDITS, edit)
    click.echo("Resources deleted" if every else "Resource deleted" if count == 1 else f"{count} resources deleted")


def _warn(urn: str) -> None:
    click.echo(f"warning: deleting protected resource {urn} due to presence of --force", err=True)


def _require(urns: tuple[str, ...]) -> None:
    if not urns:
        raise EngineError("Must supply <resource URN>: pulumi_local does not offer a list to choose from; see `stack export`")


def _edit(shared: Shared, stack_name: str | None, yes: bool, question: str, edit: Callable[[Deployment], Deployment]) -> None:
    """Changes a stack's deployment, if the user, where one can be asked, agrees."""
    found = shared.workspace.stack(stack_name, offer_new=True)
    if not yes and shared.interactive and not environment.skips_confirmations():
        click.echo(f"warning: {question} (y/N) ", nl=False)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            click.echo("confirmation declined")
            raise Reported
    backend = found.workspace.backend
    with backend.lock(found.reference).held():
        before = backend.load(found.reference)
        edited = edit(before.deployment or {})
        backend.save(found.reference, dataclasses.replace(before, deployment=edited))
