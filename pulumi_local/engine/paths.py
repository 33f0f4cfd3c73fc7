"""Property paths: `a.b[0]`, `a["with.dot"]`, `a[*]`, as in ignore_changes and replace_on_changes, and in detailed diffs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from pulumi_local.engine.values import PropertyMap, Secret, Value

Path: TypeAlias = tuple[str | int, ...]
_Seal: TypeAlias = Callable[[Value], Value]

_PLAIN = re.compile(r"[A-Za-z0-9_]*\Z")


def parse(text: str) -> Path:
    """The steps of a path. Raises ValueError where it is malformed."""
    if text.startswith("."):
        raise ValueError("expected property path to start with a name or index")
    elements: list[str | int] = []
    at = 0
    while at < len(text):
        if text[at] == ".":
            at += 1
            if at == len(text):
                raise ValueError("expected property path to end with a name or index")
        elif text[at] == "[":
            element, at = _bracket(text, at)
            elements.append(element)
        else:
            end = next((i for i in range(at, len(text)) if text[i] in ".["), len(text))
            elements.append(text[at:end])
            at = end
    return tuple(elements)


def _bracket(text: str, at: int) -> tuple[str | int, int]:
    if text[at + 1 : at + 2] != '"':
        end = text.find("]", at)
        if end < 0:
            raise ValueError("missing closing bracket in array index")
        inner = text[at + 1 : end]
        if inner == "*":
            return "*", end + 1
        try:
            return int(inner), end + 1
        except ValueError:
            raise ValueError(f"invalid array index: {inner!r}") from None
    key = ""
    at += 2
    while True:
        if at >= len(text):
            raise ValueError("missing closing quote in property name")
        if text[at] == '"':
            break
        if text.startswith('\\"', at):
            at += 1
        key += text[at]
        at += 1
    if text[at + 1 : at + 2] != "]":
        raise ValueError("missing closing bracket in property access")
    return key, at + 2


def render(path: Path) -> str:
    """The text of a path; names that are not plain words are quoted."""
    text = ""
    for element in path:
        if isinstance(element, int):
            text += f"[{element}]"
        elif _PLAIN.match(element):
            text += f".{element}" if text else element
        else:
            text += '["' + element.replace('"', '\\"') + '"]'
    return text


def contains(path: Path, other: Path) -> bool:
    """Whether `other` is at or below `path`; "*" stands for any one step."""
    return len(path) <= len(other) and all(p in ("*", o) for p, o in zip(path, other, strict=False))


def reset(path: Path, old: PropertyMap, new: PropertyMap) -> bool:
    """Sets what `path` names in `new` to what it is in `old`, in place.

    False where that cannot be done because the path leads through something that only one of them has.
    """
    return _reset(path, old, new, False, False)


def _open(value: Value) -> tuple[Value, bool]:
    secret = False
    while isinstance(value, Secret):
        value, secret = value.element, True
    return value, secret


def _reset(path: Path, old: Value, new: Value, old_secret: bool, new_secret: bool) -> bool:
    if not path:
        return False
    old, secret = _open(old)
    old_secret |= secret
    new, secret = _open(new)
    new_secret |= secret

    def sealed(value: Value) -> Value:
        return Secret(value) if old_secret and not new_secret else value

    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return _reset_index(step, rest, old, new, (old_secret, new_secret), sealed)
    if step == "*":
        return _reset_all(rest, old, new, (old_secret, new_secret), sealed)
    if not rest:
        if isinstance(old, dict) and step in old:
            if not isinstance(new, dict):
                return False
            new[step] = sealed(old[step])
        elif isinstance(new, dict):
            new.pop(step, None)
        return True
    if not isinstance(old, dict) or not isinstance(new, dict):
        return not isinstance(old, dict) and not isinstance(new, dict)
    if step in old and step not in new:
        return False
    if step not in old and step not in new:
        return True
    return _reset(rest, old.get(step), new[step], old_secret, new_secret)


def _reset_index(step: int, rest: Path, old: Value, new: Value, secret: tuple[bool, bool], sealed: _Seal) -> bool:
    if step < 0:
        return False
    if not isinstance(old, list) or not isinstance(new, list):
        return not isinstance(old, list) and not isinstance(new, list)
    if step >= len(old) or step >= len(new):
        return not rest and step >= len(old) and step >= len(new)
    if rest:
        return _reset(rest, old[step], new[step], *secret)
    new[step] = sealed(old[step])
    return True


def _reset_all(rest: Path, old: Value, new: Value, secret: tuple[bool, bool], sealed: _Seal) -> bool:
    if not rest:
        if isinstance(new, dict):
            if isinstance(old, dict):
                new.clear()
                new.update({k: sealed(v) for k, v in old.items()})
            return True
        if isinstance(new, list):
            if isinstance(old, list):
                for i in range(min(len(old), len(new))):
                    new[i] = sealed(old[i])
                return len(old) == len(new)
            return True
        return False
    if isinstance(old, dict) and isinstance(new, dict):
        return all(k in new and _reset(rest, v, new[k], *secret) for k, v in old.items())
    if isinstance(old, list) and isinstance(new, list):
        done = all(_reset(rest, o, new[i], *secret) for i, o in enumerate(old[: len(new)]))
        return done and len(old) == len(new)
    return False
