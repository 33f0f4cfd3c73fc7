"""Resource states, and their form in a deployment (Pulumi's deployment format)."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from pulumi_local import gojson, urns
from pulumi_local.engine import pickles, wire
from pulumi_local.engine.values import UNKNOWN, PropertyMap, ResourceReference, Secret, Unknown, Value
from pulumi_local.errors import EngineError, Unsupported
from pulumi_local.interfaces import Deployment, Json, Rendered, SecretsManager, signed_float, unsigned_float


@dataclass(eq=False)
class ResourceState:
    """One resource, as it was or as it will be. Two states are the same only if they are one object."""

    urn: str
    type: str
    custom: bool
    id: str = ""
    delete: bool = False
    """Replaced, and waiting to be deleted."""
    inputs: PropertyMap = field(default_factory=dict)
    outputs: PropertyMap | None = None
    parent: str = ""
    protect: bool = False
    taint: bool = False
    external: bool = False
    dependencies: list[str] = field(default_factory=list)
    init_errors: list[str] = field(default_factory=list)
    provider: str = ""
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    pending_replacement: bool = False
    """Deleted, and waiting to be created again."""
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    import_id: str = ""
    retain_on_delete: bool = False
    deleted_with: str = ""
    replace_with: list[str] = field(default_factory=list)
    created: str = ""
    modified: str = ""
    source_position: str = ""
    ignore_changes: list[str] = field(default_factory=list)
    hide_diff: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    replacement_trigger: Value = None

    @property
    def name(self) -> str:
        """The last part of the URN."""
        return urns.name_of(self.urn)

    @property
    def is_provider(self) -> bool:
        """Whether this is a provider instance."""
        return urns.is_provider_type(self.type)

    @property
    def provider_urn(self) -> str:
        """The URN of its provider, or empty."""
        return urns.split_reference(self.provider)[0] if self.provider else ""

    @property
    def reference(self) -> str:
        """How others refer to it, where it is a provider instance."""
        return urns.reference(self.urn, self.id)

    @property
    def is_tied(self) -> bool:
        """Whether it is replaced or deleted with another resource."""
        return bool(self.replace_with or self.deleted_with)

    def copied(self) -> ResourceState:
        """A state of its own with the same properties."""
        other = copy.copy(self)
        other.dependencies = list(self.dependencies)
        other.property_dependencies = {k: list(v) for k, v in self.property_dependencies.items()}
        other.init_errors = list(self.init_errors)
        other.aliases = list(self.aliases)
        other.replace_with = list(self.replace_with)
        return other

    def references(self) -> list[str]:
        """The URNs it depends on, without its parent and provider."""
        found = [d for d in self.dependencies if d]
        for group in self.property_dependencies.values():
            found += [d for d in group if d]
        if self.deleted_with:
            found.append(self.deleted_with)
        return found + [r for r in self.replace_with if r]

    def all_references(self) -> list[str]:
        """The URNs it depends on, with its parent, without its provider."""
        return [self.parent, *self.references()] if self.parent else self.references()


_FIRST = ("urn", "custom", "delete", "id", "type")


def _key(attribute: str) -> str:
    """What a deployment calls a field: `initErrors` for `init_errors`."""
    head, *rest = attribute.split("_")
    return "importID" if attribute == "import_id" else head + "".join(map(str.capitalize, rest))


_FIELDS = {name: _key(name) for name in (*_FIRST, *(f.name for f in fields(ResourceState) if f.name not in _FIRST))}
"""The fields in the order of a deployment, and what they are called there."""
_VALUES = ("inputs", "outputs", "replacementTrigger")
_REFUSED = {
    "viewOf": "views of another resource",
    "extensionRef": "provider extensions",
    "snippetID": "snippets",
    "refreshBeforeUpdate": "refresh before update",
    "resourceHooks": "resource hooks",
}


class StateCodec:
    """Resource states to and from JSON. Secrets are encrypted; one that did not change keeps its ciphertext."""

    def __init__(self, secrets: SecretsManager) -> None:
        self._secrets = secrets
        self._known: dict[tuple[str, str], str] = {}
        """(where, plaintext) → ciphertext. A place is part of the key, so that equal secrets do not look equal in state."""

    # -- to JSON

    def write(self, state: ResourceState) -> Rendered:
        """The JSON of one state; empty fields are left out."""
        out: dict[str, Json] = {}
        for attribute, key in _FIELDS.items():
            value = getattr(state, attribute)
            if key in _VALUES:
                value = self._write(value, f"{state.urn}#{key}")
            if key == "custom" or value not in (None, "", False, [], {}):
                out[key] = value
        return Rendered(out)

    def write_properties(self, properties: Mapping[str, Value], urn: str, which: str) -> Json:
        """The JSON of some of a resource's properties (`which`)."""
        return {k: self._write(v, f"{urn}#{which}.{k}") for k, v in sorted(properties.items())}

    def _write(self, value: Value, where: str) -> Json:
        if isinstance(value, str):
            return value
        if isinstance(value, Secret):
            return self._seal(value.element, where)
        if isinstance(value, dict):
            return {k: self._write(v, f"{where}.{k}") for k, v in sorted(value.items())}
        if isinstance(value, list):
            return [self._write(v, f"{where}[]") for v in value]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, Unknown):
            return wire.UNKNOWN_STRING
        if isinstance(value, ResourceReference):
            return wire.signed_reference(value)
        return gojson.number(value) if math.isfinite(value) else signed_float(value)

    def _seal(self, element: Value, where: str) -> Json:
        plaintext = json.dumps(self._write(element, where), ensure_ascii=False, separators=(",", ":"))
        ciphertext = self._known.get((where, plaintext))
        if ciphertext is None:
            ciphertext = self._known[where, plaintext] = self._secrets.encrypt(plaintext)
        return {wire.SIGNATURE: wire.SECRET, "ciphertext": ciphertext}

    # -- from JSON

    def read(self, resource: Mapping[str, Json]) -> ResourceState:
        """One state from its JSON. Raises Unsupported for what this engine could not carry on."""
        for key, what in _REFUSED.items():
            if resource.get(key):
                raise Unsupported(f"resource {resource['urn']} in the state uses {what}, which this engine does not support")
        found: dict[str, Any] = {}
        for attribute, key in _FIELDS.items():
            if key not in resource or (resource[key] is None and key != "outputs"):
                continue
            value = resource[key]
            if key in _VALUES:
                value = self._read(value, f"{resource['urn']}#{key}")
            found[attribute] = value
        return ResourceState(**found)

    def read_properties(self, properties: Mapping[str, Json], urn: str, which: str) -> PropertyMap:
        """A resource's inputs or outputs (`which`) from their JSON."""
        return {k: self._read(v, f"{urn}#{which}.{k}") for k, v in properties.items()}

    def _read(self, value: Json, where: str) -> Value:
        if isinstance(value, dict):
            signature = value.get(wire.SIGNATURE)
            if signature == wire.SECRET:
                return Secret(self._unseal(value, where))
            try:
                if (number := unsigned_float(value)) is not None:
                    return number
            except ValueError as e:
                raise EngineError(f"the state is damaged: {where.replace('#', ', ')}: {e}") from None
            read = {k: self._read(v, f"{where}.{k}") for k, v in value.items()}
            return read if signature is None else wire.from_signature(str(signature), read)
        if isinstance(value, list):
            return [self._read(v, f"{where}[]") for v in value]
        if isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if value == wire.UNKNOWN_STRING:
            return UNKNOWN
        return value  # type: ignore[no-any-return]

    def _unseal(self, value: Mapping[str, Json], where: str) -> Value:
        if "ciphertext" not in value:
            return self._read(json.loads(value["plaintext"]), where)
        plaintext = self._secrets.decrypt(value["ciphertext"])
        element = self._read(json.loads(plaintext), where)
        self._known[where, json.dumps(json.loads(plaintext), ensure_ascii=False, separators=(",", ":"))] = value["ciphertext"]
        return element


@dataclass
class Previous:
    """The state that a run starts from. A refresh changes `resources`."""

    deployment: Deployment
    resources: list[ResourceState]
    pending: list[Json]
    """What was under way when an earlier run was cut off, as the deployment has it."""
    exists: bool


def load(deployment: Deployment | None, codec: StateCodec) -> Previous:
    """Reads a deployment. Raises EngineError for one that makes no sense."""
    if deployment is None:
        return Previous({}, [], [], False)
    resources = [codec.read(r) for r in deployment.get("resources") or []]
    seen: set[str] = set()
    for r in resources:
        if r.parent and r.parent not in seen:
            raise EngineError(
                f"the state is damaged: {r.urn} comes before its parent {r.parent}; "
                "repair it with `stack export` and `stack import`"
            )
        seen.add(r.urn)
    pickles.require_known(resources)
    return Previous(deployment, resources, list(deployment.get("pending_operations") or []), True)
