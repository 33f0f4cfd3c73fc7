"""What Pulumi's options leave to the provider: paths of `ignore_changes` and `replace_on_changes`, `retain_on_delete`. Pure.

The engine puts back what the inputs in the state say of an ignored path. What Stripe has may be something else by then, so the
provider goes on from there: for it, an ignored path is as Stripe's object has it.
https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .items import matched
from .outputs import declarable
from .schema import Difference, Role, Schema

IGNORED = "__ignored"
"""An internal input: the paths of `ignore_changes`; absent where there are none."""

REPLACING = "__replacing"
"""An internal input: the paths of `replace_on_changes`; absent where there are none."""

RETAINED = "__retained"
"""An internal input: True with `retain_on_delete`; else absent."""

GENERATION = "__generation"
"""An internal input: how often the program asked for another object with the same inputs; absent for the first one."""

_EVERY = "*"
_STEP = re.compile(r'\.?(?P<name>[^.\[\]]+)|\[(?P<index>\d+|\*)\]|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]')

Path = tuple[str | int, ...]


def parse(text: str) -> Path:
    """The steps of a path such as `items[0].quantity`, `metadata["a.b"]`, `items[*].price` or `*`; () for what is none."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            return ()  # the engine takes no notice of it either
        name, index, quoted = found.group("name", "index", "quoted")
        steps.append(int(index) if index and index != _EVERY else name or index or re.sub(r"\\(.)", r"\1", quoted))
        at = found.end()
    return tuple(steps)


def kept(schema: Schema, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inputs, in which what is ignored is as the outputs `olds` have it."""
    paths = _paths(news.get(IGNORED))
    return _with(schema, news, _declared(schema, olds), paths) if paths else news


def refreshed(schema: Schema, olds: Mapping[str, Any], now: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs `olds`, with each field that these inputs ignore, or a part of it, as it is now."""
    named = _first(news.get(IGNORED))
    fresh = {name for name in _compared(schema) if named & {name, _EVERY}}
    return {**{k: v for k, v in olds.items() if k not in fresh}, **{k: v for k, v in now.items() if k in fresh}}


def replacing(schema: Schema, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The inputs that would declare what the outputs `olds` have, but for what a change of replaces the object; None where the
    program names nothing."""
    paths = _paths(news.get(REPLACING))
    return _with(schema, {**news, **_blank(schema), **_declared(schema, olds)}, news, paths) if paths else None


def replaced(schema: Schema, found: Difference, partly: Difference, news: Mapping[str, Any]) -> None:
    """Adds to what replaces the object the fields that differ in `partly` too: between the outputs and `replacing`."""
    named = _first(news.get(REPLACING))
    for name in partly.changed:
        if name in schema.fields and named & {name, _EVERY} and name in found.changed and name not in found.replaces:
            found.replaces.append(name)


def retained(values: Mapping[str, Any]) -> bool:
    """Whether no object of the resource is ever retired by itself: then none that an earlier run left is, either."""
    return bool(values.get(RETAINED))


def generation(values: Mapping[str, Any]) -> int:
    """How many of the resource's replacements no change of its inputs explains."""
    return int(values.get(GENERATION) or 0)


def _paths(texts: Any) -> list[Path]:
    paths = map(parse, filter(lambda text: isinstance(text, str), texts)) if isinstance(texts, (list, tuple)) else ()
    return [path for path in paths if path]


def _first(texts: Any) -> set[str | int]:
    return {path[0] for path in _paths(texts)}


def _compared(schema: Schema) -> Iterable[str]:
    return (name for name, field in schema.fields.items() if field.role not in (Role.OPTION, Role.ADOPTION))


def _blank(schema: Schema) -> dict[str, None]:
    return dict.fromkeys(_compared(schema))


def _declared(schema: Schema, outputs: Mapping[str, Any]) -> dict[str, Any]:
    names = (name for name in _compared(schema) if name in outputs)
    return {name: declarable(schema.fields[name].type, outputs[name]) for name in names}


def _with(schema: Schema, target: Mapping[str, Any], source: Mapping[str, Any], paths: Sequence[Path]) -> dict[str, Any]:
    """The target with what the paths name taken from the source."""
    result = {k: _copied(v) for k, v in target.items()}
    for first, *rest in paths:
        for name in _compared(schema) if first == _EVERY else [str(first)]:
            if name in schema.fields:
                _take(result, source, (name, *rest))
    return {k: v for k, v in result.items() if v is not None}


def _take(target: Any, source: Any, path: Path) -> None:
    step, *rest = path
    if isinstance(target, dict) and isinstance(source, Mapping):
        for name in dict.fromkeys([*target, *source]) if step == _EVERY else [str(step)]:
            if rest:
                _take(target.get(name), source.get(name), tuple(rest))
            elif source.get(name) is not None:
                target[name] = _copied(source[name])
            else:
                target.pop(name, None)
    elif isinstance(target, list) and isinstance(source, (list, tuple)):
        partners = _partners(target, source)
        for i in range(len(target)) if step == _EVERY else [step]:
            partner = partners[i] if isinstance(i, int) and i < len(partners) else None
            if partner is None or not isinstance(i, int):
                continue
            if rest:
                _take(target[i], partner, tuple(rest))
            else:
                target[i] = _copied(partner)


def _partners(target: list[Any], source: Sequence[Any]) -> Sequence[Any]:
    """For each element the one of the other list: by its price, where the elements have one, else by its place."""
    if all(isinstance(each, Mapping) and "price" in each for each in (*target, *source)):
        return matched(target, source)[0]
    return [source[i] if i < len(source) else None for i in range(len(target))]


def _copied(value: Any) -> Any:
    """A copy; what a preview does not know yet stays the one `UNKNOWN`."""
    if isinstance(value, Mapping):
        return {k: _copied(v) for k, v in value.items()}
    return [_copied(v) for v in value] if isinstance(value, (list, tuple)) else value
