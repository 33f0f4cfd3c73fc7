"""`preview`, `up`, `refresh`, `destroy`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pulumi_local import environment
from pulumi_local.cli.base import Command, Shared, exclusive
from pulumi_local.cli.flags import OUTPUT, PREVIEW_ONLY, STACK, YES, confirmed, options, view
from pulumi_local.cli.options import option, switch
from pulumi_local.errors import EngineError
from pulumi_local.interfaces import Options
from pulumi_local.request import Kind, PolicyPack, Request
from pulumi_local.run import plan_file
from pulumi_local.run.operation import perform

_COMMON = options(
    STACK,
    option("-t", "--target", "targets", multiple=True, metavar="URN", help="Operate on this resource only; repeatable"),
    switch("--target-dependents", help="Allows operating on dependents of targets that are not specified"),
    switch(
        "--run-program",
        default=lambda: environment.is_on("PULUMI_RUN_PROGRAM"),
        help="Run the program to determine up-to-date state for providers",
    ),
    OUTPUT,
    switch("--show-sames", help="Show resources that needn't be updated because they haven't changed"),
    switch("--show-replacement-steps", help="Show detailed resource replacement creates and deletes"),
)  # fmt: skip
_EXCLUDE = options(
    option(
        "-x",
        "--exclude",
        "excludes",
        multiple=True,
        metavar="URN",
        help="Leave this resource alone; repeatable, with wildcards (*, **)",
    ),
    switch("--exclude-dependents", help="Leaves alone dependents of excluded resources as well"),
)
_CONFIRM = options(
    YES,
    switch("-f", "--skip-preview", help="Do not calculate a preview before performing the operation"),
)
_REFRESH = switch(
    "-r", "--refresh", default=None, metavar="[true|false]",
    help="Refresh the state of the stack's resources before this operation",
)  # fmt: skip
_EXPECT = switch("--expect-no-changes", help="Return an error if any changes occur (exit code 7)")
_CONTINUE = switch(
    "--continue-on-error", default=lambda: environment.is_on("PULUMI_CONTINUE_ON_ERROR"),
    help="Continue even if an error is encountered",
)  # fmt: skip
_REPLACE = options(
    option(
        "--replace", "replaces", multiple=True, metavar="URN", help="Replace this resource; repeatable, with wildcards (*, **)"
    ),
    option(
        "--target-replace",
        "target_replaces",
        multiple=True,
        metavar="URN",
        help="Shorthand for --target URN --replace URN; repeatable",
    ),
)
_POLICIES = options(
    option(
        "--policy-pack",
        "policy_packs",
        multiple=True,
        metavar="DIR",
        help="Run one or more policy packs as part of this operation",
    ),
    option(
        "--policy-pack-config",
        "policy_configs",
        multiple=True,
        metavar="FILE",
        help="JSON file with the configuration of the corresponding --policy-pack",
    ),
)


def _request(kind: Kind, shared: Shared, flags: dict[str, Any]) -> Request:
    """The flags of any of the four commands as a request."""
    refresh = flags.get("refresh")
    if refresh is None and kind is not Kind.REFRESH:
        refresh = shared.workspace.project.always_refresh
    targets = (*flags["targets"], *flags.get("target_replaces", ()))
    excludes = flags.get("excludes", ())
    exclusive("target exclude", target=targets, exclude=excludes)
    chosen = Options(
        operation="update" if kind is Kind.PREVIEW else kind.value,
        preview=kind is Kind.PREVIEW or flags.get("preview_only", False),
        parallel=flags["parallel"] or 1,
        targets=targets,
        target_dependents=flags["target_dependents"],
        excludes=excludes,
        exclude_dependents=flags.get("exclude_dependents", False),
        replaces=(*flags.get("replaces", ()), *flags.get("target_replaces", ())),
        refresh=bool(refresh),
        run_program=flags["run_program"],
        continue_on_error=flags.get("continue_on_error", False),
        plan=plan_file.read(Path(flags["plan"])) if flags.get("plan") else None,
        make_plan=bool(flags.get("save_plan")),
    )
    return Request(
        kind=kind,
        stack=shared.workspace.stack(flags["stack_name"], offer_new=kind is not Kind.DESTROY),
        options=chosen,
        view=view(shared, flags),
        message=flags["message"],
        confirmed=flags.get("yes", False),
        skip_preview=flags.get("skip_preview", False),
        expect_no_changes=flags.get("expect_no_changes", False),
        exclude_protected=flags.get("exclude_protected", False),
        clear_pending_creates=flags.get("clear_pending_creates", False),
        policy_packs=_packs(flags.get("policy_packs", ()), flags.get("policy_configs", ())),
        save_plan=Path(flags["save_plan"]) if flags.get("save_plan") else None,
    )


def _packs(folders: tuple[str, ...], configs: tuple[str, ...]) -> tuple[PolicyPack, ...]:
    folders = tuple(f for text in folders for f in text.split(",") if f)
    configs = tuple(f for text in configs for f in text.split(",") if f)
    if configs and not folders:
        raise EngineError('"--policy-pack-config" must be specified with "--policy-pack"')
    if configs and len(configs) != len(folders):
        raise EngineError('the number of "--policy-pack-config" flags must match the number of "--policy-pack" flags')
    padded = configs or (None,) * len(folders)
    return tuple(PolicyPack(Path(f), None if c is None else Path(c)) for f, c in zip(folders, padded, strict=True))


@click.command(cls=Command)
@_COMMON
@_EXCLUDE
@_REFRESH
@_EXPECT
@_REPLACE
@_POLICIES
@option("--save-plan", metavar="FILE", help="Save the operations proposed by the preview to a plan file at the given path")
@click.pass_obj
def preview(shared: Shared, /, **flags: Any) -> None:
    """Show a preview of updates to a stack's resources."""
    perform(_request(Kind.PREVIEW, shared, flags))


