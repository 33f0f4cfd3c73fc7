"""The texts that people read: the comment of a pull request, the issue about drift. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COMMENT = "<!-- pulumi: what this pull request does -->"
"""The comment's first line, by which the next run finds it."""
LONGEST = 60_000
"""Characters; GitHub takes 65,536 in a comment or an issue."""

_LOOKS = ("same", "read", "refresh")


@dataclass(frozen=True)
class Preview:
    """What `ci-preview` found for one stack."""

    stack: str
    changes: Mapping[str, int]
    """How many resources by operation, without those that stay as they are."""
    failed: Sequence[str]
    """What went wrong: "preview", "billing impact"."""
    text: str
    impact: str
    """Markdown; empty where it is unknown."""


def changes(steps: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many objects change, by operation, in the steps of a `preview --json`; components and providers do not count."""
    counts: dict[str, int] = {}
    for step in steps:
        kind = str(step["urn"]).split("::")[2].rpartition("$")[2]
        op = _one(step["op"])
        state = step.get("newState") or step.get("oldState") or {}
        if op and state.get("custom") and not kind.startswith("pulumi:providers:"):
            counts[op] = counts.get(op, 0) + 1
    return dict(sorted(counts.items()))


def _one(op: str) -> str:
    """The operation that counts: of the three steps of a replacement, the one in the middle."""
    return "" if op in _LOOKS or op in ("create-replacement", "delete-replaced") else op


def without_hint(preview: str) -> str:
    """What a preview printed, without the engine's advice on how to use the plan: CI does that."""
    return re.sub(r"^(Update plan written to '.*'|Run `pulumi up --plan=.*)\n", "", preview, flags=re.M)


def headline(preview: Preview) -> str:
    """One line: what failed, or how much changes."""
    if preview.failed:
        return f"❌ {' and '.join(preview.failed)} failed"
    if not preview.changes:
        return "no changes"
    return ", ".join(f"{count} to {op}" for op, count in preview.changes.items())


def comment(previews: Sequence[Preview]) -> str:
    """The comment: a line for each stack, then what each change does to bills, then the previews, folded."""
    parts = [COMMENT, "## What this does"]
    parts.append("\n".join(f"- **{p.stack}**: {headline(p)}" for p in previews))
    share = LONGEST // max(len(previews), 1)
    parts += [_cut(p.impact.strip(), share // 2, "impact.md") for p in previews if p.impact]
    room = (LONGEST - sum(map(len, parts))) // max(len(previews), 1)
    for p in previews:
        parts.append(
            _folded(f"Preview of {p.stack}, under the policies", p.text, max(room - 400, 0), "preview.txt", opened=bool(p.failed))
        )
    return "\n\n".join(parts) + "\n"


def _folded(title: str, text: str, room: int, whole: str, *, opened: bool) -> str:
    text = text.strip()
    text = _cut(text, max(room - 2 * len(_fence(text)), 0), whole)
    fence = _fence(text)
    return f"<details{' open' if opened else ''}>\n<summary>{title}</summary>\n\n{fence}\n{text}\n{fence}\n\n</details>"


def _fence(text: str) -> str:
    """More backquotes than the text has in a row."""
    return "`" * (max(map(len, re.findall(r"`{3,}", text)), default=2) + 1)


def _cut(text: str, room: int, whole: str) -> str:
    if len(text) <= room:
        return text
    return f"{text[:room]}\n… {len(text) - room} more characters: see {whole} among the artifacts of this run"


def issue_title(stack: str) -> str:
    """The title of a stack's issue."""
    return f"Drift in {stack}"


def issue_marker(stack: str) -> str:
    """The first line of a stack's issue."""
    return f"<!-- drift: {stack} -->"


@dataclass(frozen=True)
class Finding:
    """One thing that an issue is about."""

    text: str
    """What was found."""
    remedy: str
    """The command that does something about it, in backquotes."""


def issue_body(stack: str, drift: Finding | None, orphans: Finding | None = None) -> str:
    """What is different at Stripe and what is in no state there, and what can be done about each."""
    found = []
    if drift:
        remedy = (
            f"What is at Stripe is not what the program declares for **{stack}**. Either somebody changed it there: "
            f"{drift.remedy} puts it right, or make the same change in the program. "
            "Or something was merged and not deployed. docs/drift.md says what shows and why."
        )
        found.append((remedy, "What differs", drift.text, "drift.txt"))
    if orphans:
        remedy = (
            f"There are objects of **{stack}** at Stripe that no state has, so no program changes them or takes them out of use. "
            f"{orphans.remedy} lists them; with `--adopt` it prints what declares them again, with `--retire` it takes them out "
            "of use. docs/orphans.md says where they come from."
        )
        found.append((remedy, "What is in no state", orphans.text, "orphans.txt"))
    parts = [issue_marker(stack)]
    for remedy, title, text, whole in found:
        parts += [remedy, _folded(title, text, LONGEST // len(found) - len(remedy) - 400, whole, opened=True)]
    return "\n\n".join(parts) + "\n"


def result(preview: Preview) -> dict[str, Any]:
    """`result.json`."""
    return {"stack": preview.stack, "changes": dict(preview.changes), "failed": list(preview.failed)}
