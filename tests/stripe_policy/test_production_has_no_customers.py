from __future__ import annotations

import pytest

from stripe_policy.production_has_no_customers import policy
from tests.stripe_policy.arguments import declared, report_of
from tests.stripe_policy.cases import DEV, PROD, STAGING


@pytest.mark.parametrize("kind", ["Customer", "Subscription"])
def test_refused_in_production(kind: str) -> None:
    assert report_of(policy, declared(kind, {}, name="john", config=PROD)) == [
        f'{kind} "john": the stack is production. Declare test customers in dev or staging '
        f"only; the application "
        "makes the real ones."
    ]


@pytest.mark.parametrize("kind", ["Customer", "Subscription"])
@pytest.mark.parametrize("config", [DEV, STAGING, {}], ids=["dev", "staging", "says nothing"])
def test_fine_elsewhere(kind: str, config: dict[str, str]) -> None:
    assert report_of(policy, declared(kind, {}, config=config)) == []


@pytest.mark.parametrize("kind", ["Meter", "Product", "Price", "other:index:Customer", "pulumi:pulumi:Stack"])
def test_production_may_have_everything_else(kind: str) -> None:
    assert report_of(policy, declared(kind, {}, config=PROD)) == []