@click.command(cls=Command)
@_COMMON
@_CONFIRM
@_EXCLUDE
@_REFRESH
@_EXPECT
@_CONTINUE
@_REPLACE
@_POLICIES
@option("--plan", metavar="FILE", help="A plan file; the update will not perform operations that exceed the plan")
@click.pass_obj
def up(shared: Shared, /, **flags: Any) -> None:
    """Create or update the resources in a stack."""
    perform(_request(Kind.UPDATE, shared, confirmed(shared, flags)))


@click.command(cls=Command)
@_COMMON
@_CONFIRM
@_EXCLUDE
@PREVIEW_ONLY
@_EXPECT
@switch("--clear-pending-creates", help="Clear all pending creates, dropping them from the state")
@click.pass_obj
def refresh(shared: Shared, /, **flags: Any) -> None:
    """Refresh the resources in a stack."""
    perform(_request(Kind.REFRESH, shared, confirmed(shared, flags)))


@click.command(cls=Command)
@_COMMON
@_CONFIRM
@_EXCLUDE
@PREVIEW_ONLY
@_REFRESH
@_CONTINUE
@switch("--exclude-protected", help="Do not destroy protected resources. Destroy all other resources.")
@switch("--remove", help="Remove the stack and its config file after all resources in the stack have been deleted")
@click.pass_obj
def destroy(shared: Shared, /, remove: bool, **flags: Any) -> None:
    """Destroy all existing resources in the stack, but not the stack itself."""
    if flags["targets"] and flags["exclude_protected"]:
        raise EngineError("you cannot specify --target and --exclude-protected")
    request = _request(Kind.DESTROY, shared, confirmed(shared, flags))
    perform(request)
    if remove and not request.options.preview and not request.options.targets:
        from pulumi_local.cli.stacks import remove_stack

        remove_stack(request.stack, force=False, remove_backups=False, preserve_config=False)
        if not flags["as_json"]:
            click.echo("The resources in the stack have been deleted, and the history and configuration removed.")
