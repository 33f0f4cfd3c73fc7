from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.pulumi_local.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A project without stacks."""
    return Shop(tmp_path)


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A project with a stack "dev", to be copied: deriving a key takes a good part of a second."""
    made = Shop(tmp_path_factory.mktemp("initialised"))
    made.ok("stack", "init", "dev")
    return made


@pytest.fixture
def dev(initialised: Shop, tmp_path: Path) -> Shop:
    """A project whose stack is "dev"."""
    shutil.copytree(initialised.backend, tmp_path / "state")
    made = Shop(tmp_path)
    shutil.copy(initialised.folder / "Pulumi.dev.yaml", made.folder)
    made.env["PULUMI_STACK"] = "dev"
    return made
