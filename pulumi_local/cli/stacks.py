"""`stack`: init, ls, select, export, import, output, rm."""

from __future__ import annotations

import dataclasses
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from pulumi_local import gojson, reading, urns
from pulumi_local.cli import refusals
from pulumi_local.cli.base import Group, Shared, confirm, one_name, stack_option
from pulumi_local.cli.options import option, switch
from pulumi_local.cli.tables import ago, table, utc_seconds
from pulumi_local.errors import NO_STACK, EngineError, StackNotFound, Unsupported
from pulumi_local.project.workspace import Stack, Workspace, create_stack
from pulumi_local.state import document as state_document
from pulumi_local.state.backend import StackReference


@click.group(cls=Group, invoke_without_command=True)
@click.pass_context
def stack(context: click.Context) -> None:
    """Manage stacks and their state."""
    if context.invoked_subcommand is None:
        raise Unsupported(f"pulumi_local does not support `stack` by itself; {refusals.command_remedy('stack')}")


stack.aliases.update({"new": "init", "create": "init", "list": "ls", "remove": "rm", "delete": "rm"})


@stack.command()
@click.argument("name", required=False, metavar="[STACK-NAME]")
@stack_option("The name of the stack to create")
@switch("--no-select", help="Do not select the stack")
@click.pass_obj
def init(shared: Shared, name: str | None, stack_name: str | None, no_select: bool) -> None:
    """Create an empty stack with the given name, ready for updates."""
    chosen = one_name(stack_name, name)
    if not chosen:
        raise EngineError("missing stack name")
    made = create_stack(shared.workspace, chosen)
    click.echo(f"Created stack '{made.shown}'", err=True)
    if not no_select:
        shared.workspace.select(made.reference)


@stack.command()
@switch("-a", "--all", "all_stacks", help="List all stacks instead of just stacks for the current project")
@switch("-j", "--json", "as_json", help="Emit output as JSON")
@click.pass_obj
def ls(shared: Shared, all_stacks: bool, as_json: bool) -> None:
    """List stacks."""
    workspace = shared.workspace
    project = None if all_stacks else workspace.project.name
    current = workspace.current()
    selected = workspace.reference(current) if current else None
    rows = [_summary(workspace, reference, selected) for reference in workspace.backend.stacks(project)]
    if as_json:
        click.echo(gojson.dumps(rows, indent=2))
        return
    lines = [
        (
            f"{row['name']}*" if row["current"] else row["name"],
            ago(row["lastUpdate"]) if "lastUpdate" in row else "n/a",
            str(row.get("resourceCount", "n/a")),
        )
        for row in rows
    ]
    click.echo(table(("NAME", "LAST UPDATE", "RESOURCE COUNT"), lines))


def _summary(workspace: Workspace, reference: StackReference, selected: StackReference | None) -> dict[str, Any]:
    summary: dict[str, Any] = {"name": reference.shown(workspace.project_name), "current": reference == selected}
    deployment = workspace.backend.load(reference).deployment
    if deployment is not None:
        if when := (deployment.get("manifest") or {}).get("time"):
            summary["lastUpdate"] = utc_seconds(when)
        summary["resourceCount"] = len(deployment.get("resources") or [])
    return summary


@stack.command()
@click.argument("name", required=False, metavar="[STACK]")
@stack_option("The name of the stack to select")
@switch("-c", "--create", help="If selected stack does not exist, create it")
@click.pass_obj
def select(shared: Shared, name: str | None, stack_name: str | None, create: bool) -> None:
    """Switch the current workspace to the given stack."""
    chosen = one_name(stack_name, name)
    if not chosen:
        raise EngineError("no stack selected; specify a stack name with --stack", NO_STACK)
    reference = shared.workspace.reference(chosen)
    if not shared.workspace.backend.exists(reference):
        if not create:
            raise StackNotFound(chosen)
        made = create_stack(shared.workspace, chosen)
        click.echo(f"Created stack '{made.shown}'", err=True)
    shared.workspace.select(reference)


@stack.command()
@stack_option()
@option("--file", "file", type=click.Path(dir_okay=False, path_type=Path), help="A filename to write stack output to")
@switch("--show-secrets", help="Emit secrets in plaintext in exported stack. Defaults to `false`")
@click.pass_obj
def export(shared: Shared, stack_name: str | None, file: Path | None, show_secrets: bool) -> None:
    """Export a stack's deployment to standard out."""
    found = shared.workspace.stack(stack_name)
    checkpoint = shared.workspace.backend.load(found.reference)
    deployment = checkpoint.deployment
    if show_secrets and deployment:
        deployment = state_document.with_plaintexts(deployment, found.state_secrets().decrypt)
    document: dict[str, Any] = {"version": checkpoint.version}
    if checkpoint.features:
        document["features"] = list(checkpoint.features)
    document["deployment"] = deployment
    text = gojson.dumps(document, indent=4) + "\n"
    if file:
        file.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


