"""Plans as Pulumi writes them to files (apitype.DeploymentPlanV1): `manifest`, `config`, and `resourcePlans` by URN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_local.engine.goals import Alias
from pulumi_local.engine.plans import GoalPlan, Plan, PlanDiff, ResourcePlan
from pulumi_local.engine.state import StateCodec
from pulumi_local.errors import EngineError
from pulumi_local.gojson import now
from pulumi_local.interfaces import Json, PlanDocument, manifest

_LISTS = (
    ("dependencies", "dependencies"),
    ("ignore_changes", "ignoreChanges"),
    ("additional_secret_outputs", "additionalSecretOutputs"),
)
_ALIAS = (
    ("urn", "URN"),
    ("name", "Name"),
    ("type", "Type"),
    ("project", "Project"),
    ("stack", "Stack"),
    ("parent", "Parent"),
    ("no_parent", "NoParent"),
)


def write(plan: Plan, codec: StateCodec) -> PlanDocument:
    """A plan's document, without its configuration. Secrets are ciphertexts."""
    return {
        "manifest": manifest(now()),
        "resourcePlans": {urn: _write_resource(urn, plan[urn], codec) for urn in sorted(plan)},
    }


def _write_resource(urn: str, plan: ResourcePlan, codec: StateCodec) -> Json:
    out: dict[str, Json] = {}
    if plan.goal is not None:
        out["goal"] = _write_goal(urn, plan.goal, codec)
    if plan.ops:
        out["steps"] = plan.ops
    out["state"] = None if plan.outputs is None else codec.write_properties(plan.outputs, urn, "plan.state")
    return out


def _write_goal(urn: str, goal: GoalPlan, codec: StateCodec) -> Json:
    out: dict[str, Json] = {
        "type": goal.type,
        "name": goal.name,
        "custom": goal.custom,
        "inputDiff": _write_diff(urn, goal.input_diff, codec, "plan.inputDiff"),
        "outputDiff": _write_diff(urn, goal.output_diff, codec, "plan.outputDiff"),
        "protect": goal.protect,
        "customTimeouts": dict(goal.custom_timeouts),
    }
    said = {
        "parent": goal.parent,
        "provider": goal.provider,
        "id": goal.id,
        "propertyDependencies": {k: list(v) for k, v in goal.property_dependencies.items()},
        "structuredAliases": [{key: getattr(a, attribute) for attribute, key in _ALIAS} for a in goal.aliases],
        **{key: list(getattr(goal, attribute)) for attribute, key in _LISTS},
    }
    out |= {key: value for key, value in said.items() if value}
    if goal.delete_before_replace is not None:
        out["deleteBeforeReplace"] = goal.delete_before_replace
    return out


def _write_diff(urn: str, diff: PlanDiff, codec: StateCodec, where: str) -> Json:
    said = {
        "adds": codec.write_properties(diff.adds, urn, f"{where}.adds"),
        "deletes": list(diff.deletes),
        "updates": codec.write_properties(diff.updates, urn, f"{where}.updates"),
    }
    return {key: value for key, value in said.items() if value}


def read(document: PlanDocument, codec: StateCodec) -> Plan:
    """A plan from its document. Raises EngineError for one that makes no sense, or that another passphrase encrypted."""
    return {urn: _checked(urn, plan, codec) for urn, plan in (document.get("resourcePlans") or {}).items()}


def _checked(urn: str, plan: Mapping[str, Json], codec: StateCodec) -> ResourcePlan:
    try:
        return _read_resource(urn, plan, codec)
    except (AttributeError, KeyError, TypeError, ValueError) as e:
        what = f"plan of {urn} is damaged ({type(e).__name__}: {e})"
        raise EngineError(f"the {what}; save it anew with `preview --save-plan`") from None


def _read_resource(urn: str, plan: Mapping[str, Json], codec: StateCodec) -> ResourcePlan:
    goal, outputs = plan.get("goal"), plan.get("state")
    return ResourcePlan(
        None if goal is None else _read_goal(urn, goal, codec),
        list(plan.get("steps") or ()),
        None if outputs is None else codec.read_properties(outputs, urn, "plan.state"),
    )


def _read_goal(urn: str, goal: Mapping[str, Json], codec: StateCodec) -> GoalPlan:
    fields: dict[str, Any] = {attribute: goal.get(key) or () for attribute, key in _LISTS}
    return GoalPlan(
        goal["type"],
        goal["name"],
        goal["custom"],
        _read_diff(urn, goal.get("inputDiff") or {}, codec, "plan.inputDiff"),
        _read_diff(urn, goal.get("outputDiff") or {}, codec, "plan.outputDiff"),
        parent=goal.get("parent") or "",
        protect=bool(goal.get("protect")),
        provider=goal.get("provider") or "",
        property_dependencies=goal.get("propertyDependencies") or {},
        delete_before_replace=goal.get("deleteBeforeReplace"),
        aliases=[Alias(**{attribute: a[key] for attribute, key in _ALIAS}) for a in goal.get("structuredAliases") or ()],
        id=goal.get("id") or "",
        custom_timeouts=goal.get("customTimeouts") or {},
        **fields,
    )


def _read_diff(urn: str, diff: Mapping[str, Json], codec: StateCodec, where: str) -> PlanDiff:
    return PlanDiff(
        codec.read_properties(diff.get("adds") or {}, urn, f"{where}.adds"),
        list(diff.get("deletes") or ()),
        codec.read_properties(diff.get("updates") or {}, urn, f"{where}.updates"),
    )
