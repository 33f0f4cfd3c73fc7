"""The guide's run-time steps on the catalogue that `up` deployed: an application needs nothing but the stack's outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.project import Project
from tests.guide.steps import EVENT_NAME, Running
from tests.stripe_local.server import LocalStripe


@pytest.fixture
def outputs(server: LocalStripe, tmp_path: Path) -> dict[str, str]:
    """The outputs of the dev stack, brought up by the local engine."""
    project = Project("local", tmp_path, server.url)
    project.run("up", "--yes", "--stack", "dev", check=True)
    return project.outputs()


@pytest.mark.thorough
def test_usage_is_metered_previewed_and_summed_up(server: LocalStripe, outputs: dict[str, str]) -> None:
    client = server.client()
    assert outputs["event_name"] == EVENT_NAME
    (price,) = client.v1.prices.list({"lookup_keys": [outputs["price_lookup_key"]], "active": True}).data
    assert (price.id, price.product, price.unit_amount) == (outputs["price_id"], outputs["product_id"], 4)

    running = Running(client, outputs["meter_id"], outputs["customer_id"], outputs["subscription_id"])
    now = server.clock()
    window = now - now % 60, now - now % 60 + 3600
    billed = [running.preview().amount_due]
    for tokens in (25, 2975, 25):
        running.report(tokens)
        billed.append(running.preview().amount_due)
    assert billed == [0, 4, 120, 124]
    assert running.used(*window) == 3025
    (line,) = running.preview().lines.data
    assert line.pricing is not None
    assert line.pricing.price_details is not None
    assert line.pricing.price_details.price == price.id
