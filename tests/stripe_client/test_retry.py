"""Which failed requests are sent again, and how long after."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_client.retry import CAP_SECONDS, FAULTS, PATIENCE_SECONDS, Outcome, Tries, delay

JITTER = st.floats(0, 1, exclude_max=True)
FIRST = Tries(faults=1)


@pytest.mark.parametrize("status", [0, 409, 429, 500, 502, 503])
def test_passing_failures_are_tried_again(status: int) -> None:
    assert delay(FIRST, Outcome(status), 0.5) is not None


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404])
def test_refusals_are_final(status: int) -> None:
    assert delay(FIRST, Outcome(status), 0.5) is None


@pytest.mark.parametrize(("said", "again"), [("true", True), ("false", False)])
def test_stripe_has_the_last_word(said: str, again: bool) -> None:
    for status in (400, 409, 429, 500):
        headers = {"stripe-should-retry": said, "idempotent-replayed": "true"}
        assert (delay(FIRST, Outcome(status, headers=headers), 0.5) is not None) is again


def test_an_error_that_stripe_keeps_for_the_idempotency_key_is_final() -> None:
    assert delay(FIRST, Outcome(500, headers={"idempotent-replayed": "true"}), 0.5) is None


def test_a_wrong_certificate_is_final() -> None:
    assert delay(FIRST, Outcome(0, final=True), 0.5) is None


def test_retry_after_is_honoured() -> None:
    assert delay(FIRST, Outcome(429, headers={"retry-after": "7"}), 0.0) == 7
    assert delay(FIRST, Outcome(429, headers={"retry-after": "100000"}), 0.0) == 60
    assert delay(FIRST, Outcome(429, headers={"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}), 0.0) == 0.25


def test_a_locked_object_is_waited_for_and_slows_nothing_else_down() -> None:
    locked, limited = Outcome(429, "lock_timeout"), Outcome(429, "rate_limit")
    assert delay(FIRST, locked, 0.5) is not None
    assert (locked.too_fast, limited.too_fast, Outcome(503).too_fast) == (False, True, False)


def attempts(outcomes: list[Outcome], jitters: list[float]) -> tuple[Tries, list[float]]:
    """One request that fails time and again, until it is given up: how it fared, and how long was waited each time."""
    tries, waits = Tries(), []
    for i in range(10_000):
        outcome = outcomes[i % len(outcomes)]
        tries = tries.failed(outcome)
        wait = delay(tries, outcome, jitters[i % len(jitters)])
        if wait is None:
            return tries, waits
        waits.append(wait)
        tries = tries.after(wait)
    raise AssertionError("never given up")


PASSING = st.builds(
    Outcome,
    st.sampled_from([0, 409, 429, 500, 503]),
    headers=st.one_of(st.none(), st.fixed_dictionaries({"retry-after": st.sampled_from(["0", "1", "20", "x"])})),
)


@given(st.lists(PASSING, min_size=1, max_size=12), st.lists(JITTER, min_size=1, max_size=5))
def test_every_request_is_given_up_in_the_end(outcomes: list[Outcome], jitters: list[float]) -> None:
    tries, waits = attempts(outcomes, jitters)
    assert tries.faults <= FAULTS
    assert sum(waits) <= PATIENCE_SECONDS
    assert tries.attempts == len(waits) + 1
    assert all(0.2 < wait <= max(CAP_SECONDS, outcomes[i % len(outcomes)].retry_after) for i, wait in enumerate(waits))


@given(JITTER)
def test_being_turned_away_costs_patience_and_not_attempts(jitter: float) -> None:
    limited, _ = attempts([Outcome(429)], [jitter])
    faulty, _ = attempts([Outcome(500)], [jitter])
    assert limited.attempts > 20
    assert faulty.attempts == FAULTS
