"""EventDestination: what tests need to know of it, and what it does specially."""

from __future__ import annotations

from stripe.params.v2 import core as params

from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.run import Run, read, unmarked
from tests.stripe_resources.sample import A_AND_B, Drift, Plan, Sample, Values, Wrong, without
from tests.stripe_resources.world import World

ENDPOINT = {"url": "https://example.com/stripe"}
DESTINATION: Values = {
    "name": "Alerts",
    "type": "webhook_endpoint",
    "event_payload": "snapshot",
    "enabled_events": ["billing.alert.triggered"],
    "webhook_endpoint": ENDPOINT,
}
BRIDGE = {"aws_account_id": "123456789012", "aws_region": "eu-west-1"}
AMAZON: Values = {
    **without(DESTINATION, "webhook_endpoint"),
    "type": "amazon_eventbridge",
    "amazon_eventbridge": BRIDGE,
}
GRID = {"azure_region": "westeurope", "azure_resource_group_name": "billing", "azure_subscription_id": "a"}
AZURE: Values = {**without(DESTINATION, "webhook_endpoint"), "type": "azure_event_grid", "azure_event_grid": GRID}
OTHERS = frozenset({"amazon_eventbridge", "azure_event_grid", "webhook_endpoint"})

SAMPLE = Sample(
    "EventDestination",
    "/v2/core/event_destinations",
    DESTINATION,
    params.EventDestinationCreateParams,
    params.EventDestinationUpdateParams,
    wrong=[
        Wrong("events without a destination", without(DESTINATION, "webhook_endpoint"), "webhook_endpoint"),
        Wrong("destination without a name", without(DESTINATION, "name"), "name"),
        Wrong("destination of no events", {**DESTINATION, "enabled_events": []}, "enabled_events"),
        Wrong("destination without scheme", {**DESTINATION, "webhook_endpoint": {"url": "example.com"}}, "webhook_endpoint.url"),
        Wrong("a thin snapshot", {**DESTINATION, "event_payload": "thin", "snapshot_api_version": "x"}, "snapshot_api_version"),
        Wrong("two destinations", {**DESTINATION, "azure_event_grid": GRID}, "azure_event_grid"),
        Wrong("a signing secret of one's own", {**DESTINATION, "signing_secret": "whsec_x"}, "signing_secret"),
    ],
    mutable=[
        Drift("description", "alerts", "Theirs", left=""),
        Drift("enabled_events", ["*"], ["invoice.paid"]),
        Drift("metadata", *A_AND_B, left={"a": None, "b": None}),
        Drift("name", "Alerts", "Theirs"),
    ],
    immutable=[
        Drift(
            "amazon_eventbridge",
            AMAZON["amazon_eventbridge"],
            {"aws_account_id": "210987654321", "aws_region": "eu-west-1"},
            AMAZON,
        ),
        Drift("azure_event_grid", GRID, {**GRID, "azure_region": "northeurope"}, AZURE),
        Drift("event_payload", "snapshot", "thin", {**DESTINATION, "enabled_events": ["*"]}),
        Drift("events_from", ["@self"], ["@accounts"]),
        Drift("snapshot_api_version", "2026-08-26.dahlia", "2026-07-29.dahlia"),
    ],
    tried_elsewhere={
        "type": "changes together with what it is the type of",
        "webhook_endpoint": "cannot leave its destination: its address is changed below",
    },
    own=("signing_secret",),
    plans=[
        *(Plan(type_, OTHERS - {type_}, {"type": [type_], "event_payload": ["snapshot"]}) for type_ in sorted(OTHERS)),
        Plan("thin", OTHERS - {"webhook_endpoint"} | {"snapshot_api_version"}, {"type": ["webhook_endpoint"]}),
    ],
)


def test_the_secret_is_kept_whatever_becomes_of_the_destination(run: Run, world: World) -> None:
    id_, outputs = run.create("EventDestination", "it", DESTINATION)
    secret = outputs["signing_secret"]
    assert secret.startswith("whsec_")
    for change in ({"webhook_endpoint": {"url": "https://example.com/other"}}, {"description": "x"}, {}):
        outputs = run.update("EventDestination", id_, outputs, {**DESTINATION, **change}) or outputs
        assert outputs["signing_secret"] == secret
        assert read(run, "EventDestination", id_, outputs) == outputs
    assert world.live("EventDestination", id_)["webhook_endpoint"] == {**ENDPOINT, "signing_secret": None}
    assert not any(secret in line for line in run.said)


def test_an_address_that_is_changed_outside_is_put_back(run: Run, world: World) -> None:
    id_, outputs = run.create("EventDestination", "it", DESTINATION)
    world.made(f"/v2/core/event_destinations/{id_}", webhook_endpoint={"url": "https://example.org"})
    shown = read(run, "EventDestination", id_, outputs)
    assert shown["webhook_endpoint"] == {"url": "https://example.org"}
    assert run.update("EventDestination", id_, shown, DESTINATION) == outputs


def test_what_is_disabled_outside_is_enabled_again(run: Run, world: World) -> None:
    id_, outputs = run.create("EventDestination", "it", DESTINATION)
    world.made(f"/v2/core/event_destinations/{id_}/disable")
    shown = read(run, "EventDestination", id_, outputs)
    assert shown["status"] == "disabled"
    assert run.update("EventDestination", id_, shown, DESTINATION) == outputs
    assert world.live("EventDestination", id_)["status"] == "enabled"


def test_after_a_crash_the_destination_and_its_secret_are_found(server: LocalStripe) -> None:
    """Stripe repeats its answer: the same destination, with its secret."""
    id_, outputs = Run(server).create("EventDestination", "it", DESTINATION)
    again, found = Run(server).create("EventDestination", "it", DESTINATION)
    assert (again, unmarked(found)) == (id_, outputs)


def test_after_a_crash_months_ago_there_is_a_new_one_with_a_known_secret(server: LocalStripe) -> None:
    lost, _ = Run(server).create("EventDestination", "it", DESTINATION)
    server.clock(advance=90 * 86400)
    run = Run(server)
    id_, outputs = run.create("EventDestination", "it", DESTINATION)
    assert id_ != lost
    assert outputs["signing_secret"]
    assert [each.id for each in server.client().v2.core.event_destinations.list().data] == [id_]
    assert any(f"retired {lost}" in line for line in run.said)


def test_a_deleted_destination_is_gone(run: Run) -> None:
    id_, outputs = run.create("EventDestination", "it", AMAZON)
    assert "signing_secret" not in outputs
    run.handler("EventDestination").delete(id_, outputs)
    assert run.read("EventDestination", id_, outputs) is None
