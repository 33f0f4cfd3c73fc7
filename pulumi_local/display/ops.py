"""Names, signs and colours of what can happen to a resource."""

from __future__ import annotations

from pulumi_local.display import colors
from pulumi_local.display.colors import BOLD, RESET

ORDER = (
    "same", "create", "update", "delete", "replace", "create-replacement", "delete-replaced", "read",
    "read-replacement", "refresh", "discard", "discard-replaced", "remove-pending-replace", "import",
    "import-replacement",
)  # fmt: skip
"""The order in which summaries count."""

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

_SIGNS = {
    "same": "  ", "create": "+ ", "delete": "- ", "update": "~ ", "replace": "+-", "create-replacement": "++",
    "delete-replaced": "--", "read": "> ", "read-replacement": ">>", "refresh": "~ ", "discard": "< ",
    "discard-replaced": "<<", "import": "= ", "import-replacement": "=>", "remove-pending-replace": "~ ",
}  # fmt: skip

_COLORS = {
    "create": colors.GREEN, "import": colors.GREEN, "delete": colors.RED, "update": colors.YELLOW,
    "replace": colors.BRIGHT_MAGENTA, "create-replacement": colors.BRIGHT_GREEN, "delete-replaced": colors.BRIGHT_RED,
    "read": colors.BRIGHT_CYAN, "read-replacement": colors.BRIGHT_MAGENTA,
    "import-replacement": colors.BRIGHT_MAGENTA, "refresh": colors.YELLOW, "discard": colors.RED,
    "discard-replaced": colors.RED,
}  # fmt: skip

_DOING = {
    "create": "creating", "update": "updating", "delete": "deleting", "replace": "replacing",
    "create-replacement": "creating replacement", "delete-replaced": "deleting original", "read": "reading",
    "read-replacement": "reading for replacement", "refresh": "refreshing", "discard": "discarding",
    "discard-replaced": "discarding original", "import": "importing", "import-replacement": "importing replacement",
}  # fmt: skip

_DONE = {
    "create": "created", "update": "updated", "delete": "deleted", "replace": "replaced",
    "create-replacement": "created replacement", "delete-replaced": "deleted original", "read": "read",
    "read-replacement": "read for replacement", "refresh": "refresh", "discard": "discarded",
    "discard-replaced": "discarded original", "import": "imported", "import-replacement": "imported replacement",
}  # fmt: skip

_FAILED = {
    "same": "failed", "create": "creating failed", "create-replacement": "creating failed",
    "update": "updating failed", "delete": "deleting failed", "delete-replaced": "deleting failed",
    "replace": "replacing failed", "read": "reading failed", "read-replacement": "reading failed",
    "refresh": "refreshing failed", "discard": "discarding failed", "discard-replaced": "discarding failed",
    "import": "importing failed", "import-replacement": "importing failed",
}  # fmt: skip

_PLANNED = {
    "create": "create", "update": "update", "delete": "delete", "replace": "replace",
    "create-replacement": "create replacement", "delete-replaced": "delete original", "read": "read",
    "read-replacement": "read for replacement", "refresh": "refreshing", "discard": "discard",
    "discard-replaced": "discard original", "import": "import", "import-replacement": "import replacement",
}  # fmt: skip

_PAST = {
    "same": "samed", "create": "created", "replace": "replaced", "create-replacement": "create-replacementd",
    "update": "updated", "read-replacement": "read-replacementd", "refresh": "refreshed", "read": "read",
    "discard": "discarded", "discard-replaced": "discarded", "delete": "deleted", "delete-replaced": "deleted",
    "import": "imported", "import-replacement": "imported",
}  # fmt: skip


def sign(op: str) -> str:
    """Two characters, such as "+ "."""
    return _SIGNS[op]


def color(op: str) -> str:
    """The colour of lines about this."""
    return _COLORS.get(op, RESET)


def colored_sign(op: str, *, done: bool = True) -> str:
    """The sign in its colour (bold while it goes on); the colour is not ended."""
    return f"{'' if done else BOLD}{color(op)}{sign(op)}"


def doing(op: str) -> str:
    """ "creating" """
    return _DOING.get(op, "")


def done(op: str) -> str:
    """ "created" """
    return _DONE.get(op, "")


def failed(op: str) -> str:
    """ "creating failed" """
    return _FAILED.get(op, "")


def planned(op: str) -> str:
    """What a preview says while it works: "create", "create replacement"."""
    return _PLANNED.get(op, "")


def plan(op: str) -> str:
    """What a preview says at its end: every part of a replacement is "replace"."""
    if op in ("replace", "create-replacement", "delete-replaced", "read-replacement", "discard-replaced"):
        return "replace"
    return {"refresh": "refresh", "import-replacement": "import"}.get(op, _PLANNED.get(op, ""))


def past(op: str) -> str:
    """What a summary counts: "created"."""
    return _PAST.get(op, op)
