"""Event: something that happened, and whom to tell. https://docs.stripe.com/api/events

What makes events is declared in `stripe_local.resources.occasions`. `record` is called once after each piece of work, within its
transaction, and stores the events that it has made. Each can be read as a snapshot (`/v1/events`) and as
a thin event (`/v2/core/events`, https://docs.stripe.com/api/v2/core/events); those of meters are thin only.
"""

from __future__ import annotations

import re

from stripe_local.resources.shared import CREATED
from stripe_local.store.events import DELIVERED, New
from stripe_local.store.ids import new_id
from stripe_local.store.objects import Body, Where, equal
from stripe_local.wire import loopback, v2
from stripe_local.wire.changes import Changes
from stripe_local.wire.errors import invalid, no_such
from stripe_local.wire.event_types import SNAPSHOT, THIN
from stripe_local.wire.expand import register
from stripe_local.wire.operation import API_VERSION, Context, get
from stripe_local.wire.pagination import PAGE, list_object, page, range_conditions
from stripe_local.wire.params import Bool, ListOf, Obj, Param, Str

from . import event_destinations, webhook_endpoints

KIND = "event"
THIN_KIND = "v2.core.event"
_THIN_PATH = "/v2/core/events"

DAYS = 30
"""How long events can be read."""

_TYPES = ListOf(Str(clearable=False), max_items=20)
LIST: dict[str, Param] = {
    "created": CREATED,
    "delivery_success": Bool(),
    "type": Str(),
    "types": _TYPES,
    **PAGE,
}
_TIME = Str(clearable=False)
LIST_THIN: dict[str, Param] = {
    "created": Obj(dict.fromkeys(("gt", "gte", "lt", "lte"), _TIME)),
    "object_id": Str(clearable=False),
    "types": _TYPES,
    **v2.PAGE,
}

_ID = re.compile(r"evt_(1[A-Za-z0-9]{23})\Z")
_THIN_ID = re.compile(r"evt_(?:test_)?65(1[A-Za-z0-9]{23})\Z")


# Making them


def record(context: Context, answer: Body | None = None) -> None:
    """Store the events of what the work has changed; `answer` is what it answers with."""
    assert isinstance(context.changes, Changes)
    happened = context.changes.take(context, answer)
    if not happened:
        return
    receivers = _receivers(context)
    made: list[New] = []
    first: dict[int, int] = {}
    """The event that shows an object already: several are about the same state of it."""
    for number, event in enumerate(happened):
        body: Body = {"related": event.related}
        if event.previous is not None:
            body["previous"] = event.previous
        if not event.asked:
            body["request"] = [None, None]
        by = first.setdefault(id(event.object), number)
        shown, shown_by = (event.object, None) if by == number else (None, by)
        made.append(_new(context, event.type, event.object.get("id", ""), body, receivers, shown, shown_by))
    context.events.add(made)


def emit(
    context: Context,
    type: str,
    *,
    object: Body | None = None,
    related: Body | None = None,
    data: Body | None = None,
    to: str | None = None,
) -> Body:
    """Store an event about what no object shows: a snapshot of `object`, or a thin one with `data`, about what is `related`.

    It is sent to whoever wants it, or only `to` that destination.
    """
    about = (related or object or {}).get("id", "")
    receivers = _receivers(context) if to is None else [(to, True, {"*"})]
    made = _new(context, type, about, {"related": related, **({} if data is None else {"data": data})}, receivers, object)
    context.events.add([made])
    return {**made.body, "id": made.key, "type": type, "created": made.created, "pending": len(made.endpoints)}


def _new(
    context: Context,
    type: str,
    about: str,
    body: Body,
    receivers: list[tuple[str, bool, set[str]]],
    shown: Body | None,
    shown_by: int | None = None,
) -> New:
    # What each takes of this: a snapshot, or a thin event, where there is one.
    names = {False: type if type in SNAPSHOT else None, True: _thin(type)} if receivers else {}
    to = [id for id, is_thin, enabled in receivers if (name := names[is_thin]) is not None and {"*", name} & enabled]
    assert context.changes is not None
    context.changes.emitted |= bool(to)
    body.setdefault("request", [context.request_id, context.idempotency_key])
    key = new_id("evt").removeprefix("evt_")
    return New(key, type, context.outside(context.moment), body, about, to, shown, shown_by)


def _thin(type: str) -> str | None:
    """What the thin event of this type is called, or None where there is none."""
    name = type if type in THIN else f"v1.{type}"
    return name if name in THIN else None


_ONLY_SNAPSHOTS = sorted(type for type in SNAPSHOT if _thin(type) is None)
_ONLY_THIN = ["v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found", "v2.core.event_destination.ping"]


def _receivers(context: Context) -> list[tuple[str, bool, set[str]]]:
    """Whom events are sent to: the id, whether it takes thin ones, and which."""
    if not context.objects.has_any(webhook_endpoints.KIND, event_destinations.KIND):
        return []
    enabled = equal("status", "enabled")
    found = context.objects.find(webhook_endpoints.KIND, [enabled])
    found += context.objects.find(event_destinations.KIND, [enabled, equal("type", "webhook_endpoint")])
    return [
        (body["id"], body.get("event_payload") == "thin", set(body["enabled_events"]))
        for body in found
        if _is_for_us(body) and loopback.is_at(_target(body)[0])
    ]


def _is_for_us(receiver: Body) -> bool:
    """Whether it wants this account's events; others want those of connected accounts, which do not exist here."""
    return "@self" in receiver["events_from"] if "events_from" in receiver else not receiver.get("_connect")


