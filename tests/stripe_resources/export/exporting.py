"""An export without its command line, and what Pulumi's mocks make of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stripe_client.client import Client
from stripe_client.settings import Settings
from stripe_resources._core.handler import Handler, connect
from stripe_resources.export.exportable import exportable
from stripe_resources.export.import_file import import_file
from stripe_resources.export.names import named
from stripe_resources.export.program import program
from stripe_resources.export.reading import everything
from stripe_resources.export.selection import Selection, select
from stripe_resources.register import KINDS
from tests.stack import program as stack_program

PROJECT, STACK = stack_program.NAME, "dev"


@dataclass(frozen=True)
class Exported:
    """What was exported."""

    selection: Selection
    text: str
    resources: list[dict[str, Any]]
    """As in the import file."""


def export(reader: Client, archived: bool = False, kinds: Collection[str] = tuple(exportable(KINDS))) -> Exported:
    """Everything of these kinds."""
    seen = everything(reader, {token: kind for token, kind in exportable(KINDS).items() if token in kinds}, archived)
    selection = select(seen, KINDS, archived)
    resources = named(selection.found)
    behaviours = {token: behaviour for token, (_, behaviour) in KINDS.items()}
    content = import_file(resources, behaviours, PROJECT, STACK)
    return Exported(selection, program(resources, STACK, "import.json"), content["resources"])


def declared(exported: Exported, folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """What the program declares when its resources have the ids that they are imported with: inputs by type and name."""
    path = folder / "exported.py"
    path.write_text(exported.text, encoding="utf-8")
    ids = {(r["type"], r["name"]): r["id"] for r in exported.resources}
    deployment = stack_program.run(STACK, program=path, ids=ids)
    return {key: {**d.inputs, **d.internal} for key, d in deployment.by_kind.items()}


def handler(resource: dict[str, Any]) -> Handler:
    """The handler of a resource in an import file; it is never to send anything."""
    handlers = connect(Settings("sk_test_x", "http://127.0.0.1:1", livemode=False), KINDS)
    return handlers(resource["type"].partition("/")[2])
