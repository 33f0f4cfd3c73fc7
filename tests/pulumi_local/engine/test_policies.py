"""What policies see, and what comes of what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pytest

from pulumi_local.engine import wire
from pulumi_local.interfaces import AnalyzedResource, ConfigValue, Json, Violation
from tests.pulumi_local.engine.lab import BOX, Lab

Enforcement = Literal["advisory", "mandatory", "remediate"]


class Pack:
    """A pack that does not like boxes bigger than ten."""

    def __init__(self, enforcement: Enforcement, *, remedy: bool = False, stack: bool = False) -> None:
        self.enforcement, self.remedy, self.stack = enforcement, remedy, stack
        self.seen: dict[str, AnalyzedResource] = {}
        self.seen_in_stack: dict[str, AnalyzedResource] = {}

    def _violation(self, resource: AnalyzedResource) -> Violation:
        return Violation("small", "pack", "1.0.0", "box too big", self.enforcement, urn=resource.urn)

    def remediate(self, resource: AnalyzedResource) -> tuple[Mapping[str, Json], Sequence[Violation]]:
        if self.remedy and resource.properties.get("size", 0) > 10:
            return {**resource.properties, "size": 10}, [self._violation(resource)]
        return resource.properties, []

    def analyze(self, resource: AnalyzedResource) -> Sequence[Violation]:
        self.seen[resource.name] = resource
        return [self._violation(resource)] if not self.stack and resource.properties.get("size", 0) > 10 else []

    def analyze_stack(self, resources: Sequence[AnalyzedResource]) -> Sequence[Violation]:
        self.seen_in_stack = {r.name: r for r in resources}
        return [self._violation(r) for r in resources if self.stack and r.properties.get("size", 0) > 10]


def violations(lab: Lab) -> list[tuple[str, str]]:
    found: list[dict[str, Any]] = [e["policyEvent"] for e in lab.events if "policyEvent" in e]
    return [(v["resourceUrn"], v["enforcementLevel"]) for v in found]


LEVELS = [
    pytest.param("advisory", "advisory", marks=pytest.mark.thorough),
    ("mandatory", "mandatory"),
    pytest.param("remediate", "mandatory", marks=pytest.mark.thorough),
]


@pytest.mark.parametrize(("enforcement", "shown"), LEVELS)
def test_violations(lab: Lab, enforcement: Enforcement, shown: str) -> None:
    lab.analyzers = [Pack(enforcement)]
    preview = lab.run('Box("a", size=11)', preview=True)
    assert violations(lab) == [(BOX + "a", shown)]
    assert preview.ok is (enforcement == "advisory")
    result = lab.run('Box("a", size=11)')
    assert violations(lab) == [(BOX + "a", shown)]
    assert result.ok is (enforcement == "advisory")
    assert lab.live == (["a-1"] if enforcement == "advisory" else [])


def test_a_remediation_changes_what_is_made(lab: Lab) -> None:
    lab.analyzers = [Pack("remediate", remedy=True)]
    lab.up('Box("a", size=11)')
    assert lab.resources["a"]["inputs"]["size"] == 10
    assert lab.resources["a"]["inputs"]["__provider"]
    event = next(e["policyRemediationEvent"] for e in lab.events if "policyRemediationEvent" in e)
    assert (event["before"]["size"], event["after"]["size"]) == (11, 10)


def test_stack_policies_see_outputs_and_fail_the_run_at_its_end(lab: Lab) -> None:
    pack = Pack("mandatory", stack=True)
    lab.analyzers = [pack]
    assert not lab.run('Box("a", size=11)').ok
    assert lab.live == ["a-1"]
    assert lab.errors == ["update failed"]
    assert pack.seen_in_stack["a"].properties["label"] == "a/11.0"


def test_what_a_policy_sees(lab: Lab) -> None:
    pack = Pack("advisory")
    lab.analyzers = [pack]
    lab.config = {"lab:key": ConfigValue("hush", secret=True)}
    program = 'k = pulumi.Config().require_secret("key")\na = Box("a", Opts(protect=True), more=k)\nBox("b", more=a.id, name="b")'
    assert lab.run(program, preview=True).ok
    a, b = pack.seen["a"], pack.seen["b"]
    assert a.properties["more"] == {wire.SIGNATURE: wire.SECRET, "value": "hush"}
    assert "__provider" not in a.properties
    assert a.options["protect"] is True
    assert a.provider is not None
    assert a.provider.properties == {"lab:key": {wire.SIGNATURE: wire.SECRET, "value": "hush"}}
    assert b.properties["more"] == wire.UNKNOWN_STRING
    assert b.dependencies == (BOX + "a",)
