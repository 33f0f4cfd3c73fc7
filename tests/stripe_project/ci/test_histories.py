"""Random histories of pull requests, merges and nights: each comment and each issue says what a fresh look would say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.histories.seeds import ASKED, seeds
from tests.stripe_project.ci.conftest import GitHub
from tests.stripe_project.ci.histories import World, history


@(pytest.mark.smoke if ASKED else pytest.mark.thorough)
@pytest.mark.parametrize("seed", seeds(10, 10, 100))
def test_histories(seed: int, tmp_path: Path, github: GitHub, record_property: Callable[[str, object], None]) -> None:
    world = World(github, tmp_path)
    try:
        world.tell(history(seed))
    except AssertionError as e:
        e.add_note(f"To tell it again: make histories SEEDS={seed} ARGS=tests/stripe_project/ci/test_histories.py")
        raise
    for name, number in world.told.items():
        record_property(f"counted: CI, {name}", number)
