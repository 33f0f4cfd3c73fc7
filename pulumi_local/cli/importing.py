"""`import`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pulumi_local import urns
from pulumi_local.cli.base import Command, Shared
from pulumi_local.cli.flags import OUTPUT, PREVIEW_ONLY, STACK, YES, confirmed, view
from pulumi_local.cli.options import option, switch
from pulumi_local.errors import EngineError, Unsupported
from pulumi_local.interfaces import Options
from pulumi_local.request import Kind, Request
from pulumi_local.run.operation import perform
from pulumi_local.state import import_file
from pulumi_local.state.import_file import ImportFile, Spec

_ARGUMENTS = {0: "type, name, and id", 1: "name and id", 2: "id"}


@click.command("import", cls=Command)
@click.argument("inline", nargs=-1, metavar="[TYPE NAME ID]")
@option(
    "-f", "--file", "file", type=click.Path(path_type=Path), help="The path to a JSON file with the list of resources to import"
)
@switch(
    "--generate-code",
    default=True,
    metavar="[true|false]",
    help="Only false is supported: dynamic resources have no schema to generate code from",
)
@switch(
    "--protect",
    default=True,
    metavar="[true|false]",
    help="Import the resources protected from deletion (the default)",
)
@STACK
@YES
@switch("--skip-preview", help="Do not calculate a preview before performing the import")
@PREVIEW_ONLY
@OUTPUT
@click.pass_obj
def import_(
    shared: Shared, /, inline: tuple[str, ...], file: Path | None, generate_code: bool, protect: bool, **flags: Any
) -> None:
    """Import resources into an existing stack: objects that exist already, as a file describes them.

    No object is changed. The resources are protected from deletion, unless --protect=false.
    """
    described = _described(inline, file)
    if generate_code:
        raise Unsupported(
            "pulumi_local does not support generating code: dynamic resources have no schema. Pass --generate-code=false, and "
            "declare the resources in the program as they are in the file"
        )
    flags = confirmed(shared, flags)
    stack = shared.workspace.stack(flags["stack_name"])

    def urn_of(parent: str, type_: str, name: str) -> str:
        return urns.child(stack.reference.name, shared.workspace.project.name, parent, type_, name)

    chosen = Options(
        operation="import",
        preview=flags["preview_only"],
        parallel=flags["parallel"] or 1,
        imports=import_file.imports(described, urn_of, protect=protect),
    )
    perform(
        Request(
            kind=Kind.IMPORT,
            stack=stack,
            options=chosen,
            view=view(shared, flags),
            message=flags["message"],
            confirmed=flags["yes"],
            skip_preview=flags["skip_preview"],
        )
    )


def _described(inline: tuple[str, ...], file: Path | None) -> ImportFile:
    """What to import: the file's resources, or the one of the command line (which has no outputs)."""
    if file is not None:
        if inline:
            raise EngineError("an inline resource may not be specified in conjunction with an import file")
        return import_file.load(file)
    if len(inline) in _ARGUMENTS:
        missing = _ARGUMENTS[len(inline)]
        raise EngineError(f"an inline resource must be specified if no converter or import file is used, missing {missing}")
    if len(inline) > 3:
        raise EngineError("only expected at most three arguments")
    type_, name, id_ = inline
    return ImportFile([Spec(type=type_, name=name, logical_name=name, id=id_)], {})
