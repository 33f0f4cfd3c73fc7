"""What programs see: unknowns, secrets, outputs, dependencies; and what they may not use."""

from __future__ import annotations

import json

import pytest

from pulumi_local.engine import wire
from pulumi_local.interfaces import ConfigValue
from tests.pulumi_local.engine.lab import BOX, PREFIX, Lab

SEALED = {wire.SIGNATURE: wire.SECRET, "ciphertext": "[secret]"}


def metadata(lab: Lab, name: str, kind: str = "resourcePreEvent") -> dict[str, object]:
    found = [e[kind]["metadata"] for e in lab.events if kind in e]
    return [m for m in found if m["urn"].endswith(f"::{name}")][-1]


def test_a_preview_knows_what_it_cannot_know(lab: Lab) -> None:
    program = 'a = Box("a", size=1)\nBox("b", size=a.id, more={"l": [a.label, 1]})\npulumi.export("id", a.id)'
    assert lab.run(program, preview=True).ok
    new = metadata(lab, "b")["new"]
    assert isinstance(new, dict)
    assert new["inputs"]["size"] == wire.UNKNOWN_STRING
    assert new["inputs"]["more"] == {"l": [wire.UNKNOWN_STRING, 1]}
    outputs = metadata(lab, "lab-dev", "resOutputsEvent")["new"]
    assert isinstance(outputs, dict)
    assert outputs["outputs"] == {"id": wire.UNKNOWN_STRING}
    assert not lab.state.path.exists()
    assert lab.acts() == []


def test_secrets_are_sealed_in_state_and_masked_in_events(lab: Lab) -> None:
    lab.config = {"lab:key": ConfigValue("hush-hush", secret=True)}
    program = (
        'key = pulumi.Config().require_secret("key")\n'
        'a = Box("a", code=key, deep={"x": key, "y": 1}, listed=["open", key])\n'
        'b = Box("b", Opts(additional_secret_outputs=["label"]), size=2)\n'
        'Box("c", code=a.code)\n'
        'print("the key is hush-hush")\n'
        'pulumi.export("k", key)\npulumi.export("l", b.label)\n'
    )
    lab.up(program)
    for text in (lab.state.path.read_text(), json.dumps(lab.events)):
        assert "hush-hush" not in text
    assert any("the key is [secret]" in m for m in lab.diagnostics("info"))
    inputs, outputs = lab.resources["a"]["inputs"], lab.resources["a"]["outputs"]
    assert wire.SIGNATURE in inputs["code"]
    assert wire.SIGNATURE in inputs["deep"]["x"]
    assert inputs["deep"]["y"] == 1
    assert wire.SIGNATURE in inputs["listed"]
    assert wire.SIGNATURE in outputs["secret_label"]
    assert wire.SIGNATURE in lab.resources["b"]["outputs"]["label"]
    assert wire.SIGNATURE in lab.resources["c"]["inputs"]["code"]
    assert set(lab.outputs) == {"k", "l"}
    assert all(wire.SIGNATURE in v for v in lab.outputs.values())
    before = {n: r["inputs"] for n, r in lab.resources.items()}
    lab.up(program)
    assert {n: r["inputs"] for n, r in lab.resources.items()} == before


def test_dependencies_are_recorded(lab: Lab) -> None:
    lab.up('a = Box("a")\nr = Rack("r")\nc = Box("c", Opts(parent=r))\nBox("b", Opts(depends_on=[r]), size=a.id, name="b")')
    b = lab.resources["b"]
    child = PREFIX + "shelf:index:Rack$pulumi-python:dynamic/shelf:Box::c"
    assert b["dependencies"] == sorted([BOX + "a", child])
    assert b["propertyDependencies"]["size"] == [BOX + "a"]
    order = [r["urn"] for r in lab.deployment["resources"]]
    assert order.index(BOX + "b") > max(order.index(BOX + "a"), order.index(child))


def test_outputs_of_components_and_of_the_stack(lab: Lab) -> None:
    program = (
        'a = Box("a", size=1)\nr = Rack("r")\nr.register_outputs({"box": a.id})\npulumi.export("n", {"l": [1, 2.5, None, True]})'
    )
    lab.up(program)
    assert lab.resources["r"]["outputs"] == {"box": "a-1"}
    assert lab.outputs == {"n": {"l": [1, 2.5, None, True]}}


