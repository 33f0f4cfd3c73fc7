"""What a preview does not know yet: said, counted, refused where that is wanted, and judged by the deployment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import ResourceValidationPolicy
from pulumi_policy.proxy import UnknownValueError

from stripe_policy._judging import judging
from tests.stripe_policy.arguments import UNKNOWN, declared, report_of
from tests.stripe_policy.cases import (
    LIVE_KEY,
    PROD,
    Case,
    Id,
    Resource,
    catalogue,
    licensed,
    meter,
    price,
    product,
    protected,
    tiered,
)
from tests.stripe_policy.pack_process import PackProcess, wire, write_baseline

FALLING = [{"up_to": 1000, "unit_amount_decimal": "0.05"}, {"up_to": "inf", "unit_amount_decimal": "0.04"}]
BEFORE = protected(*catalogue(PROD), licensed(PROD, "seat"), tiered(PROD, "many", FALLING))

NOT_KNOWN: list[tuple[str, str, Resource, str]] = [
    ("amounts-are-sane", "seat", licensed(PROD, "seat", unit_amount=UNKNOWN), "unit_amount"),
    (
        "amounts-are-sane",
        "seat",
        licensed(PROD, "seat", currency_options={"eur": {"unit_amount": UNKNOWN, "tax_behavior": "exclusive"}}),
        "currency_options.eur.unit_amount",
    ),
    ("amounts-can-be-charged", "seat", licensed(PROD, "seat", unit_amount=UNKNOWN), "unit_amount"),
    ("currencies-are-allowed", "seat", licensed(PROD, "seat", currency=UNKNOWN), "currency"),
    ("metadata-names-owner-and-environment", "seat", licensed(PROD, "seat", metadata=UNKNOWN), "metadata"),
    (
        "metadata-names-owner-and-environment",
        "seat",
        licensed(PROD, "seat", metadata={"owner": "billing", "environment": UNKNOWN}),
        "metadata.environment",
    ),
    ("meter-formulas-are-kept", "other", meter("other", event_name=UNKNOWN), "event_name"),
    ("metered-prices-have-a-meter", "seat", licensed(PROD, "seat", recurring=UNKNOWN), "recurring"),
    ("names-follow-the-convention", "seat", licensed(PROD, "seat", lookup_key=UNKNOWN), "lookup_key"),
    ("price-changes-are-approved", "other", licensed(PROD, "other", lookup_key=UNKNOWN), "lookup_key"),
    ("price-increases-are-capped", "other", licensed(PROD, "other", lookup_key=UNKNOWN), "lookup_key"),
    ("price-increases-are-capped", "seat", licensed(PROD, "seat", unit_amount=UNKNOWN), "unit_amount"),
    ("price-increases-are-capped", "seat", licensed(PROD, "seat", recurring={"interval": UNKNOWN}), "recurring.interval"),
    (
        "price-increases-are-capped",
        "many",
        tiered(PROD, "many", [{**FALLING[0], "up_to": UNKNOWN}, FALLING[1]]),
        "tiers[0].up_to",
    ),
    ("price-retirements-are-approved", "other", licensed(PROD, "other", lookup_key=UNKNOWN), "lookup_key"),
    ("prices-are-distinct", "seat", licensed(PROD, "seat", lookup_key=UNKNOWN), "lookup_key"),
    ("tax-behavior-is-declared", "seat", licensed(PROD, "seat", tax_behavior=UNKNOWN), "tax_behavior"),
    ("tiers-are-complete-and-falling", "many", tiered(PROD, "many", UNKNOWN), "tiers"),
]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackProcess]:
    baseline = tmp_path_factory.mktemp("baseline") / "before.json"
    write_baseline(baseline, BEFORE)
    with PackProcess(PROD, {"STRIPE_API_KEY": LIVE_KEY, "POLICY_BASELINE": str(baseline)}) as started:
        yield started


def said(pack: PackProcess, rule: str, changed: Resource, **settings: Any) -> list[analyzer_pb2.AnalyzeDiagnostic]:
    """What a rule says of a preview of the stack with one resource changed or added."""
    properties = struct_pb2.Struct()
    properties.update(settings)
    pack.configure({rule: analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.MANDATORY, properties=properties)})
    resources = {resource.name: resource for resource in (*BEFORE, replace(changed, protect=True))}
    stack = wire(Case(rule, "unknown", tuple(resources.values()), PROD, before=BEFORE), preview=True)
    return [d for d in pack.analyze(stack) + pack.analyze_stack(stack) if d.policyName == rule]


@pytest.mark.parametrize(
    ("rule", "name", "changed", "path"), NOT_KNOWN, ids=[f"{rule}: {path}" for rule, _, _, path in NOT_KNOWN]
)
def test_what_is_not_known_yet(pack: PackProcess, rule: str, name: str, changed: Resource, path: str) -> None:
    judged = f'{changed.kind} "{name}": cannot be judged yet, since `{path}` is not known; `up` judges it '
    [warning] = [d for d in said(pack, rule, changed) if "cannot be judged yet" in d.message]
    assert judged in warning.message
    assert warning.enforcementLevel == analyzer_pb2.ADVISORY
    [failure] = [d for d in said(pack, rule, changed, unknown="fail") if "cannot be judged yet" in d.message]
    assert judged in failure.message
    assert failure.enforcementLevel == analyzer_pb2.MANDATORY


def test_what_is_wrong_besides_is_said_too(pack: PackProcess) -> None:
    changed = licensed(
        PROD, "seat", unit_amount=UNKNOWN, currency_options={"eur": {"unit_amount": -5, "tax_behavior": "exclusive"}}
    )
    levels = {d.enforcementLevel for d in said(pack, "amounts-are-sane", changed)}
    assert levels == {analyzer_pb2.MANDATORY, analyzer_pb2.ADVISORY}


def test_ids_that_no_rule_needs_to_know_are_no_matter(pack: PackProcess) -> None:
    new = price(PROD, "new", product=Id("new-product"))
    stack = wire(Case("all", "new", (*BEFORE, *protected(product(PROD, "new-product"), new)), PROD, before=BEFORE), preview=True)
    pack.configure({})
    assert not [d for d in pack.analyze(stack) + pack.analyze_stack(stack) if "cannot be judged" in d.message]


def test_it_is_judged_before_it_is_made(tmp_path: Path) -> None:
    """The deployment knows the value when it asks about the resource: nothing is left out then."""
    write_baseline(tmp_path / "before.json", BEFORE)
    environment = {"STRIPE_API_KEY": LIVE_KEY, "POLICY_BASELINE": str(tmp_path / "before.json"), "PULUMI_DRY_RUN": "false"}
    dear = protected(licensed(PROD, "seat", unit_amount=900000))
    with PackProcess(PROD, environment) as pack:
        found = pack.analyze(wire(Case("all", "up", (*BEFORE[:3], *dear), PROD, before=BEFORE), preview=False))
    assert {d.policyName for d in found} == {"price-increases-are-capped", "price-changes-are-approved"}


def test_a_rule_that_reads_what_is_not_known() -> None:
    """As rules of one's own may, which know nothing of `needs`."""
    reads = ResourceValidationPolicy(name="own", description="Own.", validate=lambda args, _: args.props["nickname"])
    judging(reads)
    price = {"nickname": UNKNOWN}
    said = 'Price "it": cannot be judged yet, since `nickname` is not known; `up` judges it before it makes the resource.'
    with pytest.raises(UnknownValueError) as e:
        report_of(reads, declared("Price", price))
    assert e.value.message == said
    assert report_of(reads, declared("Price", price, settings={"unknown": "fail"})) == [said]
