"""Whose checkpoint it is, which event a repeated command means, and what became of a row that was corrected."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from .running import Ran, Usage

HOUR = 3600


def sent(usage: Usage) -> int:
    return sum(r["path"] == "/v1/billing/meter_events" for r in usage.server.requests())


def change(usage: Usage, statement: str) -> None:
    with closing(sqlite3.connect(usage.checkpoint)) as db, db:
        db.execute(statement)


# The checkpoint


def test_the_same_file_counts_once_from_whatever_folder(usage: Usage, monkeypatch: pytest.MonkeyPatch) -> None:
    (customer,) = usage.customers(1)
    name = usage.file([usage.row(customer, 5), usage.row(customer, 7)])
    assert usage.record(name).code == 0
    usage.server.clock(advance=25 * HOUR)  # Stripe does not recognise identifiers any more
    elsewhere = usage.folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    ran = usage.record(f"../{name}")
    assert (ran.code, "0 sent, 2 counted before" in ran.out) == (0, True), ran
    assert usage.used(customer) == 12


def test_what_is_no_checkpoint_of_the_meter_is_refused_before_anything_is_sent(usage: Usage) -> None:
    def database(path: Path, *statements: str) -> None:
        with closing(sqlite3.connect(path)) as db, db:
            for statement in statements:
                db.execute(statement)

    about = "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL)"
    wrong: dict[str, tuple[Callable[[Path], object], str]] = {
        "empty": (Path.touch, "is empty: what was sent before is not in it"),
        "emptied": (lambda path: database(path, about, "DROP TABLE about"), "is empty: what was sent before is not in it"),
        "another program's": (lambda path: database(path, "CREATE TABLE users (id TEXT)"), "is not a checkpoint of format 2"),
        "newer": (lambda path: database(path, about, "PRAGMA user_version = 99"), "(its format is 99); give another"),
        "unnamed": (lambda path: database(path, about, "PRAGMA user_version = 2"), "is the checkpoint of meter None"),
        "foreign": (
            lambda path: database(path, about, "INSERT INTO about VALUES ('meter', 'mtr_x')", "PRAGMA user_version = 2"),
            "is the checkpoint of meter mtr_x, not of mtr_",
        ),
        "text": (lambda path: path.write_text("no database " * 100), "file is not a database; give another --checkpoint"),
        "folder": (Path.mkdir, "give another --checkpoint"),
    }
    (customer,) = usage.customers(1)
    name = usage.file([usage.row(customer, 5)])
    for what, (make, said) in wrong.items():
        path = usage.folder / f"{what}.db"
        make(path)
        for command in (("record", name), ("record", name, "--dry-run"), ("reconcile",), ("cancel", "x")):
            ran = usage.run(*command, "--event-name", "tokens", "--checkpoint", str(path))
            remedy = "give another --checkpoint" if (what, command[0]) == ("folder", "reconcile") else said
            assert (ran.code, remedy in ran.err, ran.err.count("\n")) == (1, True, 1), (what, command, ran)
    assert sent(usage) == 0


def test_one_of_an_earlier_version_in_the_working_folder_is_named(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    assert usage.record("--customer", customer, "--value", "1").code == 0
    before = Path(".local", "usage", usage.checkpoint.name)
    before.parent.mkdir(parents=True)
    usage.checkpoint.rename(before)
    ran = usage.record("--customer", customer, "--value", "1")
    said = f"{before} is the checkpoint of an earlier version: move it to {usage.checkpoint}, or give it as --checkpoint"
    assert (ran.code, ran.err) == (1, f"error: {said}\n")
    assert usage.record("--customer", customer, "--value", "1", "--checkpoint", str(before)).code == 0


def test_one_that_is_in_use_is_so_by_any_name(usage: Usage) -> None:
    from stripe_usage.checkpoint import opened

    (customer,) = usage.customers(1)
    other = usage.folder / "other.db"
    with opened(usage.checkpoint, usage.meter.id, "tokens", now=usage.now):
        other.symlink_to(usage.checkpoint)
        ran = usage.record("--customer", customer, "--value", "1", "--checkpoint", "other.db")
    assert (ran.code, f"{usage.checkpoint} is in use" in ran.err) == (1, True), ran


def test_what_is_written_is_for_its_owner_alone(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    before = os.umask(0)
    try:
        assert usage.record(usage.file([usage.row(customer, 1), usage.row(customer, "x")])).code == 3
    finally:
        os.umask(before)
    written = [*usage.checkpoint.parent.iterdir(), usage.folder / "events.ndjson.rejects.ndjson"]
    assert {path.name: path.stat().st_mode & 0o777 for path in written} == dict.fromkeys((path.name for path in written), 0o600)
    assert usage.checkpoint.parent.stat().st_mode & 0o777 == 0o700


# A single event


def test_a_command_that_is_repeated_after_a_lost_answer_means_the_same_event(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    command = ("--customer", customer, "--value", "25")
    identifier = usage.record(*command).out.split()[-1]
    change(usage, "UPDATE events SET state = 'sending'")  # as a kill leaves it that comes before the answer
    usage.server.clock(advance=HOUR)
    repeated = usage.record(*command)
    assert (repeated.code, repeated.out.split()[-1]) == (0, identifier)
    assert usage.used(customer) == 25
    assert usage.record(*command).out.split()[-1] != identifier, "once it is answered, one more is one more"
    assert usage.used(customer) == 50
    change(usage, "UPDATE events SET state = 'sending', sent_at = sent_at - 90000")
    late = usage.record(*command)
    assert (late.code, "it may have been counted" in late.err) == (1, True)
    assert late.err.endswith("another event needs an --identifier of its own\n")
    assert usage.record(*command, "--identifier", "another").code == 0
    assert usage.record(*command, "--timestamp", str(usage.now - 500)).code == 0, "of another time"
    assert usage.used(customer) == 100


def test_where_the_answer_is_lost_the_identifier_is_said(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    command = ("--customer", customer, "--value", "25")
    usage.server.fault(match={"path": "/v1/billing/meter_events"}, times=1, lose_connection="after_work")
    usage.server.fault(match={"path": "/v1/billing/meter_events"}, status=503, headers={"Stripe-Should-Retry": "false"})
    lost = usage.record(*command)
    assert (lost.code, usage.used(customer)) == (1, 25)
    said, _, _ = lost.err.partition(" sends it again, and it is counted once")
    identifier = said.split()[-1]
    usage.server.clear_faults()
    for more in (("--identifier", identifier), ()):
        assert usage.record(*command, *more).code == 0
    assert usage.used(customer) == 50, "the one that was lost, by its identifier, and then a new one"


def test_an_event_that_stripe_did_not_take_is_not_repeated(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    body = {"error": {"type": "invalid_request_error", "message": "Expired API Key provided"}}
    usage.server.fault(match={"path": "/v1/billing/meter_events"}, times=1, status=401, body=body)
    refused = usage.record("--customer", customer, "--value", "25")
    assert (refused.code, "usage-" in refused.err) == (1, False)
    usage.server.clock(advance=48 * HOUR)
    assert usage.record("--customer", customer, "--value", "25").code == 0
    assert usage.used(customer) == 25


# Rows that are corrected


def corrected(ran: Ran) -> list[str]:
    _, found, listed = ran.out.partition(" corrected after they were sent, and both count")
    assert ran.code == (3 if found else 0), ran
    return [line.strip() for line in listed.splitlines()[1:]]


def test_a_row_that_was_corrected_after_it_was_sent_is_reported_once(usage: Usage) -> None:
    a, b = usage.customers(2)

    def rows(*changed: tuple[int, dict[str, Any]]) -> list[dict[str, Any]]:
        found = [usage.row(a, n + 1, ago=1000 - n) for n in range(6)] + [usage.row(b, 9, ago=50)] * 3
        for place, change in changed:
            found[place] = {**found[place], **change}
        return found

    name = usage.file(rows())
    assert corrected(usage.record(name)) == []
    usage.file(rows((1, {"value": 20}), (2, {"customer": b}), (3, {"timestamp": usage.now - 500}), (7, {"value": 8})))
    value, customer, time, copy = corrected(usage.record(name))
    assert value.startswith(f"line 2: 2 for {a} at ")
    assert f"is now 20 for {a} at " in value
    assert f"is now 3 for {b} at " in customer
    assert time.startswith(f"line 4: 4 for {a} at ")
    assert f"is now 8 for {b} at " in copy
    assert corrected(usage.record(name)) == []
    identifier = value.partition(", is now")[0].split()[-1]
    assert usage.run("cancel", "--event-name", "tokens", identifier).code == 0
    assert usage.used(a) == 1 + 20 + 3 + 4 + 4 + 5 + 6, "what was not canceled counts twice"


def test_rows_that_are_added_moved_or_gone_are_no_corrections(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    day = [usage.row(customer, n % 3, ago=1000 - n // 2) for n in range(40)]
    assert corrected(usage.record(usage.file(day[:20]))) == []
    assert corrected(usage.record(usage.file(day[:30]))) == []  # more at the end
    assert corrected(usage.record(usage.file(list(reversed(day[:30]))))) == []
    assert corrected(usage.record(usage.file(day[10:]))) == []  # a window that moves on
    assert corrected(usage.record(usage.file(day, "other.ndjson"))) == []
    assert usage.used(customer) == sum(n % 3 for n in range(40))
