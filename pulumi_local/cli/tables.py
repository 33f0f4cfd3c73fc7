"""Tables and relative times as the CLI prints them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], prefix: str = "") -> str:
    """Columns as wide as their widest cell, two spaces between them; a cell of several lines takes several rows."""
    lines = [tuple(headers)]
    for row in rows:
        cells = [cell.split("\n") for cell in row]
        for i in range(max(map(len, cells))):
            lines.append(tuple(c[i] if i < len(c) else "" for c in cells))
    widths = [max(len(line[i]) for line in lines) for i in range(len(headers))]
    padded = (
        "  ".join([*(cell.ljust(width) for cell, width in zip(line[:-1], widths, strict=False)), line[-1]]) for line in lines
    )
    return "\n".join(prefix + line for line in padded)


_UNITS = ((31536000, "year"), (2592000, "month"), (604800, "week"), (86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def utc_seconds(timestamp: str) -> str:
    """A manifest's time (nanoseconds, any zone) in UTC, cut to milliseconds, as listings show it."""
    moment = _parsed(timestamp)
    return timestamp if moment is None else f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def ago(timestamp: str) -> str:
    """How long ago a timestamp of a manifest is: "now", "5 minutes ago"."""
    then = _parsed(timestamp)
    if then is None:
        return "n/a"
    seconds = int((datetime.datetime.now(datetime.UTC) - then).total_seconds())
    for length, unit in _UNITS:
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "now"


_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)")


def _parsed(timestamp: str) -> datetime.datetime | None:
    match = _TIMESTAMP.fullmatch(timestamp)
    if not match:
        return None
    zone = "+00:00" if match[3] == "Z" else match[3]
    moment = datetime.datetime.fromisoformat(match[1] + zone).astimezone(datetime.UTC)
    return moment.replace(microsecond=int((match[2] or "0")[:6].ljust(6, "0")))
