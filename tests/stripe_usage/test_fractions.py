"""Rows of one second that differ in its fraction: each is an event, and none is counted twice, whatever imported it before."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing

from .running import Usage

FLAG = "--never-imported"


def at(usage: Usage, part: str, ago: int = 3600) -> str:
    second = dt.datetime.fromtimestamp(usage.now - ago, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{second}{part}Z"


def file(usage: Usage, name: str, customer: str, *parts: str, ago: int = 3600) -> str:
    return usage.file([{"customer": customer, "value": 10, "timestamp": at(usage, part, ago)} for part in parts], name)


def as_an_older_version_left_it(usage: Usage) -> None:
    """Format 1: what was imported without fractions has the identifiers that it had with them then."""
    with closing(sqlite3.connect(usage.checkpoint)) as db, db:
        db.execute("DELETE FROM about WHERE name LIKE 'fractions%'")
        db.execute("PRAGMA user_version = 1")


def test_two_hosts_rows_of_one_second_both_count(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    for host, parts in (("host1.ndjson", [".125"]), ("host2.ndjson", [".875", ".875", ".8750"])):
        name = file(usage, host, customer, *parts)
        assert usage.record(name, FLAG).code == 0
        again = usage.record(name)
        assert (again.code, f"0 sent, {len(parts)} counted before" in again.out) == (0, True), again.out
    assert usage.used(customer) == 40, "and equal rows of one file too"


def test_whole_seconds_keep_their_identifiers_and_are_other_events(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    assert usage.record(file(usage, "whole.ndjson", customer, "", ".000")).code == 0
    as_an_older_version_left_it(usage)
    assert "0 sent, 2 counted before" in usage.record("whole.ndjson").out
    assert usage.used(customer) == 20


def test_without_a_checkpoint_what_may_have_been_imported_is_named_and_not_sent(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    name = file(usage, "old.ndjson", customer, ".5", "")
    ran = usage.record(name)
    assert (ran.code, usage.used(customer)) == (3, 10), "the row of a whole second is sent"
    (problem,) = usage.rejected("old.ndjson")[1]["problems"]
    assert problem.startswith("its time has a fraction of a second, and a version that cut fractions off may have imported it")
    assert usage.record(name, FLAG).code == 0
    assert usage.record(name).code == 0
    assert usage.used(customer) == 20


def test_what_is_younger_than_the_checkpoint_was_never_imported(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    assert usage.record("--customer", customer, "--value", "1").code == 0
    usage.server.clock(advance=120)
    assert usage.record(file(usage, "young.ndjson", customer, ".1", ".2", ago=-60)).code == 0
    assert usage.used(customer) == 21


def test_a_file_that_an_older_version_imported_is_recognised_by_its_checkpoint(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    file(usage, "a.ndjson", customer, "", "")
    assert usage.record("a.ndjson").code == 0
    as_an_older_version_left_it(usage)
    file(usage, "a.ndjson", customer, ".125", ".875")
    for _ in range(2):
        ran = usage.record("a.ndjson")
        assert (ran.code, "0 sent, 2 counted before" in ran.out) == (0, True), ran.out
    file(usage, "a.ndjson", customer, ".125", ".875", ".9", ".9")
    ran = usage.record("a.ndjson")
    assert (ran.code, "2 sent, 2 counted before" in ran.out) == (0, True), ran.out
    assert "0 sent, 4 counted before" in usage.record("a.ndjson").out
    assert usage.used(customer) == 40
    other = file(usage, "b.ndjson", customer, ".3")
    assert usage.record(other).code == 3, "it may be the row of the other file"
    assert usage.record(other, FLAG).code == 0
    assert usage.used(customer) == 50
