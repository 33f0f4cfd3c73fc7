"""What changed between two property maps, as the engine finds it where a provider leaves that to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from pulumi_local.engine import paths
from pulumi_local.engine.paths import Path
from pulumi_local.engine.values import PropertyMap, Value, equal, plain_map

Kind: TypeAlias = Literal["add", "add-replace", "delete", "delete-replace", "update", "update-replace"]

_INVERSE: dict[Kind, Kind] = {
    "add": "delete",
    "add-replace": "delete-replace",
    "delete": "add",
    "delete-replace": "add-replace",
}
_REPLACING: dict[Kind, Kind] = {"add": "add-replace", "delete": "delete-replace", "update": "update-replace"}


@dataclass(frozen=True)
class PropertyDiff:
    """How one property changed; `input_diff`: between old and new inputs, else between old outputs and new inputs."""

    kind: Kind
    input_diff: bool = False


Changes: TypeAlias = Literal["unknown", "none", "some"]


@dataclass(frozen=True)
class DiffResult:
    """What a provider, or the engine in its stead, says about a change. `detailed` is None where it was not said."""

    changes: Changes
    replace_keys: tuple[str, ...] = ()
    changed_keys: tuple[str, ...] = ()
    detailed: Mapping[str, PropertyDiff] | None = field(default=None)
    delete_before_replace: bool = False

    @property
    def replaces(self) -> bool:
        """Whether the change needs a replacement."""
        return bool(self.replace_keys) or any(d.kind.endswith("-replace") for d in (self.detailed or {}).values())

    def inverted(self) -> DiffResult:
        """The same change seen from the other side."""
        if self.detailed is None:
            return self
        return replace(
            self, detailed={k: PropertyDiff(_INVERSE.get(d.kind, d.kind), d.input_diff) for k, d in self.detailed.items()}
        )


def compare(old: Mapping[str, Value], new: Mapping[str, Value]) -> dict[Path, Kind]:
    """Every path at which the two differ, and how. None and absent are the same."""
    return dict(_objects((), old, new))


def _objects(prefix: Path, old: Mapping[str, Value], new: Mapping[str, Value]) -> Iterator[tuple[Path, Kind]]:
    for key in sorted({*old, *new}):
        a, b = old.get(key), new.get(key)
        if equal(a, b):
            continue
        if a is None:
            yield (*prefix, key), "add"
        elif b is None:
            yield (*prefix, key), "delete"
        else:
            yield from _values((*prefix, key), a, b)


def _values(prefix: Path, old: Value, new: Value) -> Iterator[tuple[Path, Kind]]:
    if isinstance(old, list) and isinstance(new, list):
        shared = min(len(old), len(new))
        for i in range(shared):
            if not equal(old[i], new[i]):
                yield from _values((*prefix, i), old[i], new[i])
        yield from (((*prefix, i), "add") for i in range(shared, len(new)))
        yield from (((*prefix, i), "delete") for i in range(shared, len(old)))
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _objects(prefix, old, new)
    else:
        yield prefix, "add" if old is None else "delete" if new is None else "update"


def of_inputs(old: PropertyMap, new: PropertyMap) -> DiffResult:
    """The engine's own diff of inputs; whether a value is secret does not count."""
    found = compare(plain_map(old), plain_map(new))
    if not found:
        return DiffResult("none")
    return DiffResult(
        "some",
        changed_keys=tuple(sorted({str(path[0]) for path in found})),
        detailed={paths.render(path): PropertyDiff(kind, True) for path, kind in found.items()},
    )


INIT_ERROR_KEY = "#initerror"


def apply_replace_on_changes(diff: DiffResult, replace_on_changes: tuple[str, ...], init_errors: bool) -> DiffResult:
    """Turns changes at the given paths into replacements. Raises ValueError for a malformed path.

    The path "#initerror" stands for an initialisation that failed before.
    """
    if (diff.changes != "some" and not init_errors) or not replace_on_changes:
        return diff
    wanted = [paths.parse(p) for p in replace_on_changes]

    def hit(path: Path) -> bool:
        return any(paths.contains(w, path) for w in wanted)

    detailed = None
    if diff.detailed is not None:
        detailed = {
            k: replace(d, kind=_REPLACING.get(d.kind, d.kind)) if hit(paths.parse(k)) else d for k, d in diff.detailed.items()
        }
    keys = dict.fromkeys(diff.replace_keys)
    keys.update(dict.fromkeys(k for k in diff.changed_keys if hit((k,))))
    changes = diff.changes
    if init_errors and hit((INIT_ERROR_KEY,)):
        keys[INIT_ERROR_KEY] = None
        changes = "some"
        if detailed is not None:
            detailed[INIT_ERROR_KEY] = PropertyDiff("update-replace")
    return replace(diff, changes=changes, replace_keys=tuple(keys), detailed=detailed)