def test_an_unchanged_run_saves_next_to_nothing(lab: Lab) -> None:
    program = 'a = Box("a", size=1)\nBox("b", size=a.id)'
    lab.up(program)
    saves, before = lab.state.saves, lab.resources
    lab.up(program)
    assert lab.state.saves - saves <= 1
    assert lab.resources == before


def test_many_resources_at_once(lab: Lab) -> None:
    program = 'boxes = [Box(f"b{i}", size=i) for i in range(40)]\n[Box(f"c{i}", size=b.id) for i, b in enumerate(boxes)]'
    assert lab.up(program, parallel=16).changes == {"create": 81}
    seen: set[str] = set()
    for r in lab.deployment["resources"]:
        assert {*r.get("dependencies", []), *filter(None, [r.get("parent")])} <= seen
        seen.add(r["urn"])
    assert lab.run(operation="destroy", parallel=16).changes == {"delete": 81}
    assert lab.live == []


REFUSED = {
    "transforms": ('Box("a", Opts(transforms=[lambda a: None]))', "transforms are not supported"),
    "stack transforms": ("pulumi.runtime.register_resource_transform(lambda a: None)", "stack transforms are not supported"),
    "hooks": (
        'h = pulumi.ResourceHook("h", lambda a: None)\nBox("a", Opts(hooks=pulumi.ResourceHookBinding(after_create=[h])))',
        "resource hook 'h': hooks are not supported",
    ),
    "stack references": ('pulumi.StackReference("organization/x/dev")', "stack references are not supported"),
    "functions": ('pulumi.runtime.invoke("aws:index:getX", {})', "'aws:index:getX': functions of providers are not supported"),
    "other packages": ('pulumi.CustomResource("aws:s3:Bucket", "b", {})', "package 'aws'"),
    "assets": ('Box("a", file=pulumi.StringAsset("x"))', "a property holds an asset"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_supported_is_refused_by_name(lab: Lab, what: str) -> None:
    program, words = REFUSED[what]
    assert not lab.run(program).ok
    assert len(lab.errors) == 1
    assert words in lab.errors[0]
    assert not any("Traceback" in m for m in lab.diagnostics("info#err"))
    assert lab.live == []


def test_a_resource_as_a_value(lab: Lab) -> None:
    lab.up('a = Box("a")\nBox("b", size=a)\npulumi.export("r", a)')
    assert lab.resources["b"]["inputs"]["size"] == "a-1"


def test_a_program_that_is_not_there(lab: Lab) -> None:
    lab.write("")
    (lab.project / "__main__.py").unlink()
    assert not lab.run().ok
    assert "unable to find main python program" in lab.errors[0]


def test_what_a_program_says_last_is_heard(lab: Lab) -> None:
    lab.up('import atexit\natexit.register(lambda: print("bye"))\nprint("hello")\npulumi.log.warn("careful")\nBox("a")')
    assert lab.diagnostics("info") == ["hello", "bye"]
    assert lab.diagnostics("warning") == ["careful"]


def test_a_program_that_exits(lab: Lab) -> None:
    assert not lab.run('Box("a")\nraise SystemExit(3)').ok
    assert lab.errors == ["an unhandled error occurred: program exited with non-zero exit code: 3"]


def test_targets_that_are_not_there(lab: Lab) -> None:
    assert lab.run("", operation="refresh", targets=["urn:nope"]).bailed == "targets specified, but snapshot was nil"
    lab.up('Box("a")')
    assert lab.run(operation="destroy", targets=["urn:nope"]).bailed == "no resource named 'urn:nope' found"
    assert not lab.run(operation="update", targets=["urn:nope"]).ok
    assert lab.errors[0] == "Target 'urn:nope' could not be found in the stack. Did you forget to escape $ in your shell?"


def test_a_state_of_another_kind_is_refused(lab: Lab) -> None:
    lab.up('Box("a")')
    deployment = lab.deployment
    deployment["resources"][-1]["viewOf"] = "x"
    lab.state.save(deployment)
    assert "views of another resource" in lab.run().bailed


def test_an_interpreter_that_is_not_there(lab: Lab) -> None:
    assert not lab.run('Box("a")', python="/no/such/python").ok
    assert lab.errors == ["cannot run the program with /no/such/python: No such file or directory"]
    lab.up('Box("a")')
    assert not lab.run(operation="destroy", python="/no/such/python").ok
    assert "cannot run /no/such/python: No such file or directory" in "".join(lab.errors)
    assert list(lab.resources) == ["a"]
