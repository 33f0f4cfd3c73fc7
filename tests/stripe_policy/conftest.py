from __future__ import annotations

from collections.abc import Iterator

import pulumi.runtime
import pytest


@pytest.fixture(autouse=True)
def _no_ambient_configuration(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Rules read the stack's configuration, STRIPE_API_KEY and POLICY_BASELINE from the process they run in."""
    for variable in ("STRIPE_API_KEY", "POLICY_BASELINE", "PULUMI_DRY_RUN", "PULUMI_STACK", "PULUMI_PROJECT", "PULUMI_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    pulumi.runtime.set_all_config({})
    yield
    pulumi.runtime.set_all_config({})
