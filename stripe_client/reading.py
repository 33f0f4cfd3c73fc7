"""What others wrote: whatever is wrong with it is one line, and what is shown of it does nothing to a terminal."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

LONGEST_QUOTE = 200
"""Characters."""
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def text(name: str) -> str:
    """The text of a file, without a byte order mark; - is standard input. Raises ValueError: it says what is wrong."""
    if name == "-" and sys.stdin is None:
        raise ValueError("standard input is closed; name a file")
    try:
        data = sys.stdin.read() if name == "-" else Path(name).read_bytes().decode("utf-8-sig")
    except OSError as e:
        raise ValueError(e.strerror or str(e)) from None
    except UnicodeDecodeError as e:
        raise ValueError(f"byte {e.start + 1} is not UTF-8; convert it to UTF-8") from None
    return data


def parsed(text: str, number: Callable[[str], Any] = float, *, once: bool = False) -> Any:
    """What JSON says. Raises ValueError for what is none, is nested too deep, or has what no JSON can have: NaN, half of a
    character. `number` makes numbers that are not whole. With `once`, a key that is there twice is refused too: elsewhere, the
    last one counts."""
    try:
        found = json.loads(text, parse_float=number, parse_constant=_no_number, object_pairs_hook=_each_once if once else None)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except json.JSONDecodeError:
        raise
    except ValueError as e:
        raise ValueError(str(e).partition("; use sys")[0]) from None
    if _HALF.search(text):
        try:
            json.dumps(found, ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError:
            raise ValueError(r"it has half of a character (\ud800 to \udfff)") from None
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"it has {next(name for name in names if names.count(name) > 1)!r} twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def quoted(text: str) -> str:
    """The text as a message quotes it: no longer than helps to find it."""
    return visible(text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…")


def visible(text: str) -> str:
    """The text as a terminal may have it: what would move the cursor, colour or reorder is written as an escape such as \\x1b."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
