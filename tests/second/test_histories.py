"""Bills of random histories: the local Stripe over HTTP against a second calculation, written from Stripe's pages alone."""

from __future__ import annotations

import pytest

from tests.histories.seeds import seeds, told
from tests.second.histories import HISTORIES, THERE_AND_BACK, tell, tell_in_both_modes, tell_in_parts, tell_there_and_back
from tests.stripe_local.server import LocalStripe

HERE = "tests/second/test_histories.py"


@pytest.mark.parametrize("seed", seeds(10, 200, 2_000))
def test_invoices_are_those_of_the_second_calculation(seed: int, shared_server: LocalStripe) -> None:
    told(seed, HISTORIES, lambda history: tell(shared_server, history), HERE)


@pytest.mark.parametrize("seed", seeds(3, 30, 200))
def test_a_change_there_and_back_within_a_second_charges_nothing(seed: int, shared_server: LocalStripe) -> None:
    told(seed, THERE_AND_BACK, lambda history: tell_there_and_back(shared_server, history), HERE)


@pytest.mark.parametrize("seed", seeds(2, 20, 200))
def test_without_prorations_a_period_costs_the_same_however_it_is_parted(seed: int, shared_server: LocalStripe) -> None:
    told(seed, HISTORIES, lambda history: tell_in_parts(shared_server, history), HERE)


@pytest.mark.parametrize("seed", seeds(2, 20, 200))
def test_the_billing_modes_differ_only_where_the_page_says(seed: int, shared_server: LocalStripe) -> None:
    told(seed, HISTORIES, lambda history: tell_in_both_modes(shared_server, history), HERE)
