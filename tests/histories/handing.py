"""`stripe-resources take-over`: the objects of a state are its own, whatever other states found again."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from stripe_client.client import Client
from stripe_client.settings import Settings
from stripe_resources.orphans.state import Held
from stripe_resources.takeover.marking import hand_over, taken
from tests.histories.accidents import Died
from tests.stripe_local.server import LocalStripe


def take_over(server: LocalStripe, held: Sequence[Held]) -> None:
    """It dies half-way, of an answer that never comes, and is run again."""

    def sleep(_: float) -> None:
        raise Died

    settings = Settings("sk_test_local", server.url, False, requests_per_second=10_000)
    client = Client(settings, sleep)
    entries = taken(client, held)
    server.fault(match={"method": "POST", "nth": len(entries) // 2 + 1}, lose_connection="after_work")
    with contextlib.suppress(Died):
        hand_over(client, entries)
    server.clear_faults()
    again = Client(settings)
    assert hand_over(again, taken(again, held)) == []
