"""What a program asks for: resources (goals), reads, outputs of components."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import Literal

from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.values import PropertyMap, Value


@dataclass(frozen=True)
class Alias:
    """A former identity: a URN, or what was different about name, type, parent, stack or project."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False


@dataclass
class Goal:
    """A resource as the program wants it. None in an option means that the program did not say."""

    type: str
    name: str
    custom: bool
    properties: PropertyMap = field(default_factory=dict)
    parent: str = ""
    protect: bool | None = None
    dependencies: list[str] = field(default_factory=list)
    provider: str = ""
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    delete_before_replace: bool | None = None
    ignore_changes: list[str] = field(default_factory=list)
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    import_id: str = ""
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    replace_on_changes: list[str] = field(default_factory=list)
    replacement_trigger: Value = None
    retain_on_delete: bool | None = None
    deleted_with: str = ""
    replace_with: list[str] = field(default_factory=list)
    hide_diff: list[str] = field(default_factory=list)
    source_position: str = ""


Outcome = Literal["success", "failed", "skipped"]


@dataclass(frozen=True)
class Settled:
    """How a registration or a read ended."""

    state: ResourceState
    outcome: Outcome = "success"
    unknown: bool = False
    """The resource was left out of this run and has no outputs."""


@dataclass(eq=False, kw_only=True)
class Request:
    """Something the program waits for."""

    settled: Future[Settled] = field(default_factory=Future, init=False)

    def done(self, state: ResourceState, outcome: Outcome = "success", *, unknown: bool = False) -> None:
        """Lets the program go on. Only the first answer counts."""
        with contextlib.suppress(InvalidStateError):
            self.settled.set_result(Settled(state, outcome, unknown))


@dataclass(eq=False)
class Registration(Request):
    """The program registers a resource."""

    goal: Goal


@dataclass(eq=False)
class ReadRequest(Request):
    """The program reads a resource that it does not own."""

    type: str
    name: str
    id: str
    provider: str
    parent: str
    properties: PropertyMap
    dependencies: list[str]
    additional_secret_outputs: list[str]
    source_position: str


@dataclass(eq=False)
class Outputs:
    """A component, or the stack, registers its outputs."""

    urn: str
    outputs: PropertyMap
    settled: Future[None] = field(default_factory=Future, init=False)

    def done(self) -> None:
        """Lets the program go on."""
        with contextlib.suppress(InvalidStateError):
            self.settled.set_result(None)


@dataclass(frozen=True)
class Finished:
    """The program is done; `error` says why it failed, if it did. An empty error was already reported."""

    error: str | None = None


@dataclass(frozen=True)
class Refused:
    """The program uses what this engine does not have."""

    message: str
    urn: str = ""
