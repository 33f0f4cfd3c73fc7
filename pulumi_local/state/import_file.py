"""The file of `import --file`: which resources to import, and what is wrong with it.

The format is that of the Pulumi CLI: `resources`, each with `type`, `name`, `id`, `inputs` and `outputs`, and `nameTable`, which
names URNs that exist already. See https://www.pulumi.com/docs/iac/guides/migration/import/#bulk-import-operations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi_local import reading, urns
from pulumi_local.errors import EngineError, Unsupported
from pulumi_local.interfaces import UNKNOWN, Import, Json

_TEXTS = ("type", "name", "logicalName", "id", "parent", "provider")
_OBJECTS = ("inputs", "outputs")
_REFUSED = {
    "version": "dynamic resources have one provider, without versions; leave it out",
    "pluginDownloadUrl": "dynamic resources have no plugin; leave it out",
    "properties": "it chooses inputs for the generated code; leave it out",
    "remote": "use the Pulumi CLI for it",
    "parameterization": "use the Pulumi CLI for it",
    "extension": "use the Pulumi CLI for it",
}


@dataclass(frozen=True)
class Spec:
    """One resource of the file. `name` is what the file calls it, `logical_name` what the program does."""

    type: str = ""
    name: str = ""
    logical_name: str = ""
    id: str = ""
    parent: str = ""
    provider: str = ""
    component: bool = False
    inputs: Mapping[str, Json] | None = None
    outputs: Mapping[str, Json] | None = None

    @property
    def is_provider(self) -> bool:
        """Whether it is a provider instance, which is made and not read."""
        return urns.is_provider_type(self.type)

    def described(self, index: int) -> str:
        """What messages call it."""
        named = f"'{self.name or self.id}'" if self.name or self.id else str(index)
        return f"resource {named}" + (f" of type '{self.type}'" if self.type else "")


@dataclass(frozen=True)
class ImportFile:
    """What the file says."""

    resources: Sequence[Spec]
    name_table: Mapping[str, str]


def load(path: Path) -> ImportFile:
    """Reads a file. Raises EngineError where it is not there or not of this format, Unsupported for what only the CLI can do."""
    try:
        document = reading.parsed(reading.text(path))
    except OSError as e:
        raise EngineError(f"could not read import file: open {path}: {(e.strerror or str(e)).lower()}") from None
    except ValueError as e:
        raise EngineError(f"could not read import file: {path} is not JSON: {e}") from None
    try:
        return _import_file(document)
    except Unsupported:
        raise
    except EngineError as e:
        raise EngineError(f"could not read import file {path}: {e}") from None


def _import_file(document: Json) -> ImportFile:
    if not isinstance(document, dict):
        raise _malformed("the file", "an object with `resources`")
    if document.get("providerInputs"):
        raise Unsupported(
            "pulumi_local does not support `providerInputs` in an import file: list the provider under `resources`, with `inputs`"
        )
    _refuse_unknown(document, {"nameTable", "resources", "providerInputs"}, "the file")
    names, resources = document.get("nameTable"), document.get("resources")
    names, resources = {} if names is None else names, [] if resources is None else resources
    if not isinstance(names, dict) or not all(isinstance(v, str) for v in names.values()):
        raise _malformed("`nameTable`", "an object of names and URNs")
    if not isinstance(resources, list):
        raise _malformed("`resources`", "a list")
    return ImportFile([_spec(r, i) for i, r in enumerate(resources)], names)


def _malformed(what: str, expected: str) -> EngineError:
    return EngineError(f"{what}: expected {expected}")


def _refuse_unknown(found: Mapping[str, Json], known: set[str], where: str) -> None:
    if unknown := [k for k in found if k not in known]:
        names = ", ".join(f"`{k}`" for k in unknown)
        raise EngineError(f"{where}: unknown {names}; there are {', '.join(sorted(known))}")


def _spec(resource: Json, index: int) -> Spec:
    where = f"resource {index}"
    if not isinstance(resource, dict):
        raise _malformed(where, "an object")
    for key, remedy in _REFUSED.items():
        if resource.get(key):
            raise Unsupported(f"pulumi_local does not support `{key}` in an import file ({where}): {remedy}")
    _refuse_unknown(resource, {*_TEXTS, *_OBJECTS, "component", *_REFUSED}, where)
    for key in _TEXTS:
        if not isinstance(resource.get(key, ""), str):
            raise _malformed(f"{where}: `{key}`", "a string")
    for key in _OBJECTS:
        if not isinstance(resource.get(key), (dict, type(None))):
            raise _malformed(f"{where}: `{key}`", "an object")
    if not isinstance(resource.get("component", False), bool):
        raise _malformed(f"{where}: `component`", "true or false")
    name, logical = resource.get("name", ""), resource.get("logicalName", "")
    return Spec(
        type=resource.get("type", ""),
        name=name or logical,
        logical_name=logical or name,
        id=resource.get("id", ""),
        parent=resource.get("parent", ""),
        provider=resource.get("provider", ""),
        component=resource.get("component", False),
        inputs=resource.get("inputs"),
        outputs=resource.get("outputs"),
    )


def imports(file: ImportFile, urn_of: Callable[[str, str, str], str], *, protect: bool) -> list[Import]:
    """The resources to import. Raises EngineError with everything that is wrong with them.

    `urn_of` makes a URN of a parent's URN (or ""), a type and a name.
    """
    _raise(list(_incomplete(file.resources)))
    ambiguous = {name for name, count in Counter(s.name for s in file.resources).items() if count > 1}
    by_name, problems = _urns(file, urn_of, ambiguous)
    _raise(problems)
    problems += [p for i, s in enumerate(file.resources) for p in _wrong_values(s, s.described(i), by_name, ambiguous)]
    _raise(problems)
    return [
        Import(
            type=s.type,
            name=s.logical_name,
            id=s.id,
            parent=by_name[s.parent] if s.parent else "",
            provider=by_name[s.provider] if s.provider else "",
            component=s.component,
            protect=protect,
            inputs=s.inputs,
            outputs=s.outputs,
        )
        for s in file.resources
    ]


def _raise(problems: Sequence[str]) -> None:
    if len(problems) == 1:
        raise EngineError(problems[0])
    if problems:
        raise EngineError("\n    ".join([f"{len(problems)} errors occurred:", *(f"{i}) {p}" for i, p in enumerate(problems, 1))]))


def _incomplete(specs: Sequence[Spec]) -> Iterator[str]:
    for i, s in enumerate(specs):
        who = s.described(i)
        if not s.type:
            yield f"{who} has no type"
        if not s.name:
            yield f"{who} has no name"
        if s.is_provider:
            if s.id:
                yield f"{who} has an ID, but is a provider, which is created rather than read"
            if s.component:
                yield f"{who} is a provider and may not be marked as a component"
            if s.outputs:
                yield f"{who} is a provider and may not have outputs"
        elif not s.component and not s.id:
            yield f"{who} has no ID"
        elif s.component and s.id:
            yield f"{who} has an ID, but is marked as a component"


def _urns(file: ImportFile, urn_of: Callable[[str, str, str], str], ambiguous: set[str]) -> tuple[dict[str, str], list[str]]:
    """URNs by name, parents before children; and problems with parents."""
    by_name = dict(file.name_table)
    taken = set(file.name_table.values())
    own = {s.name for s in file.resources}
    problems: list[str] = []
    left = dict(enumerate(file.resources))
    while left:
        ready = [i for i, s in left.items() if not s.parent or s.parent in by_name or s.parent not in own]
        if not ready:
            problems.append(f"the parents of {', '.join(s.described(i) for i, s in left.items())} form a cycle")
            break
        for i in ready:
            s = left.pop(i)
            if s.parent in ambiguous:
                problems.append(f"{s.described(i)} has an ambiguous parent")
            if s.parent and s.parent not in by_name:
                problems.append(f"the parent '{s.parent}' for {s.described(i)} has no entry in 'nameTable'")
                continue
            urn = urn_of(by_name[s.parent] if s.parent else "", s.type, s.logical_name)
            if urn in taken:
                problems.append(f"{s.described(i)} has an ambiguous URN, set name (or logical name) to be unique")
            taken.add(urn)
            by_name[s.name] = urn
    return by_name, problems


def _wrong_values(s: Spec, who: str, by_name: Mapping[str, str], ambiguous: set[str]) -> Iterator[str]:
    if s.provider:
        if s.provider in ambiguous:
            yield f"{who} has an ambiguous provider"
        if s.provider not in by_name:
            yield f"the provider '{s.provider}' for {who} has no entry in 'nameTable' or 'resources'"
        elif not urns.is_provider_type(urns.type_of(by_name[s.provider])):
            yield f"the provider '{s.provider}' for {who} is not a provider"
    for field, values in (("inputs", s.inputs), ("outputs", s.outputs)):
        if _holds_unknowns(values):
            yield f"the {field} for {who} contain unknown values; fill them in before importing"


def _holds_unknowns(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_unknowns, value.values()))
    if isinstance(value, list):
        return any(map(_holds_unknowns, value))
    return bool(value == UNKNOWN)
