"""Event destination: where events are sent, of API v2. https://docs.stripe.com/api/v2/core/event_destinations

Webhook endpoints among them are sent events, on loopback only, see `stripe_local.serving.delivery`. What Amazon and Azure would
make of their destinations stays as it is in the beginning.
"""

from __future__ import annotations

import secrets
from typing import Any

from stripe_local.resources.shared import copy, existing, merge_metadata
from stripe_local.store.events import forget
from stripe_local.store.ids import random_text
from stripe_local.store.objects import Body
from stripe_local.wire import v2
from stripe_local.wire.errors import invalid, missing_param
from stripe_local.wire.event_types import SNAPSHOT, THIN
from stripe_local.wire.operation import API_VERSION, Context, delete, get, post
from stripe_local.wire.params import Enum, ListOf, Metadata, Obj, Param, Str

from . import addresses

KIND = "v2.core.event_destination"
PATH = "/v2/core/event_destinations"
_URL, _SECRET = "webhook_endpoint.url", "webhook_endpoint.signing_secret"

_WEBHOOK = Obj({"url": Str(required=True)})
_BRIDGE = Obj({"aws_account_id": Str(required=True), "aws_region": Str(required=True)})
_GRID = Obj({name: Str(required=True) for name in ("azure_region", "azure_resource_group_name", "azure_subscription_id")})
_TYPES = {"amazon_eventbridge": _BRIDGE, "azure_event_grid": _GRID, "webhook_endpoint": _WEBHOOK}
CREATE: dict[str, Param] = {
    **_TYPES,
    **v2.include(_SECRET, _URL),
    "description": Str(),
    "enabled_events": ListOf(Str(clearable=False), required=True),
    "event_payload": Enum("snapshot", "thin", required=True),
    "events_from": ListOf(Enum("@accounts", "@organization_members", "@organization_members/@accounts", "@self")),
    "metadata": Metadata(),
    "name": Str(required=True),
    "snapshot_api_version": Str(clearable=False),
    "type": Enum(*_TYPES, required=True),
}
UPDATE: dict[str, Param] = {
    **v2.include(_URL),
    "description": Str(),
    "enabled_events": ListOf(Str(clearable=False)),
    "metadata": Metadata(),
    "name": Str(clearable=False),
    "webhook_endpoint": _WEBHOOK,
}
LIST: dict[str, Param] = {**v2.include(_URL), **v2.PAGE}


def existing_by_path(context: Context) -> Body:
    """The destination that the path names. Raises a 404."""
    return existing(context, KIND, "event destination", context.path["id"], "id", in_path=True)


def _new_id(context: Context, prefix: str) -> str:
    return f"{prefix}_{'' if context.livemode else 'test_'}{random_text(40)}"


def _shown(context: Context, body: Body) -> Body:
    """As Stripe shows it: the endpoint's address only when it is asked for."""
    shown = v2.included(body, [_URL], context.params)
    return {**shown, "created": v2.time_text(body["created"]), "updated": v2.time_text(body["updated"])}


def _check(params: dict[str, Any]) -> None:
    if params["type"] not in params:
        raise missing_param(params["type"])
    for other in _TYPES:
        if other in params and other != params["type"]:
            raise invalid(f"You can only set `{other}` when `type` is `{other}`.", other)
    if params["event_payload"] == "thin" and "snapshot_api_version" in params:
        raise invalid("You can only set `snapshot_api_version` when `event_payload` is `snapshot`.", "snapshot_api_version")


def _apply(context: Context, body: Body) -> None:
    params = context.params
    addresses.check_events(params.get("enabled_events", []), THIN if body["event_payload"] == "thin" else SNAPSHOT)
    url = params.get("webhook_endpoint", {}).get("url")
    if url is not None:
        addresses.check(url, "webhook_endpoint[url]", livemode=context.livemode)
        body["webhook_endpoint"]["url"] = url
    copy(body, params, "enabled_events", "name")
    if "description" in params:
        body["description"] = params["description"] or ""
    merge_metadata(body, params)


