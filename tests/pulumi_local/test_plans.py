"""`preview --save-plan` and `up --plan`."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_local.engine import plans
from pulumi_local.engine.goals import Goal
from pulumi_local.engine.plans import PlanDiff, broken_by_properties, plan_diff
from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.values import UNKNOWN, PropertyMap, Secret, Value
from pulumi_local.engine.wire import UNKNOWN_STRING
from tests.pulumi_local.shop import NEEDS_CLI, TYPE, Shop
from tests.sampling import short

A = f"urn:pulumi:dev::shop::{TYPE}::a"
BEFORE = {"a": {"size": 1, "wood": "oak"}, "b": {"size": 5}, "outputs": {"name": "first"}}
PLANNED: dict[str, Any] = {
    "a": {"size": 2, "wood": "ash"},
    "c": {"size": 1},
    "options": {"c": {"protect": True}},
    "outputs": {"name": "second"},
}
DRIFTED: dict[str, tuple[dict[str, Any], str]] = {
    "another value": (
        {**PLANNED, "a": {"size": 3, "wood": "ash"}},
        f"resource {A} violates plan: properties changed: ~~size[{{2}}!={{3}}]",
    ),
    "another resource": (
        {**PLANNED, "d": {}},
        "create is not allowed by the plan: no steps were expected for this resource",
    ),
    "a resource less": (
        {k: v for k, v in PLANNED.items() if k not in ("c", "options")},
        f"expected resource operations for urn:pulumi:dev::shop::{TYPE}::c but none were seen",
    ),
    "another output": (
        {**PLANNED, "outputs": {"name": "third"}},
        "resource violates plan: properties changed: ~~name[{second}!={third}]",
    ),
}


@pytest.fixture(scope="module")
def deployed(initialised: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A stack with a secret, deployed as BEFORE; and beside it plan.json, the plan of PLANNED."""
    folder = tmp_path_factory.mktemp("planned")
    shutil.copytree(initialised.backend, folder / "state")
    made = Shop(folder)
    shutil.copy(initialised.folder / "Pulumi.dev.yaml", made.folder)
    made.env["PULUMI_STACK"] = "dev"
    made.ok("config", "set", "--secret", "password", "hush")
    made.wants(BEFORE)
    made.up()
    made.wants(PLANNED)
    saved = made.ok("preview", "--save-plan", "plan.json")
    assert saved.err == (
        "Update plan written to 'plan.json'\n"
        "Run `pulumi up --plan='plan.json'` to constrain the update to the operations planned by this preview\n"
    )
    return made


@pytest.fixture
def planned(deployed: Shop, tmp_path: Path) -> Shop:
    """A copy of that, to be changed."""
    shutil.copytree(deployed.folder.parent, tmp_path, dirs_exist_ok=True)
    made = Shop(tmp_path)
    made.env["PULUMI_STACK"] = "dev"
    return made


def sizes(shop: Shop) -> list[float]:
    """Of the objects that are there."""
    return sorted(found["size"] for found in shop.live().values())


def test_a_plan_holds_steps_changes_and_configuration_and_no_secret(deployed: Shop) -> None:
    text = (deployed.folder / "plan.json").read_text()
    assert "hush" not in text
    plan = json.loads(text)
    assert plan["config"] == {"shop:colors": ["red"], "shop:password": plan["config"]["shop:password"], "shop:size": "1"}
    assert list(plan["config"]["shop:password"]) == ["secure"]
    resources = {urn.rpartition("::")[2]: found for urn, found in plan["resourcePlans"].items()}
    assert {name: found["steps"] for name, found in resources.items()} == {
        "a": ["create-replacement", "replace", "delete-replaced"],
        "b": ["delete"],
        "c": ["create"],
        "default": ["same"],
        "shop-dev": ["same"],
    }
    assert resources["a"]["goal"]["inputDiff"] == {"updates": {"size": 2, "wood": "ash"}}
    assert resources["shop-dev"]["goal"]["outputDiff"] == {"updates": {"name": "second"}}
    assert "goal" not in resources["b"]


def test_an_update_does_what_was_planned_and_not_twice(planned: Shop) -> None:
    planned.wants(PLANNED)
    planned.ok("up", "--yes", "--plan", "plan.json")
    assert sizes(planned) == [1, 2]
    again = planned.run("up", "--yes", "--plan", "plan.json")
    assert again.code == 1
    assert f"error: expected resource operations for {A} but none were seen" in again.out


