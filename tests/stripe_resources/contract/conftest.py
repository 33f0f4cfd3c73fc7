from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from stripe_client.client import Client
from stripe_client.settings import Settings
from stripe_resources._core.handler import Handler, connect
from stripe_resources.register import KINDS

from .stripe_mock import HOW_TO_GET_IT, StripeMock, find

KEY = "sk_test_contract"


@pytest.fixture(scope="session")
def stripe_mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeMock]:
    program = find()
    if program is None:
        pytest.skip(HOW_TO_GET_IT)
    with StripeMock(program, tmp_path_factory.mktemp("stripe-mock")) as server:
        yield server


@pytest.fixture
def client(stripe_mock: StripeMock) -> Client:
    return Client(Settings(KEY, stripe_mock.url, livemode=False, requests_per_second=10000))


@pytest.fixture
def handlers(stripe_mock: StripeMock) -> Callable[[str], Handler]:
    """The handlers by token, as the provider uses them."""
    return connect(Settings(KEY, stripe_mock.url, livemode=False, requests_per_second=10000), KINDS)
