"""The machine's clock jumps, as after a sleep, or a correction over the network: no day is billed twice, and none is lost."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stripe_local.wire.errors import NOT_SUPPORTED
from tests.stripe_local.calls import ALWAYS_REFUSED, CALLS, Account
from tests.stripe_local.guide import make_guide
from tests.stripe_local.receiver import Receiver
from tests.stripe_local.server import LocalStripe

DAY = 86400

# What the process takes for the machine's clock; nothing of the server's own is another.
CLOCK = """
import pathlib, time
real, jumped = time.time, pathlib.Path(__file__).with_name("jumped")
time.time = lambda: real() + float(jumped.read_text())
"""


class Machine:
    """A local Stripe on a machine whose clock can be put to another time."""

    def __init__(self, folder: Path, server: LocalStripe) -> None:
        self.server = server
        self._file = folder / "jumped"

    def jump(self, days: float) -> None:
        """Puts the clock this far from the real time."""
        other = self._file.with_name("next")
        other.write_text(str(days * DAY))
        other.replace(self._file)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    folder = tmp_path / "clock"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(CLOCK)
    (folder / "jumped").write_text("0")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    with LocalStripe(tmp_path / "stripe.db") as server:
        yield Machine(folder, server)


def invoices(server: LocalStripe) -> list[tuple[str, int]]:
    return [(found.id, found.total) for found in server.client().v1.invoices.list({"limit": 100}).data]


def test_nothing_is_billed_twice_or_lost(machine: Machine) -> None:
    server = machine.server
    guide = make_guide(server.client())
    guide.use(3000)
    machine.jump(40)
    billed = invoices(server)
    assert sorted(total for _, total in billed)[-1] == 120
    for days in (-400, 0, 39, 40):
        machine.jump(days)
        assert invoices(server) == billed
        if days in (-400, 40):
            server.kill()
            server.start()
            assert invoices(server) == billed
    machine.jump(75)
    assert len(invoices(server)) == len(billed) + 1
    assert invoices(server)[1:] == billed


def test_a_saved_answer_is_repeated_whatever_the_time(machine: Machine) -> None:
    def create(name: str) -> Any:
        return machine.server.http("POST", "/v1/products", data={"name": name}, headers={"Idempotency-Key": "key"})

    first = create("a").json()
    for days in (-1000, 0.5, -0.5):
        machine.jump(days)
        again = create("a")
        assert (again.json(), again.headers["idempotent-replayed"]) == (first, "true")


@pytest.mark.thorough
def test_events_are_delivered_while_it_jumps(machine: Machine) -> None:
    client = machine.server.client()
    with closing(Receiver()) as receiver:
        client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["billing.alert.triggered"]})
        guide = make_guide(client)
        threshold: Any = {"gte": 1, "meter": guide.meter.id, "recurrence": "one_time"}
        alert: Any = {"alert_type": "usage_threshold", "usage_threshold": threshold}
        for days in (300, -300, 0):
            machine.jump(days)
            name = f"after {days} days"
            client.v1.billing.alerts.create({**alert, "title": name})
            guide.use(1)
            told = json.loads(receiver.deliveries.get(timeout=30)[0])
            assert told["data"]["object"]["alert"]["title"] == name
            assert told["created"] == pytest.approx(time.time() + days * DAY, abs=60)


@pytest.mark.thorough
@pytest.mark.parametrize("days", [-10_000, -40, 40, 10_000])
def test_every_operation_goes_on(machine: Machine, days: int) -> None:
    account = Account(machine.server)
    subscription = account.new_subscription()
    machine.jump(days)
    failed = {}
    for place, make in CALLS.items():
        answer = account.send(place.split()[0], make(account))
        if answer.status_code != 200 and place not in ALWAYS_REFUSED and answer.json()["error"].get("code") != NOT_SUPPORTED:
            failed[place] = answer.json()["error"]["message"]
    assert failed == {}
    assert account.look(f"subscriptions/{subscription['id']}")["id"] == subscription["id"]
    assert machine.server.stats()["statuses"]["5xx"] == 0
    json.loads(machine.server.http("GET", "/_local/overview").text)