@pytest.mark.parametrize("change", short(list(DRIFTED), 2, str))
def test_what_was_not_planned_is_refused_before_anything_is_done(deployed: Shop, change: str) -> None:
    shelves, reason = DRIFTED[change]
    before = deployed.live()
    deployed.wants(shelves)
    refused = deployed.run("up", "--yes", "--plan", "plan.json", "--suppress-progress", "--color", "never")
    assert refused.code == 1
    assert f"error: {reason}" in refused.out
    assert "Updating" not in refused.out
    assert deployed.live() == before


@pytest.mark.thorough
def test_a_changed_setting_was_not_planned_and_is_not_shown_if_it_is_secret(planned: Shop) -> None:
    planned.wants(PLANNED)
    planned.ok("config", "set", "--secret", "password", "quiet")
    refused = planned.run("up", "--yes", "--plan", "plan.json", "--color", "never")
    assert "providers:pulumi-python::default violates plan: properties changed: =~shop:password[{[secret]}]" in refused.out
    assert "quiet" not in refused.out


@pytest.mark.thorough
def test_without_a_preview_an_update_stops_where_the_plan_does(planned: Shop) -> None:
    planned.wants(DRIFTED["another value"][0])
    refused = planned.run("up", "--yes", "--skip-preview", "--plan", "plan.json", "--parallel", "1")
    assert refused.code == 1
    left = planned.live()
    kept = [left[r["id"]]["size"] for name in "ab" for r in planned.state()["resources"] if r["urn"].endswith(f"::{name}")]
    assert kept == [1, 5], "what the plan has for `c` may be done by then"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "error: could not read the plan: [Errno 2] No such file or directory: 'other.json'"),
        ("{", "error: could not read the plan other.json: it is not JSON"),
        ('{"resourcePlans": []}', "error: could not read the plan other.json: expected an object with `resourcePlans`"),
        ('{"resourcePlans": {"x": {"goal": {}}}}', "error: the plan of x is damaged (KeyError: 'type'); save it anew with"),
    ],
)
def test_a_file_that_is_no_plan_is_said_to_be_none(planned: Shop, text: str | None, said: str) -> None:
    if text is not None:
        (planned.folder / "other.json").write_text(text)
    refused = planned.run("up", "--yes", "--plan", "other.json")
    assert refused.code == 1
    assert said in refused.err + refused.out
    assert "Traceback" not in refused.err + refused.out


@pytest.mark.timeout(300)
@NEEDS_CLI
def test_plans_go_to_the_cli_and_come_from_it(planned: Shop) -> None:
    cli = Shop(planned.folder.parent, ["pulumi"])
    cli.env["PULUMI_STACK"] = "dev"
    for maker, other in ((planned, cli), (cli, planned)):
        planned.wants(PLANNED)
        maker.ok("preview", "--save-plan", "plan.json")
        shelves, reason = DRIFTED["another value"]
        planned.wants(shelves)
        refused = other.run("up", "--yes", "--plan", "plan.json", "--color", "never")
        assert refused.code == 1
        assert f"error: {reason}" in refused.out
        planned.wants(PLANNED)
        other.ok("up", "--yes", "--plan", "plan.json")
        assert sizes(planned) == [1, 2]
        # Back to where it began, for the other way round.
        planned.ok("state", "unprotect", "--all", "--yes")
        planned.wants(BEFORE)
        planned.up()


# -- the comparison


@pytest.mark.parametrize(
    ("planned", "old", "new", "found"),
    [
        ({}, {"a": "1"}, {"a": "1"}, ""),
        ({}, {"a": "1"}, {"a": "2"}, "=~a[{2}]"),
        ({}, {}, {"a": "2"}, "=+a[{2}]"),
        ({}, {"a": "1"}, {}, "=-a"),
        ({"adds": {"a": "2"}}, {}, {"a": "2"}, ""),
        ({"adds": {"a": "2"}}, {}, {}, "+=a[{2}]"),
        ({"adds": {"a": "2"}}, {"a": "1"}, {"a": "2"}, ""),
        ({"adds": {"a": UNKNOWN}}, {}, {}, ""),
        ({"updates": {"a": "2"}}, {"a": "1"}, {"a": "2"}, ""),
        ({"updates": {"a": "2"}}, {}, {"a": "2"}, "~+a[{2}!={2}]"),
        ({"updates": {"a": "2"}}, {"a": "1"}, {"a": "1"}, "~=a[{2}!={1}]"),
        ({"updates": {"a": "2"}}, {"a": "1"}, {}, "~-a[{2}]"),
        ({"updates": {"a": {"b": [UNKNOWN, "x"]}}}, {"a": {}}, {"a": {"b": ["any", "x"]}}, ""),
        ({"updates": {"a": [UNKNOWN, "x"]}}, {"a": []}, {"a": ["any", "y"]}, "~~a[{[output<string>{} {x}]}!={[{any} {y}]}]"),
        ({"deletes": ["a"]}, {"a": "1"}, {}, ""),
        ({"deletes": ["a"]}, {}, {}, ""),
        ({"deletes": ["a"]}, {"a": "1"}, {"a": "1"}, "-=a[{1}]"),
        ({}, {"a": Secret("hush")}, {"a": Secret("quiet")}, "=~a[{[secret]}]"),
    ],
)  # fmt: skip
def test_changes_that_are_and_are_not_planned(planned: dict[str, Any], old: PropertyMap, new: PropertyMap, found: str) -> None:
    said = broken_by_properties(PlanDiff(**planned), old, new)
    assert said == (f"properties changed: {found}" if found else "")


