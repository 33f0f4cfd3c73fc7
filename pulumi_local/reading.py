"""What others wrote: whatever is wrong with it is one line, and what is shown of it does nothing to a terminal."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path

from pulumi_local.interfaces import Json

_LONGEST = 2000
LONGEST_FILE = 2**30
"""Bytes: a hundred times the largest state that was tried."""
_DIGITS = 300
"""An integer of more is beyond what a float holds, as which values of resources are kept."""
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def why(error: OSError | ValueError) -> str:
    """Why a file could not be read, without its name."""
    return str((isinstance(error, OSError) and error.strerror) or error)


def text(path: Path, longest: int = LONGEST_FILE) -> str:
    """The text of a file, without a byte order mark. Raises OSError, and ValueError where it is not UTF-8, or has more bytes."""
    with path.open("rb") as opened:
        data = opened.read(longest + 1)  # a device has no end
    if len(data) > longest:
        raise ValueError(f"it has more than {longest:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise ValueError(f"byte {e.start + 1} is not UTF-8; convert it to UTF-8") from None


def parsed(text: str, constant: Callable[[str], float] | None = None) -> Json:
    """What JSON says. Raises ValueError for what is none, is nested too deep, or has what no JSON can have: half of a character,
    a number beyond all bounds. `constant` is for NaN and infinities, which are otherwise refused too."""
    try:
        found = json.loads(text, parse_constant=constant or _no_number, parse_float=_number, parse_int=_integer)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if _HALF.search(text):
        try:
            json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError(r"it has half of a character (\ud800 to \udfff)") from None
    return found


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _number(text: str) -> float:
    found = float(text)
    if math.isinf(found):
        raise ValueError(f"{text[:40]} is beyond all bounds")
    return found


def _integer(text: str) -> int:
    if len(text) > _DIGITS:
        raise ValueError(f"{text[:40]}… is beyond all bounds")
    return int(text)


def visible(text: str) -> str:
    """The text as a terminal may have it: what would move the cursor, colour or reorder is written as an escape such as \\x1b,
    and lines without end are cut."""
    return "\n".join(_visible(line) for line in text.split("\n"))


def _visible(line: str) -> str:
    shown = line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
    return "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode() for c in shown)
