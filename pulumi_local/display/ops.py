"""Names, signs and colours of what can happen to a resource."""

from __future__ import annotations

from typing import NamedTuple

from pulumi_local.display.colors import (
    BOLD,
    BRIGHT_CYAN,
    BRIGHT_GREEN,
    BRIGHT_MAGENTA,
    BRIGHT_RED,
    GREEN,
    RED,
    RESET,
    YELLOW,
)


class Op(NamedTuple):
    """An operation: its sign (two characters) and colour, and the words for it."""

    sign: str
    color: str
    doing: str
    done: str
    failed: str
    planned: str
    """What a preview says while it works."""
    past: str
    """What a summary counts."""


OPS = {
    "same": Op("  ", RESET, "", "", "failed", "", "samed"),
    "create": Op("+ ", GREEN, "creating", "created", "creating failed", "create", "created"),
    "update": Op("~ ", YELLOW, "updating", "updated", "updating failed", "update", "updated"),
    "delete": Op("- ", RED, "deleting", "deleted", "deleting failed", "delete", "deleted"),
    "replace": Op("+-", BRIGHT_MAGENTA, "replacing", "replaced", "replacing failed", "replace", "replaced"),
    "create-replacement": Op(
        "++", BRIGHT_GREEN, "creating replacement", "created replacement", "creating failed", "create replacement",
        "create-replacementd",
    ),
    "delete-replaced": Op(
        "--", BRIGHT_RED, "deleting original", "deleted original", "deleting failed", "delete original", "deleted"
    ),
    "read": Op("> ", BRIGHT_CYAN, "reading", "read", "reading failed", "read", "read"),
    "read-replacement": Op(
        ">>", BRIGHT_MAGENTA, "reading for replacement", "read for replacement", "reading failed", "read for replacement",
        "read-replacementd",
    ),
    "refresh": Op("~ ", YELLOW, "refreshing", "refresh", "refreshing failed", "refreshing", "refreshed"),
    "discard": Op("< ", RED, "discarding", "discarded", "discarding failed", "discard", "discarded"),
    "discard-replaced": Op(
        "<<", RED, "discarding original", "discarded original", "discarding failed", "discard original", "discarded"
    ),
    "remove-pending-replace": Op("~ ", RESET, "", "", "", "", "remove-pending-replace"),
    "import": Op("= ", GREEN, "importing", "imported", "importing failed", "import", "imported"),
    "import-replacement": Op(
        "=>", BRIGHT_MAGENTA, "importing replacement", "imported replacement", "importing failed", "import replacement",
        "imported",
    ),
}  # fmt: skip
"""By name, in the order in which summaries count."""

READS = frozenset({"read", "discard", "read-replacement"})
REPLACEMENTS = frozenset(
    {
        "replace",
        "create-replacement",
        "delete-replaced",
        "read-replacement",
        "discard-replaced",
        "remove-pending-replace",
        "import-replacement",
    }
)


def color(op: str) -> str:
    """The colour of lines about this."""
    return OPS[op].color


def colored_sign(op: str, *, done: bool = True) -> str:
    """The sign in its colour (bold while it goes on); the colour is not ended."""
    return f"{'' if done else BOLD}{color(op)}{OPS[op].sign}"


def plan(op: str) -> str:
    """What a preview says at its end: every part of a replacement is "replace"."""
    if op in ("replace", "create-replacement", "delete-replaced", "read-replacement", "discard-replaced"):
        return "replace"
    return {"refresh": "refresh", "import-replacement": "import"}.get(op, OPS[op].planned)
