from __future__ import annotations

import pathlib

import pytest

from tests.pulumi_local.engine.lab import Lab


@pytest.fixture
def lab(tmp_path: pathlib.Path) -> Lab:
    return Lab(tmp_path)
