"""Stored objects, changed past the API: states that Stripe's Dashboard or time may produce.

None of the API's checks or consequences apply; whether a state makes sense is up to the caller.
"""

from __future__ import annotations

from typing import Any

from stripe_local.resources.billing import subscriptions
from stripe_local.resources.shared import deleted
from stripe_local.store.objects import Body, public
from stripe_local.wire.errors import StripeError, invalid
from stripe_local.wire.operation import Context

_FIXED = ("id", "object", "livemode")


def _kind(context: Context, id: str) -> str:
    kind = context.objects.kind_of(id)
    if kind is None:
        mode = "live" if context.livemode else "test"
        raise StripeError(f"There is no object '{id}' in {mode} mode.", status=404, code="resource_missing", param="id")
    return kind


def change(context: Context, id: str, fields: dict[str, Any]) -> Body:
    """Set fields of the object to what they are to show. Raises StripeError for a field that the object does not have."""
    kind = _kind(context, id)
    body = context.objects.get(kind, id)
    assert body is not None
    for name in fields:
        if name in _FIXED or name not in public(body):
            raise invalid(f"{name} is not a field of a {kind} that can be set here.", name)
    body |= fields
    if "updated" in body and "updated" not in fields:
        body["updated"] = context.now
    if kind == subscriptions.KIND:
        subscriptions.save(context, body)
    else:
        context.objects.put(kind, body)
    return public(body)


def remove(context: Context, id: str) -> Body:
    """Remove the object, so it is no longer found. Raises StripeError while another object names it."""
    kind = _kind(context, id)
    naming = context.objects.naming(id)
    if naming is not None:
        raise invalid(f"{id} cannot be removed while {naming} names it.", "id")
    context.objects.remove(kind, id)
    return deleted(kind, id)