LEAVES: st.SearchStrategy[Value] = st.sampled_from(["x", "y", 1.0, 2.0, True, None, Secret("hush")])
VALUES = st.recursive(
    LEAVES, lambda v: st.lists(v, max_size=2) | st.dictionaries(st.sampled_from("pqr"), v, max_size=2), max_leaves=6
)
MAPS = st.dictionaries(st.sampled_from("abc"), VALUES)


@given(MAPS, MAPS, st.data())
def test_a_change_keeps_to_its_own_plan_whatever_was_unknown_in_it(
    old: PropertyMap, new: PropertyMap, data: st.DataObject
) -> None:
    diff = plan_diff(old, new)
    assert broken_by_properties(diff, old, new) == ""
    assert broken_by_properties(diff, new, new) == "" or diff.updates.keys() & (new.keys() - old.keys())
    for values in (diff.adds, diff.updates):
        for key in values:
            if data.draw(st.booleans()):
                values[key] = UNKNOWN
    assert broken_by_properties(diff, old, new) == ""


@given(MAPS, MAPS, MAPS)
def test_no_other_change_keeps_to_a_plan_in_which_all_is_known(old: PropertyMap, new: PropertyMap, other: PropertyMap) -> None:
    kept = broken_by_properties(plan_diff(old, new), old, other) == ""
    assert kept == (plan_diff(new, other) == PlanDiff())


STATE = ResourceState(
    "urn:pulumi:dev::shop::t:m:T::x", "t:m:T", True, inputs={"a": "1"}, parent="p", protect=True, dependencies=["d"]
)
SAME = Goal("t:m:T", "x", True, {"a": "1"}, parent="p", protect=True, dependencies=["d"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""),
        ({"properties": {"a": "2"}}, "properties changed: =~a[{2}]"),
        ({"custom": False}, "resource kind changed (expected custom)"),
        ({"parent": ""}, "parent changed (expected p)"),
        ({"protect": None}, "protect changed (expected true)"),
        ({"delete_before_replace": True}, "deleteBeforeReplace changed (expected no value)"),
        ({"provider": "urn::1"}, "provider changed (expected )"),
        ({"dependencies": ["e"]}, "dependencies changed: added e; deleted d"),
        ({"ignore_changes": ["a"]}, "ignoreChanges changed: added a"),
        ({"custom_timeouts": {"create": 60}}, "create timeout changed (expected 0)"),
    ],
)
def test_a_resource_that_the_plan_does_not_have_stays_as_it_was(change: dict[str, Any], reason: str) -> None:
    goal = replace(SAME, **change)
    assert plans.broken_by_goal(plans.of_state(STATE), goal, STATE.inputs, goal.properties) == reason


def test_a_resource_that_was_to_be_deleted_is_not_kept() -> None:
    assert plans.broken_by_goal(None, SAME, STATE.inputs, SAME.properties) == "resource unexpectedly not deleted"


def test_a_provider_whose_id_was_unknown_may_have_any() -> None:
    planned = replace(plans.of_state(STATE), provider=f"urn::{UNKNOWN_STRING}")
    assert plans.broken_by_goal(planned, replace(SAME, provider="urn::1"), STATE.inputs, SAME.properties) == ""
    assert plans.broken_by_goal(planned, replace(SAME, provider="other::1"), STATE.inputs, SAME.properties) != ""


def test_less_than_the_planned_step_is_allowed_and_more_is_not() -> None:
    assert plans.allows("replace", "update")
    assert plans.allows("create", "same")
    assert not plans.allows("update", "replace")
    assert not plans.allows("same", "update")
    assert not plans.allows("delete", "same")
