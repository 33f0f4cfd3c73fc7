"""The pack as engines start it: its own process, in its own folder, spoken to over Pulumi's analyzer
protocol."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi.runtime.proto import analyzer_pb2

from stripe_policy import discover
from tests.stripe_policy.cases import CASES, DEV, LIVE_KEY, PROD, TEST_KEY, Case, Resource
from tests.stripe_policy.pack_process import PACK, PackFailed, PackProcess, of_violation, wire, write_baseline

ADVICE = ("amounts-can-be-charged", "approvals-are-current")
LEVELS = {p.name: analyzer_pb2.ADVISORY if p.name in ADVICE else analyzer_pb2.MANDATORY for p in discover()}
RULES = {policy.name: policy for policy in discover()}


class Packs:
    """Started packs, one for each configuration and environment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[object, PackProcess] = {}
        self.explained = folder / "explained.jsonl"

    def for_case(self, case: Case) -> PackProcess:
        config = {**case.config, **({"stripe:apiKey": case.key} if case.key_in_config else {})}
        environment = {"POLICY_EXPLAIN": str(self.explained)} | ({} if case.key_in_config else {"STRIPE_API_KEY": case.key})
        if case.before is not None:
            environment["POLICY_BASELINE"] = str(self._baseline(case.before))
        key = (tuple(config.items()), tuple(environment.items()))
        if key not in self._running:
            self._running[key] = PackProcess(config, environment)
        return self._running[key]

    def _baseline(self, before: tuple[Resource, ...]) -> Path:
        path = self._folder / f"{hashlib.sha1(repr(before).encode(), usedforsecurity=False).hexdigest()}.json"
        if not path.exists():
            write_baseline(path, before)
        return path

    def close(self) -> None:
        for pack in self._running.values():
            pack.close()


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packs]:
    started = Packs(tmp_path_factory.mktemp("baselines"))
    yield started
    started.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_pack_reports_the_violations_of_a_stack_and_nothing_else(packs: Packs, case: Case) -> None:
    pack = packs.for_case(case)
    description = RULES[case.rule].description
    packs.explained.write_text("")
    wanted = [(case.rule, of_violation(name), f"{description}\n{message}") for name, message in case.violations]
    for preview in (True, False):
        resources = wire(case, preview=preview)
        said = pack.analyze(resources) + pack.analyze_stack(resources)
        diagnostics = [d for d in said if d.policyName != case.besides]
        found = [(d.policyName, d.urn.rpartition("::")[2], d.message) for d in diagnostics]
        assert sorted(found) == sorted(_where_it_is_reported(case, wanted)), f"preview={preview}"
        assert {d.enforcementLevel for d in diagnostics} <= {LEVELS[case.rule]}
        assert not any(key in str(diagnostics) for key in (TEST_KEY, LIVE_KEY))
    explained = packs.explained.read_text()
    assert not any(key in explained for key in (TEST_KEY, LIVE_KEY))
    judged = [line for line in map(json.loads, explained.splitlines()) if line["rule"] == case.rule]
    assert {line["urn"].rpartition("::")[2] for line in judged if line["result"] == "violated"} == {
        name for _, name, _ in _where_it_is_reported(case, wanted)
    }
    if not case.violations:
        assert [line for line in judged if line["why"]], "the rule says why the stack passes"
        assert {line["result"] for line in judged} == {"passed"}
    schema = RULES[case.rule].config_schema
    assert all(line["settings"].keys() == {*(schema.properties if schema else {}), "unknown"} for line in judged)


