"""Update plans: what an update may do, resource by resource, and what a program's registrations are checked against.

A plan says of each resource which inputs and outputs change, which options it has, and which steps it takes. It is a limit:
what was unknown allows any value, a step may be less than planned (an update, or nothing, instead of a replacement), options
must be the same.
`plan_documents` has their form in a file, `planning` what a run does with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pulumi_local import urns
from pulumi_local.engine import wire
from pulumi_local.engine.goals import Alias, Goal
from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.values import PropertyMap, Secret, Unknown, Value, describe, equal


@dataclass
class PlanDiff:
    """How a property map changes, by its keys; updates hold the new values."""

    adds: PropertyMap = field(default_factory=dict)
    deletes: list[str] = field(default_factory=list)
    updates: PropertyMap = field(default_factory=dict)


@dataclass
class GoalPlan:
    """A resource as the plan wants it: its options, and how its inputs and (of a component) its outputs change."""

    type: str
    name: str
    custom: bool
    input_diff: PlanDiff = field(default_factory=PlanDiff)
    output_diff: PlanDiff = field(default_factory=PlanDiff)
    parent: str = ""
    protect: bool = False
    dependencies: Sequence[str] = ()
    provider: str = ""
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    delete_before_replace: bool | None = None
    ignore_changes: Sequence[str] = ()
    additional_secret_outputs: Sequence[str] = ()
    aliases: Sequence[Alias] = ()
    id: str = ""
    """Of a resource with the option `import`."""
    custom_timeouts: Mapping[str, float] = field(default_factory=dict)


@dataclass
class ResourcePlan:
    """What one resource becomes, and by which steps, in order. Without a goal it is deleted. `outputs` are for people."""

    goal: GoalPlan | None = None
    ops: list[str] = field(default_factory=list)
    outputs: PropertyMap | None = None


Plan = dict[str, ResourcePlan]
"""By URN."""


def of_goal(goal: Goal, old_inputs: PropertyMap, inputs: PropertyMap) -> GoalPlan:
    """What a registration plans."""
    return GoalPlan(
        goal.type,
        goal.name,
        goal.custom,
        plan_diff(old_inputs, inputs),
        parent=goal.parent,
        protect=bool(goal.protect),
        dependencies=goal.dependencies,
        provider=goal.provider,
        property_dependencies=goal.property_dependencies,
        delete_before_replace=goal.delete_before_replace,
        ignore_changes=goal.ignore_changes,
        additional_secret_outputs=goal.additional_secret_outputs,
        aliases=goal.aliases,
        id=goal.import_id,
        custom_timeouts=goal.custom_timeouts,
    )


def of_state(old: ResourceState) -> GoalPlan:
    """What the plan allows a resource that it does not have: to stay as it was."""
    return GoalPlan(
        old.type,
        old.name,
        old.custom,
        parent=old.parent,
        protect=old.protect,
        dependencies=old.dependencies,
        provider=old.provider,
        property_dependencies=old.property_dependencies,
        additional_secret_outputs=old.additional_secret_outputs,
        aliases=[Alias(urn=a) for a in old.aliases],
        custom_timeouts=old.custom_timeouts,
    )


def plan_diff(old: Mapping[str, Value], new: Mapping[str, Value]) -> PlanDiff:
    """How `old` becomes `new`. A key that holds None is like an absent one."""
    diff = PlanDiff()
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if equal(before, after):
            continue
        if before is None:
            diff.adds[key] = after
        elif after is None:
            diff.deletes.append(key)
        else:
            diff.updates[key] = after
    return diff


_ANY_REPLACEMENT = frozenset({"same", "update"})
_LESS = {
    "create": frozenset({"same"}),
    "update": frozenset({"same"}),
    "replace": _ANY_REPLACEMENT,
    "create-replacement": _ANY_REPLACEMENT,
    "delete-replaced": _ANY_REPLACEMENT,
}


def allows(planned: str, op: str) -> bool:
    """Whether a step may take the place of the planned one: the same, or less."""
    return op == planned or op in _LESS.get(planned, ())


# -- what breaks a plan


def broken_by_goal(plan: GoalPlan | None, goal: Goal, old_inputs: PropertyMap, inputs: PropertyMap) -> str:
    """How a registration differs from the plan; empty if it does not."""
    if plan is None:
        return "resource unexpectedly not deleted"
    return next(_breaches(plan, goal, old_inputs, inputs), "")


def _breaches(plan: GoalPlan, goal: Goal, old_inputs: PropertyMap, inputs: PropertyMap) -> Iterator[str]:
    if goal.custom != plan.custom:
        yield f"resource kind changed (expected {'custom' if plan.custom else 'component'})"
    if goal.provider != plan.provider and not _same_provider(plan.provider, goal.provider):
        yield f"provider changed (expected {plan.provider})"
    if goal.parent != plan.parent:
        yield f"parent changed (expected {plan.parent})"
    if bool(goal.protect) != plan.protect:
        yield f"protect changed (expected {_word(plan.protect)})"
    if goal.delete_before_replace != plan.delete_before_replace:
        yield f"deleteBeforeReplace changed (expected {_word(plan.delete_before_replace)})"
    if goal.import_id != plan.id:
        yield f"importID changed (expected {plan.id})"
    for verb in ("create", "update", "delete", "read"):
        expected = plan.custom_timeouts.get(verb, 0)
        if goal.custom_timeouts.get(verb, 0) != expected:
            yield f"{verb} timeout changed (expected {expected:g})"
    yield from _sets("ignoreChanges", plan.ignore_changes, goal.ignore_changes)
    yield from _sets("additionalSecretOutputs", plan.additional_secret_outputs, goal.additional_secret_outputs)
    yield from _sets("dependencies", plan.dependencies, goal.dependencies)
    yield from _sets("aliases", map(str, plan.aliases), map(str, goal.aliases))
    if changed := broken_by_properties(plan.input_diff, old_inputs, inputs):
        yield changed
    for key, planned in plan.property_dependencies.items():
        # What was unknown in the plan may turn out to be nothing, which depends on nothing.
        if key in goal.property_dependencies:
            yield from _sets(f"dependencies for {key}", planned, goal.property_dependencies[key])


def _same_provider(planned: str, actual: str) -> bool:
    """Whether a provider that the plan could not know the id of is this one."""
    urn, id_ = urns.split_reference(planned)
    return id_ == wire.UNKNOWN_STRING and urn == urns.split_reference(actual)[0]


def _word(value: bool | None) -> str:
    return "no value" if value is None else str(value).lower()


def _sets(what: str, planned: Iterable[str], actual: Iterable[str]) -> Iterator[str]:
    planned, actual = set(planned), set(actual)
    parts = []
    if actual - planned:
        parts.append("added " + ", ".join(sorted(actual - planned)))
    if planned - actual:
        parts.append("deleted " + ", ".join(sorted(planned - actual)))
    if parts:
        yield f"{what} changed: {'; '.join(parts)}"


def broken_by_properties(plan: PlanDiff, old: Mapping[str, Value], new: Mapping[str, Value]) -> str:
    """How a change of properties differs from the plan; empty if it does not.

    Each difference is `<planned><actual><key>[<values>]`: `+` is an addition, `~` an update, `-` a deletion, `=` no change.
    """
    found = [text for key in {*old, *new, *plan.adds, *plan.updates, *plan.deletes} if (text := _difference(plan, key, old, new))]
    return f"properties changed: {', '.join(sorted(found))}" if found else ""


def _difference(plan: PlanDiff, key: str, old: Mapping[str, Value], new: Mapping[str, Value]) -> str:
    before, after = old.get(key), new.get(key)
    actual = _actual(before, after)
    planned, expected = "=", None
    if key in plan.adds:
        planned, expected = "+", plan.adds[key]
    elif key in plan.updates:
        planned, expected = "~", plan.updates[key]
    elif key in plan.deletes:
        planned = "-"
    if _fits(planned, expected, actual, after):
        return ""
    values = [describe(v) for v in (expected, after) if v is not None]
    return f"{planned}{actual}{key}" + (f"[{'!='.join(values)}]" if values else "")


def _actual(before: Value, after: Value) -> str:
    if before is None:
        return "=" if after is None else "+"
    if after is None:
        return "-"
    return "=" if fits(before, after) else "~"


def _fits(planned: str, expected: Value, actual: str, after: Value) -> bool:
    if planned == "=":
        return actual == "="
    if planned == "-":
        return after is None
    if planned == "~" and actual == "+":
        return False
    # A value that the plan could not know may be any, and none.
    return isinstance(expected, Unknown) if after is None else fits(expected, after)


def fits(planned: Value, actual: Value) -> bool:
    """Whether a value is the planned one. Unknowns in either, at any depth, fit anything; planned ones fit None as well."""
    if isinstance(planned, Unknown) or (isinstance(actual, Unknown) and planned is not None):
        return True
    if isinstance(planned, list):
        return isinstance(actual, list) and len(planned) == len(actual) and all(map(fits, planned, actual))
    if isinstance(planned, dict):
        return isinstance(actual, dict) and all(fits(planned.get(k), actual.get(k)) for k in {*planned, *actual})
    if isinstance(planned, Secret):
        return isinstance(actual, Secret) and fits(planned.element, actual.element)
    return equal(planned, actual)
