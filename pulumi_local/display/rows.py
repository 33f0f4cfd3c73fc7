"""One row per resource: what is done to it, what changed, and messages about it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from pulumi_local import urns
from pulumi_local.display import colors, diffing, ops, steps
from pulumi_local.display.colors import RESET
from pulumi_local.display.diffing import Parts, ValueDiff
from pulumi_local.display.steps import Step
from pulumi_local.interfaces import Json

RETAINING = ("delete", "replace", "create-replacement", "delete-replaced")


@dataclass
class Diagnostic:
    """One message about a resource."""

    severity: str
    message: str
    prefix: str = ""
    stream: int = 0

    def text(self, *, prefix: bool = True) -> str:
        """The message as shown; the prefix ("error: ") has its severity's colour."""
        color = {"error": colors.ERROR, "warning": colors.WARNING}.get(self.severity, "")
        head = f"{color}{self.prefix}{RESET if color else ''}" if prefix and self.prefix else ""
        return (head + self.message).rstrip()


@dataclass
class Row:
    """What is known about one resource."""

    step: Step
    outputs_seen: list[Step] = field(default_factory=list)
    failed: bool = False
    hidden: bool = True
    diagnostics: list[Diagnostic] = field(default_factory=list)
    notes: list[Diagnostic] = field(default_factory=list)
    """Shown behind the row for the moment, and not below."""
    violations: list[dict[str, Any]] = field(default_factory=list)
    remediations: list[dict[str, Any]] = field(default_factory=list)
    started: float | None = None
    ended: float | None = None

    def count(self, *severities: str) -> int:
        """How many messages of these severities there were."""
        return sum(d.severity in severities for d in self.diagnostics)

    def has_outputs_of(self, op: str) -> bool:
        """Whether the operation has ended."""
        return any(s["op"] == op for s in self.outputs_seen)


@dataclass
class RowStyle:
    """How rows are written: of a preview or not, on a terminal or not, during the run or after it."""

    preview: bool
    interactive: bool = False
    done: bool = False
    any_failed: bool = False

    def shown_op(self, step: Step) -> str:
        """On a terminal, the parts of a replacement are shown as one before and after they happen."""
        op: str = step["op"]
        merging = self.interactive and not self.any_failed and (self.preview or self.done)
        return "replace" if merging and op in ("create-replacement", "delete-replaced", "discard-replaced") else op

    def is_done(self, row: Row) -> bool:
        """Whether the resource is finished."""
        if row.failed or self.done:
            return True
        return not steps.is_root(row.step) and row.has_outputs_of(row.step["op"])

    def columns(self, row: Row, fallback_urn: str) -> list[str]:
        """Sign, type, name, status, information."""
        step = row.step
        urn = step.get("urn") or fallback_urn
        done = self.is_done(row)
        return [
            ops.colored_sign(self.shown_op(step), done=done) + RESET,
            steps.display_type(urns.type_of(urn)),
            steps.display_name(urn),
            self._status(row, done),
            self._information(row),
        ]

    def _status(self, row: Row, done: bool) -> str:
        failed = row.failed or row.count("error") > 0
        if not failed and self._interrupted(row):
            text = f"{colors.WARNING}{ops.OPS[self.shown_op(row.step)].doing} (interrupted){RESET}"
        elif done:
            text = self._done_text(row, failed)
        else:
            text = self._doing_text(row)
        retained = bool((row.step.get("old") or {}).get("retainOnDelete"))
        return f"{text}[retain]" if retained and row.step["op"] in RETAINING else text

    def _interrupted(self, row: Row) -> bool:
        """The run is over, and a custom resource's operation is not."""
        op = self.shown_op(row.step)
        state = steps.result(row.step) or {}
        return (
            self.done
            and bool(state.get("custom"))
            and op not in ("same", "remove-pending-replace")
            and not row.has_outputs_of(row.step["op"])
        )

    def _done_text(self, row: Row, failed: bool) -> str:
        op = self.shown_op(row.step)
        if self.preview:
            return f"{ops.color(op)}{ops.plan(row.step['op'])}{RESET}"
        text = ops.OPS[op].failed if failed else ops.OPS[op].done
        if op != "same" and row.started is not None and row.ended is not None:
            seconds = row.ended - row.started
            text += f" ({seconds:.2f}s)" if seconds < 1 else f" ({int(seconds)}s)"
        return f"{colors.ERROR}**{text}**{RESET}" if failed else f"{ops.color(op)}{text}{RESET}"

    def _doing_text(self, row: Row) -> str:
        op = self.shown_op(row.step)
        if steps.is_root(row.step) and op == "same":
            return "running"
        text = ops.OPS[row.step["op"]].planned if self.preview else ops.OPS[op].doing
        if not self.preview and op != "same" and row.started is not None:
            text += f" ({int(time.monotonic() - row.started)}s)"
        return f"{colors.BOLD}{ops.color(op)}{text}{RESET}"

    def _information(self, row: Row) -> str:
        parts = []
        changes = short_diff(self._informative(row))
        if colors.plain(changes):
            parts.append(f"[{changes}]")
        if self.done:
            parts += _counts(row)
        elif last := self._last(row):
            parts.append(last)
        return "; ".join(parts).partition("\n")[0]

    def _informative(self, row: Row) -> Step:
        """Of a replacement, the step that says why."""
        if row.step["op"] in ("create-replacement", "delete-replaced"):
            for step in reversed(row.outputs_seen):
                if step["op"] == "replace":
                    return step
        return row.step

    def _last(self, row: Row) -> str:
        errors = [d for d in row.diagnostics if d.severity == "error"] if self.interactive else []
        said = errors or row.notes or row.diagnostics
        return said[-1].text() if said else ""


