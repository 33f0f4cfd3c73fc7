"""What all suites share: one local Stripe per test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stripe_local.server import LocalStripe


@pytest.fixture(scope="session")
def shared_server() -> Iterator[LocalStripe]:
    """A running local Stripe with whatever the last test left in it; suites hand it on emptied, as `server`."""
    with LocalStripe() as server:
        yield server
