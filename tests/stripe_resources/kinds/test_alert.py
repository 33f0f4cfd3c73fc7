"""Alert: what tests need to know of it, and what it does specially."""

from __future__ import annotations

from typing import Any

from stripe.params import billing

from tests.stripe_resources.run import Run, read
from tests.stripe_resources.sample import Drift, Sample, Values, Wrong, without
from tests.stripe_resources.world import World

ALERT: Values = {
    "title": "A million tokens",
    "alert_type": "usage_threshold",
    "usage_threshold": {"gte": 1000000, "meter": "{meter}", "recurrence": "one_time"},
}
THRESHOLD: Values = ALERT["usage_threshold"]


def threshold(**changes: Any) -> Values:
    return {**ALERT, "usage_threshold": {**THRESHOLD, **changes}}


SAMPLE = Sample(
    "Alert",
    "/v1/billing/alerts",
    ALERT,
    billing.AlertCreateParams,
    wrong=[
        Wrong("alert without title", without(ALERT, "title"), "title"),
        Wrong("alert of nothing", without(ALERT, "usage_threshold"), "usage_threshold"),
        Wrong("threshold of nothing", threshold(gte=0), "usage_threshold.gte"),
        Wrong("unknown recurrence", threshold(recurrence="monthly"), "usage_threshold.recurrence"),
        Wrong("two filters", threshold(filters=[{"type": "customer", "customer": "c"}] * 2), "usage_threshold.filters"),
        Wrong("filter without customer", threshold(filters=[{"type": "customer"}]), "usage_threshold.filters[0].customer"),
    ],
    immutable=[
        Drift("title", "Ours", "Theirs", {"alert_type": "usage_threshold", "usage_threshold": THRESHOLD}),
        Drift("usage_threshold", THRESHOLD, {**THRESHOLD, "gte": 20}),
    ],
    tried_elsewhere={"alert_type": "nowhere: there is one only"},
    not_in_example=("status",),
    retired_by="POST /v1/billing/alerts/id_1/archive",
)


def test_a_deactivated_alert_shows_and_comes_back(run: Run, world: World) -> None:
    args = {**ALERT, "usage_threshold": {**ALERT["usage_threshold"], "meter": world.meter}}
    id_, outputs = run.create("Alert", "it", args)
    world.made(f"/v1/billing/alerts/{id_}/deactivate")
    shown = read(run, "Alert", id_, outputs)
    assert shown == {**outputs, "status": "inactive"}
    assert run.update("Alert", id_, shown, args) == outputs
    world.made(f"/v1/billing/alerts/{id_}/archive")
    assert run.read("Alert", id_, outputs) is None
