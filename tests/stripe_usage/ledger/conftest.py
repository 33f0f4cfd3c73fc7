"""Ledgers in a file, and in a Postgres."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres import Postgres, running
from tests.stripe_usage.running import Usage

from .logs import Logs


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running() as found:
        yield found


@pytest.fixture
def logs(usage: Usage, request: pytest.FixtureRequest) -> Logs:
    """With its ledger in a file, or where the test says so in Postgres."""
    if getattr(request, "param", "file") == "file":
        return Logs(usage)
    return Logs(usage, ledger=request.getfixturevalue("postgres").database())
