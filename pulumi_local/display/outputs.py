"""The `Outputs:` of a stack: old => new where they changed."""

from __future__ import annotations

from pulumi_local.display import diffing, steps, values
from pulumi_local.display.diffing import Parts
from pulumi_local.display.properties import Printer, worth_printing
from pulumi_local.display.steps import Step
from pulumi_local.interfaces import Json

_READING = ("read", "read-replacement", "import", "import-replacement")


def rendered(step: Step, *, indent: int, planning: bool, refresh: bool = False, show_sames: bool = False) -> str:
    """The outputs of a step that are new, gone or changed; after an update, all of a stack's. May be empty."""
    root = steps.is_root(step)
    show_sames = show_sames or (root and not planning)
    if planning and not (refresh or root or step["op"] in _READING):
        return ""
    old, new = step.get("old"), step.get("new")
    if old and old.get("initErrors"):
        return ""
    ins = (new or {}).get("inputs") or {}
    outs = (new or {}).get("outputs") or {}
    hidden = diffing.Hidden((new or old or {}).get("hideDiffs"))
    changes: Parts | None = None
    compared = bool(old) and (old or {}).get("outputs") is not None
    if compared:
        changes = diffing.between_objects((old or {})["outputs"], outs, hidden)
        if changes is None and hidden.met:
            changes = Parts()
        if planning and root:
            changes = _without_unknown_updates(changes)
        if changes is None and not show_sames:
            return ""
    printer = Printer(indent=indent, op=step["op"], planning=planning)
    printer.hidden(hidden.met)
    _print(printer, ins, outs, changes, refresh=refresh, show_sames=show_sames, ignore=hidden)
    return printer.text


def _print(
    printer: Printer,
    ins: dict[str, Json],
    outs: dict[str, Json],
    changes: Parts | None,
    *,
    refresh: bool,
    show_sames: bool,
    ignore: diffing.Ignore,
) -> None:
    keys = sorted(outs) if changes is None else changes.keys()
    width = max((len(k) for k in keys), default=0)
    for key in keys:
        if changes is None and (values.is_internal(key) or not worth_printing(outs.get(key))):
            continue
        # What was given and came back unchanged is not news.
        if key in ins and not refresh and diffing.between(outs.get(key), ins[key], ignore, (key,)) is None:
            continue
        if changes is None:
            printer.property(key, outs[key], width)
        elif show_sames or key in changes.adds or key in changes.deletes or key in changes.updates:
            printer.property_diff(key, width, changes)


def _without_unknown_updates(changes: Parts | None) -> Parts | None:
    """In a preview, a stack output that is not known yet does not count as changed."""
    if changes is None:
        return None
    for key, difference in list(changes.updates.items()):
        if values.is_unknown(difference.new) or (difference.parts is not None and not difference.parts.changed):
            del changes.updates[key]
    return changes