def _target(body: Body) -> tuple[str, str]:
    return body["url"] if "url" in body else body["webhook_endpoint"]["url"], body["_secret"]


def target(context: Context, id: str) -> tuple[str, str, bool] | None:
    """The address and the secret of an endpoint or destination, and whether it takes thin events; None when it is gone."""
    body = context.objects.get(webhook_endpoints.KIND, id) or context.objects.get(event_destinations.KIND, id)
    return None if body is None else (*_target(body), body.get("event_payload") == "thin")


# Showing one


def snapshot(context: Context, body: Body) -> Body:
    """The event with the object as it was then."""
    data = {"object": body["object"]}
    if body.get("previous") is not None:
        data["previous_attributes"] = body["previous"]
    return {
        "id": f"evt_{body['id']}",
        "object": KIND,
        "api_version": API_VERSION,
        "created": body["created"],
        "data": data,
        "livemode": context.livemode,
        "pending_webhooks": body["pending"],
        "request": {"id": body["request"][0], "idempotency_key": body["request"][1]},
        "type": body["type"],
    }


def notification(context: Context, body: Body) -> Body:
    """The event as it is sent to destinations for thin events: without data."""
    request, key = body["request"]
    reason = {"type": "request", "request": {"id": request, "idempotency_key": key or ""}} if request else None
    related = {} if body["related"] is None else {"related_object": body["related"]}
    return {
        "id": f"evt_{'' if context.livemode else 'test_'}65{body['id']}",
        "object": THIN_KIND,
        "context": None,
        "created": v2.time_text(body["created"]),
        "livemode": context.livemode,
        "reason": reason,
        **related,
        "type": _thin(body["type"]),
    }


def sent(context: Context, body: Body, *, thin: bool) -> Body:
    """The event as it is sent; one that is thin only is so in any case."""
    return notification(context, body) if thin or "object" not in body else snapshot(context, body)


def thin_event(context: Context, body: Body) -> Body:
    """The thin event as it is read."""
    snapshot_event = f"evt_{body['id']}" if "object" in body else None
    data = {} if body.get("data") is None else {"data": body["data"]}
    return {**notification(context, body), **data, "changes": None, "snapshot_event": snapshot_event}


# Reading them


def _existing(context: Context, pattern: re.Pattern[str], *, of: str) -> Body:
    id = context.path["id"]
    match = pattern.match(id)
    body = context.events.get(match[1]) if match else None
    others = _ONLY_THIN if of == KIND else _ONLY_SNAPSHOTS
    if body is None or body["created"] < _oldest(context) or body["type"] in others:
        raise no_such("event", id, "id", status=404)
    return body


def _oldest(context: Context) -> int:
    return context.now - DAYS * 86400


def retrieve(context: Context) -> Body:
    """`GET /v1/events/{id}`."""
    return snapshot(context, _existing(context, _ID, of=KIND))


def list_(context: Context) -> Body:
    """`GET /v1/events`: those of the last 30 days."""
    params = dict(context.params)
    conditions = [Where("created", ">=", _oldest(context))]
    if params.get("type") and params.get("types"):
        raise invalid("You may only specify one of these parameters: type, types.")
    if params.get("type"):
        conditions.append(Where("type", "in", sorted(_matching(params["type"]))))
    else:
        conditions.append(Where("type", "in", params["types"]) if params.get("types") else Where("type", "not in", _ONLY_THIN))
    if "delivery_success" in params:
        conditions.append(Where(DELIVERED, "=", params["delivery_success"]))
    conditions += range_conditions("created", params.get("created"))
    for cursor in ("starting_after", "ending_before"):
        if params.get(cursor):
            match = _ID.match(params[cursor])
            if match is None:
                raise no_such("event", params[cursor], cursor)
            params[cursor] = match[1]
    found, more = page(context.events, KIND, "event", params, conditions)
    return {**list_object("/v1/events", [snapshot(context, body) for body in found], more), "_type": KIND}


def _matching(wanted: str) -> set[str]:
    """The types that a name or a group of them (`invoice.*`) means."""
    pattern = re.escape(wanted).replace(r"\*", ".*")
    return {type for type in SNAPSHOT if re.fullmatch(pattern, type)}


def retrieve_thin(context: Context) -> Body:
    """`GET /v2/core/events/{id}`."""
    return thin_event(context, _existing(context, _THIN_ID, of=THIN_KIND))


def list_thin(context: Context) -> Body:
    """`GET /v2/core/events`: those of the last 30 days."""
    params = context.params
    conditions = [Where("created", ">=", _oldest(context))]
    if params.get("types"):
        names = [name if name in _ONLY_THIN else name.removeprefix("v1.") for name in params["types"] if name in THIN]
        conditions.append(Where("type", "in", names))
    else:
        conditions.append(Where("type", "not in", _ONLY_SNAPSHOTS))
    if "object_id" in params:
        conditions.append(equal("object", params["object_id"]))
    bounds = {name: v2.parse_time(text, f"created[{name}]") for name, text in (params.get("created") or {}).items()}
    conditions += range_conditions("created", bounds or None)
    found, addresses = v2.page(context.events, KIND, _THIN_PATH, params, conditions)
    return v2.list_object([thin_event(context, body) for body in found], addresses)


register(KIND, {})

OPERATIONS = [
    get("/v1/events", list_, LIST),
    get("/v1/events/{id}", retrieve),
    get(_THIN_PATH, list_thin, LIST_THIN),
    get(f"{_THIN_PATH}/{{id}}", retrieve_thin),
]
