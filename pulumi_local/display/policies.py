"""The `Policies:` of a run: every pack that ran, and what it found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_local import urns
from pulumi_local.display import colors, diffing, rows, steps
from pulumi_local.display.colors import HEADLINE, INFO, RESET
from pulumi_local.display.rows import Row

_ENFORCEMENT = ("remediate", "mandatory", "advisory", "disabled")
_SEVERITY = ("critical", "high", "medium", "low", "")
_LOCAL = "|local|"


def rendered(summary: Mapping[str, Any], all_rows: Iterable[Row], *, each: bool = False) -> tuple[list[str], bool]:
    """The lines, and whether a mandatory policy was broken. Nothing where no pack ran. Remediations are counted, or `each` is
    told."""
    packs: Mapping[str, str] = summary.get("PolicyPacks") or summary.get("policyPacks") or {}
    if not packs:
        return [], False
    paths: dict[str, list[str]] = {}
    for name, version in packs.items():
        base, _, path = name.partition(_LOCAL)
        paths.setdefault(f"{base}@v{version}", []).extend([path] if path else [])
    violations: dict[str, list[dict[str, Any]]] = {}
    remediations: dict[str, list[dict[str, Any]]] = {}
    for row in all_rows:
        for found, into in ((row.violations, violations), (row.remediations, remediations)):
            for event in found:
                into.setdefault(f"{event['policyPackName']}@v{event['policyPackVersion']}", []).append(event)
    lines = [f"{HEADLINE}Policies:{RESET}"]
    for key in sorted({*paths, *violations, *remediations}):
        lines += _pack(key, paths.get(key, []), violations.get(key, []), remediations.get(key, []), each)
    mandatory = any(v["enforcementLevel"] == "mandatory" for found in violations.values() for v in found)
    return [*lines, ""], mandatory


def _pack(
    key: str, paths: list[str], violations: list[dict[str, Any]], remediations: list[dict[str, Any]], each: bool
) -> list[str]:
    mark = "✅"
    if violations:
        mark = "❌" if any(v["enforcementLevel"] == "mandatory" for v in violations) else "⚠️"
    local = f" (local: {'; '.join(sorted(paths))})" if paths else ""
    lines = [f"    {mark} {INFO}{key}{RESET}{local}"]
    counts: dict[str, int] = {}
    lines += [text for event in remediations if (text := remediation(event, "        - "))] if each else []
    for event in () if each else remediations:
        counts[event["policyName"]] = counts.get(event["policyName"], 0) + 1
    for name in sorted(counts):
        noun = "resource" if counts[name] == 1 else "resources"
        lines.append(f"        - {INFO}[remediate]  {name}{RESET}  ({counts[name]} {noun})")
    for event in sorted(violations, key=_rank):
        lines += violation(event, "        - ", "          ").split("\n")
    return lines


def _rank(event: Mapping[str, Any]) -> tuple[int, int, str, str]:
    level, severity = event.get("enforcementLevel", ""), event.get("severity", "")
    return (
        _ENFORCEMENT.index(level) if level in _ENFORCEMENT else 99,
        _SEVERITY.index(severity) if severity in _SEVERITY else 99,
        event.get("policyName", ""),
        event.get("resourceUrn", ""),
    )


def violation(event: Mapping[str, Any], prefix: str, margin: str) -> str:
    """One violation: level, policy, resource; and below it, indented by `margin`, the message."""
    level = event["enforcementLevel"]
    color = colors.ERROR if level == "mandatory" else colors.WARNING
    severity = f" [severity: {event['severity']}]" if event.get("severity") else ""
    head = f"{color}[{level}]{severity}  {event['policyName']}{RESET}{_resource(event)}"
    if not prefix:
        head = f"    {INFO}{event['policyPackName']}@v{event['policyPackVersion']} {RESET}{head}"
    message = event["message"].removesuffix("\n").replace("\n", f"\n{margin}")
    return f"{prefix}{head}{chr(10) if margin else ''}{margin}{message}"


def remediation(event: Mapping[str, Any], prefix: str = "") -> str:
    """One remediation with the names of what it changed; empty if it changed nothing. Without `prefix` it names its pack."""
    parts = diffing.between_objects(event.get("before") or {}, event.get("after") or {})
    if parts is None:
        return ""
    head = prefix or f"    {INFO}{event['policyPackName']}@v{event['policyPackVersion']} {RESET}"
    return f"{head}{INFO}[remediate]  {event['policyName']}{RESET}{_resource(event)} [{rows.short(parts)}]"


def _resource(event: Mapping[str, Any]) -> str:
    urn = event.get("resourceUrn") or ""
    return f"  ({steps.display_type(urns.type_of(urn))}: {steps.display_name(urn)})" if urn else ""
