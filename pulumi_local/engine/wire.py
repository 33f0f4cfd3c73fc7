"""Property values as protobuf Structs, which is how programs and providers send and get them."""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf import struct_pb2

from pulumi_local import interfaces
from pulumi_local.engine.values import (
    UNKNOWN,
    PropertyMap,
    ResourceReference,
    Secret,
    Unknown,
    Value,
)
from pulumi_local.errors import Unsupported

SIGNATURE = interfaces.SECRET_SIGNATURE_KEY
SECRET = interfaces.SECRET_SIGNATURE
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
REFUSED = {
    "c44067f5952c0a294b673a41bacd8c17": "an asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
}

UNKNOWN_STRING = interfaces.UNKNOWN
UNKNOWNS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        UNKNOWN_STRING,
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""What stands for an unknown bool, number, string, list, asset, archive and object."""


def read_struct(struct: struct_pb2.Struct) -> PropertyMap:
    """A property map from the wire. Raises Unsupported for assets and archives."""
    return {k: read_value(v) for k, v in struct.fields.items()}


def read_value(value: struct_pb2.Value) -> Value:
    """One value from the wire."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in UNKNOWNS else value.string_value
    if kind == "number_value":
        return value.number_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [read_value(v) for v in value.list_value.values]
    if kind == "struct_value":
        return _read_object(value.struct_value)
    return None


def _read_object(struct: struct_pb2.Struct) -> Value:
    fields = struct.fields
    if SIGNATURE not in fields:
        return read_struct(struct)
    return from_signature(fields[SIGNATURE].string_value, {k: read_value(v) for k, v in fields.items()})


def from_signature(signature: str, fields: PropertyMap) -> Value:
    """The value that a signed object stands for."""
    if signature == SECRET:
        return Secret(fields.get("value"))
    if signature == RESOURCE:
        id_ = fields.get("id")
        return ResourceReference(
            str(fields.get("urn") or ""),
            UNKNOWN if id_ == "" else id_ if isinstance(id_, str | Unknown) else None,
            str(fields.get("packageVersion") or ""),
        )
    if signature == OUTPUT:
        element = fields.get("value", UNKNOWN)
        return Secret(element) if fields.get("secret") else element
    what = REFUSED.get(signature, f"a value with the signature {signature}")
    raise Unsupported(f"a property holds {what}; this engine knows plain values, secrets and resources only")


def output_dependencies(struct: struct_pb2.Struct) -> dict[str, set[str]]:
    """The URNs that each property depends on, by the output values in it at any depth."""
    return {k: found for k, v in struct.fields.items() if (found := _dependencies(v))}


def _dependencies(value: struct_pb2.Value) -> set[str]:
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return {u for v in value.list_value.values for u in _dependencies(v)}
    if kind != "struct_value":
        return set()
    fields = value.struct_value.fields
    found = {u for v in fields.values() for u in _dependencies(v)}
    if SIGNATURE in fields and fields[SIGNATURE].string_value == OUTPUT and "dependencies" in fields:
        found |= {v.string_value for v in fields["dependencies"].list_value.values}
    return found


def write_struct(
    properties: Mapping[str, Value], *, secrets: bool = False, unknowns: bool = False, references: bool = False
) -> struct_pb2.Struct:
    """A property map for the wire.

    `secrets`: keep their marks, else send them plain. `unknowns`: send them, else leave them out. `references`: send resources as
    such, else as their id or URN.
    """
    struct = struct_pb2.Struct()
    _write_fields(struct.fields, properties, secrets, unknowns, references)
    return struct


def _write_fields(fields: object, properties: Mapping[str, Value], secrets: bool, unknowns: bool, references: bool) -> None:
    for key, value in properties.items():
        if _left_out(value, secrets, unknowns):
            continue
        target = fields[key]  # type: ignore[index]  # a protobuf map makes the entry
        _write(target, value, secrets, unknowns, references)


def _left_out(value: Value, secrets: bool, unknowns: bool) -> bool:
    if unknowns:
        return False
    if isinstance(value, Secret) and not secrets:
        return _left_out(value.element, secrets, unknowns)
    return isinstance(value, Unknown)


def _write(target: struct_pb2.Value, value: Value, secrets: bool, unknowns: bool, references: bool) -> None:
    if isinstance(value, str):
        target.string_value = value
    elif isinstance(value, Secret):
        if secrets:
            signed: PropertyMap = {SIGNATURE: SECRET, "value": value.element}
            target.struct_value.SetInParent()
            _write_fields(target.struct_value.fields, signed, secrets, unknowns, references)
        else:
            _write(target, value.element, secrets, unknowns, references)
    elif isinstance(value, ResourceReference):
        _write_reference(target, value, secrets, unknowns, references)
    elif value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, Unknown):
        target.string_value = UNKNOWN_STRING
    elif isinstance(value, list):
        target.list_value.SetInParent()
        for element in value:
            if _left_out(element, secrets, unknowns):
                continue
            _write(target.list_value.values.add(), element, secrets, unknowns, references)
    elif isinstance(value, dict):
        target.struct_value.SetInParent()
        _write_fields(target.struct_value.fields, value, secrets, unknowns, references)
    else:
        target.number_value = value


def _write_reference(target: struct_pb2.Value, value: ResourceReference, secrets: bool, unknowns: bool, references: bool) -> None:
    if not references:
        _write(target, value.urn if value.id is None else value.id, secrets, unknowns, references)
        return
    target.struct_value.SetInParent()
    _write_fields(target.struct_value.fields, signed_reference(value), secrets, unknowns, references)


def signed_reference(value: ResourceReference) -> PropertyMap:
    """The signed object that stands for a resource."""
    signed: PropertyMap = {SIGNATURE: RESOURCE, "urn": value.urn}
    if value.id is not None:
        signed["id"] = "" if isinstance(value.id, Unknown) else value.id
    return signed | ({"packageVersion": value.package_version} if value.package_version else {})
