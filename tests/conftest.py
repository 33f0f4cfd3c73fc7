"""What all suites share: one local Stripe per test process."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.forks import NO_FORKS, Forks
from tests.package.venv import build
from tests.sampling import LEFT_OUT, SHARD, THOROUGH, in_shard
from tests.skips import grouped, reasons
from tests.stripe_local.server import LocalStripe

# How fast an example is made or run depends on the machine, which is no concern of a test.
hypothesis.settings.register_profile("any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("any machine")

# Commands that a test starts inherit what is ignored here, such as by `nohup` or by a shell without job control.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built."""
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def shared_server() -> Iterator[LocalStripe]:
    """A running local Stripe with whatever the last test left in it; suites hand it on emptied, as `server`."""
    with LocalStripe() as server:
        yield server


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks | None]:
    """None with PLAIN=1, or where there are none: then each process imports what it needs, as it does for users."""
    if NO_FORKS or os.environ.get("PLAIN") == "1":
        yield None
        return
    with Forks() as forks:
        yield forks


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out other shards' tests; skips what takes long and is, in its essentials, also shown by a test that runs."""
    if SHARD:
        others = [item for item in items if not in_shard(item.nodeid, SHARD)]
        config.hook.pytest_deselected(items=others)
        left_out = set(others)
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        if not THOROUGH and item.get_closest_marker("thorough") and not item.get_closest_marker("smoke"):
            item.add_marker(pytest.mark.skip(reason=LEFT_OUT))


COUNTED = "counted: "
"""Properties of tests that begin with this are summed up, and told at the end of the run."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many crashes and histories there were, and why tests were skipped."""
    counts: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport) and report.when == "call":
                for name, value in report.user_properties:
                    if name.startswith(COUNTED):
                        counts[name.removeprefix(COUNTED)] += int(str(value))
    for name, count in sorted(counts.items()):
        terminalreporter.write_line(f"{count} {name} ran")
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} skipped:")
        for line in grouped(reasons(skipped)):
            terminalreporter.write_line(line)
