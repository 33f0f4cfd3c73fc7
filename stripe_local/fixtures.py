"""Fixtures for pytest: a fresh account of one local Stripe for each test.

In the conftest.py at the top of the tests:

    pytest_plugins = ["stripe_local.fixtures"]

and in a test:

    def test_a_product_is_made(stripe_client):
        stripe_client.v1.products.create({"name": "Hypernian"})

There is one server for a whole run, also where pytest-xdist runs it in several processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from .testing import Account, LocalStripe

if TYPE_CHECKING:
    import stripe

__all__ = ["stripe_account", "stripe_client", "stripe_url"]

_URL = "stripe_local"
_SERVER = pytest.StashKey[LocalStripe]()


def _served(config: pytest.Config) -> str:
    """The address of the server of this process, which is started the first time, and ends with the run."""
    if _SERVER not in config.stash:
        server = config.stash[_SERVER] = LocalStripe().start()
        config.add_cleanup(lambda: server.__exit__(None, None, None))
    return config.stash[_SERVER].url


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of pytest-xdist where the server is."""
    node.workerinput[_URL] = _served(node.config)


@pytest.fixture(scope="session")
def stripe_url(request: pytest.FixtureRequest) -> str:
    """The address of the local Stripe of this run."""
    told: dict[str, str] = getattr(request.config, "workerinput", {})
    return told.get(_URL) or _served(request.config)


@pytest.fixture
def stripe_account(stripe_url: str) -> Iterator[Account]:
    """An account of the test alone: `.client()`, `.key`, `.clock(advance=…)`, `.fault(…)`. It is emptied afterwards."""
    account = Account(stripe_url)
    yield account
    account.clear_faults()
    account.reset()


@pytest.fixture
def stripe_client(stripe_account: Account) -> stripe.StripeClient:
    """Stripe's own client, on an account of the test alone."""
    return stripe_account.client()
