"""What answers mean."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_usage.sending.deciding.verdict import Answer, Verdict, verdict
from stripe_usage.sending.senders import _is_event


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (200, {"sent": True}, Verdict.ACCEPTED),
        (200, {}, Verdict.AGAIN),
        (200, {"error": {"message": "No such customer"}}, Verdict.AGAIN),
        (200, None, Verdict.AGAIN),
        (204, None, Verdict.AGAIN),
        (302, None, Verdict.AGAIN),
        (400, None, Verdict.AGAIN),
        (403, None, Verdict.AGAIN),
        (404, {"detail": "Not Found"}, Verdict.AGAIN),
        (400, {"error": {"message": "An event already exists with identifier x."}, "sent": True}, Verdict.ACCEPTED),
        (400, {"error": {"message": "An event already exists with identifier x."}}, Verdict.AGAIN),
        (400, {"error": {"message": "duplicate", "code": "duplicate_meter_event"}, "sent": True}, Verdict.ACCEPTED),
        (400, {"error": {"message": "No such customer: 'x'", "code": "meter_event_customer_not_found"}}, Verdict.REFUSED),
        (400, {"error": {"message": 'No active meter found for event name "x"'}}, Verdict.HALT),
        (401, {"error": {"message": "expired", "code": "billing_meter_event_session_expired"}}, Verdict.RENEW),
        (401, {"error": {"message": "Invalid API Key provided"}}, Verdict.HALT),
        (403, {"error": {"message": "x"}}, Verdict.HALT),
        (404, {"error": {"message": "x"}}, Verdict.HALT),
        (0, None, Verdict.AGAIN),
        (409, {"error": {"message": "x"}}, Verdict.AGAIN),
        (429, {"error": {"code": "lock_timeout"}}, Verdict.AGAIN),
        (500, {"error": {"message": "x"}}, Verdict.AGAIN),
        (503, None, Verdict.AGAIN),
    ],
)
def test_verdicts(status: int, body: dict[str, Any] | None, meaning: Verdict) -> None:
    assert verdict(Answer(status, {}, body), lambda body: "sent" in body) is meaning


@pytest.mark.parametrize(
    ("body", "confirms"),
    [
        ({"object": "billing.meter_event", "identifier": "a.1"}, True),
        ({"object": "billing.meter_event", "identifier": "a.12"}, False),
        ({"object": "customer", "identifier": "a.1"}, False),
        ({"error": {"message": "An event already exists with identifier a.1."}}, True),
        ({"error": {"message": "An event already exists with identifier a.1"}}, True),
        ({"error": {"message": "An event already exists with identifier a.12."}}, False),
        ({"error": {"message": "An event already exists with identifier ba.1."}}, False),
        ({"error": {}}, False),
        ({"error": "a.1"}, False),
        ({}, False),
    ],
)
def test_only_an_answer_that_names_the_event_is_the_answer_to_it(body: dict[str, Any], confirms: bool) -> None:
    assert _is_event("a.1", body) is confirms
