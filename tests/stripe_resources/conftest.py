"""Handlers against an emptied local Stripe."""

from __future__ import annotations

import pytest

from tests.stripe_local.server import LocalStripe

from .run import Run
from .world import World


@pytest.fixture
def server(shared_server: LocalStripe) -> LocalStripe:
    shared_server.reset()
    shared_server.forget_requests()
    return shared_server


@pytest.fixture
def run(server: LocalStripe) -> Run:
    return Run(server)


@pytest.fixture
def world(server: LocalStripe) -> World:
    return World(server)
