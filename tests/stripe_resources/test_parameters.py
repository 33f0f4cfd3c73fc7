"""Every parameter that the pinned Stripe SDK knows is declared, with its role, or listed with the reason why not.

When this fails after an upgrade of `stripe`, it names what is new.
"""

from collections.abc import Mapping

import pytest

from stripe_resources._core.values.schema import AnyOf, Enum, Field, ListOf, MapOf, Object, Role, Schema, Type
from stripe_resources.register import KINDS

from . import sdk_params
from .samples import SAMPLES


def declared(fields: dict[str, Field], request: str, prefix: str = "") -> dict[str, frozenset[str]]:
    """Path of each parameter that is declared for a request → the values that it is limited to."""
    found: dict[str, frozenset[str]] = {}
    for field in fields.values():
        if field.only not in ("", request):
            continue
        found[prefix + field.stripe_name] = values(field.type)
        for inner in objects(field.type):
            found.update(declared(dict(inner.fields), request, f"{prefix}{field.stripe_name}."))
    return found


def objects(type_: Type) -> list[Object]:
    match type_:
        case Object():
            return [type_]
        case ListOf(item=inner) | MapOf(value=inner):
            return objects(inner)
        case AnyOf(alternatives=alternatives):
            return [o for a in alternatives for o in objects(a)]
        case _:
            return []


def values(type_: Type) -> frozenset[str]:
    match type_:
        case Enum(values=values_):
            return frozenset(values_)
        case ListOf(item=inner):
            return values(inner)
        case AnyOf(alternatives=alternatives):
            return frozenset().union(*map(values, alternatives))
        case _:
            return frozenset()


def schema_of(kind: str) -> Schema:
    return KINDS[f"stripe:{kind}"].schema


def ours(kind: str, request: str) -> dict[str, frozenset[str]]:
    fields = schema_of(kind).fields
    return declared({n: f for n, f in fields.items() if (f.in_create if request == "create" else f.in_update)}, request)


def sdk(declaration: type, left_out: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The SDK's parameters without those that are left out, and what is inside them."""
    found = sdk_params.paths(declaration)
    return {path: v for path, v in found.items() if not any(path == p or path.startswith(f"{p}.") for p in left_out)}


@pytest.mark.parametrize("kind", SAMPLES)
def test_create_parameters_are_those_of_the_sdk(kind: str) -> None:
    assert set(ours(kind, "create")) == set(sdk(SAMPLES[kind].create, schema_of(kind).left_out))


@pytest.mark.parametrize("kind", SAMPLES)
def test_update_parameters_are_those_of_the_sdk(kind: str) -> None:
    schema = schema_of(kind)
    assert set(ours(kind, "update")) == set(sdk(SAMPLES[kind].update, {**schema.left_out, **schema.creation_only}))


@pytest.mark.parametrize("kind", SAMPLES)
def test_only_what_no_update_takes_replaces_an_object(kind: str) -> None:
    schema = schema_of(kind)
    create, update = set(sdk_params.paths(SAMPLES[kind].create)), set(sdk_params.paths(SAMPLES[kind].update))
    immutable = {f.stripe_name for f in schema.fields.values() if f.role is Role.IMMUTABLE}
    mutable = {f.stripe_name for f in schema.fields.values() if f.role is Role.MUTABLE}
    assert immutable <= (create - update) | set(schema_of(kind).creation_only)
    assert mutable <= update


@pytest.mark.parametrize("kind", SAMPLES)
def test_listed_values_are_those_of_the_sdk(kind: str) -> None:
    create, update = (sdk_params.paths(d) for d in (SAMPLES[kind].create, SAMPLES[kind].update))
    mine = {**ours(kind, "create"), **ours(kind, "update")}
    # Stripe sometimes takes a value in one of the two requests only: customer.tax.validate_location "auto" is for updates.
    assert mine == {path: create.get(path, frozenset()) | update.get(path, frozenset()) for path in mine}


@pytest.mark.parametrize("kind", SAMPLES)
def test_what_is_left_out_exists_and_has_a_reason(kind: str) -> None:
    create, update = (sdk_params.paths(d) for d in (SAMPLES[kind].create, SAMPLES[kind].update))
    assert set(schema_of(kind).left_out) <= {*create, *update}
    assert set(schema_of(kind).creation_only) <= set(update)
    assert all(len(reason) > 10 for reason in (*schema_of(kind).left_out.values(), *schema_of(kind).creation_only.values()))
