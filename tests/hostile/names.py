"""Names of every class of characters there is, as resources, objects and what people type may have them."""

from __future__ import annotations

import sys
import unicodedata

NOT_SENT = ("Cs", "Cn")
"""Halves of characters, which no text in UTF-8 has, and what is no character yet."""


def of_every_class() -> dict[str, str]:
    """A name with a character of each of Unicode's general categories, by category."""
    found: dict[str, str] = {}
    for point in range(0x20, sys.maxunicode):
        category = unicodedata.category(chr(point))
        if category not in NOT_SENT and point > 0x7F:
            found.setdefault(category, f"a{chr(point)}b")
    return found


NAMES = {
    **of_every_class(),
    "slash": "a/b/c",
    "slashes": "/a//",
    "dollar and slash": "a$b/c",
    "colons": "a::b:c",
    "quotes": "a\"b'c`d",
    "markdown": "a|b*c_[d](http://x)<b>",
    "backslash": "a\\b\\n",
    "right to left": "\u05d0\u05d1\u202e\u0661",
    "nothing to see": "\u200b\u200d\ufeff\u2060",
    "joined": "e\u0301",
    "emoji": "\U0001f469\u200d\U0001f4bb",
    "blanks": " a b ",
    "percent": "a%00%s{0}",
    "NUL": "a\0b",
    "lines": "a\n + \tb",
    "long": "x" * 300,
}
UNSEEN = {"\u202e", "\u200b", "\u2028", "\0"}
"""What would command a terminal, or is not to be seen."""
