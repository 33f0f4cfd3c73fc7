"""What a command asks for: which operation, on which stack, and how to show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from pulumi_local.interfaces import Operation, Options
from pulumi_local.project.workspace import Stack


class Kind(Enum):
    """The commands that run the engine; the value is what they are called in messages (a preview is a dry update)."""

    PREVIEW = "preview"
    UPDATE = "update"
    REFRESH = "refresh"
    DESTROY = "destroy"
    IMPORT = "import"

    @property
    def operation(self) -> Operation:
        """What the engine is asked for."""
        named: dict[Kind, Operation] = {Kind.REFRESH: "refresh", Kind.DESTROY: "destroy", Kind.IMPORT: "import"}
        return named.get(self, "update")

    @property
    def recorded(self) -> str:
        """What the history calls it."""
        return "resource-import" if self is Kind.IMPORT else self.operation

    def banner(self, *, dry: bool) -> str:
        """What the first line of a run says."""
        if dry or self is Kind.PREVIEW:
            return f"Previewing {self.operation}"
        doing = {Kind.UPDATE: "Updating", Kind.REFRESH: "Refreshing", Kind.DESTROY: "Destroying", Kind.IMPORT: "Importing"}
        return doing[self]


@dataclass(frozen=True)
class PolicyPack:
    """A pack to run, and the file with its configuration."""

    folder: Path
    config: Path | None = None


@dataclass(frozen=True)
class View:
    """How to show what happens."""

    color: bool = False
    interactive: bool = False
    diff: bool = False
    as_json: bool = False
    show_sames: bool = False
    show_replacement_steps: bool = False
    suppress_outputs: bool = False
    suppress_progress: bool = False
    permalink: bool = False


@dataclass(frozen=True)
class Request:
    """One command."""

    kind: Kind
    stack: Stack
    options: Options
    view: View
    message: str = ""
    confirmed: bool = False
    skip_preview: bool = False
    expect_no_changes: bool = False
    exclude_protected: bool = False
    clear_pending_creates: bool = False
    policy_packs: Sequence[PolicyPack] = ()
    save_plan: Path | None = None
    """Where a preview writes what it found."""

    @property
    def dry(self) -> bool:
        """Whether the command ends with a preview."""
        return self.kind is Kind.PREVIEW or self.options.preview
