"""Where a ledger is: what an address says, what it never shows, and what a server refuses."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from stripe_usage.errors import UsageError
from stripe_usage.ledger.places import name_of
from tests.postgres import PASSWORD, Postgres
from tests.stripe_usage.running import Usage

from .logs import HOUR, Logs

POSTGRES = pytest.mark.parametrize("logs", ["postgres"], indirect=True)


def test_a_name_has_no_secret() -> None:
    assert name_of("postgresql://me:secret@db.example:5433/billing?password=secret&sslmode=require") == (
        "postgresql://me@db.example:5433/billing"
    )
    assert name_of("postgresql:///billing?host=/run&user=me&password=secret") == "postgresql:///billing"
    assert name_of("folder/ledger.db") == "folder/ledger.db"
    for wrong in ("mysql://me:secret@db/billing", "postgresql://me:se@cret@db/billing", "postgresql://me:secret@[::1/billing"):
        with pytest.raises(UsageError) as caught:
            name_of(wrong)
        assert "secret" not in str(caught.value)
        assert "cret@" not in str(caught.value)


@POSTGRES
def test_no_output_shows_the_password(usage: Usage, logs: Logs, postgres: Postgres) -> None:
    (a,) = usage.customers(1)
    start = logs.used(a, 5, 3 * HOUR)
    at = ("--ledger", logs.ledger)
    assert "there is no ledger" in usage.run("ledger", "show", *at).err
    ran = [
        logs.aggregate(),
        usage.run("ledger", "show", *at),  # a dry run keeps nothing
        logs.aggregate("--send"),
        usage.run("ledger", "show", *at),
        usage.run("ledger", "export", *at),
        usage.run("ledger", "explain", a, "--month", "2001-01", *at),
        usage.run("ledger", "close", "2001-01", "--source", "other", *at),
        usage.run("ledger", "settle", "none", "--lost", *at),
        usage.run("reconcile", "--event-name", "tokens", "--settle", "0", "--no-invoices", *at),
        Logs(usage, "day", ledger=logs.ledger).aggregate("--send"),
        logs.aggregate("--send", "--ledger", postgres.address("postgres", "wrong" + PASSWORD)),
        logs.aggregate("--send", "--ledger", f"postgresql://127.0.0.1:1/x?password={quote(PASSWORD)}&x=%zz"),
        logs.aggregate("--send", "--ledger", postgres.address("absent")),
        logs.aggregate("--send", "--ledger", logs.ledger.replace("postgresql", "mysql")),
        logs.aggregate("--send", "--ledger", f"postgresql://me:{PASSWORD}@127.0.0.1:1/x"),
        logs.aggregate("--send", "--ledger", f"postgresql://me:{PASSWORD.replace('@', '%40')}@127.0.0.1:1/x"),
    ]
    assert [one.code for one in ran] == [0, 1, 0, 0, 0, 1, 1, 1, 0, 1, *(6 * [1])], [one.err for one in ran]
    for one in ran:
        for secret in (PASSWORD, quote(PASSWORD), "pg%"):
            assert secret not in one.out + one.err, one
    assert f"postgresql://billing@127.0.0.1:{postgres.port}/" in ran[8].out
    assert "password authentication failed" in ran[10].err
    assert 'database "absent" does not exist' in ran[12].err
    assert logs.counted() == {(a, start): 5}


@pytest.mark.thorough
@POSTGRES
def test_a_run_whose_server_goes_away_is_started_again(usage: Usage, logs: Logs, postgres: Postgres) -> None:
    import psycopg

    customers = usage.customers(4)
    for customer in customers:
        for hours in range(3, 9):
            logs.used(customer, hours, hours * HOUR)
    usage.server.fault(match={"path": "/v1/billing/meter_events"}, hold="after_work")
    run = logs.begin("--requests-per-second", "100")
    assert run.stdout is not None
    with psycopg.connect(postgres.address("postgres"), autocommit=True) as other:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'stripe-usage'"
        while not sent(usage):
            assert run.poll() is None, run.stdout.read()
        assert other.execute(ended.encode()).fetchall()
    usage.server.clear_faults()
    said, _ = run.communicate()
    assert run.returncode == 1, said
    assert "once that is mended the same command goes on" in said
    assert logs.send()["code"] == 0
    assert logs.counted() == logs.is_due()


def sent(usage: Usage) -> int:
    requests = usage.server.http("GET", "/_local/requests", key=None).json()["requests"]
    return sum(request["path"] == "/v1/billing/meter_events" for request in requests)
