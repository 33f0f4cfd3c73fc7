"""What events say about one step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_local import reading, urns
from pulumi_local.display import ops
from pulumi_local.interfaces import Json

if TYPE_CHECKING:
    from pulumi_local.request import View

Step = dict[str, Any]
"""The `metadata` of a resource event."""


def display_type(token: str) -> str:
    """The type for people: `pkg:mod/thing:Thing` is shown as `pkg:mod:Thing`."""
    parts = token.split(":")
    if len(parts) != 3 or not parts[2] or "/" not in parts[1]:
        return token
    module, _, file = parts[1].rpartition("/")
    camel = parts[2][:1].lower() + parts[2][1:]
    return f"{parts[0]}:{module}:{parts[2]}" if file == camel else token


def display_name(urn: str) -> str:
    """The name for people, who could be told anything by a name that moves the cursor, hides or reorders."""
    return one_line(urns.name_of(urn))


def one_line(text: str) -> str:
    """A text that programs chose, in one line."""
    return reading.visible(text.replace("\n", "\\n").replace("\t", "\\t"))


def is_root(metadata: Json) -> bool:
    """Whether it is about the stack itself."""
    return urns.is_stack(metadata.get("urn") or "")


def result(metadata: Json) -> Json:
    """The state that the step is about: the new one, else the old one."""
    return metadata.get("new") or metadata.get("old")


def should_show(metadata: Json, *, show_sames: bool) -> bool:
    """Whether to show it: not what stays the same, unless its protection changes."""
    old, new = metadata.get("old") or {}, metadata.get("new") or {}
    return metadata["op"] != "same" or show_sames or bool(old.get("protect")) != bool(new.get("protect"))


def in_detail(metadata: Json, view: View) -> bool:
    """Whether to show it with its properties: the stack always, parts of a replacement only if the view asks for them."""
    if is_root(metadata):
        return True
    part = not metadata.get("logical") and metadata["op"] in ops.REPLACEMENTS
    return should_show(metadata, show_sames=view.show_sames) and (view.show_replacement_steps or not part)
