"""A proxy answers the commands of the ledger in Stripe's place, in every way there is a name for: what is due counts once."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.conftest import COUNTED
from tests.stripe_usage.running import Usage
from tests.stripe_usage.test_wrong_answers import spoiled, without_times
from tests.stripe_usage.wrong_answers import ENDING, WAYS, between

from .logs import HOUR, Logs

EACH = [*WAYS, *ENDING]


@pytest.mark.thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("how", [(), ("--stream",)], ids=["one by one", "stream"])
def test_what_is_due_counts_once_whatever_is_answered(
    how: tuple[str, ...],
    usage: Usage,
    logs: Logs,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    """Each way meets an hour of its own. What has no known answer is settled by the summaries, once they are complete."""
    (customer,) = usage.customers(1)
    wrong = 0
    with between(usage.server.url, []) as proxy:
        monkeypatch.setenv("STRIPE_API_BASE", proxy.url)
        proxy.all = True
        for n, way in enumerate(EACH):
            logs.used(customer, n + 1, (3 + n) * HOUR)
            spoiled(usage, proxy, way, logs.options("--send", *how))
            wrong += sum(proxy.drawn.values())
            proxy.settle()
            assert logs.counted().items() <= logs.is_due().items(), way
        proxy.begin([])
        logs.aggregate("--send", *how)
        usage.server.clock(advance=2 * HOUR)
        assert logs.aggregate("--send", *how).code == 0
    assert logs.counted() == logs.is_due()
    record_property(f"{COUNTED}wrong answers to a command for usage", wrong)


@pytest.mark.thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("command", ["aggregate", "explain", "close"])
def test_what_is_shown_is_right_or_nothing_is_shown(
    command: str,
    usage: Usage,
    logs: Logs,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    (customer,) = usage.customers(1)
    logs.used(customer, 7, 3 * HOUR)
    assert logs.send()["code"] == 0
    logs.used(customer, 1, 2 * HOUR)
    start = usage.server.clock() - 3 * HOUR
    month = time.strftime("%Y-%m", time.gmtime(start))
    before = time.strftime("%Y-%m", time.gmtime(start - 32 * 24 * HOUR))
    arguments = {
        "aggregate": logs.options(),
        "explain": ("ledger", "explain", customer, "--month", month),
        "close": ("ledger", "close", before, "--source", logs.name),
    }[command]
    right, wrong = without_times(usage.run(*arguments)), 0
    with between(usage.server.url, []) as proxy:
        monkeypatch.setenv("STRIPE_API_BASE", proxy.url)
        proxy.all = True
        for way in EACH:
            done = spoiled(usage, proxy, way, arguments)
            wrong += sum(proxy.drawn.values())
            assert done.code == 1 or without_times(done) == right, (way, done)
    record_property(f"{COUNTED}wrong answers to a command for usage", wrong)
