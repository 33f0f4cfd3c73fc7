"""One server per test process, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stripe

from tests.stripe_local.server import LocalStripe


@pytest.fixture(scope="session")
def shared_server() -> Iterator[LocalStripe]:
    with LocalStripe() as server:
        yield server


@pytest.fixture
def server(shared_server: LocalStripe) -> LocalStripe:
    shared_server.reset()
    return shared_server


@pytest.fixture
def client(server: LocalStripe) -> stripe.StripeClient:
    return server.client()
