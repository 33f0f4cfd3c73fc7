"""YAML as the CLI reads it: only true and false are booleans ("yes" and "on" are texts), dates stay texts."""

from __future__ import annotations

import re
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the core schema of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own class attribute


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", list("-+0123456789.")),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    return int(text, 0) if text.lower().startswith(("0x", "0o")) else int(text)


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)


def load(text: str | bytes) -> Any:
    """The first document as plain Python values. Raises `yaml.YAMLError`, and ValueError for numbers that are none."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 (it is the safe one, with other scalars)
    except RecursionError:
        raise yaml.YAMLError("it is nested too deep") from None


def needs_quotes(text: str) -> bool:
    """Whether an unquoted `text` would be read as something else by some YAML reader, old ones included."""
    try:
        return text == "" or load(text) != text or bool(yaml.safe_load(text) != text)
    except (yaml.YAMLError, ValueError):
        return True
