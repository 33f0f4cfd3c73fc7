"""The order of deletions, and what depends on what, for any state."""

from __future__ import annotations

import queue
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pulumi_local.engine.goals import Alias
from pulumi_local.engine.graph import DependencyGraph
from pulumi_local.engine.leftovers import Leftovers
from pulumi_local.engine.seen import Aliases, Seen
from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.steps import DeleteStep
from pulumi_local.urns import Targets


@st.composite
def states(draw: st.DrawFn) -> list[ResourceState]:
    """Resources, each depending on some before it in one way or another; some of them components, some old copies."""
    made: list[ResourceState] = []
    for i in range(draw(st.integers(1, 9))):
        before = [s.urn for s in made if not s.delete]
        some = st.lists(st.sampled_from(before), max_size=2, unique=True) if before else st.just([])
        state = ResourceState(f"urn:pulumi:s::p::t::r{i}", "t", draw(st.booleans()), id=str(i))
        state.dependencies = draw(some)
        state.property_dependencies = {"p": draw(some)}
        state.parent = draw(st.sampled_from(["", *before]))
        state.deleted_with = draw(st.sampled_from(["", *before]))
        made.append(state)
    return made


def needs(state: ResourceState, all_: list[ResourceState]) -> set[str]:
    """The URNs that have to be there as long as `state` is: plainly, the closure of what it refers to."""
    by_urn = {s.urn: s for s in all_}
    found: set[str] = set()
    todo = state.all_references()
    while todo:
        urn = todo.pop()
        if urn not in found:
            found.add(urn)
            todo += by_urn[urn].all_references()
    return found


@given(states())
def test_nothing_is_deleted_before_what_depends_on_it(resources: list[ResourceState]) -> None:
    deployment: Any = SimpleNamespace(previous=SimpleNamespace(resources=resources), inbox=queue.SimpleQueue())
    leftovers = Leftovers(deployment, Seen(), None)  # type: ignore[arg-type]  # nothing is replaced here
    groups = leftovers._scheduled([DeleteStep(deployment, r, set()) for r in resources])
    assert sorted(s.urn for g in groups for s in g) == sorted(r.urn for r in resources)
    gone: set[str] = set()
    for group in groups:
        gone |= {s.urn for s in group}
        for r in resources:
            if r.urn not in gone:
                assert not needs(r, resources) & gone


@given(states(), st.data())
def test_dependents_and_dependencies_agree(resources: list[ResourceState], data: st.DataObject) -> None:
    graph = DependencyGraph(resources)
    root = data.draw(st.sampled_from(resources))
    dependents = {r.urn for r in graph.depending_on(root, children=True)}
    assert dependents == {r.urn for r in resources if root.urn in needs(r, resources)}
    assert {r.urn for r in graph.transitive_dependencies_of(root)} == needs(root, resources)


def test_depending_on_a_component_is_depending_on_what_is_in_it() -> None:
    component = ResourceState("urn:pulumi:s::p::t::c", "t", False)
    child = ResourceState("urn:pulumi:s::p::t::child", "t", True, parent=component.urn)
    user = ResourceState("urn:pulumi:s::p::t::user", "t", True, dependencies=[component.urn])
    assert DependencyGraph([component, child, user]).dependencies_of(user) == {component, child}


def test_targets() -> None:
    everything = Targets()
    assert not everything.constrained
    assert "x" in everything
    some = Targets(["a::b", "c::*::d", "e**f"])
    assert [u in some for u in ("a::b", "c::x::d", "c::x:y::d", "e::1::2f", "g")] == [True, True, False, True, False]
    copy = some.clone()
    copy.add("g")
    assert "g" in copy
    assert "g" not in some


def test_aliases() -> None:
    seen = Seen(aliases={"urn:pulumi:s::p::C::new": "urn:pulumi:s::p::C::old"})
    find = Aliases("s", "p", seen).of
    assert find("n", "t", "", [Alias(name="m"), Alias(type="u"), Alias(urn="urn:x"), Alias(name="m")]) == [
        "urn:pulumi:s::p::t::m",
        "urn:pulumi:s::p::u::n",
        "urn:x",
    ]
    parent = "urn:pulumi:s::p::C::new"
    assert find("new-child", "t", parent, []) == ["urn:pulumi:s::p::C$t::old-child"]
    assert find("n", "t", parent, [Alias(no_parent=True)]) == ["urn:pulumi:s::p::t::n", "urn:pulumi:s::p::C$t::n"]