def _counts(row: Row) -> list[str]:
    """How many messages there were; they are printed below."""
    kinds = (
        (("error",), colors.ERROR, "error", "errors"),
        (("warning",), colors.WARNING, "warning", "warnings"),
        (("info", "info#err"), colors.INFO, "message", "messages"),
        (("debug",), RESET, "debug", "debugs"),
    )
    counted = ((row.count(*severities), color, one, many) for severities, color, one, many in kinds)
    return [f"{count} {color}{one if count == 1 else many}{RESET}" for count, color, one, many in counted if count]


def short_diff(step: Step) -> str:
    """`diff: +added-deleted~updated`: names of top-level properties; empty if nothing changed."""
    old, new = step.get("old"), step.get("new")
    if not old or not new:
        return ""
    parts = None
    # What stays the same may differ in its metadata, but its properties are never shown as a difference.
    if step["op"] != "same":
        if step.get("detailedDiff") is not None:
            parts = diffing.translated(step, refresh=False)[0]
        else:
            parts = diffing.between_objects(old.get("inputs") or {}, new.get("inputs") or {})
    for name, a, b in _metadata(old, new):
        if a != b:
            parts = parts or Parts()
            parts.updates[name] = ValueDiff(a, b)
    return short(parts, step.get("diffs") or ())


def _metadata(old: Json, new: Json) -> list[tuple[str, Json, Json]]:
    return [
        ("provider", old.get("provider") or "", new.get("provider") or ""),
        ("protect", bool(old.get("protect")), bool(new.get("protect"))),
        (f"{colors.RED}taint{RESET}", bool(old.get("taint")), bool(new.get("taint"))),
    ]


def short(parts: Parts | None, include: Any = ()) -> str:
    """Names with a sign before each group; only those of `include`, if it names any."""
    if parts is None:
        return ""
    text = "diff: "
    for names, op in ((parts.adds, "create"), (parts.deletes, "delete"), (parts.updates, "update")):
        chosen = sorted(str(n) for n in names if not include or n in include)
        if chosen:
            text += f"{ops.color(op)}{ops.OPS[op].sign.strip()}{','.join(chosen)}{RESET}"
    return text
