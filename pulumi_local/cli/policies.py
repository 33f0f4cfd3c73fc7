"""`policy analyze`: what policy packs say about an existing state."""

from __future__ import annotations

from pathlib import Path

import click

from pulumi_local import reading
from pulumi_local.cli.base import Group, Shared, exclusive, stack_option
from pulumi_local.cli.options import option, switch
from pulumi_local.errors import EngineError
from pulumi_local.request import PolicyPack, View
from pulumi_local.run import analysis
from pulumi_local.run.analysis import Subject


@click.group(cls=Group)
def policy() -> None:
    """Judge resources by policy packs."""


@policy.command()
@stack_option("The name of the stack to analyze. Defaults to the current stack")
@option("--file", metavar="FILE", help="Analyze a state file (as produced by `stack export`) instead of a live stack")
@option("--policy-pack", "packs", multiple=True, metavar="DIR", help="Path to a policy pack to run during analysis")
@option(
    "--policy-pack-config",
    "configs",
    multiple=True,
    metavar="FILE",
    help="Path to a JSON config file for the corresponding --policy-pack",
)
@switch("--diff", help="Display policy diagnostics as a rich diff instead of grouped progress output")
@switch("-j", "--json", "as_json", help="Serialize policy analysis events as JSON")
@click.pass_obj
def analyze(
    shared: Shared,
    /,
    stack_name: str | None,
    file: str | None,
    packs: tuple[str, ...],
    configs: tuple[str, ...],
    diff: bool,
    as_json: bool,
) -> None:
    """Analyze existing resource state against one or more local policy packs.

    Runs no program and makes no provider calls. Secrets of a file that cannot be decrypted are redacted to "[secret]". What a
    remediation would change is reported and not done. Exits with a non-zero status if any mandatory violations are found.
    """
    exclusive("json diff", json=as_json, diff=diff)
    exclusive("file stack", file=file is not None, stack=stack_name is not None)
    if not packs:
        raise EngineError("at least one --policy-pack path must be specified")
    if configs and len(configs) != len(packs):
        raise EngineError("the number of --policy-pack-config paths must match the number of --policy-pack paths")
    padded = configs or (None,) * len(packs)
    chosen = [PolicyPack(Path(p), None if c is None else Path(c)) for p, c in zip(packs, padded, strict=True)]
    subject = analysis.of_stack(shared.workspace.stack(stack_name)) if file is None else _of_file(file)
    if not subject.deployment.get("resources"):
        click.echo(f"{subject.description} has no resources; nothing to analyze.", err=True)
        return
    view = View(color=shared.colored, interactive=shared.interactive, diff=diff, as_json=as_json)
    if analysis.run(subject, chosen, view):
        raise EngineError("one or more mandatory policy violations were found")


def _of_file(file: str) -> Subject:
    try:
        document = reading.parsed(reading.text(Path(file)))
    except OSError as e:
        raise EngineError(f"could not open file: open {file}: {(e.strerror or '').lower()}") from None
    except ValueError as e:
        raise EngineError(f"reading deployment from {file}: {e}") from None
    return analysis.of_document(file, document, _warn)


def _warn(text: str) -> None:
    click.echo(f"warning: {text}", err=True)
