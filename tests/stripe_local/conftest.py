"""The local Stripe, emptied before each test."""

from __future__ import annotations

import pytest
import stripe

from tests.stripe_local.server import LocalStripe


@pytest.fixture
def server(shared_server: LocalStripe) -> LocalStripe:
    shared_server.reset()
    return shared_server


@pytest.fixture
def client(server: LocalStripe) -> stripe.StripeClient:
    return server.client()
