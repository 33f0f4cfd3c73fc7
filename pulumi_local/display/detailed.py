"""`--diff`: every resource that changes, with its properties, old and new."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable

from pulumi_local import urns
from pulumi_local.display import colors, diffing, ops, outputs, policies, steps, summary
from pulumi_local.display.colors import RESET, Output
from pulumi_local.display.properties import Printer
from pulumi_local.display.rows import RETAINING
from pulumi_local.display.steps import Step
from pulumi_local.interfaces import UNKNOWN, Event, Json
from pulumi_local.request import View


class DetailedDisplay:
    """Prints the differences as they come; messages go to standard error, as with the CLI."""

    def __init__(self, view: View, out: Output, doing: str, err: Output) -> None:
        self._out, self._err = out, err
        self._renderer = Renderer(view)
        self._lock = threading.Lock()
        self._errored = 0

    def emit(self, event: Event) -> None:
        """Takes one event."""
        with self._lock:
            if "resOpFailedEvent" in event:
                self._errored += 1
            elif diagnostic := event.get("diagnosticEvent"):
                if diagnostic.get("severity") != "debug":
                    self._err.write(f"{diagnostic.get('prefix', '')}{diagnostic['message']}")
            elif "summaryEvent" in event:
                self._out.write(summary.rendered(event["summaryEvent"], self._errored, packs=True))
            else:
                self._out.write(self._renderer.event(event))

    def close(self) -> None:
        """Nothing comes last."""


def of_events(events: Iterable[Event]) -> str:
    """The differences of a whole preview, in short: what is deleted, and what stays the same, has no properties."""
    renderer = Renderer(View(), short=True)
    text = "".join(renderer.event(e) for e in events if "stdoutEvent" not in e)
    return _BLANK_START.sub("", text).rstrip()


_BLANK_START = re.compile(r"^(\x1b\[[0-9;]*m|\s)+")


class Renderer:
    """Events as text; remembers parents, for the indentation. `short`: without what is deleted or stays the same."""

    def __init__(self, view: View, *, short: bool = False) -> None:
        self._view = view
        self._short = short
        self._seen: dict[str, Step] = {}

    def event(self, event: Event) -> str:
        """The text for one event; may be empty."""
        if before := event.get("resourcePreEvent"):
            return self._before(before["metadata"], bool(before.get("planning")))
        if after := event.get("resOutputsEvent"):
            return self._after(after["metadata"], bool(after.get("planning")))
        if message := event.get("stdoutEvent"):
            return str(message["message"])
        if violated := event.get("policyEvent"):
            return policies.violation(violated, "", "") + "\n"
        if remedied := event.get("policyRemediationEvent"):
            text = policies.remediation(remedied)
            return f"{text}\n" if text else ""
        return ""

    def _shown(self, step: Step) -> bool:
        return steps.in_detail(step, self._view)

    def _before(self, step: Step, planning: bool) -> str:
        self._seen[step["urn"]] = step
        if step["op"] in ("refresh", "import") or not self._shown(step):
            return ""
        return self._step(step, planning, refresh=False)

    def _after(self, step: Step, planning: bool) -> str:
        if not self._shown(step):
            return ""
        refresh = self._seen.get(step["urn"], {}).get("op") == "refresh"
        if step["op"] == "import" or (refresh and step["op"] == "update"):
            return self._step(step, planning, refresh=refresh)
        indent = self._indent(step)
        text = outputs.rendered(step, indent=indent + 1, planning=planning, refresh=refresh, show_sames=self._view.show_sames)
        out = ""
        if refresh and (step["op"] != "refresh" or text or steps.is_root(step)):
            out += header(step, indent)
        if text and not self._view.suppress_outputs:
            out += f"{ops.color(step['op'])}{'    ' * (indent + 1)}--outputs:--{RESET}\n{text}"
        return out

    def _indent(self, step: Step) -> int:
        depth = 0
        parent = (steps.result(step) or {}).get("parent")
        while parent and parent in self._seen:
            above = self._seen[parent]
            depth += self._shown(above)
            parent = (steps.result(above) or {}).get("parent")
        return depth

    def _step(self, step: Step, planning: bool, *, refresh: bool) -> str:
        indent = self._indent(step)
        details = "" if step["op"] == "same" else self._details(step, indent + 1, planning, refresh)
        return header(step, indent) + details + RESET

    def _details(self, step: Step, indent: int, planning: bool, refresh: bool) -> str:
        printer = Printer(indent=indent, op=step["op"], planning=planning, summary=self._short)
        old, new = step.get("old"), step.get("new")
        if step.get("detailedDiff") is not None:
            parts, hidden = diffing.translated(step, refresh=refresh)
            if parts is None:
                _same(printer, (old or {}).get("inputs") or {})
            else:
                signed = Printer(indent=indent, prefix=True, planning=planning, summary=self._short, out=printer.out)
                signed.hidden(hidden)
                signed.object_diff(parts)
        elif new and not old:
            printer.object(new.get("outputs") or new.get("inputs") or {})
        elif old and not new:
            if not self._short:
                printer.object(old.get("inputs") or {})
        elif old and new:
            _old_and_new(printer, step, old, new)
        return printer.text


def _old_and_new(printer: Printer, step: Step, old: Json, new: Json) -> None:
    by_outputs = bool(new.get("outputs")) and step["op"] not in ("import", "import-replacement")
    name = "outputs" if by_outputs else "inputs"
    include = None if by_outputs else (step.get("diffs") or None)
    hidden = diffing.Hidden(new.get("hideDiffs"))
    parts = diffing.between_objects(old.get(name) or {}, new.get(name) or {}, hidden)
    signed = Printer(indent=printer.indent, prefix=True, planning=printer.planning, summary=printer.summary, out=printer.out)
    if parts is None and not hidden.met:
        _same(printer, new.get(name) or {})
        return
    signed.hidden(hidden.met)
    signed.object_diff(parts or diffing.Parts(), include)


def _same(printer: Printer, properties: dict[str, Json]) -> None:
    Printer(indent=printer.indent, prefix=True, planning=printer.planning, out=printer.out).object(properties)


def header(step: Step, indent: int) -> str:
    """Sign, type and operation; the id, the URN, and the provider if it is not the default one."""
    op, old, new = step["op"], step.get("old") or {}, step.get("new") or {}
    lock = ""
    if step.get("new") and not new.get("protect") and old.get("protect"):
        lock = " 🔓"
    elif new.get("protect") or old.get("protect"):
        lock = " 🔒"
    retained = "[retain]" if old.get("retainOnDelete") and op in RETAINING else ""
    quiet = op if op in ("create", "delete", "delete-replaced", "discard", "discard-replaced") else "same"
    margin = "    " * (indent + 1)
    lines = [f"{'    ' * indent}{ops.colored_sign(op)}{step.get('type') or urns.type_of(step['urn'])}: ({op}{retained}){lock}"]
    if old.get("id"):
        lines.append(f"{ops.color(quiet)}{margin}[id={old['id']}]")
    lines.append(f"{ops.color(quiet)}{margin}[urn={steps.one_line(step['urn'])}]")
    if provider := _provider(step, old, new):
        lines.append(f"{ops.color(quiet)}{margin}{provider}")
    return "".join(f"{line}\n{RESET}" for line in lines)


def _provider(step: Step, old: Json, new: Json) -> str:
    reference = step.get("provider")
    if not reference:
        return ""
    if step.get("old") and step.get("new") and (old.get("provider") or "") != (new.get("provider") or ""):
        after = (new.get("provider") or "").replace(f"::{UNKNOWN}", "::[unknown]")
        return (
            f"{colors.YELLOW}[provider: {colors.RED}{old.get('provider') or ''}{colors.YELLOW} => {colors.GREEN}{after}"
            f"{colors.YELLOW}]{RESET}"
        )
    name = urns.name_of(urns.split_reference(reference)[0])
    return "" if name == "default" else f"[provider={reference}]"
