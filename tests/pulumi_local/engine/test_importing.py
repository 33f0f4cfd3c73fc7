"""What `import` does with the provider, and what it writes down."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_local.interfaces import Import, Result
from tests.pulumi_local.engine.lab import BOX, PREFIX, Lab

TYPE = "pulumi-python:dynamic/shelf:Box"
STACK = PREFIX + "pulumi:pulumi:Stack::lab-dev"


def blob(lab: Lab) -> str:
    """The serialised provider, as a state has it."""
    lab.up('Box("seed")')
    found: str = lab.resources["seed"]["outputs"]["__provider"]
    lab.up("")
    lab.calls()
    return found


def box(provider_blob: str, name: str, /, **more: Any) -> Import:
    inputs = {"name": name, "colour": "red", "__provider": provider_blob, **more.pop("inputs", {})}
    return Import(TYPE, name, f"{name}-1", inputs=inputs, outputs={**inputs, "label": f"{name}/0"}, **more)


def take(lab: Lab, *imports: Import, **options: Any) -> Result:
    return lab.run(operation="import", imports=imports, **options)


@pytest.mark.thorough
def test_inputs_are_checked_and_nothing_is_read(lab: Lab) -> None:
    provider = blob(lab)
    assert take(lab, box(provider, "a")).ok
    assert lab.calls() == ["check a"]
    assert lab.steps == ["import a"]
    taken = lab.resources["a"]
    assert (taken["id"], taken["protect"], taken["parent"]) == ("a-1", True, STACK)
    assert taken["outputs"]["label"] == "a/0"
    assert "importID" not in taken
    assert "pending_operations" not in lab.deployment


@pytest.mark.thorough
def test_a_preview_of_an_import_keeps_nothing(lab: Lab) -> None:
    provider = blob(lab)
    saves = lab.state.saves
    assert take(lab, box(provider, "a"), preview=True).changes == {"import": 1, "same": 1}
    assert lab.state.saves == saves


@pytest.mark.thorough
def test_what_does_not_pass_the_check_is_imported_with_a_warning(lab: Lab) -> None:
    assert take(lab, box(blob(lab), "a", inputs={"size": 999})).ok
    assert "a" in lab.resources
    warnings = lab.diagnostics("warning")
    assert warnings[0].startswith("One or more imported inputs failed to validate.")
    assert "property size value {999} has a problem: it is too big" in warnings[1]


def test_one_that_is_there_under_another_id_is_refused_and_the_others_are_taken(lab: Lab) -> None:
    provider = blob(lab)
    take(lab, box(provider, "a"))
    other = Import(TYPE, "a", "a-2", inputs={"__provider": provider, "name": "a"}, outputs={"__provider": provider})
    result = take(lab, other, box(provider, "b"))
    assert not result.ok
    assert lab.errors == [
        f"resource '{BOX}a' already exists",
        f"update failed: step application failed: resource '{BOX}a' already exists",
    ]
    assert {n: r["id"] for n, r in lab.resources.items()} == {"a": "a-1", "b": "b-1"}


@pytest.mark.thorough
def test_the_same_import_again_changes_nothing(lab: Lab) -> None:
    provider = blob(lab)
    take(lab, box(provider, "a"))
    before = lab.deployment
    assert take(lab, box(provider, "a")).changes == {"same": 2}
    assert lab.deployment["resources"] == before["resources"]


@pytest.mark.thorough
def test_parents_come_before_children_however_they_are_listed(lab: Lab) -> None:
    provider = blob(lab)
    rack = PREFIX + "shelf:index:Rack::rack"
    component = Import("shelf:index:Rack", "rack", component=True)
    assert take(lab, box(provider, "a", parent=rack), component).ok
    urns = [r["urn"] for r in lab.deployment["resources"]]
    child = f"{PREFIX}shelf:index:Rack${TYPE}::a"
    assert urns.index(rack) < urns.index(child)
    missing = take(lab, box(provider, "b", parent=PREFIX + "shelf:index:Rack::gone"))
    assert not missing.ok
    assert lab.errors[0].startswith(f"unknown parent '{PREFIX}shelf:index:Rack::gone' for resource")


@pytest.mark.thorough
def test_without_outputs_it_says_what_is_missing(lab: Lab) -> None:
    blob(lab)
    assert not take(lab, Import(TYPE, "a", "a-1")).ok
    assert "KeyError: '__provider'" in lab.errors[0]
    assert "import that with --file" in lab.errors[0]
    assert not [e for e in lab.errors if "Traceback" in e]
    assert lab.calls() == []


@pytest.mark.thorough
def test_an_empty_stack_gets_itself_and_its_provider(lab: Lab) -> None:
    provider = blob(lab)
    lab.run(operation="destroy")
    lab.calls()
    assert take(lab, box(provider, "a")).changes == {"create": 1, "import": 1}
    types = [r["type"] for r in lab.deployment["resources"]]
    assert types == ["pulumi:pulumi:Stack", "pulumi:providers:pulumi-python", TYPE]
    lab.up("a = Box('a', opts=Opts(protect=True))")
    assert lab.acts() == []


@pytest.mark.thorough
def test_explicit_providers_are_made_or_found(lab: Lab) -> None:
    provider = blob(lab)
    mine = PREFIX + "pulumi:providers:pulumi-python::mine"
    declared = Import("pulumi:providers:pulumi-python", "mine", inputs={"shelf": "left"})
    for name, imports in (("a", [declared]), ("b", [])):
        assert take(lab, *imports, box(provider, name, provider=mine)).ok
    instances = [r for r in lab.deployment["resources"] if r["urn"] == mine]
    assert [i["inputs"] for i in instances] == [{"shelf": "left"}]
    assert {lab.resources[n]["provider"] for n in ("a", "b")} == {f"{mine}::{instances[0]['id']}"}


def test_secrets_are_encrypted(lab: Lab) -> None:
    provider = blob(lab)
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"hush"'}
    assert take(lab, box(provider, "a", inputs={"password": secret})).ok
    for kept in (lab.resources["a"]["inputs"]["password"], lab.resources["a"]["outputs"]["password"]):
        assert set(kept) == {"4dabf18193072939515e22adb298388d", "ciphertext"}
    assert "hush" not in str(lab.events)


def test_other_packages_are_refused_by_name(lab: Lab) -> None:
    for type_, said in (("aws:s3/bucket:Bucket", "it is of package 'aws'"), ("Bucket", "is not a valid resource type token")):
        assert said in take(lab, Import(type_, "a", "a-1")).bailed
