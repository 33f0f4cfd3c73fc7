"""YAML as the CLI reads it: only true and false are booleans ("yes" and "on" are texts), dates stay texts."""

from __future__ import annotations

import re
from typing import Any

import yaml

_MOST = 100_000
"""Values in a document, references written out. The CLI has a limit for references, too."""


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
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _nodes(node, {})
        return loader.construct_document(node)
    except RecursionError:
        raise yaml.YAMLError("it is nested too deep") from None
    finally:
        loader.dispose()


def _nodes(node: yaml.Node, known: dict[yaml.Node, int]) -> int:
    """How many values there are with all references written out. Raises `yaml.YAMLError` where they grow without end."""
    if node in known:
        if not known[node]:
            raise yaml.YAMLError(f"line {node.start_mark.line + 1}: it contains itself")
        return known[node]
    known[node] = 0
    if isinstance(node, yaml.ScalarNode) and any("\ud800" <= c <= "\udfff" for c in node.value):
        raise yaml.YAMLError(f"line {node.start_mark.line + 1}: it has half of a character (\\ud800 to \\udfff)")
    inner = [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
    count = 1 + (0 if isinstance(node, yaml.ScalarNode) else sum(_nodes(part, known) for part in inner))
    if count > _MOST:
        raise yaml.YAMLError(f"line {node.start_mark.line + 1}: its references grow to more than {_MOST:,} values")
    known[node] = count
    return count


def needs_quotes(text: str) -> bool:
    """Whether an unquoted `text` would be read as something else by some YAML reader, old ones included."""
    try:
        return text == "" or load(text) != text or bool(yaml.safe_load(text) != text)
    except (yaml.YAMLError, ValueError):
        return True
