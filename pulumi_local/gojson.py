"""JSON as Go's encoding/json writes it, which is what every file and every `--json` of the CLI looks like.

Differences from `json.dumps`: whole numbers have no ".0", keys are sorted where Go has a map, and `<`, `>` and `&` are escaped
where the CLI does that.
"""

from __future__ import annotations

import datetime
import json
import math
from typing import Any

_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def now() -> str:
    """The time as Go writes it: RFC 3339 in UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat().replace("+00:00", "Z")


def number(value: float) -> float | int:
    """A whole number as an integer."""
    return int(value) if math.isfinite(value) and value == int(value) and abs(value) < 1e21 else value


def plain(value: Any) -> Any:
    """A copy in which every whole float is an integer, so that `json.dumps` writes it without ".0"."""
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def dumps(value: Any, *, indent: int | None = None, sort_keys: bool = False, html: bool = False) -> str:
    """One JSON text: compact, or indented by `indent` spaces. `html` escapes <, > and & as Go does by default."""
    separators = (",", ": ") if indent else (",", ":")
    text = json.dumps(plain(value), ensure_ascii=False, indent=indent, separators=separators, sort_keys=sort_keys)
    return text.translate(_HTML) if html else text
