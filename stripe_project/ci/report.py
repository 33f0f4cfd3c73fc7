"""The texts that people read: the comment of a pull request, the issue about drift. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stripe_client.reading import visible

LONGEST = 60_000
"""Characters; GitHub takes 65,536 in a comment or an issue."""

_LOOKS = ("same", "read", "refresh")
_STACK = "pulumi:pulumi:Stack"
_KEPT = ("urn", "protect", "retainOnDelete", "parent")
"""What a deployment writes into the state of a resource that stays as it is, as far as a preview's steps show it. The URN is
another one where an alias was found."""
_PLANNED = ("dependencies", "propertyDependencies", "additionalSecretOutputs", "customTimeouts")
"""The same, as only a plan shows it."""
_REASON = re.compile(r"error: .+|- \[mandatory\] .+")
_LONGEST_REASON = 300


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
    deploys: bool = False
    """Whether an `up` would change anything, be it in the state only."""
    run: str = ""
    """Of which run of the automation it is, where that is known."""


def steps(events: str) -> list[dict[str, Any]]:
    """The steps in the events of a `preview --json`: `op`, `urn`, and `old` and `new`, with the outputs that they come to."""
    read = [json.loads(line) for line in events.split("\n") if line.startswith("{")]
    found = [event["resourcePreEvent"]["metadata"] for event in read if "resourcePreEvent" in event]
    ends = {(m["urn"], m["op"]): m for event in read if (m := event.get("resOutputsEvent", {}).get("metadata"))}
    return [{**step, **ends.get((step["urn"], step["op"]), {})} for step in found]


def deploys(steps: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an `up` would change anything, be it in the state only: outputs of the stack, or options of a resource."""
    return any(step["op"] != "same" or _kept(step, "old") != _kept(step, "new") for step in steps)


