"""Random histories on the local engine, which is killed with `kill -9`, as is the provider host."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.crash.rig import Rig
from tests.histories.history import Step, figures, histories, tell
from tests.histories.local_engine import EngineStack
from tests.histories.seeds import ASKED, seeds, told
from tests.stripe_local.server import LocalStripe


@(pytest.mark.smoke if ASKED else pytest.mark.thorough)
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", seeds(2, 2, 400))
def test_histories_on_the_engine(
    seed: int,
    tmp_path_factory: pytest.TempPathFactory,
    shared_server: LocalStripe,
    record_property: Callable[[str, object], None],
) -> None:
    def tell_once(history: list[Step]) -> None:
        shared_server.reset()
        rig = Rig("local", tmp_path_factory.mktemp("stack"), shared_server.url)
        tell(history, EngineStack(rig, shared_server), shared_server)
        for name, number in figures(history):
            record_property(f"counted: {name}", number)

    told(seed, histories(4), tell_once, "tests/histories/test_engine.py", shrinks=False)
