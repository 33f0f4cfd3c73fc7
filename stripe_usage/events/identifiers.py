"""The identifier of an event whose row has none: the same for the same row, however often it is imported. Pure.

It follows from the meter, the import's batch, what the row says (customer, value, time as written), and from how many equal rows
come before it in the file. So a file that is imported twice counts once, two equal rows of one file both count, and rows may be
added to a file, or corrected, without changing the identifiers of the others. See docs/decisions/0012-usage-command-line.md.
"""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

PREFIX = "usage"


class Content(NamedTuple):
    """What an identifier follows from; `fraction` is what the time has beyond the second."""

    meter: str
    batch: str
    customer: str
    value: str
    timestamp: int | None
    fraction: str = ""


def derived(content: Content, occurrence: int = 1) -> str:
    """The identifier, at most 51 characters; `occurrence` is 1 for the first of equal rows.

    It begins with the event's time, so those of one file are side by side in an index.
    """
    when = "" if content.timestamp is None else str(content.timestamp)
    exact = f"{when}.{content.fraction}" if content.fraction else when
    words = "\0".join((content.meter, content.batch, content.customer, content.value, exact, str(occurrence)))
    return f"{PREFIX}-{when or 'now'}-{hashlib.sha256(words.encode()).hexdigest()[:32]}"


RECOGNISED_SECONDS = 23 * 3600
"""How long after an event was sent first it may be sent again: Stripe recognises its identifier for at least 24 hours."""


def of_window(source: str, meter: str, customer: str, start: int, end: int, revision: int) -> str:
    """The identifier of a window's revision, at most 60 characters: the same one however often it is sent."""
    words = json.dumps([source, meter, customer, start, end, revision])  # lists of other words never look the same
    return f"{PREFIX}-{start}-r{revision}-{hashlib.sha256(words.encode()).hexdigest()[:32]}"
