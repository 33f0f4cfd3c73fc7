"""Names of stacks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pulumi_local.errors import EngineError
from pulumi_local.interfaces import ORGANIZATION

_STACK = re.compile(r"[a-zA-Z0-9_.-]*")
_PROJECT = re.compile(r"[a-zA-Z0-9_.-]{1,100}")
_NO_PROJECT = (
    "no Pulumi.yaml project file found; either run this command from a directory containing a Pulumi project, "
    "or pass the fully qualified stack name (organization/project/stack)"
)


@dataclass(frozen=True)
class StackReference:
    """One stack of one project. A file backend has a single organization."""

    project: str
    name: str

    @property
    def qualified(self) -> str:
        """`organization/<project>/<stack>`."""
        return f"{ORGANIZATION}/{self.project}/{self.name}"

    def shown(self, current_project: str | None) -> str:
        """The stack's name, qualified if it belongs to another project."""
        return self.name if self.project == current_project else self.qualified

    @classmethod
    def parse(cls, text: str, current_project: str | None) -> StackReference:
        """From `<stack>`, `organization/<stack>` or `organization/<project>/<stack>`."""
        parts = text.split("/")
        if text == "":
            raise EngineError("stack name must not be empty")
        if len(parts) > 3:
            raise EngineError(f"could not parse stack name {text!r}: expected <stack> or organization/<project>/<stack>")
        if len(parts) > 1 and parts[0] not in ("", ORGANIZATION):
            raise EngineError("organization name must be 'organization'")
        project = parts[1] if len(parts) == 3 else current_project
        if not project:
            raise EngineError(_NO_PROJECT)
        if not _PROJECT.fullmatch(project):
            raise EngineError(
                f"project name {project!r} is not valid: a project name may only contain alphanumerics, hyphens, underscores, "
                "and periods, and at most 100 of them"
            )
        _check_name(parts[-1])
        return cls(project, parts[-1])


def _check_name(name: str) -> None:
    if name == "":
        raise EngineError("a stack name may not be empty")
    if len(name) > 100:
        raise EngineError("a stack name cannot exceed 100 characters")
    match = _STACK.match(name)
    at = match.end() if match else 0
    if at != len(name):
        raise EngineError(
            "a stack name may only contain alphanumeric, hyphens, underscores, or periods: "
            f"invalid character '{name[at]}' at position {at}"
        )
