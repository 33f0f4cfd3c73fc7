"""What all suites share: one local Stripe per test process."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest

from tests.stripe_local.server import LocalStripe

# How fast an example is made or run depends on the machine, which is no concern of a test.
hypothesis.settings.register_profile("any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("any machine")


@pytest.fixture(scope="session")
def shared_server() -> Iterator[LocalStripe]:
    """A running local Stripe with whatever the last test left in it; suites hand it on emptied, as `server`."""
    with LocalStripe() as server:
        yield server
