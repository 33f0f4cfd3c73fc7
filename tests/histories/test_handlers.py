"""Random histories at the handlers, over HTTP, under a small engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.histories.history import Step, figures, histories, tell
from tests.histories.seeds import seeds, told
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.handler_stack import HandlerStack


@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", seeds(20, 110, 5000))
def test_histories(seed: int, shared_server: LocalStripe, record_property: Callable[[str, object], None]) -> None:
    def tell_once(history: list[Step]) -> None:
        shared_server.reset()
        tell(history, HandlerStack(shared_server), shared_server)
        for name, number in figures(history):
            record_property(f"counted: {name}", number)

    told(seed, histories(9), tell_once, "tests/histories/test_handlers.py")
