from __future__ import annotations

from collections.abc import Iterator

import pulumi.runtime
import pytest


@pytest.fixture(autouse=True)
def _no_ambient_configuration(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Rules read the stack's configuration and STRIPE_API_KEY from the process they run in."""
    monkeypatch.delenv("STRIPE_API_KEY", raising=False)
    pulumi.runtime.set_all_config({})
    yield
    pulumi.runtime.set_all_config({})
