from __future__ import annotations

from collections.abc import Iterator

import pytest
import stripe

from tests.guide import steps
from tests.stripe_local.server import LocalStripe


@pytest.fixture(scope="session")
def _server() -> Iterator[LocalStripe]:
    with LocalStripe() as server:
        yield server


@pytest.fixture
def server(_server: LocalStripe) -> LocalStripe:
    """An empty local Stripe, at the beginning of the guide's minute."""
    _server.reset()
    _server.clock(set=steps.WINDOW[0])
    return _server


@pytest.fixture
def client(server: LocalStripe) -> stripe.StripeClient:
    return server.client()
