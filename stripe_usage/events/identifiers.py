"""The identifier of an event whose row has none: the same for the same row, however often it is imported. Pure.

It follows from the meter, the import's batch, what the row says (customer, value, time), and from how many equal rows come before
it in the file. So a file that is imported twice counts once, two equal rows of one file both count, and rows may be added to a
file, or corrected, without changing the identifiers of the others. See docs/decisions/0012-usage-command-line.md.
"""

from __future__ import annotations

import hashlib

PREFIX = "usage"


def derived(meter: str, batch: str, customer: str, value: str, timestamp: int | None, occurrence: int = 1) -> str:
    """The identifier, at most 51 characters; `occurrence` is 1 for the first of equal rows.

    It begins with the event's time, so those of one file are side by side in an index.
    """
    when = "" if timestamp is None else str(timestamp)
    content = "\0".join((meter, batch, customer, value, when, str(occurrence)))
    return f"{PREFIX}-{when or 'now'}-{hashlib.sha256(content.encode()).hexdigest()[:32]}"
