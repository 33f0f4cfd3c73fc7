"""Bills of random histories: the local Stripe over HTTP against a second calculation, written from Stripe's pages alone."""

from __future__ import annotations

import pytest

from tests.histories.seeds import seeds, told
from tests.second.histories import HISTORIES, tell
from tests.stripe_local.server import LocalStripe


@pytest.mark.parametrize("seed", seeds(10, 1_000, 2_000))
def test_invoices_are_those_of_the_second_calculation(seed: int, shared_server: LocalStripe) -> None:
    told(seed, HISTORIES, lambda history: tell(shared_server, history), "tests/second/test_histories.py")
