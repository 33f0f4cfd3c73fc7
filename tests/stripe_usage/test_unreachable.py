"""No Stripe answers: each command says so at once, in one line, with what to do."""

from __future__ import annotations

import pytest

from tests.stripe_local.server import LocalStripe

from .running import Usage

COMMANDS = {
    "record a file": ("record", "--event-name", "tokens", "events.ndjson"),
    "record a file as a stream": ("record", "--event-name", "tokens", "--stream", "events.ndjson"),
    "record one event": ("record", "--event-name", "tokens", "--customer", "cus_1", "--value", "1"),
    "summary": ("summary", "--event-name", "tokens", "--customer", "cus_1"),
    "invoice": ("invoice", "--customer", "cus_1"),
    "reconcile": ("reconcile", "--event-name", "tokens"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_nothing_listens(command: tuple[str, ...], usage: Usage, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalStripe() as gone:
        monkeypatch.setenv("STRIPE_API_BASE", gone.url)
    usage.file([usage.row("cus_1", 1)])
    done = usage.run(*command)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1), done
    assert f"no answer from {gone.url} in 1 attempt (Connection refused). Nothing listens there: start the local Str" in done.err
    assert not usage.checkpoint.exists()
