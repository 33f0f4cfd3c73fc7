"""WebhookEndpoint: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import stripe.params as params

from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.run import Run, read, unmarked
from tests.stripe_resources.sample import A_AND_B, Drift, Plan, Sample, Values, Wrong, without
from tests.stripe_resources.world import World

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


def test_a_secret_is_kept_whatever_becomes_of_the_endpoint(run: Run, world: World) -> None:
    id_, outputs = run.create("WebhookEndpoint", "it", {**WEBHOOK_ENDPOINT, "disabled": True})
    secret = outputs["secret"]
    assert secret.startswith("whsec_")
    assert "secret" not in world.live("WebhookEndpoint", id_)
    assert read(run, "WebhookEndpoint", id_, outputs) == outputs
    for change in ({"url": "https://example.com/other"}, {"description": "x"}, {}):
        outputs = run.update("WebhookEndpoint", id_, outputs, {**WEBHOOK_ENDPOINT, **change}) or outputs
        assert outputs["secret"] == secret
        assert read(run, "WebhookEndpoint", id_, outputs)["secret"] == secret
    assert not any(secret in line for line in run.said)


def test_after_a_crash_the_endpoint_and_its_secret_are_found(server: LocalStripe, world: World) -> None:
    """Stripe repeats its answer for a day: the same endpoint, with its secret."""
    id_, outputs = Run(server).create("WebhookEndpoint", "it", WEBHOOK_ENDPOINT)
    again, found = Run(server).create("WebhookEndpoint", "it", WEBHOOK_ENDPOINT)
    assert (again, unmarked(found)) == (id_, outputs)


def test_after_a_crash_days_ago_there_is_a_new_one_with_a_known_secret(server: LocalStripe) -> None:
    lost, _ = Run(server).create("WebhookEndpoint", "it", WEBHOOK_ENDPOINT)
    server.clock(advance=40 * 86400)
    run = Run(server)
    id_, outputs = run.create("WebhookEndpoint", "it", WEBHOOK_ENDPOINT)
    assert id_ != lost
    assert outputs["secret"]
    assert [e.id for e in server.client().v1.webhook_endpoints.list().data] == [id_]
    assert any(f"retired {lost}" in line for line in run.said)


def test_an_adopted_endpoint_has_no_known_secret(run: Run, world: World) -> None:
    theirs = world.made("/v1/webhook_endpoints", **WEBHOOK_ENDPOINT)["id"]
    id_, outputs = run.create("WebhookEndpoint", "it", {**WEBHOOK_ENDPOINT, "adopt": True})
    assert id_ == theirs
    assert "secret" not in outputs
