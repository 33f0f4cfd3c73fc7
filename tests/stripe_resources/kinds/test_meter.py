"""Meter: what tests need to know of it, and what it does specially."""

from __future__ import annotations

from stripe.params import billing

from tests.stripe_resources.sample import Drift, Sample, Values, Wrong, without

METER: Values = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}

SAMPLE = Sample(
    "Meter",
    "/v1/billing/meters",
    METER,
    billing.MeterCreateParams,
    billing.MeterUpdateParams,
    wrong=[
        Wrong("no event name", without(METER, "event_name"), "event_name"),
        Wrong("display name too long", {**METER, "display_name": "x" * 251}, "display_name"),
        Wrong("event name too long", {**METER, "event_name": "x" * 101}, "event_name"),
        Wrong("unknown formula", {**METER, "default_aggregation": {"formula": "max"}}, "default_aggregation.formula"),
        Wrong(
            "unknown mapping",
            {**METER, "customer_mapping": {"type": "by_name", "event_payload_key": "c"}},
            "customer_mapping.type",
        ),
        Wrong("mapping without key", {**METER, "customer_mapping": {"type": "by_id"}}, "customer_mapping.event_payload_key"),
        Wrong("unknown field", {**METER, "dimensions": ["model"]}, "dimensions"),
    ],
    mutable=[
        Drift("display_name", "Tokens", "Theirs"),
    ],
    immutable=[
        Drift("event_name", "tokens", "theirs"),
        Drift("default_aggregation", {"formula": "sum"}, {"formula": "count"}),
        Drift(
            "customer_mapping", {"event_payload_key": "ours", "type": "by_id"}, {"event_payload_key": "theirs", "type": "by_id"}
        ),
        Drift("event_time_window", "day", "hour"),
        Drift("value_settings", {"event_payload_key": "ours"}, {"event_payload_key": "theirs"}),
    ],
    retired_by="POST /v1/billing/meters/id_1/deactivate",
)