@stack.command("import")
@stack_option()
@option("--file", "file", type=click.Path(dir_okay=False, path_type=Path), help="A filename to read stack input from")
@switch("-f", "--force", help="Import even if errors are discovered beforehand (not recommended)")
@click.pass_obj
def import_(shared: Shared, stack_name: str | None, file: Path | None, force: bool) -> None:
    """Import a deployment from standard in into an existing stack."""
    found = shared.workspace.stack(stack_name)
    text = _text(file) if file else sys.stdin.read()
    checkpoint, warnings = state_document.checked(text, found.reference.name, force=force, source=str(file or "standard input"))
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    backend = shared.workspace.backend
    with backend.lock(found.reference).held():
        deployment = _encrypted(found, checkpoint.deployment or {})
        backend.save(found.reference, dataclasses.replace(checkpoint, deployment=deployment))
    click.echo("Import complete.")


def _text(file: Path) -> str:
    try:
        return reading.text(file)
    except OSError as e:
        raise EngineError(f"could not open file: {e}") from None
    except ValueError as e:
        raise EngineError(f"could not read {file}: {e}") from None


def _encrypted(found: Stack, deployment: dict[str, Any]) -> dict[str, Any]:
    """The deployment with plaintext secrets encrypted; the key is the document's own, else the stack's."""
    if not state_document.has_plaintexts(deployment):
        return deployment
    from pulumi_local.project.workspace import passphrase, salt_of
    from pulumi_local.state import secrets

    salt = salt_of(deployment)
    opened = secrets.unlock(passphrase(), salt) if salt else found.secrets()
    sealed = state_document.with_ciphertexts(deployment, opened.encrypt)
    return {**sealed, "secrets_providers": {"type": opened.type, "state": opened.state}}


@stack.command()
@click.argument("name", required=False, metavar="[PROPERTY-NAME]")
@stack_option()
@switch("-j", "--json", "as_json", help="Emit output as JSON")
@switch("--shell", help="Emit output as a shell script")
@switch("--show-secrets", help="Display outputs which are marked as secret in plaintext")
@click.pass_obj
def output(shared: Shared, name: str | None, stack_name: str | None, as_json: bool, shell: bool, show_secrets: bool) -> None:
    """Show a stack's output properties."""
    if as_json and shell:
        raise EngineError("only one of --json and --shell may be set")
    found = shared.workspace.stack(stack_name)
    outputs = state_document.outputs(found.load(), found.state_secrets().decrypt if show_secrets else None)
    if name is not None and name not in outputs:
        raise EngineError(f"current stack does not have output property '{name}'")
    chosen = outputs if name is None else {name: outputs[name]}
    if as_json:
        click.echo(gojson.dumps(chosen if name is None else outputs[name], indent=2, sort_keys=True))
    elif shell:
        for key in sorted(chosen):
            click.echo(f"{key}={shlex.quote(_as_text(chosen[key]))}")
    elif name is not None:
        click.echo(_as_text(outputs[name]))
    else:
        click.echo(f"Current stack outputs ({len(outputs)}):")
        rows = [(key, _as_text(outputs[key])) for key in sorted(outputs)]
        click.echo(table(("OUTPUT", "VALUE"), rows, prefix="    ") if rows else "    No output values currently in this stack")


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else gojson.dumps(value, sort_keys=True)


@stack.command()
@click.argument("name", required=False, metavar="[STACK-NAME]")
@stack_option()
@switch("-y", "--yes", help="Skip confirmation prompts, and proceed with removal anyway")
@switch("-f", "--force", help="Forces deletion of the stack, leaving behind any resources managed by the stack")
@switch("--preserve-config", help="Do not delete the stack's Pulumi.<stack-name>.yaml")
@switch("--remove-backups", help="Additionally remove backups of the stack")
@click.pass_obj
def rm(
    shared: Shared, name: str | None, stack_name: str | None, yes: bool, force: bool, preserve_config: bool, remove_backups: bool
) -> None:
    """Remove a stack and its configuration."""
    found = shared.workspace.stack(one_name(stack_name, name))
    confirm(shared, f"This will permanently remove the '{found.shown}' stack!", found.shown, yes=yes, required=True)
    remove_stack(found, force=force, remove_backups=remove_backups, preserve_config=preserve_config)
    click.echo(f"Stack '{found.shown}' has been removed!")


def remove_stack(found: Stack, *, force: bool, remove_backups: bool, preserve_config: bool) -> None:
    """Removes a stack that has no resources left, its settings file, and its selection."""
    backend = found.workspace.backend
    with backend.lock(found.reference).held():
        resources = found.load().get("resources") or []
        if not force and any(r.get("type") != urns.STACK_TYPE for r in resources):
            raise EngineError(
                f"'{found.shown}' still has resources; removal rejected. Possible actions:\n"
                f"- Make sure that '{found.shown}' is the stack that you want to destroy\n"
                "- Run `pulumi destroy` to delete the resources, then run `pulumi stack rm`\n"
                "- Run `pulumi stack rm --force` to override this error"
            )
        backend.remove(found.reference, remove_backups)
    owner = found.workspace.maybe_project
    if owner and owner.name == found.reference.project:
        if not preserve_config:
            owner.settings_path(found.reference.name).unlink(missing_ok=True)
        if found.workspace.selected() == found.reference.qualified:
            found.workspace.select(None)