def _bridge(id: str, wanted: Body) -> Body:
    source = f"aws.partner/stripe.com/{id}"
    return {
        "aws_account_id": wanted["aws_account_id"],
        "aws_event_source_arn": f"arn:aws:events:{wanted['aws_region']}::event-source/{source}",
        "aws_event_source_status": "pending",
    }


def create(context: Context) -> Body:
    """`POST /v2/core/event_destinations`: the only answer that has the secret, if it is asked for."""
    params = context.params
    _check(params)
    id, snapshot = _new_id(context, "ed"), params["event_payload"] == "snapshot"
    bridge, grid, webhook = (params.get(type) for type in _TYPES)
    body: Body = {
        "id": id,
        "object": KIND,
        "amazon_eventbridge": bridge and _bridge(id, bridge),
        "azure_event_grid": grid and {**grid, "azure_partner_topic_name": id, "azure_partner_topic_status": "never_activated"},
        "created": context.now,
        "description": "",
        "enabled_events": [],
        "event_payload": params["event_payload"],
        "events_from": params.get("events_from", ["@self"]),
        "livemode": context.livemode,
        "metadata": {},
        "name": "",
        "snapshot_api_version": params.get("snapshot_api_version", API_VERSION) if snapshot else None,
        "status": "enabled",
        "status_details": None,
        "type": params["type"],
        "updated": context.now,
        "webhook_endpoint": webhook and {"signing_secret": None, "url": ""},
        "_secret": f"whsec_{secrets.token_hex(16)}",
    }
    _apply(context, body)
    shown = _shown(context, context.objects.insert(KIND, body))
    if webhook and _SECRET in params.get("include", ()):
        shown["webhook_endpoint"]["signing_secret"] = body["_secret"]
    return shown


def retrieve(context: Context) -> Body:
    """`GET /v2/core/event_destinations/{id}`."""
    return _shown(context, existing_by_path(context))


def _put(context: Context, body: Body) -> Body:
    body["updated"] = context.now
    return _shown(context, context.objects.put(KIND, body))


def update(context: Context) -> Body:
    """`POST /v2/core/event_destinations/{id}`: its type, payload and version stay."""
    body = existing_by_path(context)
    if "webhook_endpoint" in context.params and body["webhook_endpoint"] is None:
        raise invalid("You can only set `webhook_endpoint` when `type` is `webhook_endpoint`.", "webhook_endpoint")
    _apply(context, body)
    return _put(context, body)


def delete_(context: Context) -> Body:
    """`DELETE /v2/core/event_destinations/{id}`."""
    body = existing_by_path(context)
    context.objects.remove(KIND, body["id"])
    forget(context.connection, body["id"])
    return v2.deleted(body)


def disable(context: Context) -> Body:
    """`POST /v2/core/event_destinations/{id}/disable`."""
    return _put(context, {**existing_by_path(context), "status": "disabled", "status_details": {"disabled": {"reason": "user"}}})


def enable(context: Context) -> Body:
    """`POST /v2/core/event_destinations/{id}/enable`."""
    return _put(context, {**existing_by_path(context), "status": "enabled", "status_details": None})


def list_(context: Context) -> Body:
    """`GET /v2/core/event_destinations`."""
    found, addresses = v2.page(context.objects, KIND, PATH, context.params)
    return v2.list_object([_shown(context, body) for body in found], addresses)


OPERATIONS = [
    post(PATH, create, CREATE),
    get(PATH, list_, LIST),
    get(f"{PATH}/{{id}}", retrieve, v2.include(_URL)),
    post(f"{PATH}/{{id}}", update, UPDATE),
    delete(f"{PATH}/{{id}}", delete_),
    post(f"{PATH}/{{id}}/disable", disable),
    post(f"{PATH}/{{id}}/enable", enable),
]
