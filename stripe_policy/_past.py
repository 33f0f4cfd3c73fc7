"""The state before the change. Policies are not given it: it is read from an export of the stack's state.

    pulumi stack export --stack prod --file before.json
    POLICY_BASELINE=before.json pulumi preview --stack prod --policy-pack policy

docs/decisions/0011-policies-that-need-the-past.md
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi_policy import PolicyResource, ResourceValidationArgs

from stripe_client.reading import parsed, text

from ._judging import needs
from ._resources import UNKNOWN, known, plain

BASELINE = "POLICY_BASELINE"
"""The environment variable with the file's path, relative to the folder above the pack's (the project's)."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key that marks a secret (or another special value) in a state."""


@dataclass(frozen=True)
class Old:
    """One resource as it was."""

    urn: str
    type: str
    props: Mapping[str, Any]
    """Its checked inputs; what is secret in them is `UNKNOWN`."""
    id: str = ""
    """Stripe's."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.urn.split("::", 3)[-1]


@dataclass(frozen=True)
class Past:
    """The state before the change."""

    resources: Mapping[str, Old] = field(default_factory=dict)
    """By URN, without those that are waiting to be deleted."""
    problem: str = ""
    """What POLICY_BASELINE is, if it is not the state of this stack."""

    def of(self, resource: ResourceValidationArgs | PolicyResource, key: str) -> Old | None:
        """What a resource was: under its URN, under an alias, or, with another name, the one that had the same natural key
        (`lookup_key`, `event_name`)."""
        for urn in (resource.urn, *resource.opts.aliases):
            if urn in self.resources:
                return self.resources[urn]
        value = _text(resource, key)
        found = (old for old in self.of_type(resource.resource_type) if value and old.props.get(key) == value)
        return next(iter(found), None)

    def is_new(self, price: ResourceValidationArgs | PolicyResource) -> bool:
        """Whether there was no such price. Where its lookup key is not known yet, that cannot be judged yet, which is said."""
        if self.problem or self.of(price, "lookup_key") is not None:
            return False
        if self.of_type(price.resource_type):
            needs(price, plain(price.props), "lookup_key")
        return True

    def name_of(self, id: Any) -> str | None:
        """The name of the resource that had this id; None where there was none."""
        return next((old.name for old in self.resources.values() if old.id and old.id == id), None)

    def of_type(self, resource_type: str) -> Iterable[Old]:
        """The resources of a type that existed."""
        return [old for old in self.resources.values() if old.type == resource_type]


def name_from(project: Path) -> None:
    """Completes a relative path with the project's folder: engines start a pack in the pack's own."""
    if named := os.environ.get(BASELINE):
        os.environ[BASELINE] = str(project / named)


def past() -> Past:
    """What POLICY_BASELINE says; a `problem` where it says nothing, or nothing about this stack."""
    named = os.environ.get(BASELINE, "")
    if not named:
        return Past(problem="not set")
    path = Path(named)
    try:
        stamp = path.stat().st_mtime_ns
    except OSError as e:
        return Past(problem=f"{named}, which cannot be read ({e.strerror})")
    return _read(path, named, stamp, os.environ.get("PULUMI_STACK", ""), os.environ.get("PULUMI_PROJECT", ""))


@functools.lru_cache(maxsize=4)
def _read(path: Path, named: str, stamp: int, stack: str, project: str) -> Past:
    try:
        content = text(str(path))
    except ValueError as e:
        return Past(problem=f"{named}, which cannot be read ({e})")
    try:
        deployment = parsed(content)["deployment"] or {}
        resources = [r for r in deployment.get("resources") or [] if not r.get("delete")]
        found = {
            str(r["urn"]): Old(str(r["urn"]), r["type"], _plain(r.get("inputs") or {}), str(r.get("id") or "")) for r in resources
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return Past(problem=f"{named}, which is not what `pulumi stack export` writes")
    mine = f"urn:pulumi:{stack}::{project}::"
    if stack and project and any(not urn.startswith(mine) for urn in found):
        return Past(problem=f"{named}, the state of another stack")
    return Past(found)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return UNKNOWN if _SIGNATURE in value else {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list) else value


def _text(resource: ResourceValidationArgs | PolicyResource, key: str) -> str:
    value = known(resource.props, key)
    return value if isinstance(value, str) else ""
