"""The last lines of a run: how many resources were created, updated, deleted, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_local.display import ops
from pulumi_local.display.colors import BOLD, HEADLINE, RED, RESET


def rendered(event: Mapping[str, Any], errored: int, *, packs: bool = False) -> str:
    """From a `summaryEvent` and the number of resources with errors; ends with a line end. `packs` lists policy packs too."""
    changes: Mapping[str, int] = event.get("resourceChanges") or {}
    preview = bool(event.get("isPreview"))
    lines = [f"{HEADLINE}Resources:{RESET}"]
    counted = {op: changes[op] for op in ops.OPS if op != "same" and op not in ops.READS and changes.get(op, 0) > 0}
    for op, count in counted.items():
        words = f"to {op}" if preview else ops.OPS[op].past
        lines.append(f"    {ops.colored_sign(op)}{count} {words}{RESET}")
    pieces = []
    if len(counted) >= 2:
        pieces.append(f"{BOLD}{_plural(sum(counted.values()), 'change')}{RESET}")
    if changes.get("same"):
        pieces.append(f"{changes['same']} unchanged")
    if pieces:
        lines.append("    " + ". ".join(pieces))
    if errored:
        lines.append(f"    {RED}{errored} errored{RESET}")
    if packs:
        lines += _packs(event.get("PolicyPacks") or event.get("policyPacks") or {})
    if not preview:
        lines += ["", f"{HEADLINE}Duration:{RESET} {duration(int(event.get('durationSeconds') or 0))}"]
    return "\n".join(lines) + "\n"


def duration(seconds: int) -> str:
    """As Go prints it: 5s, 1m5s, 1h0m5s."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours}h{minutes}m{left}s"
    return f"{minutes}m{left}s" if minutes else f"{left}s"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _packs(packs: Mapping[str, str]) -> list[str]:
    if not packs:
        return []
    width = max(len("Name"), *map(len, packs))
    return [
        "",
        f"{HEADLINE}Policy Packs run:{RESET}",
        f"    {'Name':<{width}}  Version",
        *(f"    {name:<{width}}  {version}" for name, version in packs.items()),
    ]
