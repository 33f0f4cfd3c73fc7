"""docs/ledger.md: its commands run, and what it says of options, states and the file is so."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from stripe_usage.events.values import time_text
from stripe_usage.ledger.revisions import Kind, State
from tests.docs.checkout import ROOT, blocks
from tests.stripe_usage.conftest import usage as usage
from tests.stripe_usage.ledger.logs import HOUR, Logs
from tests.stripe_usage.running import Usage
from tests.stripe_usage.test_reconcile import price, subscribe
from tests.surface.collecting import flat, surface

PAGE = (ROOT / "docs" / "ledger.md").read_text()


@pytest.mark.thorough
def test_the_commands(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    subscribe(usage, customer, price(usage))
    usage.server.clock(advance=4 * HOUR)
    logs = Logs(usage)
    month = time_text(logs.used(customer, 42, 2 * HOUR))[:7]
    (usage.folder / logs.file).rename(usage.folder / "usage.yaml")
    (script,) = blocks("docs/ledger.md", "sh")
    # The stack is what the environment says.
    script = script.replace("python -m stripe_usage", f"{sys.executable} -m stripe_usage")
    script = script.replace("$(date -u +%Y-%m)", month)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CUSTOMER": customer}
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script.replace(" --stack dev", "")],
        cwd=usage.folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 event would be sent for 1 customer, +42 units" in done.stdout
    assert "0 events sent for 0 customers" in done.stdout
    assert "revision 1: usage 42, accepted" in done.stdout
    assert (usage.folder / "billed.ndjson").read_text().count("\n") == 1
    with closing(sqlite3.connect(usage.folder / ".local" / "usage" / "ledger.db")) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {row[1] for name in tables for row in db.execute(f"PRAGMA table_info({name})")}
    described = set(re.findall(r"`(\w+)`", PAGE.partition("## The file")[2]))
    assert set(tables) <= described
    assert columns - described <= {"id", "number", "feed", "window", "month", "at", "event_name", "revision"}


def test_the_options_and_states_that_it_names_exist() -> None:
    known = {name.rpartition(" ")[2] for name in flat(surface()) if " --" in name}
    assert set(re.findall(r"(?<=[`| ])--[a-z][\w-]*", PAGE)) <= known
    assert all(f"| `{state}` |" in PAGE for state in State)
    assert all(f"`{kind}`" in PAGE for kind in Kind)
