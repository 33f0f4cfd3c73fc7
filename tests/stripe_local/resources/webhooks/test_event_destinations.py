"""Event destinations of API v2: what is shown and when, what can be changed, and what is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
import stripe
from stripe import StripeClient
from stripe.v2.core import EventDestination

from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LIVE_KEY, LocalStripe
from tests.stripe_local.shapes import check, plain

URL = "https://example.com/events"
SECRET: Any = ["webhook_endpoint.signing_secret", "webhook_endpoint.url"]
WITH_URL: Any = {"include": ["webhook_endpoint.url"]}
THIN: Any = {
    "name": "Meters",
    "type": "webhook_endpoint",
    "event_payload": "thin",
    "enabled_events": ["v1.billing.meter.error_report_triggered"],
    "webhook_endpoint": {"url": URL},
}
SNAPSHOT: Any = {**THIN, "event_payload": "snapshot", "enabled_events": ["customer.created"]}


def test_a_new_destination_has_all_fields_and_no_others(client: StripeClient) -> None:
    found = plain(client.v2.core.event_destinations.create(THIN))
    check(found, EventDestination)
    check(found["webhook_endpoint"], EventDestination.WebhookEndpoint)
    assert re.fullmatch(r"ed_test_\w{40}", found["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found["created"])
    assert (found["updated"], found["status"], found["status_details"]) == (found["created"], "enabled", None)
    assert (found["description"], found["metadata"], found["events_from"]) == ("", {}, ["@self"])
    assert (found["snapshot_api_version"], found["amazon_eventbridge"], found["azure_event_grid"]) == (None, None, None)


def test_the_secret_is_shown_once_and_the_address_when_asked_for(client: StripeClient) -> None:
    v2 = client.v2.core.event_destinations
    made = v2.create({**THIN, "include": SECRET})
    endpoint = plain(made)["webhook_endpoint"]
    assert endpoint["url"] == URL
    assert endpoint["signing_secret"].startswith("whsec_")
    assert plain(v2.create(THIN))["webhook_endpoint"] == {"signing_secret": None, "url": None}
    assert plain(v2.retrieve(made.id))["webhook_endpoint"] == {"signing_secret": None, "url": None}
    assert plain(v2.retrieve(made.id, WITH_URL))["webhook_endpoint"] == {"signing_secret": None, "url": URL}
    assert [plain(found)["webhook_endpoint"]["url"] for found in v2.list(WITH_URL).data] == [URL, URL]
    error = refusal(v2.retrieve, made.id, {"include": SECRET})
    assert (error.user_message, error.http_status) == ("Invalid include[0]: must be webhook_endpoint.url", 400)


def test_snapshots_have_a_version(client: StripeClient) -> None:
    v2 = client.v2.core.event_destinations
    assert v2.create(SNAPSHOT).snapshot_api_version == stripe.api_version
    assert v2.create({**SNAPSHOT, "snapshot_api_version": "2025-07-30.basil"}).snapshot_api_version == "2025-07-30.basil"


def test_destinations_at_amazon_and_azure(client: StripeClient) -> None:
    v2 = client.v2.core.event_destinations
    common = {name: value for name, value in THIN.items() if name != "webhook_endpoint"}
    bridge: Any = {"aws_account_id": "111122223333", "aws_region": "us-east-1"}
    found = plain(v2.create({**common, "type": "amazon_eventbridge", "amazon_eventbridge": bridge}))
    assert found["amazon_eventbridge"] == {
        "aws_account_id": "111122223333",
        "aws_event_source_arn": f"arn:aws:events:us-east-1::event-source/aws.partner/stripe.com/{found['id']}",
        "aws_event_source_status": "pending",
    }
    assert found["webhook_endpoint"] is None
    grid: Any = {"azure_region": "westus", "azure_resource_group_name": "events", "azure_subscription_id": "1"}
    made = plain(v2.create({**common, "type": "azure_event_grid", "azure_event_grid": grid}))
    check(made["azure_event_grid"], EventDestination.AzureEventGrid)
    assert {name: made["azure_event_grid"][name] for name in grid} == grid
    error = refusal(v2.update, found["id"], {"webhook_endpoint": {"url": URL}})
    assert error.user_message == "You can only set `webhook_endpoint` when `type` is `webhook_endpoint`."


def test_an_update_keeps_what_is_not_sent(client: StripeClient, server: LocalStripe) -> None:
    v2 = client.v2.core.event_destinations
    id = v2.create({**THIN, "description": "a", "metadata": {"a": "1", "b": "2"}}).id
    server.clock(advance=60)
    change: Any = {"name": "All", "metadata": {"a": None, "c": "3"}, "webhook_endpoint": {"url": f"{URL}/2"}, **WITH_URL}
    found = plain(v2.update(id, change))
    assert (found["name"], found["description"], found["metadata"]) == ("All", "a", {"b": "2", "c": "3"})
    assert (found["enabled_events"], found["webhook_endpoint"]["url"]) == (THIN["enabled_events"], f"{URL}/2")
    assert found["updated"] > found["created"]
    cleared: Any = {"description": "", "enabled_events": ["*", "v2.core.account[identity].updated"]}
    found = plain(v2.update(id, cleared))
    assert (found["description"], found["enabled_events"]) == ("", cleared["enabled_events"])
    assert plain(v2.retrieve(id)) == found


def test_disabled_enabled_pinged_and_deleted(client: StripeClient) -> None:
    v2 = client.v2.core.event_destinations
    id = v2.create(THIN).id
    disabled = plain(v2.disable(id))
    assert (disabled["status"], disabled["status_details"]) == ("disabled", {"disabled": {"reason": "user"}})
    assert plain(v2.retrieve(id)) == disabled
    assert (plain(v2.enable(id))["status"], plain(v2.retrieve(id))["status_details"]) == ("enabled", None)
    event = plain(v2.ping(id))
    assert event["type"] == "v2.core.event_destination.ping"
    assert event["related_object"] == {
        "id": id,
        "type": "v2.core.event_destination",
        "url": f"/v2/core/event_destinations/{id}",
    }
    assert plain(v2.delete(id)) == {"id": id, "object": "v2.core.event_destination"}
    for act in (v2.retrieve, v2.delete, v2.disable, v2.enable, v2.ping):
        error = refusal(act, id)
        assert (error.user_message, error.code) == (f"No such event destination: '{id}'", "not_found")
        assert error.http_status == 404


def test_lists_come_in_pages(client: StripeClient, server: LocalStripe) -> None:
    v2 = client.v2.core.event_destinations
    made = [v2.create({**THIN, "name": name}).id for name in "abc"]
    assert [found.id for found in v2.list({"limit": 2}).auto_paging_iter()] == made[::-1]
    paged = v2.list({"limit": 2, **WITH_URL}).auto_paging_iter()
    assert [plain(found)["webhook_endpoint"]["url"] for found in paged] == [URL] * 3
    assert server.client(LIVE_KEY).v2.core.event_destinations.list().data == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": None}, "Missing required param: name."),
        ({"webhook_endpoint": None}, "Missing required param: webhook_endpoint."),
        (
            {"type": "carrier_pigeon"},
            "Invalid type: must be one of amazon_eventbridge, azure_event_grid, or webhook_endpoint",
        ),
        ({"event_payload": "fat"}, "Invalid event_payload: must be one of snapshot, or thin"),
        ({"enabled_events": ["nonsense"]}, "Invalid enabled_events[0]: nonsense"),
        (
            {"events_from": ["self"]},
            "Invalid events_from[0]: must be one of @accounts, @organization_members, @organization_members/@accounts, or @self",
        ),
        ({"webhook_endpoint": {"url": "example.com"}}, "Invalid URL: An explicit scheme (such as https) must be provided."),
        (
            {"amazon_eventbridge": {"aws_account_id": "1", "aws_region": "us-east-1"}},
            "You can only set `amazon_eventbridge` when `type` is `amazon_eventbridge`.",
        ),
        (
            {"snapshot_api_version": "2025-07-30.basil"},
            "You can only set `snapshot_api_version` when `event_payload` is `snapshot`.",
        ),
        ({"nonsense": "x"}, "Received unknown parameter: nonsense"),
    ],
)
def test_what_is_refused(client: StripeClient, change: Any, message: str) -> None:
    params: Any = {name: value for name, value in {**THIN, **change}.items() if value is not None}
    error = refusal(client.v2.core.event_destinations.create, params)
    assert (error.user_message, error.http_status) == (message, 400)


def test_live_mode_wants_https(server: LocalStripe) -> None:
    create = server.client(LIVE_KEY).v2.core.event_destinations.create
    error = refusal(create, {**THIN, "webhook_endpoint": {"url": "http://example.com"}})
    assert error.user_message == "Invalid URL: URL must begin with https in live mode."
    assert create(THIN).id.startswith("ed_")