def rewires(plan: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether a plan has other options of a resource than the state before, such as what it depends on."""
    goals = {urn: planned["goal"] for urn, planned in (plan.get("resourcePlans") or {}).items() if planned.get("goal")}
    states = [state for state in before.get("resources") or [] if state["urn"] in goals and not state.get("delete")]
    return any(_sorted(goals[state["urn"]].get(o)) != _sorted(state.get(o)) for state in states for o in _PLANNED)


def _sorted(value: Any) -> Any:
    """An option's value, in which neither order nor what is empty counts."""
    if isinstance(value, dict):
        return {key: _sorted(inner) for key, inner in value.items() if inner} or None
    return (sorted(set(value)) if isinstance(value, list) else value) or None


def _kept(step: Mapping[str, Any], side: str) -> list[Any]:
    state = step.get(side) or {}
    outputs = state.get("outputs") or {} if step["urn"].split("::")[2] == _STACK else None
    provider = str(state.get("provider") or "").rpartition("::")[0]  # without its id, which may not be known yet
    return [outputs, provider, *(state.get(option) or None for option in _KEPT)]


def changes(steps: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many objects change, by operation; components and providers do not count."""
    counts: dict[str, int] = {}
    for step in steps:
        kind = str(step["urn"]).split("::")[2].rpartition("$")[2]
        op = _one(step["op"])
        state = step.get("new") or step.get("old") or {}
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
        return "no changes at Stripe, only in the state" if preview.deploys else "no changes"
    return ", ".join(f"{count} to {op}" for op, count in preview.changes.items())


def reason(preview: Preview) -> str:
    """The line of its log that says why it failed; empty where it did not."""
    lines = [line.strip() for line in preview.text.splitlines() if line.strip()] if preview.failed else []
    found = [match[0] for line in lines if (match := _REASON.match(line))] or lines[-1:]
    return next((line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}…" for line in found), "")


def _line(preview: Preview) -> str:
    why = reason(preview)
    quote = "`" * (max(map(len, re.findall("`+", why)), default=0) + 1)
    # Blanks are needed beside a backquote, and Markdown takes one away at either side.
    return f"- **{preview.stack}**: {headline(preview)}" + (f": {quote} {why} {quote}" if why else "")


def comment_marker(project: str) -> str:
    """The first line of a project's comment, by which the next run finds it."""
    return f"<!-- pulumi: what this pull request does to {project} -->"


def comment(project: str, previews: Sequence[Preview], run: str = "") -> str:
    """The comment: a line for each stack, then what each change does to bills, then the previews, folded. `run` is where the log
    and the artifacts are."""
    previews = [replace(p, text=_plain(p.text), impact=_plain(p.impact)) for p in previews]
    parts = [comment_marker(project), f"## What this does to {project}"]
    parts.append("\n".join(map(_line, previews)))
    parts += [f"Its logs, and the artifacts with all of this as a whole: {_plain(run)}"] if run else []
    share = LONGEST // max(len(previews), 1)
    parts += [_cut_markdown(p.impact.strip(), share // 2, "impact.md") for p in previews if p.impact]
    room = (LONGEST - sum(map(len, parts))) // max(len(previews), 1)
    for p in previews:
        parts.append(
            _folded(f"Preview of {p.stack}, under the policies", p.text, max(room - 400, 0), "preview.txt", opened=bool(p.failed))
        )
    return "\n\n".join(parts) + "\n"


def _plain(text: str) -> str:
    """Without what would hide from a reader of the comment, or move, what the names of resources say."""
    return visible(text.expandtabs(4))


def _folded(title: str, text: str, room: int, whole: str, *, opened: bool) -> str:
    text = text.strip()
    text = _cut(text, max(room - 2 * len(_fence(text)), 0), whole)
    fence = _fence(text)
    return f"<details{' open' if opened else ''}>\n<summary>{title}</summary>\n\n{fence}\n{text}\n{fence}\n\n</details>"


def _fence(text: str) -> str:
    """More backquotes than the text has in a row."""
    return "`" * (max(map(len, re.findall(r"`{3,}", text)), default=2) + 1)


def _cut(text: str, room: int, whole: str) -> str:
    return text if len(text) <= room else f"{text[:room]}\n{_more(len(text) - room, whole)}"


def _cut_markdown(text: str, room: int, whole: str) -> str:
    """As much as there is room for, in whole lines, with code blocks and folds closed that are open there."""
    if len(text) <= room:
        return text
    kept, closing, fence, folds, length = 0, "", "", 0, 0
    lines = text.splitlines(keepends=True)
    for i, line in enumerate(lines, 1):
        length += len(line)
        if fence:
            fence = "" if re.fullmatch(rf" {{0,3}}{fence}`*\s*", line) else fence
        elif begins := re.match(r" {0,3}(`{3,})[^`]*$", line):
            fence = begins[1]
        else:
            folds += line.count("<details") - line.count("</details>")
        closers = f"{fence}\n" * bool(fence) + "\n</details>\n" * folds
        if length + len(closers) <= room:
            kept, closing = i, closers
    shown = "".join(lines[:kept])
    return f"{shown.rstrip()}\n{closing}\n{_more(len(text) - len(shown), whole)}".lstrip()


def _more(characters: int, whole: str) -> str:
    return f"… {characters} more characters: see {whole} among the artifacts of this run"


def issue_title(project: str, stack: str) -> str:
    """The title of a stack's issue."""
    return f"Drift in {stack} of {project}"


def issue_marker(project: str, stack: str) -> str:
    """The first line of a stack's issue, by which the next run finds it."""
    return f"<!-- drift: {project}/{stack} -->"


@dataclass(frozen=True)
class Finding:
    """One thing that an issue is about."""

    text: str
    """What was found."""
    remedy: str
    """The command that does something about it, in backquotes."""


def issue_body(project: str, stack: str, drift: Finding | None, orphans: Finding | None = None) -> str:
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
    parts = [issue_marker(project, stack)]
    for remedy, title, text, whole in found:
        parts += [remedy, _folded(title, text, LONGEST // len(found) - len(remedy) - 400, whole, opened=True)]
    return "\n\n".join(parts) + "\n"


def read(found: Any, text: str, impact: str) -> Preview | None:
    """A preview as `result` wrote it down; None where that is something else."""
    kinds = {"stack": str, "changes": dict, "deploys": bool, "failed": list}
    if not isinstance(found, dict) or not all(isinstance(found.get(name), kind) for name, kind in kinds.items()):
        return None
    numbers, failed = found["changes"], found["failed"]
    if not all(isinstance(n, int) for n in numbers.values()) or not all(isinstance(what, str) for what in failed):
        return None
    return Preview(found["stack"], numbers, failed, text, impact, found["deploys"], str(found.get("run") or ""))


@dataclass(frozen=True)
class Look:
    """What `ci-drift` found for one stack."""

    stack: str
    drift: bool
    orphans: Sequence[Any]
    """Those that are owned; empty where there are none."""
    run: str
    """As in `Preview`."""


def read_look(found: Any) -> Look | None:
    """A look as `ci-drift` wrote it down; None where that is something else."""
    if not isinstance(found, dict):
        return None
    stack, drift, orphans = found.get("stack"), found.get("drift"), found.get("orphans", [])  # an earlier version wrote none
    if not isinstance(stack, str) or not isinstance(drift, bool) or not isinstance(orphans, list):
        return None
    return Look(stack, drift, orphans, str(found.get("run") or ""))


def result(preview: Preview) -> dict[str, Any]:
    """`result.json`."""
    return {
        "stack": preview.stack,
        "changes": dict(preview.changes),
        "deploys": preview.deploys,
        "failed": list(preview.failed),
        "run": preview.run,
    }
