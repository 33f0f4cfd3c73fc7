from __future__ import annotations

import pytest

from stripe_client.client import Client
from stripe_client.settings import Settings
from tests.stripe_local.server import TEST_KEY, LocalStripe


@pytest.fixture
def server(shared_server: LocalStripe) -> LocalStripe:
    """An empty local Stripe."""
    shared_server.reset()
    shared_server.forget_requests()
    return shared_server


@pytest.fixture
def reader(server: LocalStripe) -> Client:
    """The client that the export reads with."""
    return Client(Settings(TEST_KEY, server.url, livemode=False, requests_per_second=10000))
