"""Each test runs on the local engine, and on the Pulumi CLI where it is on PATH: the same steps, the same expectations."""

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.project import ENGINE_PARAMS, Project
from tests.e2e.shop import Shop
from tests.stripe_local.server import LocalStripe


@pytest.fixture
def stripe_server(shared_server: LocalStripe) -> LocalStripe:
    """An empty local Stripe."""
    shared_server.reset()
    shared_server.forget_requests()
    return shared_server


@pytest.fixture(scope="module", params=ENGINE_PARAMS)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make_project(engine: str, tmp_path: Path, stripe_server: LocalStripe) -> Callable[[str], Project]:
    return lambda stack: Project(engine, tmp_path, stripe_server.url, stack)


@pytest.fixture
def project(make_project: Callable[[str], Project]) -> Project:
    """The dev stack."""
    return make_project("dev")


@pytest.fixture(scope="module")
def shared_project(engine: str, tmp_path_factory: pytest.TempPathFactory, shared_server: LocalStripe) -> Project:
    """One dev stack for all tests of a module: for such as change nothing but the program."""
    return Project(engine, tmp_path_factory.mktemp(engine), shared_server.url)


@pytest.fixture(scope="session")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Shop]]:
    """One shop for each engine."""
    with ExitStack() as servers:

        @functools.cache
        def shop(engine: str) -> Shop:
            return Shop(engine, tmp_path_factory.mktemp(f"shop-{engine}"), servers.enter_context(LocalStripe()))

        yield shop


@pytest.fixture
def shop(engine: str, shops: Callable[[str], Shop]) -> Shop:
    """The deployed shop, as its program declares it. A test that did not end well leaves it to be deployed anew."""
    shop = shops(engine)
    shop.open()
    return shop
