"""Differences between property values, for display."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_local.display import values
from pulumi_local.display.values import MISSING, Path
from pulumi_local.interfaces import UNKNOWN, Json, is_secret
from pulumi_local.project.config.keys import path_parts

Ignore = Callable[[Path], bool]


@dataclass
class ValueDiff:
    """Two values that differ; `parts` where both are maps or both are lists."""

    old: Json
    new: Json
    parts: Parts | None = None
    is_array: bool = False


@dataclass
class Parts:
    """The parts of two maps (keys are texts) or two lists (keys are indexes), and how they differ."""

    adds: dict[Any, Json] = field(default_factory=dict)
    deletes: dict[Any, Json] = field(default_factory=dict)
    sames: dict[Any, Json] = field(default_factory=dict)
    updates: dict[Any, ValueDiff] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether anything differs."""
        return bool(self.adds or self.deletes or self.updates)

    def keys(self) -> list[Any]:
        """All keys, in order."""
        return sorted({*self.adds, *self.deletes, *self.sames, *self.updates})


def _nothing(_: Path) -> bool:
    return False


def between_objects(old: Mapping[str, Json], new: Mapping[str, Json], ignore: Ignore = _nothing, path: Path = ()) -> Parts | None:
    """What differs between two property maps; None if nothing. Internal keys are left out."""
    parts = Parts()
    for key in old:
        at = (*path, key)
        if values.is_internal(key) or ignore(at):
            continue
        if key not in new:
            if values.has_value(old[key]):
                parts.deletes[key] = old[key]
            continue
        difference = between(old[key], new[key], ignore, at)
        if difference is None:
            parts.sames[key] = old[key]
        elif not values.has_value(old[key]):
            parts.adds[key] = new[key]
        elif not values.has_value(new[key]):
            parts.deletes[key] = old[key]
        else:
            parts.updates[key] = difference
    for key in new:
        if key not in old and values.has_value(new[key]) and not values.is_internal(key) and not ignore((*path, key)):
            parts.adds[key] = new[key]
    return parts if parts.changed else None


def between(old: Json, new: Json, ignore: Ignore = _nothing, path: Path = ()) -> ValueDiff | None:
    """What differs between two values; None if nothing."""
    if isinstance(old, list) and isinstance(new, list):
        parts = _between_lists(old, new, ignore, path)
        return ValueDiff(old, new, parts, is_array=True) if parts else None
    if values.is_object(old) and values.is_object(new):
        inner = between_objects(old, new, ignore, path)
        return ValueDiff(old, new, inner) if inner else None
    return None if values.equal(old, new) else ValueDiff(old, new)


def _between_lists(old: list[Json], new: list[Json], ignore: Ignore, path: Path) -> Parts | None:
    parts = Parts(adds=dict(enumerate(new[len(old) :], len(old))), deletes=dict(enumerate(old[len(new) :], len(new))))
    for i, (a, b) in enumerate(zip(old, new, strict=False)):
        difference = between(a, b, ignore, (*path, i))
        if difference:
            parts.updates[i] = difference
        else:
            parts.sames[i] = a
    return parts if parts.changed else None


# -- detailed diffs of a provider or of the engine


def parse_path(text: str) -> Path:
    """`a.b[0]["c.d"]` as its parts; a text that is not a path is one part."""
    parts, rest = path_parts(text)
    return (text,) if rest or not parts else tuple(parts)


def contains(pattern: Path, path: Path) -> bool:
    """Whether `path` is `pattern` or below it; "*" in a pattern is any part."""
    return len(pattern) <= len(path) and all(p in ("*", q) for p, q in zip(pattern, path, strict=False))


class Hidden:
    """The paths that `hideDiffs` names: ignores what is at or below them, and remembers which were met."""

    def __init__(self, patterns: Sequence[str] | None) -> None:
        self._patterns = [parse_path(p) for p in patterns or ()]
        self._met: set[str] = set()

    def __call__(self, path: Path) -> bool:
        """Whether to ignore the path."""
        found = [p for p in self._patterns if contains(p, path)]
        self._met.update(".".join(map(str, p)) for p in found)
        return bool(found)

    @property
    def met(self) -> list[str]:
        """Those that something was ignored for, in order."""
        return sorted(self._met)


def translated(step: Mapping[str, Any], *, refresh: bool) -> tuple[Parts | None, list[str]]:
    """The `detailedDiff` of a step as parts, and the hidden paths that differ.

    Old values are the step's old outputs (or inputs, if it says so), new ones its new inputs; after a refresh, its new outputs.
    """
    old, new = step.get("old") or {}, step.get("new") or {}
    hidden_patterns = (new if step.get("new") else old).get("hideDiffs") or []
    hidden: set[str] = set()
    root = ValueDiff(None, None)
    for text, change in step["detailedDiff"].items():
        path = parse_path(text)
        hiding = [h for h in hidden_patterns if contains(parse_path(h), path)]
        if hiding:
            hidden.add(hiding[0])
            continue
        by_inputs = bool(change.get("inputDiff"))
        olds = old.get("inputs" if by_inputs else "outputs") or {}
        news = new.get("outputs" if refresh and not by_inputs else "inputs") or {}
        _insert(root, path, change["diffKind"].removesuffix("-replace"), olds, news)
    return root.parts, sorted(hidden)


def _insert(parent: ValueDiff, path: Path, kind: str, olds: Json, news: Json) -> None:
    key, rest = path[0], path[1:]
    old, new = _child(key, olds), _child(key, news)
    if parent.parts is None:
        parent.parts, parent.is_array = Parts(), isinstance(key, int)
    parts = parent.parts
    if rest:
        if not values.has_value(old) and values.has_value(new):
            parts.adds[key] = new
        elif values.has_value(old) and not values.has_value(new):
            parts.deletes[key] = old
        else:
            _insert(parts.updates.setdefault(key, ValueDiff(None, None)), rest, kind, old, new)
    elif kind == "add":
        parts.adds[key] = UNKNOWN if new is MISSING else new
    elif kind == "delete":
        parts.deletes[key] = UNKNOWN if old is MISSING else old
    else:
        a, b = (None if v is MISSING else v for v in (old, new))
        parts.updates[key] = between(a, b) or ValueDiff(a, b)


def _child(key: str | int, value: Json) -> Json:
    if isinstance(value, list):
        return value[key] if isinstance(key, int) and key < len(value) else MISSING
    if values.is_object(value):
        return value.get(key, MISSING) if isinstance(key, str) else MISSING
    if is_secret(value) or values.is_unknown(value):
        return value
    return MISSING
