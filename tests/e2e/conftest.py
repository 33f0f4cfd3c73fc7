"""Each test runs on the local engine, and on the Pulumi CLI where it is on PATH: the same steps, the same expectations."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.project import CLI_ABSENT, ENGINES, Project
from tests.stripe_local.server import LocalStripe


@pytest.fixture(scope="session")
def _server() -> Iterator[LocalStripe]:
    with LocalStripe() as server:
        yield server


@pytest.fixture
def stripe_server(_server: LocalStripe) -> LocalStripe:
    """An empty local Stripe."""
    _server.reset()
    _server.forget_requests()
    return _server


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.skipif(ENGINES[name] is None, reason=CLI_ABSENT)) for name in ENGINES],
)
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
def shared_project(engine: str, tmp_path_factory: pytest.TempPathFactory, _server: LocalStripe) -> Project:
    """One dev stack for all tests of a module: for such as change nothing but the program."""
    return Project(engine, tmp_path_factory.mktemp(engine), _server.url)
