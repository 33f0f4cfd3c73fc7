"""What files may hold that no reader was made for: the same table for all of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

DEEP = 5_000
ESCAPES = "\x1b]0;mine\x07\x1b[2J\x1b[31m\u202e"
"""Sets a terminal's title, clears it, and reorders what follows."""
SURROGATE = "\ud800"

BYTES: dict[str, bytes] = {
    "empty": b"",
    "blanks": b" \r\n\t\n ",
    "byte order mark": b"\xef\xbb\xbf",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-16 without a mark": '{"a": 1}'.encode("utf-16-le"),
    "UTF-32": '{"a": 1}'.encode("utf-32"),
    "Latin-1": '{"name": "Zoë"}'.encode("latin-1"),
    "NUL": b"\0",
    "NULs": b"\0" * 5000,
    "program": b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 8,
    "archive": b"PK\x03\x04\x14\0\0\0\x08\0" + bytes(range(256)),
    "gzip": b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\x56\x4a",
    "SQLite": b"SQLite format 3\0" + bytes(84),
    "surrogate in UTF-8": b'{"a": "\xed\xa0\x80"}',
    "cut off in a character": '{"a": "é'.encode()[:-1],
    "long line": b"x" * 200_000,
    "long text": b'{"a": "' + b"x" * 200_000 + b'"}',
    "old line ends": b'{\r"a":\r1\r}\r',
    "Unicode's line ends": '{"a": "b\u2028c\u0085d"}'.encode(),
    "terminal's escapes": ESCAPES.encode(),
    "page": b"<!DOCTYPE html><html><body>Sign in</body></html>",
}
"""Whatever kind of file it should be."""

JSON: dict[str, bytes] = {
    "cut off": b'{"a": [1, 2',
    "two documents": b'{"a": 1}\n{"a": 2}\n',
    "a comma too many": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "a comment": b'{"a": 1 // one\n}',
    "brackets": b"[" * DEEP,
    "deep list": b"[" * DEEP + b"]" * DEEP,
    "deep object": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep value": b'{"a":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "digits": b"9" * 5000,
    "digits in it": b'{"version": ' + b"9" * 5000 + b"}",
    "NaN": b"NaN",
    "NaN in it": b'{"version": NaN, "a": Infinity, "b": -Infinity}',
    "huge number": b'{"version": 1e999, "a": -1e999}',
    "half a character": b'{"\\ud800": "\\udfff"}',
    "key twice": b'{"version": 3, "version": 4}',
    "null": b"null",
    "true": b"true",
    "number": b"17",
    "text": b'"text"',
    "list": b'[{"a": 1}]',
    "empty list": b"[]",
    "empty object": b"{}",
    "escapes in a key": json.dumps({ESCAPES: ESCAPES}).encode(),
}
"""Where the file should be JSON, and, since that is YAML too, where it should be YAML."""

YAML: dict[str, bytes] = {
    "cut off in quotes": b'name: "shop',
    "tab": b"name:\n\tshop: 1\n",
    "deep block": b"".join(b" " * n + b"a:\n" for n in range(3000)),
    "deep flow in it": b"config: " + b"[" * DEEP,
    "references that grow": b"a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12))
    + b"config: *a11\nname: *a11\n",
    "reference to itself": b"config: &a\n  a: *a\n",
    "list in itself": b"config: &a [*a]\n",
    "reference to nothing": b"config: *a\n",
    "merge of itself": b"config: &a\n  <<: *a\n",
    "merge of a text": b"config:\n  <<: text\n",
    "key twice": b"name: a\nname: b\nconfig: {}\nconfig: {}\n",
    "list as a key": b"? [a, b]\n: c\n",
    "keys of other kinds": b"1: a\ntrue: b\nnull: c\n2.5: d\n2026-01-01: e\n",
    "tag of Python": b"name: !!python/object/apply:os.system [exit]\n",
    "unknown tag": b"name: !mine shop\n",
    "binary": b"name: !!binary AAEC\n",
    "set": b"config: !!set {a, b}\n",
    "two documents": b"name: a\n---\nname: b\n",
    "date that is none": b"name: 2026-02-30\n",
    "numbers": b"name: .nan\nconfig: .inf\nversion: -.inf\n",
    "hexadecimal": b"name: 0x" + b"f" * 10_000 + b"\n",
    "sexagesimal": b"name: 190:20:30\nconfig: 1:" + b"59:" * 2000 + b"59\n",
    "escaped half a character": b'name: "\\ud800"\n',
    "escaped NUL": b'name: "a\\0b"\nconfig: {"\\0": "\\0"}\n',
    "directive": b"%YAML 9.9\n---\nname: a\n",
    "anchors only": b"&a &b name\n",
}

TOML: dict[str, bytes] = {
    "cut off": b"[project",
    "key twice": b'[project]\nname = "a"\nname = "b"\n',
    "table twice": b"[project]\n[project]\n",
    "digits": b"a = " + b"9" * 5000 + b"\n",
    "deep": b"a = " + b"[" * DEEP,
    "NUL in it": b'a = "\\u0000"\n',
}

ROWS: dict[str, bytes] = {
    "header only": b"customer,value\n",
    "quote that does not end": b'customer,price,value\n"cus_1,k,1\n',
    "NUL in a row": b"customer,price,value\ncus_1\0,k,1\n",
    "escapes in a row": f"customer,price,value\n{ESCAPES},{ESCAPES},{ESCAPES}\n".encode(),
    "escapes in the header": f"{ESCAPES},{ESCAPES}\n".encode(),
    "many columns": b",".join(b"c%d" % n for n in range(5000)) + b"\n",
}

VALUES: list[Any] = [
    None,
    True,
    -1,
    10**30,
    float("inf"),
    float("nan"),
    "",
    SURROGATE,
    "a\0b",
    ESCAPES,
    "../../../../etc/passwd",
    "x" * 20_000,
    [],
    [None],
    ["x", 1],
    {},
    {"": None},
    {"x": {"x": [{}]}},
]
"""What may stand where something else should."""


def spoiled(document: Any) -> Iterator[tuple[str, Any]]:
    """The document with one thing of it changed, in each way: its place, and what was put there; and the changed document."""
    for path in _paths(document):
        where = ".".join(map(str, path)) or "all"
        for value in VALUES:
            yield f"{where} is {_short(value)}", _with(document, path, value)
        if path:
            yield f"{where} is missing", _with(document, path)


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 60 else f"{text[:60]}…"


def _paths(value: Any) -> Iterator[tuple[str | int, ...]]:
    yield ()
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        for path in _paths(inner):
            yield (key, *path)


def _with(document: Any, path: tuple[Any, ...], *value: Any) -> Any:
    if not path:
        return value[0]
    changed = copy.deepcopy(document)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    if value:
        holder[path[-1]] = value[0]
    else:
        del holder[path[-1]]
    return changed
