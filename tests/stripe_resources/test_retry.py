"""Which failed requests are sent again, and how long after."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_resources._core.retry import ATTEMPTS, CAP_SECONDS, Outcome, delay


@pytest.mark.parametrize("status", [0, 409, 429, 500, 502, 503])
def test_passing_failures_are_tried_again(status: int) -> None:
    assert delay(1, Outcome(status), 0.5) is not None


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404])
def test_refusals_are_final(status: int) -> None:
    assert delay(1, Outcome(status), 0.5) is None


@pytest.mark.parametrize(("said", "again"), [("true", True), ("false", False)])
def test_stripe_has_the_last_word(said: str, again: bool) -> None:
    for status in (400, 500):
        assert (delay(1, Outcome(status, headers={"stripe-should-retry": said}), 0.5) is not None) is again


def test_retry_after_is_honoured() -> None:
    assert delay(1, Outcome(429, headers={"retry-after": "7"}), 0.0) == 7
    assert delay(1, Outcome(429, headers={"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}), 0.0) == 0.25


@given(st.integers(1, 20), st.sampled_from([0, 409, 429, 500]), st.floats(0, 1, exclude_max=True))
def test_waits_are_bounded_and_attempts_too(attempt: int, status: int, jitter: float) -> None:
    wait = delay(attempt, Outcome(status), jitter)
    assert (wait is None) == (attempt >= ATTEMPTS)
    assert wait is None or 0.2 < wait <= CAP_SECONDS
