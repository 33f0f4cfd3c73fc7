"""WebhookEndpoint: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import stripe.params as params

from tests.stripe_resources.sample import A_AND_B, Drift, Plan, Sample, Values, Wrong, without

WEBHOOK_ENDPOINT: Values = {"url": "https://example.com/stripe", "enabled_events": ["billing.alert.triggered"]}
UNKNOWN_EVENTS = (
    *("apps.install.created", "apps.install.deleted", "apps.install.updated", "three_d_secure.authentication.canceled"),
    *("three_d_secure.authentication.challenge_started", "three_d_secure.authentication.errored"),
    *("three_d_secure.authentication.failed", "three_d_secure.authentication.requires_challenge"),
    *("three_d_secure.authentication.requires_submission", "three_d_secure.authentication.succeeded"),
)

SAMPLE = Sample(
    "WebhookEndpoint",
    "/v1/webhook_endpoints",
    WEBHOOK_ENDPOINT,
    params.WebhookEndpointCreateParams,
    params.WebhookEndpointUpdateParams,
    wrong=[
        Wrong("endpoint without address", without(WEBHOOK_ENDPOINT, "url"), "url"),
        Wrong("address without scheme", {**WEBHOOK_ENDPOINT, "url": "example.com"}, "url"),
        Wrong("no events", {**WEBHOOK_ENDPOINT, "enabled_events": []}, "enabled_events"),
        Wrong("unknown event", {**WEBHOOK_ENDPOINT, "enabled_events": ["billing.alert.trigered"]}, "enabled_events[0]"),
        Wrong("one event twice", {**WEBHOOK_ENDPOINT, "enabled_events": ["*", "*"]}, "enabled_events[1]"),
        Wrong("a secret of one's own", {**WEBHOOK_ENDPOINT, "secret": "whsec_x"}, "secret"),
    ],
    mutable=[
        Drift("description", "alerts", "Theirs"),
        Drift("disabled", False, True, left=False),
        Drift("enabled_events", ["*"], ["invoice.paid"]),
        Drift("metadata", *A_AND_B, left={"a": None, "b": None}),
        Drift("url", "https://example.com/a", "https://example.com/b"),
    ],
    immutable=[
        Drift("api_version", "2026-08-26.dahlia", "2026-07-29.dahlia"),
    ],
    own=("secret",),
    plans=[Plan("all", choose={"api_version": ["2026-07-29.dahlia", "2026-08-26.dahlia"]})],  # two stand for more than a hundred
    newer={f"enabled_events={value}": "not in the description of 2026-08-26.dahlia" for value in UNKNOWN_EVENTS},
)
