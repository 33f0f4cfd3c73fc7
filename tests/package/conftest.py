"""The wheel, built once."""

from pathlib import Path

import pytest

from tests.package.venv import build


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("dist"))
