from __future__ import annotations

import pytest

from stripe_policy.production_catalogue_is_protected import policy
from tests.stripe_policy.arguments import declared, report_of
from tests.stripe_policy.cases import DEV, PROD, STAGING

CATALOGUE = ["Meter", "Product", "Price"]


@pytest.mark.parametrize("kind", CATALOGUE)
def test_unprotected_in_production(kind: str) -> None:
    assert report_of(policy, declared(kind, {}, name="tokens", config=PROD)) == [
        f'{kind} "tokens": protect is false in a production stack. Declare it with opts=pulumi.ResourceOptions(protect=True).'
    ]


@pytest.mark.parametrize("kind", CATALOGUE)
def test_protected_in_production(kind: str) -> None:
    assert report_of(policy, declared(kind, {}, protect=True, config=PROD)) == []


@pytest.mark.parametrize("kind", CATALOGUE)
@pytest.mark.parametrize("config", [DEV, STAGING], ids=["dev", "staging"])
def test_unprotected_elsewhere(kind: str, config: dict[str, str]) -> None:
    assert report_of(policy, declared(kind, {}, config=config)) == []


@pytest.mark.parametrize("kind", ["Customer", "Subscription", "pulumi:pulumi:Stack", "pulumi:providers:pulumi-python"])
def test_the_rest_of_production_needs_no_protection(kind: str) -> None:
    assert report_of(policy, declared(kind, {}, config=PROD)) == []
