"""What differs between two states of an object, as `previous_attributes` of an event shows it.

https://docs.stripe.com/api/events/object#event_object-data-previous_attributes
"""

from __future__ import annotations

from typing import Any

from stripe_local.store.objects import Body


def previous_attributes(before: Body, after: Body) -> Body:
    """The values that fields had before, of those that changed; empty where nothing did.

    A hash has only what changed in it, null where there was nothing; a list object only its elements, and an array is whole.
    """
    return {name: _old(before.get(name), after.get(name)) for name in {**before, **after} if before.get(name) != after.get(name)}


def _old(before: Any, after: Any) -> Any:
    if not isinstance(before, dict) or not isinstance(after, dict):
        return before
    if before.get("object") == "list":
        return {"data": before["data"]}
    return previous_attributes(before, after)
