"""No message holds a secret: policies get them in plain text, whatever property they are in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import Policy, StackValidationPolicy

from stripe_policy import discover
from stripe_policy._past import BASELINE
from tests.stripe_policy.arguments import PROVIDER, declared, in_stack, report_of, token, urn
from tests.stripe_policy.cases import PROD, STAGING, Case, Resource
from tests.stripe_policy.pack_process import PackProcess, secret, wire, write_baseline

SECRET = "S3cret Value"
RULES = discover()

METER = {
    "display_name": SECRET,
    "event_name": SECRET,
    "default_aggregation": {"formula": SECRET},
    "customer_mapping": {"event_payload_key": SECRET, "type": SECRET},
    "value_settings": {"event_payload_key": SECRET},
    "event_time_window": SECRET,
}
PRODUCT = {"name": SECRET, "metadata": {"owner": SECRET, "environment": SECRET}, "default_price_data": {}}
PRICE = {
    "currency": SECRET,
    "product": SECRET,
    "unit_amount": SECRET,
    "unit_amount_decimal": SECRET,
    "custom_unit_amount": {"enabled": True, "minimum": SECRET},
    "billing_scheme": SECRET,
    "tiers_mode": SECRET,
    "tiers": [{"up_to": SECRET, "unit_amount": SECRET, "flat_amount_decimal": SECRET}] * 2,
    "currency_options": {SECRET: {"unit_amount": SECRET, "tax_behavior": SECRET}, "usd": {"tiers": [{"up_to": SECRET}]}},
    "recurring": {"interval": SECRET, "usage_type": "metered", "meter": SECRET, "interval_count": SECRET},
    "transform_quantity": {"divide_by": SECRET, "round": SECRET},
    "lookup_key": SECRET,
    "tax_behavior": SECRET,
    "nickname": SECRET,
    "metadata": {"owner": SECRET, "environment": SECRET},
}
PRODUCT["default_price_data"] = {k: v for k, v in PRICE.items() if k not in ("metadata", "recurring")}


def old(props: dict[str, Any]) -> dict[str, Any]:
    """What was before: another secret everywhere, and the same event name and lookup key."""
    text = json.dumps(props).replace(SECRET, f"Old {SECRET}")
    changed: dict[str, Any] = json.loads(text)
    return changed | {k: props[k] for k in ("event_name", "lookup_key") if k in props}


@pytest.fixture
def _past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    props = {"Meter": METER, "Product": PRODUCT, "Price": PRICE}
    names = [(kind, kind.lower()) for kind in props] + [("Price", "gone")]
    resources = [{"urn": urn(kind, name), "type": token(kind), "inputs": old(props[kind])} for kind, name in names]
    path = tmp_path / "before.json"
    path.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    monkeypatch.setenv(BASELINE, str(path))
    monkeypatch.setenv("PULUMI_DRY_RUN", "true")


@pytest.mark.usefixtures("_past")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_rule_shows_what_a_property_holds(rule: Policy) -> None:
    config = {**PROD, "stripe:apiKey": f"sk_live_{SECRET}"}
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("Meter", METER), ("Product", PRODUCT), ("Price", PRICE), ("Customer", {"email": SECRET}), (PROVIDER, config),
    ]  # fmt: skip
    if isinstance(rule, StackValidationPolicy):
        resources: list[Any] = [in_stack(kind, props, name=f"{kind.lower()}{n}") for kind, props in kinds for n in (1, 2)]
    else:
        resources = [declared(kind, props, name=kind.lower(), config=config) for kind, props in kinds]
    messages = report_of(rule, *resources)  # type: ignore[arg-type]
    assert not [message for message in messages if "S3cret" in message or "Value" in message]


def test_the_pack_shows_no_secret_of_a_stack(tmp_path: Path) -> None:
    case = Case(
        "all",
        "secrets",
        (
            Resource("Meter", "meter", {key: secret(SECRET) if isinstance(v, str) else v for key, v in METER.items()}),
            Resource("Price", "price", {key: secret(v) for key, v in PRICE.items()}),
        ),
        STAGING,
        key=f"sk_live_{SECRET}",
        key_in_config=True,
    )
    write_baseline(tmp_path / "before.json", case.resources)
    with PackProcess(case.config, {BASELINE: str(tmp_path / "before.json")}) as pack:
        resources = wire(case, preview=True)
        diagnostics = pack.analyze(resources) + pack.analyze_stack(resources)
    assert len(diagnostics) > 10
    assert not [d for d in diagnostics if "S3cret" in str(d)]
