"""Entries for a section of somebody's YAML file; comments, order and layout stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml


def with_entries(text: str, section: str, entries: Sequence[str]) -> str | None:
    """The text with more lines in a top-level section, which is made where it is not there.

    The lines are of a mapping, without the section's indentation. None where the section is not written as a block.
    """
    text = text if not text or text.endswith("\n") else text + "\n"
    root = yaml.compose(text, yaml.SafeLoader)
    node = _section(root, section)
    if root is None or _empty(root):
        kept = "".join(line for line in text.splitlines(keepends=True) if line.strip() not in ("{}", "---"))
        changed = kept + f"{section}:\n" + _indented(entries, 2)
    elif node is None:
        changed = text + f"{section}:\n" + _indented(entries, 2)
    elif isinstance(node, yaml.MappingNode) and node.flow_style is False:
        changed = _below(text, node, entries)
    elif isinstance(node, yaml.ScalarNode) and not node.value:
        changed = _after(text, node.start_mark.line, _indented(entries, 2))
    else:
        return None
    return changed if _holds(text, changed, section, entries) else None


def _section(root: yaml.Node | None, name: str) -> yaml.Node | None:
    if not isinstance(root, yaml.MappingNode):
        return None
    return next((value for key, value in root.value if key.value == name), None)


def _empty(root: yaml.Node) -> bool:
    return (isinstance(root, yaml.MappingNode) and not root.value) or (isinstance(root, yaml.ScalarNode) and not root.value)


def _below(text: str, node: yaml.MappingNode, entries: Sequence[str]) -> str:
    """After the last line of a block; comments and blank lines that follow it go with what comes next."""
    column = node.start_mark.column
    lines = text.splitlines()
    last = min(node.end_mark.line, len(lines)) - 1
    while not lines[last].strip() or (lines[last].strip().startswith("#") and not lines[last].startswith(" " * column)):
        last -= 1
    return _after(text, last, _indented(entries, column))


def _after(text: str, line: int, more: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: line + 1], more, *lines[line + 1 :]])


def _indented(entries: Sequence[str], column: int) -> str:
    return "".join(f"{' ' * column}{entry}\n" for entry in entries)


def _holds(before: str, after: str, section: str, entries: Sequence[str]) -> bool:
    """Whether the entries are all that the change adds."""
    try:
        was, now = (_mapping(text) for text in (before, after))
    except yaml.YAMLError:
        return False
    added = _mapping("".join(f"{entry}\n" for entry in entries))
    return now == {**was, section: {**(was.get(section) or {}), **added}}


def _mapping(text: str) -> dict[str, Any]:
    return yaml.safe_load(text) or {}
