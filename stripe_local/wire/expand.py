"""Expansion of references, and of fields that are left out unless asked for. https://docs.stripe.com/api/expanding_objects

Each resource registers what can be expanded in its object; a path that leads nowhere is an error whether or not the
answer happens to hold objects there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stripe_local.store.objects import Body

from .errors import StripeError, invalid, not_supported
from .operation import Context
from .rights import needed_to_expand

MAX_DEPTH = 4
"""Levels of a path. `data` of a list is one, too: `data.items.data.price` is the furthest from a list of subscriptions. Hashes on
the way are none: `lines.data.pricing.price_details.price.product` has four."""


@dataclass(frozen=True)
class Ref:
    """A field that holds an id, or several, and can hold the object of that `type` instead."""

    type: str


@dataclass(frozen=True)
class Nested:
    """A field that always holds an object of that `type`, or a list of them under `data`."""

    type: str


@dataclass(frozen=True)
class Unavailable:
    """A field that Stripe can expand and that never holds anything here."""


@dataclass(frozen=True)
class Included:
    """A field that is left out unless expanded; `value(context, id)` gives it.

    `keyed` fields are hashes whose values may have a field of their own to expand, as `currency_options.eur.tiers`. Lists of
    objects of the type `of` can be expanded further, as `subscriptions.data.latest_invoice`.
    """

    value: Callable[[Context, str], Any]
    keyed: Callable[[Context, str, str], Body] | None = None
    of: str | None = None


@dataclass(frozen=True)
class NotKept:
    """A field with an id that Stripe can expand, and whose object does not exist here, because of `reason`."""

    reason: str


Expandable = Ref | Nested | Included | Unavailable | NotKept


def unavailable(*names: str) -> dict[str, Expandable]:
    """Fields that Stripe can expand and that never hold anything here."""
    return {name: Unavailable() for name in names}


@dataclass(frozen=True)
class _Step:
    """A field on the way of a path; of a keyed one the `key` whose own field is to be expanded."""

    name: str
    target: Expandable
    key: str | None = None


Renderer = Callable[[Context, str], Body]

_expandable: dict[str, dict[str, Expandable]] = {}
_renderers: dict[str, Renderer] = {}


def register(type: str, fields: dict[str, Expandable], render: Renderer | None = None) -> None:
    """Register what can be expanded in an object of this type, and how one is rendered from its id."""
    _expandable[type] = fields
    if render is not None:
        _renderers[type] = render


def renderer(type: str) -> Renderer | None:
    """What shows an object of this type, from its id, where that was registered."""
    return _renderers.get(type)


def expand(context: Context, answer: Body, paths: list[str]) -> None:
    """Expand `paths` in the answer, in place. Raises StripeError for a path that cannot be expanded, or not with this key."""
    for path in sorted(paths):
        segments = path.split(".")
        if answer.get("object") in ("list", "search_result"):
            if segments[0] != "data" or len(segments) == 1:
                raise _cannot(path, f"data.{path}")
            steps = _steps(context, str(answer.get("_type")), segments[1:], path, 1)
            for element in answer["data"]:
                _walk(context, element, steps)
        else:
            _walk(context, answer, _steps(context, str(answer.get("object")), segments, path, 0))


def _cannot(path: str, better: str | None = None) -> StripeError:
    hint = f" You may want to try expanding '{better}' instead." if better else ""
    return invalid(f"This property cannot be expanded ({path}).{hint}", "expand[0]")


def _match(type: str, segments: list[str], path: str) -> tuple[str, Expandable, list[str]]:
    """The registered field that the path begins with, and the rest of the path."""
    fields, wanted = _expandable.get(type, {}), ".".join(segments) + "."
    name = max((name for name in fields if wanted.startswith(name + ".")), key=len, default=None)
    if name is None:
        raise _cannot(path)
    return name, fields[name], segments[name.count(".") + 1 :]


def _steps(context: Context, type: str, segments: list[str], path: str, above: int) -> list[_Step]:
    """What the path leads through, `above` levels down already. Raises StripeError where it leads nowhere, or too deep."""
    name, target, rest = _match(type, segments, path)
    levels, key = above + (2 if name.endswith(".data") else 1), None
    inner = None if isinstance(target, Included | Unavailable | NotKept) else target.type
    if isinstance(target, Included) and target.of and rest[:1] == ["data"]:
        levels, rest, inner = levels + 1, rest[1:], target.of
    elif isinstance(target, Included) and target.keyed and len(rest) == 2 and rest[1] == "tiers":
        levels, key, rest = levels + 2, rest[0], []
    if levels > MAX_DEPTH:
        message = f"You cannot expand more than {MAX_DEPTH} levels of a property. Property: {path}"
        raise invalid(message, "expand[0]", "property_expansion_max_depth")
    if isinstance(target, NotKept):
        raise not_supported(f"expand[0]={path}", target.reason)
    if isinstance(target, Ref) and context.rights is not None:
        context.rights.check(needed_to_expand(target.type))
    step = _Step(name, target, key)
    if isinstance(target, Unavailable) or not rest:
        return [step]  # Stripe lets a path end at an object that is included anyway
    if inner is None:
        raise _cannot(path)
    return [step, *_steps(context, inner, rest, path, levels)]


def _walk(context: Context, element: Body, steps: list[_Step]) -> None:
    if element.get("deleted"):
        return
    step, rest = steps[0], steps[1:]
    *parents, last = step.name.split(".")
    if isinstance(step.target, Nested):
        holder: Any = element
        for part in [*parents, last]:
            holder = holder.get(part) if isinstance(holder, dict) else None
        for child in holder if isinstance(holder, list) else [holder]:
            if child and rest:
                _walk(context, child, rest)
        return
    for holder in _holders(element, parents):
        _fill(context, element.get("id", ""), holder, last, step, rest)


def _holders(element: Body, parents: list[str]) -> list[Body]:
    """Where the field is: in the element, in a hash within it, or in each of a list of hashes."""
    found: list[Any] = [element]
    for part in parents:
        inner = [holder.get(part) for holder in found]
        found = [
            holder for value in inner for holder in (value if isinstance(value, list) else [value]) if isinstance(holder, dict)
        ]
    return found


def _fill(context: Context, id: str, holder: Body, last: str, step: _Step, rest: list[_Step]) -> None:
    target = step.target
    if isinstance(target, Included):
        if last not in holder:
            value = target.value(context, id)
            if value is not None:
                holder[last] = value
        if target.keyed and step.key and isinstance(holder.get(last), dict) and step.key in holder[last]:
            holder[last][step.key] = target.keyed(context, id, step.key)
        for child in holder[last]["data"] if rest else []:
            _walk(context, child, rest)
        return
    value = holder.get(last)
    if not isinstance(target, Ref):
        return
    shown = [_renderers[target.type](context, one) if isinstance(one, str) else one for one in _each(value)]
    if shown:
        holder[last] = shown if isinstance(value, list) else shown[0]
    for child in shown if rest else []:
        if isinstance(child, dict):
            _walk(context, child, rest)


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
