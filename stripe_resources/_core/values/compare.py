"""What changed between Stripe's object, as last seen, and the inputs. Pure.

`olds` are outputs: every field that was declared last time with the value that Stripe has, fields whose default is enforced,
and what is computed. A value that Stripe filled in and nobody declared is not among them, so it never counts as a change; nor is
one that somebody else set, so a field that is declared anew always counts as one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from .schema import UNKNOWN, AnyOf, DecimalText, Difference, Field, ListOf, MapOf, Object, Role, Schema, Text, Type, Unset

MADE_UP = "__made"
"""An internal output: what Stripe made up for the arguments that are not declared (`filled`); absent where there are none."""


def difference(schema: Schema, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Difference:
    """The fields that an update must change, and those of them that only a new object can have."""
    result = Difference()
    # What Stripe made up is as good as declared, as soon as it is declared: a product keeps the id that it has.
    made_up = {name: value for name, value in (olds.get(MADE_UP) or {}).items() if name in news}
    before, after = exact(schema.amounts, {**made_up, **olds}), exact(schema.amounts, news)
    for field in schema.fields.values():
        if field.role not in (Role.OPTION, Role.ADOPTION) and _changed(field, before, after):
            names = _spellings(schema, field.name, olds, news)
            result.changed += names
            if field.role is Role.IMMUTABLE:
                result.replaces += names
    return result


def exact(amounts: Mapping[str, str], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values with each amount that can be written in two ways, as `x` and as `x_decimal`, in the second one only: 4 and "4"
    are one amount, and Stripe says both. `amounts` are those of the object's type."""
    if not amounts:
        return values
    result = dict(values)
    for name, whole in amounts.items():
        amount = result.pop(whole, None)
        if amount is not None and result.get(name) is None:
            result[name] = amount if amount is UNKNOWN else str(amount)
    return result


def _spellings(schema: Schema, name: str, *values: Mapping[str, Any]) -> list[str]:
    """What the field is called in the values."""
    names = (schema.amounts.get(name, name), name)
    return [each for each in dict.fromkeys(names) if any(each in one for one in values)] or [name]


def _changed(field: Field, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    if field.name in news:
        if field.role is Role.IMMUTABLE or not field.in_update:
            # Nobody can have changed it: a default that nobody declared is as good as declared.
            return not same(field.type, olds.get(field.name, field.default), news[field.name])
        return _anew(field, olds, news[field.name]) or alters(field.type, olds.get(field.name), news[field.name])
    if field.name not in olds:
        return False
    if field.unset is Unset.KEEP and field.role is not Role.IMMUTABLE:
        return True  # it stays at Stripe, but the state lets go of it, or a change outside would still show as drift
    return not same(field.type, olds[field.name], field.default)


def alters(type_: Type, old: Any, new: Any) -> bool:
    """Whether an update must send the new value: it is another one, or has a part that was not declared before."""
    if not same(type_, old, new):
        return True
    if isinstance(type_, Object) and isinstance(new, Mapping):
        before, after = exact(type_.amounts, old or {}), exact(type_.amounts, new)
        parts = ((f, after[f.name]) for f in type_.fields.values() if f.name in after)
        return any(_anew(f, before, value) or alters(f.type, before.get(f.name), value) for f, value in parts)
    if isinstance(type_, ListOf) and isinstance(new, (list, tuple)):
        return any(alters(type_.item, x, y) for x, y in zip(old or [], new, strict=True))
    if isinstance(type_, AnyOf):
        fitting = [t for t in type_.alternatives if fits(t, old) and fits(t, new)]
        return bool(fitting) and all(alters(t, old, new) for t in fitting)
    return False


def _anew(field: Field, before: Mapping[str, Any], new: Any) -> bool:
    """Whether the value is declared where none was. Somebody else may have set another one there, unseen, so that not even
    Stripe's default is sure to be at Stripe. A map without a key, or an object without a part, declares nothing."""
    return field.name not in before and not (isinstance(field.type, (MapOf, Object)) and _empty(new))


def unlike(
    schema: Schema, live: Mapping[str, Any], news: Mapping[str, Any], roles: Collection[Role] = (Role.IMMUTABLE,)
) -> list[str]:
    """The immutable fields in which an existing object is not what the inputs want, whoever made it; or those of other roles.

    Unlike `difference`, this looks at all that Stripe has: an undeclared field has to be at Stripe's default, or it would bill
    otherwise than the program says. What a preview does not know yet is taken for equal.
    """
    fields = (f for f in schema.fields.values() if f.role in roles and f.readable)
    found, wanted = exact(schema.amounts, live), exact(schema.amounts, news)
    return [_spellings(schema, f.name, news)[0] for f in fields if not _alike(f, found.get(f.stripe_name), wanted)]


def _alike(field: Field, live: Any, news: Mapping[str, Any]) -> bool:
    found = field.default if live is None else live
    if field.name not in news and field.filled:
        return True
    return _matches(field.type, found, news.get(field.name, field.default))


def _matches(type_: Type, live: Any, new: Any) -> bool:
    if new is UNKNOWN:
        return True
    if isinstance(type_, Object) and isinstance(live, Mapping) and isinstance(new, (Mapping, type(None))):
        # Stripe writes an object that nobody gave with the defaults of its parts, or as null.
        found, wanted = exact(type_.amounts, live), exact(type_.amounts, new or {})
        return all(_alike(f, found.get(f.name), wanted) for f in type_.fields.values() if f.readable)
    live = referenced(type_, live)
    if isinstance(type_, ListOf) and isinstance(live, (list, tuple)) and isinstance(new, (list, tuple)):
        return len(live) == len(new) and all(_matches(type_.item, a, b) for a, b in zip(live, new, strict=True))
    return same(type_, live, new)


def same(type_: Type, a: Any, b: Any) -> bool:
    """Whether two values mean the same to Stripe. An unknown one is never the same as any."""
    if a is UNKNOWN or b is UNKNOWN:
        return False
    if _empty(a) or _empty(b):
        return _empty(a) and _empty(b)
    if isinstance(type_, DecimalText):
        return Decimal(str(a)) == Decimal(str(b))
    if isinstance(type_, ListOf):
        return len(a) == len(b) and all(same(type_.item, x, y) for x, y in zip(a, b, strict=True))
    if isinstance(type_, MapOf):
        return a.keys() == b.keys() and all(same(type_.value, a[k], b[k]) for k in a)
    if isinstance(type_, Object):
        x, y = exact(type_.amounts, a), exact(type_.amounts, b)
        return all(same(f.type, x.get(f.name, f.default), y.get(f.name, f.default)) for f in type_.fields.values())
    if isinstance(type_, AnyOf):
        return any(same(t, a, b) for t in type_.alternatives if fits(t, a) and fits(t, b))
    return bool(a == b)


def referenced(type_: Type, live: Any) -> Any:
    """The value, or its id where it is an object in the place of one: Stripe expands some references by itself."""
    return live.get("id") if isinstance(type_, Text) and isinstance(live, Mapping) else live


def fits(type_: Type, value: Any) -> bool:
    """Whether the value has the outer form of the type."""
    if isinstance(type_, (Object, MapOf)):
        return isinstance(value, Mapping)
    if isinstance(type_, ListOf):
        return isinstance(value, (list, tuple))
    return not isinstance(value, (Mapping, list, tuple))


def _empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, (list, dict, tuple)) and not value)