def _where_it_is_reported(case: Case, wanted: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """A price that is gone is reported with the URN that it had; engines put that down to the stack."""
    gone = {f'Price "{r.name}": it is not declared any more': r.name for r in case.before or ()}
    named = [(rule, message, next((n for text, n in gone.items() if text in message), name)) for rule, name, message in wanted]
    return [(rule, name, message) for rule, message, name in named]


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_violating_and_a_satisfying_stack(rule: str) -> None:
    cases = [case for case in CASES if case.rule == rule]
    assert {bool(case.violations) for case in cases} == {True, False}


def test_what_the_pack_says_of_itself(packs: Packs) -> None:
    info = packs.for_case(CASES[0]).info()
    assert info.name == "hypernian-billing"
    assert [(p.name, p.description, p.enforcementLevel) for p in info.policies] == [
        (policy.name, policy.description, LEVELS[policy.name]) for policy in discover()
    ]


def test_a_rule_can_be_made_advisory_by_configuration() -> None:
    case = next(case for case in CASES if case.violations and case.rule == "prices-have-a-lookup-key")
    with PackProcess(case.config, {"STRIPE_API_KEY": case.key}) as pack:
        pack.configure({case.rule: analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.ADVISORY)})
        diagnostics = pack.analyze(wire(case, preview=True))
    levels = {d.policyName: d.enforcementLevel for d in diagnostics}
    assert levels == {case.rule: analyzer_pb2.ADVISORY, "state-before-is-known": analyzer_pb2.MANDATORY}


def test_production_is_known_from_the_provider_where_the_pack_has_no_configuration() -> None:
    case = next(case for case in CASES if case.violations and case.rule == "production-catalogue-is-protected")
    assert case.config == PROD
    with PackProcess({}, {"STRIPE_API_KEY": case.key}) as pack:
        diagnostics = pack.analyze(wire(case, preview=False))
    assert [d.policyName for d in diagnostics if d.policyName == case.rule] == [case.rule] * len(case.violations)


def test_a_relative_baseline_is_in_the_folder_above_the_pack_wherever_the_rules_are_installed(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.violations and case.before)
    shutil.copytree(PACK, tmp_path / "policy", ignore=shutil.ignore_patterns("__pycache__"))
    write_baseline(tmp_path / "before.json", case.before or ())
    found = []
    for named in ("before.json", str(tmp_path / "before.json")):
        environment = {"STRIPE_API_KEY": case.key, "POLICY_BASELINE": named, "PYTHONPATH": str(PACK.parent)}
        with PackProcess(case.config, environment, pack=tmp_path / "policy") as pack:
            resources = wire(case, preview=True)
            said = [d.policyName for d in pack.analyze(resources) + pack.analyze_stack(resources)]
            found.append([rule for rule in said if rule != case.besides])
    assert found == [[case.rule] * len(case.violations)] * 2


NEW_RULE = """
from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from ._resources import METER, report


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    if args.resource_type == METER:
        report(report_violation, args, "event_name", "set", "Choose another one.")


policy = ResourceValidationPolicy(
    name="no-meters",
    description="No meters.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
"""


@pytest.fixture
def copied_pack(tmp_path: Path) -> Path:
    """The pack in a folder of another name, and the rules beside it, away from the project."""
    packages = ((PACK.parent / name, name) for name in ("stripe_policy", "stripe_pricing"))
    for source, name in ((PACK, "pack"), *packages):
        shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "pack"


def test_adding_a_rule_is_adding_one_file(copied_pack: Path) -> None:
    (copied_pack.parent / "stripe_policy" / "no_meters.py").write_text(NEW_RULE)
    case = CASES[0]
    with PackProcess(DEV, {}, pack=copied_pack) as pack:
        names = [policy.name for policy in pack.info().policies]
        diagnostics = pack.analyze(wire(case, preview=True))
    assert sorted(names) == sorted([*RULES, "no-meters"])
    assert [d.message for d in diagnostics if d.policyName == "no-meters"] == [
        'No meters.\nMeter "tokens-meter": event_name is set. Choose another one.'
    ]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("empty.py", "", "stripe_policy/empty.py: policy is None. Make it a ResourceValidationPolicy"),
        ("other_name.py", NEW_RULE, "the policy's name is 'no-meters'. Name it 'other-name'."),
    ],
)
def test_a_file_that_is_no_rule_is_named(copied_pack: Path, name: str, text: str, says: str) -> None:
    (copied_pack.parent / "stripe_policy" / name).write_text(text)
    with pytest.raises(PackFailed) as failure:
        PackProcess(DEV, {}, pack=copied_pack)
    assert says in str(failure.value)
