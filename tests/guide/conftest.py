from __future__ import annotations

import pytest
import stripe

from tests.guide import steps
from tests.stripe_local.server import LocalStripe


@pytest.fixture
def server(shared_server: LocalStripe) -> LocalStripe:
    """An empty local Stripe, at the beginning of the guide's minute."""
    shared_server.reset()
    shared_server.clock(set=steps.WINDOW[0])
    return shared_server


@pytest.fixture
def client(server: LocalStripe) -> stripe.StripeClient:
    return server.client()
