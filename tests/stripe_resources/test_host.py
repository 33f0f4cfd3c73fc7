"""The provider host serves more than four calls at a time, without anybody having asked for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stripe_resources import host
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.host_process import ProviderHost, Values

ROOT = Path(__file__).parents[2]
AT_ONCE = 24


@pytest.fixture(scope="module")
def slow_server() -> Iterator[LocalStripe]:
    """Answers after half a second, as a distant one might."""
    with LocalStripe(latency=500) as server:
        yield server


def product(i: int) -> Values:
    return {"name": f"Product {i}", "__owner": f"p/dev/Product/p{i}"}


def config(server: LocalStripe, rate: str = "1000") -> dict[str, str]:
    return {"stripe:apiBase": server.url, "stripe:requestsPerSecond": rate}


def made_at_once(provider_host: ProviderHost, server: LocalStripe) -> int:
    """How many of the requests of as many creates were under way at the same time."""
    server.clear_stats()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = list(pool.map(lambda i: provider_host.create("Product", product(i)), range(AT_ONCE)))
    assert len({id_ for id_, _ in made}) == AT_ONCE
    most: int = server.stats()["most_in_flight"]
    return most


@pytest.mark.parametrize("first", [True, False], ids=["after a check, as in an up", "without any call before, as in a refresh"])
def test_what_the_engine_asks_for_at_once_is_done_at_once(first: bool, slow_server: LocalStripe) -> None:
    slow_server.reset()
    with ProviderHost(config(slow_server)) as provider_host:
        if first:
            provider_host.check("Product", product(0))
        assert made_at_once(provider_host, slow_server) > AT_ONCE / 2


OTHER_POOL = """
import concurrent.futures, runpy
class Pool(concurrent.futures.ThreadPoolExecutor):
    # a pool whose number of threads is called otherwise
    def __init__(self, max_workers):
        super().__init__(max_workers)
        del self._max_workers
        self.most = max_workers
    def _adjust_thread_count(self):
        self._max_workers = self.most
        super()._adjust_thread_count()
        del self._max_workers
concurrent.futures.ThreadPoolExecutor = Pool
runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)
"""


def test_a_host_that_is_made_otherwise_works_as_it_did(slow_server: LocalStripe) -> None:
    slow_server.reset()
    with ProviderHost(config(slow_server), OTHER_POOL) as provider_host:
        assert made_at_once(provider_host, slow_server) <= 4


def test_nothing_happens_where_no_pool_runs_the_call() -> None:
    assert host.widen() is False
    assert host.is_provider_host() is False


def test_only_the_pool_that_runs_the_call_is_widened_and_never_narrowed() -> None:
    with ThreadPoolExecutor(2) as small, ThreadPoolExecutor(100) as large, ThreadPoolExecutor(3) as other:
        assert small.submit(host.widen).result() is True
        assert large.submit(host.widen).result() is True
        assert (small._max_workers, large._max_workers, other._max_workers) == (host.THREADS, 100, 3)


def test_the_program_keeps_its_threads() -> None:
    code = (
        "from pulumi.dynamic import Config, ConfigureRequest; from stripe_resources.provider import load; "
        "from concurrent.futures import ThreadPoolExecutor; pool = ThreadPoolExecutor(4); "
        "pool.submit(load('stripe:Meter').configure, ConfigureRequest(Config({}, 'p'))).result(); print(pool._max_workers)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "4\n"


def test_what_transforms_ignore_reaches_the_provider_in_the_request_of_the_engine(server: LocalStripe) -> None:
    """The inputs lack it: an engine runs transforms after the resource has made them."""
    inputs = {"name": "John Doe", "email": "a@example.com", "__owner": "p/dev/Customer/c"}
    with ProviderHost(config(server)) as provider_host:
        id_, outputs = provider_host.create("Customer", inputs)
        changed = {**inputs, "email": "b@example.com"}
        assert provider_host.diff("Customer", id_, outputs, changed)
        assert not provider_host.diff("Customer", id_, outputs, changed, ["email"])
        server.client().v1.customers.update(id_, {"email": "theirs@example.com"})
        provider_host.update("Customer", id_, outputs, {**changed, "name": "Jane Doe"}, ["email"])
        live = server.client().v1.customers.retrieve(id_)
        assert (live.name, live.email) == ("Jane Doe", "theirs@example.com")
