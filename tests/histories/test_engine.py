"""Random histories on the engines, which are killed with `kill -9`, as is the provider host."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.crash.rig import ONE_CHECKPOINT, Rig
from tests.e2e.project import CLI_ABSENT, ENGINES
from tests.forks import Forks
from tests.histories.engines import EngineStack
from tests.histories.history import Step, Up, figures, histories, tell
from tests.histories.seeds import ASKED, seeds, told
from tests.stripe_local.server import LocalStripe

SEEDS = {"local": (2, 20, 2000), "cli": (1, 3, 200), ONE_CHECKPOINT: (1, 3, 200)}
"""How many run on each engine: in a short, a thorough and a whole run."""
absent = pytest.mark.skipif(ENGINES["cli"] is None, reason=CLI_ABSENT)


def told_on() -> list[object]:
    """Pairs of an engine and a seed. The seeds that are asked for are told on the engine ENGINE, by default the local one."""
    only = os.environ.get("ENGINE", "local" if ASKED else "")
    return [
        pytest.param(engine, seed, id=f"{engine}-{seed}", marks=() if engine == "local" else absent)
        for engine, numbers in SEEDS.items()
        if only in ("", engine)
        for seed in seeds(*numbers)
    ]


@(pytest.mark.smoke if ASKED else pytest.mark.thorough)
@pytest.mark.timeout(0)
@pytest.mark.parametrize(("engine", "seed"), told_on())
def test_histories_on_the_engine(
    engine: str,
    seed: int,
    tmp_path_factory: pytest.TempPathFactory,
    shared_server: LocalStripe,
    forks: Forks | None,
    record_property: Callable[[str, object], None],
) -> None:
    def tell_once(history: list[Step]) -> None:
        if history == [Up()]:  # each seed begins with it
            return
        shared_server.reset()
        rig = Rig(engine, tmp_path_factory.mktemp("stack"), shared_server.url, forks=forks)
        tell(history, EngineStack(rig, shared_server), shared_server)
        for name, number in figures(history):
            record_property(f"counted: {name}", number)

    told(seed, histories(4), tell_once, "tests/histories/test_engine.py", engine, shrinks=False)
