"""What answers mean."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_usage.sending.deciding.verdict import Answer, Verdict, verdict


@pytest.mark.parametrize(
    ("status", "error", "meaning"),
    [
        (200, {}, Verdict.ACCEPTED),
        (204, {}, Verdict.ACCEPTED),
        (400, {"message": "An event already exists with identifier x."}, Verdict.ACCEPTED),
        (400, {"message": "duplicate", "code": "duplicate_meter_event"}, Verdict.ACCEPTED),
        (400, {"message": "No such customer: 'x'", "code": "meter_event_customer_not_found"}, Verdict.REFUSED),
        (400, {"message": 'No active meter found for event name "x"'}, Verdict.HALT),
        (401, {"message": "expired", "code": "billing_meter_event_session_expired"}, Verdict.RENEW),
        (401, {"message": "Invalid API Key provided"}, Verdict.HALT),
        (403, {}, Verdict.HALT),
        (404, {}, Verdict.HALT),
        (302, {}, Verdict.HALT),
        (0, {}, Verdict.AGAIN),
        (409, {}, Verdict.AGAIN),
        (429, {"code": "lock_timeout"}, Verdict.AGAIN),
        (500, {}, Verdict.AGAIN),
        (503, {}, Verdict.AGAIN),
    ],
)
def test_verdicts(status: int, error: dict[str, Any], meaning: Verdict) -> None:
    assert verdict(Answer(status, {}, error)) is meaning
