"""Webhook endpoint: where events are sent. https://docs.stripe.com/api/webhook_endpoints

Events are delivered to addresses on loopback only, see `stripe_local.serving.delivery`.
"""

from __future__ import annotations

import secrets
from typing import Any

from stripe_local.resources.shared import copy, deleted, existing, merge_metadata
from stripe_local.store.events import forget
from stripe_local.store.ids import new_id
from stripe_local.store.objects import Body, public
from stripe_local.wire.errors import invalid
from stripe_local.wire.event_types import SNAPSHOT
from stripe_local.wire.expand import register
from stripe_local.wire.operation import Context, delete, get, post
from stripe_local.wire.pagination import PAGE, list_object, page
from stripe_local.wire.params import AnyWord, Bool, ListOf, Metadata, Param, Str

from . import addresses

KIND = "webhook_endpoint"

MOST = 16
"""Of an account, in each mode. https://docs.stripe.com/webhooks#register-your-endpoint"""

_EVENTS = ListOf(Str(clearable=False), max_items=400)
CREATE: dict[str, Param] = {
    "api_version": AnyWord(clearable=False),
    "connect": Bool(),
    "description": Str(),
    "enabled_events": ListOf(Str(clearable=False), required=True, max_items=400),
    "metadata": Metadata(),
    "url": Str(required=True),
}
UPDATE: dict[str, Param] = {
    "description": Str(),
    "disabled": Bool(),
    "enabled_events": _EVENTS,
    "metadata": Metadata(),
    "url": Str(clearable=False),
}


def _existing(context: Context) -> Body:
    return existing(context, KIND, "webhook endpoint", context.path["webhook_endpoint"], "webhook_endpoint", in_path=True)


def _check(context: Context, params: dict[str, Any]) -> None:
    if "url" in params:
        addresses.check(params["url"], "url", livemode=context.livemode)
    addresses.check_events(params.get("enabled_events", []), SNAPSHOT)


def _apply(body: Body, params: dict[str, Any]) -> None:
    copy(body, params, "description", "enabled_events", "url")
    if "disabled" in params:
        body["status"] = "disabled" if params["disabled"] else "enabled"
    merge_metadata(body, params)


def create(context: Context) -> Body:
    """`POST /v1/webhook_endpoints`: the only answer that has the secret."""
    params = context.params
    _check(context, params)
    if len(context.objects.find(KIND, limit=MOST)) == MOST:
        raise invalid(f"You have reached the maximum of {MOST} {'' if context.livemode else 'test '}webhook endpoints.")
    body: Body = {
        "id": new_id("we"),
        "object": KIND,
        "api_version": params.get("api_version"),
        "application": None,
        "created": context.now,
        "description": None,
        "enabled_events": [],
        "livemode": context.livemode,
        "metadata": {},
        "status": "enabled",
        "url": "",
        "_connect": params.get("connect", False),
        "_secret": f"whsec_{secrets.token_hex(16)}",
    }
    _apply(body, params)
    return {**public(context.objects.insert(KIND, body)), "secret": body["_secret"]}


def retrieve(context: Context) -> Body:
    """`GET /v1/webhook_endpoints/{webhook_endpoint}`."""
    return public(_existing(context))


def update(context: Context) -> Body:
    """`POST /v1/webhook_endpoints/{webhook_endpoint}`."""
    body = _existing(context)
    _check(context, context.params)
    _apply(body, context.params)
    return public(context.objects.put(KIND, body))


def delete_(context: Context) -> Body:
    """`DELETE /v1/webhook_endpoints/{webhook_endpoint}`."""
    body = _existing(context)
    context.objects.remove(KIND, body["id"])
    forget(context.connection, body["id"])
    return deleted(KIND, body["id"])


def list_(context: Context) -> Body:
    """`GET /v1/webhook_endpoints`."""
    found, more = page(context.objects, KIND, "webhook endpoint", context.params, [])
    return {**list_object("/v1/webhook_endpoints", [public(body) for body in found], more), "_type": KIND}


register(KIND, {})

OPERATIONS = [
    post("/v1/webhook_endpoints", create, CREATE),
    get("/v1/webhook_endpoints", list_, PAGE),
    get("/v1/webhook_endpoints/{webhook_endpoint}", retrieve),
    post("/v1/webhook_endpoints/{webhook_endpoint}", update, UPDATE),
    delete("/v1/webhook_endpoints/{webhook_endpoint}", delete_),
]
