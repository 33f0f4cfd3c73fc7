"""Many resources at Stripe's rate limit, and through a storm of faults: nothing fails, and nothing is there twice.

By default with a few resources and a high limit, which takes seconds. `CREATES=1000` makes a thousand at the 25 requests a second
of Stripe's test mode (some minutes); what rate is reached is for `make bench` to tell.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.project import ENGINES, Project, Run, run_of
from tests.stripe_local.server import LocalStripe

FULL = "CREATES" in os.environ
COUNT = int(os.environ.get("CREATES", "60"))
RATE = 25 if FULL else 100
SECONDS = 1800

PROGRAM = f"""
from stripe_resources import Price, Product

product = Product("product", name="Hypernian")
for i in range({COUNT}):
    Price(f"price-{{i}}", product=product.id, currency="usd", unit_amount=4, recurring={{"interval": "month"}})
"""

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(2 * SECONDS)]


@pytest.fixture
def limited_server() -> Iterator[LocalStripe]:
    with LocalStripe(rate_limit=RATE) as server:
        yield server


@pytest.fixture
def many(engine: str, tmp_path: Path, limited_server: LocalStripe) -> Project:
    """A stack of many prices, which has not been deployed yet."""
    project = Project(engine, tmp_path, limited_server.url)
    project.program(PROGRAM)
    project.config("stripe:requestsPerSecond", str(RATE))
    return project


def up(project: Project) -> Run:
    command = ENGINES[project.engine]
    assert command is not None
    done = subprocess.run(
        [*command, "up", "--yes", "--skip-preview", "--stack", project.stack, "--json", "--color", "never"],
        cwd=project.folder,
        env=project.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
    )
    return run_of(done.returncode, done.stdout)


def live(server: LocalStripe) -> tuple[int, int]:
    """How many products and prices there are, in use or not."""
    client = server.client(max_network_retries=5)
    products, prices = client.v1.products.list({"limit": 100}), client.v1.prices.list({"limit": 100})
    return sum(1 for _ in products.auto_paging_iter()), sum(1 for _ in prices.auto_paging_iter())


def test_many_creates_keep_to_the_limit_and_none_fails(many: Project, limited_server: LocalStripe) -> None:
    limited_server.clear_stats()
    done = up(many)
    stats = limited_server.stats()
    assert done.code == 0, done.text
    assert (stats["rate_limited"], stats["statuses"]["4xx"], stats["statuses"]["5xx"]) == (0, 0, 0)
    assert len([r for r in limited_server.requests() if r["method"] == "POST"]) == COUNT + 1
    assert live(limited_server) == (1, COUNT)


def test_through_a_storm_there_is_everything_once(many: Project, limited_server: LocalStripe) -> None:
    for seed, (probability, fault) in enumerate(
        ((0.2, {"status": 429}), (0.05, {"status": 500}), (0.05, {"lose_connection": "after_work"}))
    ):
        limited_server.fault(probability=probability, seed=seed, **fault)
    done = up(many)
    struck = [f["fired"] for f in limited_server.faults()]
    limited_server.clear_faults()
    assert done.code == 0, done.text
    assert min(struck) > 0, f"it was no storm: {struck}"
    assert live(limited_server) == (1, COUNT)
    limited_server.forget_requests()
    again = up(many)
    assert (again.code, again.steps, limited_server.requests()) == (0, [], [])
