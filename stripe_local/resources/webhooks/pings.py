"""Pings of event destinations: an event that is sent to one, whatever it is enabled for.

https://docs.stripe.com/api/v2/core/event_destinations/ping
"""

from __future__ import annotations

from stripe_local.store.objects import Body
from stripe_local.wire.operation import Context, post

from . import event_destinations, events


def ping(context: Context) -> Body:
    """`POST /v2/core/event_destinations/{id}/ping`: the event that it is sent."""
    body = event_destinations.existing_by_path(context)
    id, webhook = body["id"], body["type"] == "webhook_endpoint"
    related = {"id": id, "type": event_destinations.KIND, "url": f"{event_destinations.PATH}/{id}"}
    pinged = events.emit(context, "v2.core.event_destination.ping", related=related, to=id if webhook else "")
    return events.thin_event(context, pinged)


OPERATIONS = [post(f"{event_destinations.PATH}/{{id}}/ping", ping)]
