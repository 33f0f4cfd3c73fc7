"""What the provider is asked, which steps are shown and what is in the state, for everything that can happen to a resource."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.pulumi_local.engine.lab import BOX, PREFIX, Lab
from tests.sampling import short


@dataclass
class Case:
    """Programs in order; of the last one: the calls (checks and diffs left out), the steps, the live objects."""

    name: str
    programs: list[str]
    acts: list[str]
    steps: list[str]
    live: list[str]
    options: dict[str, Any] = field(default_factory=dict)


CHAIN = 'a = Box("a", fixed={0}{1})\nb = Box("b", fixed=a.id)\nBox("c", size=b.id)'

CASES = [
    Case("create", ['Box("a")'], ["create a"], ["create a"], ["a-1"]),
    Case("same", ['Box("a", size=1)'] * 2, [], ["same a"], ["a-1"]),
    Case("update", ['Box("a", size=1)', 'Box("a", size=2)'], ["update a-1"], ["update a"], ["a-1"]),
    Case("removal", ['Box("a"); Box("b")', 'Box("a")'], ["delete b-1"], ["same a", "delete b"], ["a-1"]),
    Case(
        "replace: the new one first, dependents in between, the old one last",
        [CHAIN.format(1, ""), CHAIN.format(2, "")],
        ["create a", "create b", "update c-1", "delete b-1", "delete a-1"],
        [
            "create-replacement a",
            "replace a",
            "create-replacement b",
            "replace b",
            "update c",
            "delete-replaced b",
            "delete-replaced a",
        ],
        ["a-2", "b-2", "c-1"],
    ),
    Case(
        "replace: the old one first, and before it what would not survive that",
        [CHAIN.format(1, ", first=True"), CHAIN.format(2, ", first=True")],
        ["delete b-1", "delete a-1", "create a", "create b", "update c-1"],
        [
            "delete-replaced b",
            "delete-replaced a",
            "replace a",
            "create-replacement a",
            "replace b",
            "create-replacement b",
            "update c",
        ],
        ["a-2", "b-2", "c-1"],
    ),
    Case(
        "the option rules over the provider",
        [
            'Box("a", Opts(delete_before_replace=True), fixed=1)',
            'Box("a", Opts(delete_before_replace=True), fixed=2)',
        ],
        ["delete a-1", "create a"],
        ["delete-replaced a", "replace a", "create-replacement a"],
        ["a-2"],
    ),
    Case(
        "retained objects are left alone",
        ['Box("a", Opts(retain_on_delete=True))', ""],
        [],
        ["delete a"],
        ["a-1"],
    ),
    Case(
        "what goes with another is not deleted by itself",
        ['a = Box("a")\nBox("b", Opts(deleted_with=a))', ""],
        ["delete a-1"],
        ["delete b", "delete a"],
        ["b-1"],
    ),
    Case(
        "replaced with another",
        ['a = Box("a", fixed=1)\nBox("b", Opts(replace_with=[a]))', 'a = Box("a", fixed=2)\nBox("b", Opts(replace_with=[a]))'],
        ["create a", "create b", "delete b-1", "delete a-1"],
        ["create-replacement a", "replace a", "create-replacement b", "replace b", "delete-replaced b", "delete-replaced a"],
        ["a-2", "b-2"],
    ),
    Case(
        "a trigger replaces",
        ['Box("a", Opts(replacement_trigger="1"))', 'Box("a", Opts(replacement_trigger="2"))'],
        ["create a", "delete a-1"],
        ["create-replacement a", "replace a", "delete-replaced a"],
        ["a-2"],
    ),
    Case(
        "ignored changes, nested",
        [
            'Box("a", size=1, more={"x": 1, "y": [1, 2]})',
            'Box("a", Opts(ignore_changes=["size", "more.y[0]"]), size=2, more={"x": 1, "y": [3, 2]})',
        ],
        [],
        ["same a"],
        ["a-1"],
    ),
    Case(
        "replace_on_changes where the provider leaves the diff to the engine",
        [
            'Box("a", undecided=True, more={"x": 1})',
            'Box("a", Opts(replace_on_changes=["more.x"]), undecided=True, more={"x": 2})',
        ],
        ["create a", "delete a-1"],
        ["create-replacement a", "replace a", "delete-replaced a"],
        ["a-2"],
    ),
    Case(
        "renamed with an alias, and moved into a component",
        ['Box("a", name="a")', 'Box("z", Opts(parent=Rack("r"), aliases=[pulumi.Alias(name="a", parent=None)]), name="a")'],
        [],
        ["create r", "same z"],
        ["a-1"],
    ),
    Case(
        "a renamed component keeps its children",
        [
            'Box("old-a", Opts(parent=Rack("old")), name="a")',
            'Box("new-a", Opts(parent=Rack("new", Opts(aliases=[pulumi.Alias(name="old")]))), name="a")',
        ],
        [],
        ["same new", "same new-a"],
        ["a-1"],
    ),
    Case(
        "forced replacement",
        ['Box("a", size=1)'] * 2,
        ["create a", "delete a-1"],
        ["create-replacement a", "replace a", "delete-replaced a"],
        ["a-2"],
        {"replaces": [BOX + "a"]},
    ),
    Case(
        "targets: others are not touched, new ones are not made",
        ['Box("a", size=1); Box("b", size=1)', 'Box("a", size=2); Box("b", size=2); Box("c")'],
        ["update b-1"],
        ["same a", "update b", "same c"],
        ["a-1", "b-1"],
        {"targets": [BOX + "b"]},
    ),
    Case(
        "excludes",
        ['Box("a", size=1); Box("b", size=1)', 'Box("a", size=2); Box("b", size=2)'],
        ["update b-1"],
        ["same a", "update b"],
        ["a-1", "b-1"],
        {"excludes": [BOX + "a"]},
    ),
]


@pytest.mark.parametrize("case", short(CASES, 6, lambda c: c.name))
def test_case(lab: Lab, case: Case) -> None:
    *before, last = case.programs
    for program in before:
        lab.up(program)
    lab.calls()
    lab.up(last, **case.options)
    assert lab.acts() == case.acts
    # Resources that do not depend on each other are registered in any order.
    assert lab.steps == case.steps or ("; " in last and sorted(lab.steps) == sorted(case.steps))
    assert lab.live == case.live
    # What a preview says afterwards is that nothing is left to do, and it asks for nothing to be done.
    if not case.options:
        preview = lab.run(operation="update", preview=True)
        assert preview.ok
        assert set(preview.changes) <= {"same"}
        assert lab.acts() == []


def test_destroy_deletes_dependents_first(lab: Lab) -> None:
    lab.up('r = Rack("r")\na = Box("a", Opts(parent=r))\nb = Box("b", size=a.id)\nBox("c", Opts(depends_on=[b]))')
    lab.calls()
    assert lab.run(operation="destroy").changes == {"delete": 5}
    assert lab.acts() == ["delete c-1", "delete b-1", "delete a-1"]
    assert lab.deployment["resources"] == []
    assert lab.run(operation="destroy").ok


@pytest.mark.thorough
def test_protected_resources_stay(lab: Lab) -> None:
    lab.up('Box("a", Opts(protect=True), fixed=1)')
    assert not lab.run("").ok
    assert "cannot be deleted" in lab.errors[0]
    assert not lab.run('Box("a", Opts(protect=True), fixed=2)').ok
    assert "unable to replace resource" in lab.errors[0]
    assert not lab.run(operation="destroy").ok
    assert lab.live == ["a-1"]
    lab.up('Box("a", fixed=2)')
    assert lab.live == ["a-2"]


def test_failures_keep_what_was_done_and_the_next_run_goes_on(lab: Lab) -> None:
    assert not lab.run('a = Box("a")\nBox("b", fail="create", size=a.id)\n').ok
    assert lab.errors[-1] == "update failed"
    assert "create of b is broken" in lab.errors[0]
    assert list(lab.resources) == ["a"]
    assert "pending_operations" not in lab.deployment
    lab.calls()
    lab.up('a = Box("a")\nBox("b", size=a.id)')
    assert lab.acts() == ["create b"]


def test_continue_on_error(lab: Lab) -> None:
    program = 'a = Box("a", fail="create")\nBox("b", size=a.id)\nBox("c")'
    result = lab.run(program, continue_on_error=True)
    assert not result.ok
    assert lab.live == ["c-1"]
    assert sorted(lab.steps) == ["create a", "create c"], "which of the two is registered first is a race"


def test_continue_on_error_where_a_replaced_one_cannot_be_deleted(lab: Lab) -> None:
    """The program waits for what takes its place, and hears that it is not to come."""
    lab.up('a = Box("a", first=True, fixed=1, fail="delete")\nBox("b", size=a.id)')
    program = 'a = Box("a", first=True, fixed=2)\nBox("b", size=a.id)\nBox("c")'
    assert not lab.run(program, continue_on_error=True).ok
    assert "delete of a-1 is broken" in lab.errors[0]
    assert sorted(lab.live) == ["a-1", "b-1", "c-1"]
    assert lab.resources["a"]["id"] == "a-1"


def test_a_failed_delete_before_replace_is_finished_by_the_next_run(lab: Lab) -> None:
    lab.up('Box("a", first=True, fixed=1)')
    assert not lab.run('Box("a", first=True, fixed=2, fail="create")').ok
    assert lab.live == []
    assert lab.resources["a"]["pendingReplacement"] is True
    lab.calls()
    lab.up('Box("a", first=True, fixed=2)')
    assert lab.acts() == ["create a"]
    assert lab.live == ["a-2"]
    assert "pendingReplacement" not in lab.resources["a"]


def test_all_failures_of_a_check_are_shown_and_nothing_is_done(lab: Lab) -> None:
    for preview in (True, False):
        assert not lab.run('Box("a", size=999)', preview=preview).ok
        assert lab.errors == [
            "pulumi-python:dynamic/shelf:Box resource 'a': property size value {999} has a problem: it is too big"
        ]
    assert lab.live == []


def test_a_program_that_raises(lab: Lab) -> None:
    lab.up('Box("a"); Box("b")\npulumi.export("x", 1)')
    result = lab.run('Box("a")\nraise ValueError("no more")')
    assert not result.ok
    assert lab.errors[-1].startswith("Program failed with an unhandled exception:\nTraceback")
    assert lab.errors[-1].endswith("ValueError: no more")
    assert "runpy" not in lab.errors[-1]
    assert lab.live == ["a-1", "b-1"]
    assert lab.outputs == {"x": 1}


def test_duplicate_names(lab: Lab) -> None:
    assert not lab.run('Box("a"); Box("a")').ok
    assert lab.errors == [f"Duplicate resource URN '{BOX}a'; try giving it a unique name"]


def test_drift_and_refresh(lab: Lab) -> None:
    lab.up('Box("a", size=1); Box("b", size=1)\npulumi.export("n", 1)')
    (lab.shelf / "a-1").write_text(json.dumps({"name": "a", "size": 7}))
    (lab.shelf / "b-1").write_text("")
    preview = lab.run(operation="refresh", preview=True)
    assert preview.changes == {"delete": 1, "same": 1, "update": 1}
    assert lab.resources["a"]["outputs"]["size"] == 1
    assert lab.run(operation="refresh").ok
    assert lab.resources["a"]["outputs"]["size"] == 7
    assert "b" not in lab.resources
    lab.calls()
    assert lab.run(operation="update").ok
    assert sorted(lab.acts()) == ["create b", "update a-1"]


@pytest.mark.thorough
def test_up_with_refresh(lab: Lab) -> None:
    lab.up('a = Box("a", size=1)\nBox("b", size=a.id)')
    (lab.shelf / "a-1").write_text("")
    lab.calls()
    assert lab.run(operation="update", refresh=True).ok
    assert lab.acts() == ["read a-1", "read b-1", "create a", "update b-1"]
    (lab.shelf / "b-1").write_text("")
    assert lab.run(operation="update", refresh=True, run_program=True).ok
    assert lab.acts() == ["read a-2", "read b-1", "create b"]


@pytest.mark.thorough
def test_what_refers_to_a_resource_that_is_gone_does_so_no_longer(lab: Lab) -> None:
    program = 'a = Box("a", size=1)\nBox("b", size=a.id)'
    for by_program in (False, True):
        lab.up(program)
        (lab.shelf / lab.resources["a"]["id"]).write_text("")
        assert lab.run(operation="refresh", run_program=by_program).ok
        assert list(lab.resources) == ["b"]
        assert not lab.resources["b"].get("dependencies")
        assert not lab.resources["b"].get("propertyDependencies", {}).get("size")


def test_reading_an_object_that_is_not_ours(lab: Lab) -> None:
    (lab.shelf / "x-9").write_text(json.dumps({"name": "x", "size": 3}))
    lab.up('x = Box("x", Opts(id="x-9"))\nBox("b", size=x.label)')
    assert lab.resources["x"]["external"] is True
    assert lab.resources["b"]["inputs"]["size"] == "x/3"
    lab.calls()
    lab.up("")
    assert lab.acts() == ["delete b-1"]
    assert (lab.shelf / "x-9").read_text()


def test_explicit_providers_have_their_own_configuration(lab: Lab) -> None:
    from pulumi_local.interfaces import ConfigValue

    lab.config = {"lab:token": ConfigValue("s3cret", secret=True), "lab:place": ConfigValue("here")}
    lab.up(
        'p = pulumi.ProviderResource("pulumi-python", "other", {"place": "there"})\n'
        'Box("a")\nBox("b", Opts(provider=p))\nBox("c", Opts(parent=Rack("r", Opts(providers=[p]))))'
    )
    seen = [json.loads(line) for line in (lab.shelf / "configured").read_text().splitlines()]
    assert sorted(seen, key=len) == [{"place": "there"}, {"lab:token": "s3cret", "lab:place": "here"}]
    by_name = {r["urn"].rpartition("::")[2]: r for r in lab.deployment["resources"]}
    other = f"{PREFIX}pulumi:providers:pulumi-python::other::{by_name['other']['id']}"
    assert by_name["b"]["provider"] == by_name["c"]["provider"] == other
    assert by_name["a"]["provider"] != other
    assert "s3cret" not in lab.state.path.read_text()
    assert "s3cret" not in json.dumps(lab.events)
