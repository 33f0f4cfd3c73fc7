"""`state`: protection on and off, resources forgotten."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_local.errors import EngineError
from pulumi_local.state import edit as state_edit
from tests.pulumi_local.shop import TYPE, Shop

pytestmark = pytest.mark.thorough


def urn(name: str) -> str:
    return f"urn:pulumi:dev::shop::{TYPE}::{name}"


def protection(shop: Shop) -> dict[str, bool]:
    return {r["urn"].rpartition("::")[2]: r.get("protect", False) for r in shop.state()["resources"] if r["type"] == TYPE}


@pytest.fixture
def kept(dev: Shop) -> Shop:
    """Two shelves, of which a is protected."""
    dev.wants({"a": {"size": 1}, "b": {"size": 1}, "options": {"a": {"protect": True}}})
    dev.up()
    return dev


def test_a_protected_resource_is_unprotected_and_then_deleted(kept: Shop) -> None:
    kept.wants({"b": {"size": 1}})
    refused = kept.run("up", "--yes", "--skip-preview")
    assert refused.code == 1
    assert f"pulumi state unprotect '{urn('a')}'" in refused.out
    assert kept.ok("state", "unprotect", urn("a"), "--yes").out == "1 resources unprotected\n"
    kept.up()
    assert protection(kept) == {"b": False}
    assert len(kept.live()) == 1


def test_all_at_once(kept: Shop) -> None:
    assert kept.ok("state", "protect", "--all", "--yes").out == "All resources protected\n"
    assert protection(kept) == {"a": True, "b": True}
    assert kept.ok("state", "unprotect", "--all", "-y").out == "All resources unprotected\n"
    assert protection(kept) == {"a": False, "b": False}
    assert kept.ok("state", "protect", urn("a"), urn("b")).out == "2 resources protected\n"


def test_a_urn_that_is_not_there_is_named_with_what_looks_like_it(kept: Shop) -> None:
    for command in ("protect", "unprotect", "remove"):
        ended = kept.run("state", command, "--yes", urn("aa"))
        assert ended.code == 1
        assert ended.err.startswith(f'error: No such resource "{urn("aa")}" exists in the current state\nDid you mean:\n')
        assert f"  {urn('a')}\n" in ended.err
    assert protection(kept) == {"a": True, "b": False}
    nothing = kept.run("state", "unprotect")
    assert (nothing.code, nothing.err.startswith("error: Must supply <resource URN>")) == (1, True)
    wrong = kept.run("state", "remove", "a")
    assert wrong.err.startswith('error: "a" is not a valid resource URN\n')


def test_a_removed_resource_is_forgotten_and_its_object_stays(kept: Shop) -> None:
    assert kept.ok("state", "delete", urn("b"), "--yes").out == "Resource deleted\n"
    assert list(protection(kept)) == ["a"]
    assert len(kept.live()) == 2
    refused = kept.run("state", "rm", urn("a"), "--yes")
    assert (refused.code, refused.err) == (
        1,
        f"error: {urn('a')} can't be safely deleted because it is protected. "
        "Re-run this command with --force to force deletion\n",
    )
    forced = kept.ok("state", "remove", urn("a"), "--yes", "--force")
    assert forced.err == f"warning: deleting protected resource {urn('a')} due to presence of --force\n"
    assert protection(kept) == {}


def test_what_others_need_is_removed_with_them_only(kept: Shop) -> None:
    provider = next(r["urn"] for r in kept.state()["resources"] if r["type"].startswith("pulumi:providers:"))
    refused = kept.run("state", "remove", provider, "--yes")
    assert refused.code == 1
    first, *named, empty, last = refused.err.splitlines()
    assert first == f"error: {provider} can't be safely deleted because the following resources depend on it:"
    assert sorted(named) == [f' * "{name}"             ({urn(name)})' for name in "ab"]
    assert (empty, last) == ("", "Delete those resources first or pass --target-dependents.")
    assert kept.run("state", "remove", provider, "--yes", "--target-dependents").code == 1, "a is protected"
    assert kept.ok("state", "remove", provider, "--yes", "--target-dependents", "--force").out == "Resource deleted\n"
    assert protection(kept) == {}
    both = kept.run("state", "remove", "--all", urn("a"))
    assert both.err == "error: cannot specify a resource URN when deleting all resources\n"
    assert kept.ok("state", "remove", "--all", "--yes").out == "Resources deleted\n"
    assert kept.state().get("resources") == []


# -- any state


@st.composite
def deployments(draw: st.DrawFn) -> dict[str, Any]:
    made: list[dict[str, Any]] = []
    for i in range(draw(st.integers(1, 8))):
        before = [r["urn"] for r in made]
        some = draw(st.lists(st.sampled_from(before), max_size=2, unique=True)) if before else []
        resource: dict[str, Any] = {"urn": f"urn:pulumi:s::p::t::r{i}", "type": "t", "id": str(i), "dependencies": some}
        if before and draw(st.booleans()):
            resource["parent"] = draw(st.sampled_from(before))
        if before and draw(st.booleans()):
            other = draw(st.sampled_from(made))
            resource["provider"] = f"{other['urn']}::{other['id']}"
        if draw(st.booleans()):
            resource["protect"] = True
        made.append(resource)
    return {"resources": made}


def needed(resource: dict[str, Any]) -> set[str]:
    provider = resource.get("provider", "").rpartition("::")[0]
    return {*resource["dependencies"], *({resource["parent"]} if "parent" in resource else ()), *({provider} if provider else ())}


@given(deployments(), st.data())
def test_nothing_that_is_left_lacks_anything(deployment: dict[str, Any], data: st.DataObject) -> None:
    urns = [r["urn"] for r in deployment["resources"]]
    chosen = data.draw(st.lists(st.sampled_from(urns), min_size=1, max_size=3))
    heard: list[str] = []
    left, count = state_edit.without(deployment, chosen, dependents=True, protected=heard.append)
    there = {r["urn"] for r in left["resources"]}
    assert not there & set(chosen)
    assert count == len(set(chosen))
    assert all(needed(r) <= there for r in left["resources"])
    assert set(heard) == {r["urn"] for r in deployment["resources"] if r.get("protect") and r["urn"] not in there}
    try:
        strict, _ = state_edit.without(deployment, chosen, dependents=False, protected=heard.append)
    except EngineError:
        assert len(there) < len(urns) - count
    else:
        assert strict == left


def test_of_two_with_one_urn_neither_is_guessed() -> None:
    both = {
        "resources": [{"urn": "urn:pulumi:s::p::t::a", "id": "1"}, {"urn": "urn:pulumi:s::p::t::a", "id": "2", "delete": True}]
    }
    with pytest.raises(EngineError, match="ambiguously referred to multiple resources"):
        state_edit.without(both, ["urn:pulumi:s::p::t::a"], dependents=False, protected=None)
    protected = state_edit.with_protection(both, None, True)["resources"]
    assert [r.get("protect") for r in protected] == [True, None]
