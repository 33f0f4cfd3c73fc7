"""Which of Stripe's objects are exported, and what has to be said about the rest. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from stripe_resources._core.behaviour import Behaviour, Values
from stripe_resources._core.values import ownership
from stripe_resources._core.values.schema import Schema

from .declaring import ELSEWHERE, Inexpressible, Kinds, Seen, declaration
from .literals import text
from .names import SAYING, Found
from .references import UNDECLARABLE, targets, texts


@dataclass
class Selection:
    """What is exported, and what is not."""

    found: list[Found] = field(default_factory=list)
    """Kind after kind."""
    left_out: list[str] = field(default_factory=list)
    """Whole objects, each with its reason; one line each."""
    archived: int = 0
    """How many objects were left out because they are out of use."""
    incomplete: list[str] = field(default_factory=list)
    """What the program does not say of the objects that it declares; one line each."""


def select(seen: Seen, kinds: Kinds, archived: bool = False, named: Collection[str] = ()) -> Selection:
    """Those of the objects that a program can declare and nobody else does. `kinds` are all there are.

    Such as are out of use are left out too, unless `archived`, or their id is in `named`.
    """
    result = Selection()
    users: dict[tuple[str, str], str] = {}
    for token, lives in seen.items():
        schema, behaviour = kinds[token]
        whole = kinds[schema.part_of or token].schema
        for live in lives:
            owner = (live.get("metadata") or {}).get(ownership.TAG)
            if schema.lifecycle.gone(live) or (whole is not schema and not _there(schema, live)):
                continue
            if owner:
                result.left_out.append(f"{label(schema, live)}: it belongs to {owner}")
                users |= dict.fromkeys(targets(schema, behaviour.seen(live), kinds), owner)
            elif whole.lifecycle.retired(live) and not archived and live["id"] not in named:
                result.archived += whole is schema
            else:
                _take(result, schema, behaviour, live)
    _leave_to_others(result, users)
    result.incomplete = [line for one in result.found for line in _gaps(one, result, kinds, seen)]
    return result


def label(schema: Schema, live: Values) -> str:
    """An object as people find it: its kind, its id, and what it is called."""
    said = next((live[k] for k in SAYING if live.get(k)), None)
    return f"{schema.kind} {live['id']}" + (f" {text(str(said))}" if said else "")


def _there(part: Schema, whole: Values) -> bool:
    """Whether the object has the part that this kind declares."""
    return all(whole.get(f.stripe_name) for f in part.fields.values() if f.required)


def _take(result: Selection, schema: Schema, behaviour: Behaviour, live: Values) -> None:
    try:
        cut = [k for k, v in live.items() if isinstance(v, Mapping) and v.get("object") == "list" and v.get("has_more")]
        if cut:
            raise Inexpressible(f"{cut[0]}: there are more than Stripe shows with the object")
        result.found.append(Found(schema, live, declaration(schema, behaviour, live)))
    except Inexpressible as e:
        result.left_out.append(f"{label(schema, live)}: {e}")


def _leave_to_others(result: Selection, users: Mapping[tuple[str, str], str]) -> None:
    """Takes out what carries no tag, but is used by what belongs to others only: it will be theirs."""
    used_here = {target for one in result.found for target in targets(one.schema, one.inputs, {t for t, _ in users})}
    for one in list(result.found):
        key = (one.schema.token, one.id)
        if key in users and not one.schema.tagged and key not in used_here:
            result.found.remove(one)
            result.left_out.append(
                f"{label(one.schema, one.live)}: it is used by what belongs to {users[key]}, and by nothing else"
            )


def _gaps(one: Found, result: Selection, kinds: Kinds, seen: Seen) -> list[str]:
    exported = {(f.schema.token, f.id) for f in result.found}
    named = targets(one.schema, one.inputs, kinds)
    written = [id_ for _, id_ in named if not any((token, id_) in exported for token in kinds)]
    foreign = [id_ for field, id_ in texts(one.schema.fields, one.inputs) if field in UNDECLARABLE]
    elsewhere = [name for name in one.declared.elsewhere if ELSEWHERE[one.schema.token, name] not in seen]
    untold = ", ".join(one.declared.undeclared)
    said = [
        *([f"not declared, since Stripe changes it by itself or does not tell how it was set: {untold}"] if untold else []),
        *(f"{name} is not declared: that takes a {ELSEWHERE[one.schema.token, name].partition(':')[2]}" for name in elsewhere),
        *(f"{name} stays unknown: Stripe tells it only when the object is made" for name in one.schema.shown_once),
        *(f"{id_} is written as it is: it is not exported" for id_ in dict.fromkeys(written)),
        *(f"{id_} is written as it is: no resource declares it, so only this account has it" for id_ in dict.fromkeys(foreign)),
    ]
    return [f"{label(one.schema, one.live)}: {line}" for line in said]
