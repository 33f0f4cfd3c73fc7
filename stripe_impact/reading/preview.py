"""Reading what `pulumi preview --json` prints, on either engine, in either form. Pure.

One object with all changes, or, where PULUMI_ENABLE_STREAMING_JSON_PREVIEW is set, one event a line, which list what stays the
same as well. https://www.pulumi.com/docs/iac/cli/commands/pulumi_preview/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from stripe_client.reading import parsed
from stripe_impact.errors import ImpactError

UNKNOWNS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # text, and whatever has no type yet
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # true or false
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # a number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # a list
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # an object
    }
)
"""What a preview shows for values that are only known after the deployment (sdk/go/common/resource/plugin/rpc.go)."""

REMEDY = "give what `pulumi preview --json` printed"

_OPS = {
    "create": "create",
    "update": "update",
    "delete": "delete",
    "same": "same",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "delete",
}
_TOKEN = "pulumi-python:dynamic/stripe:"
_FORMS: Mapping[str, type] = {"recurring": dict, "tiers": list, "transform_quantity": dict, "default_aggregation": dict}
_NAMES: Mapping[type, str] = {dict: "an object", list: "a list", str: "text"}
State = tuple[str | None, Mapping[str, Any], Mapping[str, Any]]
"""An operation, and a resource before and after it."""


@dataclass(frozen=True)
class Step:
    """What happens to one resource of this project.

    `op` is create, update, replace, delete or same. `old` is what the state says that Stripe has, `new` what the program
    declares, with unknown values as they are. `superseded` is the delete of an object that an earlier run had replaced already,
    `retained` one that leaves the object at Stripe as it is.
    """

    op: str
    kind: str
    name: str
    urn: str
    id: str = ""
    old: Mapping[str, Any] = field(default_factory=dict)
    new: Mapping[str, Any] = field(default_factory=dict)
    superseded: bool = False
    retained: bool = False


@dataclass(frozen=True)
class Preview:
    """A preview that succeeded."""

    project: str
    stack: str
    config: Mapping[str, str]
    steps: tuple[Step, ...]
    complete: bool = False
    """Whether what stays the same is among the steps."""

    def of(self, kind: str, *ops: str) -> list[Step]:
        """The steps of a kind of resource, such as Price; only these operations, if any are given."""
        return [s for s in self.steps if s.kind == kind and (not ops or s.op in ops)]


def unknown(value: object) -> bool:
    """Whether a value is only known after the deployment."""
    return isinstance(value, str) and value in UNKNOWNS


def read(text: str, source: str = "the preview") -> Preview:
    """The preview in a text. Raises `ImpactError` where it is not one, was cut off, or failed."""
    if not text.strip():
        raise ImpactError(f"{source} is empty; {REMEDY}")
    first = next(line for line in text.split("\n") if line.strip())
    document = _json(first)
    if isinstance(document, dict) and "sequence" in document:
        return _from_events(text, source)
    document = _json(text)
    if document is None:
        where = " or was cut off" if text.lstrip().startswith("{") else ""
        raise ImpactError(f"{source} is not JSON{where}; {REMEDY}")
    if not isinstance(document, dict) or not {"steps", "changeSummary"} & document.keys():
        raise ImpactError(f"{source} is JSON, but not a preview; {REMEDY}")
    _refuse_failed(_listed(document, "diagnostics", source), source)
    steps = [("oldState", "newState", step) for step in _listed(document, "steps", source)]
    return _preview(_object(document, "config", source), [_state(*each, source) for each in steps])


def _from_events(text: str, source: str) -> Preview:
    lines = [line for line in text.split("\n") if line.lstrip().startswith("{")]
    events = [_json(line) for line in lines]
    if any(not isinstance(e, dict) for e in events):
        raise ImpactError(f"{source} was cut off; {REMEDY}")
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for event in events:
        for name in event.keys() - {"sequence", "timestamp"}:
            kinds.setdefault(name, []).append(_object(event, name, source))
    _refuse_failed(kinds.get("diagnosticEvent", []), source)
    summaries = kinds.get("summaryEvent", [])
    if not summaries:
        raise ImpactError(f"{source} was cut off: it has no summary; {REMEDY}")
    if summaries[-1].get("result") == "failed":
        raise ImpactError(f"{source} failed; correct what it says, and make it again")
    config = {k: v for p in kinds.get("preludeEvent", []) for k, v in _object(p, "config", source).items()}
    found = [_object(event, "metadata", source) for event in kinds.get("resourcePreEvent", [])]
    return _preview(config, [_state("old", "new", step, source) for step in found], complete=True)


def _state(before: str, after: str, step: Mapping[str, Any], source: str) -> State:
    """What becomes of a resource. Raises `ImpactError` for what no engine says of one."""
    old, new = (_object(step, side, source) for side in (before, after))
    for side, state in ((before, old), (after, new)):
        for name in ("type", "urn", "id"):
            _form(state, name, str, f"{source}: {side}")
        for name in ("inputs", "outputs"):
            where = f"{source}: {str(state.get('urn'))[:200]}, {name}"
            for field_, form in _FORMS.items():
                _form(_object(state, name, f"{source}: {side}"), field_, form, where)
    return _form(step, "op", str, source), old, new


def _object(found: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    value: Mapping[str, Any] = _form(found, name, dict, where) or {}
    return value


def _listed(found: Mapping[str, Any], name: str, where: str) -> list[Mapping[str, Any]]:
    value: list[Mapping[str, Any]] = _form(found, name, list, where) or []
    for i, each in enumerate(value):
        if not isinstance(each, dict):
            raise ImpactError(f"{where}: {name}[{i}] is not an object; {REMEDY}")
    return value


def _form(found: Mapping[str, Any], name: str, form: type, where: str) -> Any:
    value = found.get(name)
    if value is not None and not isinstance(value, form) and not (form is not str and unknown(value)):
        raise ImpactError(f"{where}: {name} is not {_NAMES[form]}; {REMEDY}")
    return None if unknown(value) and form is not str else value


def _refuse_failed(diagnostics: Iterable[Mapping[str, Any]], source: str) -> None:
    errors = [str(d.get("message", "")) for d in diagnostics if d.get("severity") == "error"]
    if errors:
        first = " ".join(errors[0].split())[:300]
        raise ImpactError(f"{source} failed: {first.removeprefix('error: ')}")


def _json(text: str) -> Any:
    try:
        return parsed(text, Decimal)
    except ValueError:
        return None


def _preview(config: Mapping[str, Any], states: Sequence[State], complete: bool = False) -> Preview:
    project = stack = ""
    for _, old, new in states:
        _, stack, project, *_ = [*str((new or old).get("urn", "")).replace("urn:pulumi:", "::").split("::"), "", ""]
        if project:
            break
    texts = {str(k): str(v) for k, v in config.items()}
    return Preview(project, stack, texts, tuple(_merged(_steps(states))), complete)


def _steps(states: Sequence[State]) -> Iterator[Step]:
    for op, old, new in states:
        state = new or old
        type_ = str(state.get("type", ""))
        if op not in _OPS or not type_.startswith(_TOKEN):
            continue
        urn = str(state.get("urn", ""))
        yield Step(
            _OPS[op],
            type_.removeprefix(_TOKEN),
            urn.split("::", 3)[-1],
            urn,
            str(old.get("id") or ""),
            _shown({**(old.get("inputs") or {}), **(old.get("outputs") or {})}),
            {} if _OPS[op] == "delete" else _shown(new.get("inputs") or {}),
            superseded=_OPS[op] == "delete" and (op == "delete-replaced" or bool(old.get("delete"))),
            retained=_OPS[op] in ("delete", "replace") and bool(old.get("retainOnDelete")),
        )


def _merged(steps: Iterable[Step]) -> Iterator[Step]:
    """One step for each object: the parts of a replacement are one."""
    seen: dict[tuple[str, str], Step] = {}
    for step in steps:
        before = seen.get((step.urn, step.id))
        if before is None or (before.op == "delete" and step.op == "replace"):
            seen[step.urn, step.id] = step
    yield from seen.values()


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if not k.startswith("__")}
