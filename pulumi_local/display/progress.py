"""The progress view where there is no terminal: a line per event, then diagnostics, policies, outputs and the summary."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pulumi_local import urns
from pulumi_local.display import outputs, policies, steps, summary
from pulumi_local.display.colors import BRIGHT_BLUE, HEADLINE, RESET, YELLOW, Output, plain
from pulumi_local.display.rows import Diagnostic, Row, RowStyle
from pulumi_local.display.steps import Step
from pulumi_local.interfaces import Event

_STEP_EVENTS = ("resourcePreEvent", "resOutputsEvent", "resOpFailedEvent")
_URN_EVENTS = {"diagnosticEvent": "urn", "policyEvent": "resourceUrn", "policyRemediationEvent": "resourceUrn"}


@dataclass(frozen=True)
class Scene:
    """What is run, and how to show it."""

    project: str
    stack: str
    preview: bool
    interactive: bool = False
    suppress_outputs: bool = False
    show_sames: bool = False
    show_remediations: bool = False
    """Tells each of them instead of their number."""

    @property
    def root_urn(self) -> str:
        """The URN of the stack itself."""
        return urns.of_stack(self.stack, self.project)


class ProgressDisplay:
    """Prints as events come. `heartbeat` names what is going on, for dots in silence; empty for none."""

    def __init__(self, scene: Scene, out: Output, heartbeat: str = "") -> None:
        self.scene = scene
        self.out = out
        self.style = RowStyle(scene.preview, interactive=scene.interactive)
        self.rows: dict[str, Row] = {}
        self.stack_urn = ""
        self.system_messages: list[str] = []
        self._summary: dict[str, Any] | None = None
        self._loading = False
        self.lock = threading.RLock()
        self._heartbeat = _Heartbeat(out, heartbeat, self.lock)

    # -- events

    def emit(self, event: Event) -> None:
        """Takes one event."""
        with self.lock:
            if "preludeEvent" in event:
                self._policies_loaded()
                self.line("")
            elif "policyLoadEvent" in event:
                self._row("", None).hidden = False
                self._loading = True
                self.line("Loading policy packs...: starting")
            elif "summaryEvent" in event:
                self._summary = event["summaryEvent"]
            elif "stdoutEvent" in event:
                self.system_message(event["stdoutEvent"]["message"])
            else:
                self._take(event)

    def _policies_loaded(self) -> None:
        if self._loading:
            self._loading = False
            self.line("Loading policy packs...: done")

    def _take(self, event: Event) -> None:
        found = self._subject(event)
        if found is None:
            return
        kind, urn, step = found
        payload = event[kind]
        if step is not None and step["op"] in ("discard", "read-replacement"):
            return
        if step is not None and step["op"] == "read":
            self._read_note(urn)
            return
        if kind == "diagnosticEvent" and (payload.get("severity") == "debug" or not _diagnostic(payload).text()):
            return
        urn = urn or self.stack_urn
        # Asked before the row is there: the very first event of an unchanged stack shows nothing.
        of_the_stack = urn == self.stack_urn
        row = self._row(urn, step)
        uninteresting = step is not None and not of_the_stack and not steps.should_show(step, show_sames=self.scene.show_sames)
        # A resource is not shown because it breaks a policy: the violation is shown below.
        if not uninteresting and kind != "policyEvent":
            row.hidden = False
        if self._record(kind, payload, step, row):
            self.row_changed(row)

    def _subject(self, event: Event) -> tuple[str, str, Step | None] | None:
        for kind in _STEP_EVENTS:
            if kind in event:
                step: Step = event[kind]["metadata"]
                return kind, step["urn"], step
        for kind, name in _URN_EVENTS.items():
            if kind in event:
                return kind, event[kind].get(name) or "", None
        return None

    def _read_note(self, urn: str) -> None:
        """Reads are not shown as operations, but as a passing note on the stack."""
        row = self._row(self.stack_urn, None)
        row.hidden = False
        row.notes = [Diagnostic("note", f"read {steps.display_type(urns.type_of(urn))} {steps.display_name(urn)}")]
        self.row_changed(row)

    def _record(self, kind: str, payload: dict[str, Any], step: Step | None, row: Row) -> bool:
        """Notes what the event says; returns whether to show the row again."""
        if kind == "resourcePreEvent" and step is not None:
            row.started, row.ended = time.monotonic(), None
            row.step = step
        elif kind == "resOutputsEvent" and step is not None:
            return self._outputs(row, step)
        elif kind == "resOpFailedEvent":
            row.failed = True
            self.style.any_failed = True
        elif kind == "diagnosticEvent":
            row.notes = []
            row.diagnostics.append(_diagnostic(payload))
        elif kind == "policyEvent":
            row.violations.append(payload)
        else:
            row.remediations.append(payload)
        return True

    def _outputs(self, row: Row, step: Step) -> bool:
        refreshed = self.style.shown_op(row.step) == "refresh"
        row.ended = time.monotonic()
        row.step = step
        row.outputs_seen.append(step)
        state = steps.result(step)
        news = refreshed or (not self.scene.preview and (state is None or (state.get("custom") and step["op"] != "same")))
        return self.scene.interactive or bool(news)

    def _row(self, urn: str, step: Step | None) -> Row:
        if urn in self.rows:
            self._parent_row(step)
            return self.rows[urn]
        if steps.is_root({"urn": urn}):
            self.stack_urn = urn
            if "" in self.rows:
                # Messages from before the stack was registered belong to it.
                self.rows = {urn if k == "" else k: v for k, v in self.rows.items()}
                self.rows[urn].step = step or {"urn": urn, "op": "same"}
                return self.rows[urn]
        self.rows[urn] = Row(step or {"urn": urn, "op": "same"})
        self._parent_row(step)
        self._stack_row()
        return self.rows[urn]

    def _parent_row(self, step: Step | None) -> None:
        parent = ((steps.result(step) or {}) if step else {}).get("parent")
        if parent and parent != self.stack_urn and parent not in self.rows:
            self.rows[parent] = Row({"urn": parent, "op": "same"})
            self._stack_row()

    def _stack_row(self) -> None:
        if self.stack_urn not in self.rows:
            self.rows[self.stack_urn] = Row({"urn": "", "op": "same"}, hidden=False)

    # -- printing

    def line(self, text: str) -> None:
        """One line, below what was printed so far."""
        self._heartbeat.interrupt()
        self.out.line(text)

    def system_message(self, message: str) -> None:
        """Something about the run as a whole, such as an interrupt."""
        self.line(message)

    def row_changed(self, row: Row) -> None:
        """Shows a row (again)."""
        if not row.hidden:
            self.line("".join(f" {column}" for column in self.style.columns(row, self.scene.root_urn)))

    def close(self) -> None:
        """The run is over: rows in progress, then everything that comes last."""
        with self.lock:
            self._heartbeat.stop()
            self._last_rows()
            for text in self._ending():
                self.out.line(text)

    def _last_rows(self) -> None:
        unfinished = [row for row in self.rows.values() if not self.style.is_done(row)]
        self.style.done = True
        for row in unfinished:
            self.row_changed(row)

    def _ending(self) -> Iterator[str]:
        packs, mandatory = policies.rendered(self._summary or {}, self.rows.values(), each=self.scene.show_remediations)
        yield from packs
        yield from self._diagnostics()
        if not self.scene.suppress_outputs and self.stack_urn:
            text = outputs.rendered(self._stack_step(), indent=1, planning=self.scene.preview, show_sames=self.scene.show_sames)
            if text:
                yield f"{HEADLINE}Outputs:{RESET}"
                yield text
        if self._summary is not None and not mandatory:
            yield summary.rendered(self._summary, sum(row.count("error") > 0 for row in self.rows.values()))

    def _stack_step(self) -> Step:
        """The stack's step; where a run ended before the program registered outputs, those that were there stay."""
        row = self.rows[self.stack_urn]
        old, new = row.step.get("old"), row.step.get("new")
        return row.step if row.outputs_seen or not (old and new) else {**row.step, "new": {**new, "outputs": old.get("outputs")}}

    def _diagnostics(self) -> Iterator[str]:
        headed = False
        # The stack's own last: "update failed" is of little interest before one knows why.
        for row in sorted(self.rows.values(), key=lambda r: not r.step["urn"] or steps.is_root(r.step)):
            named = False
            for texts in _streams(row.diagnostics):
                lines = [line for text in texts for line in _displayable(text)]
                if not lines:
                    continue
                if not headed:
                    yield f"{HEADLINE}Diagnostics:{RESET}"
                    headed = True
                if not named:
                    columns = self.style.columns(row, self.scene.root_urn)
                    yield f"  {BRIGHT_BLUE}{columns[1]} ({columns[2]}):{RESET}"
                    named = True
                yield from (f"    {line.rstrip()}" for line in lines)
                yield ""


def _diagnostic(payload: dict[str, Any]) -> Diagnostic:
    severity = payload.get("severity", "info")
    return Diagnostic(severity, payload.get("message", ""), payload.get("prefix", ""), _STREAMS.get(severity, 0))


_STREAMS = {"info": 1, "info#err": 2}
"""What a program prints comes line by line, and is shown as one message."""


def _streams(diagnostics: list[Diagnostic]) -> Iterator[list[str]]:
    """Messages by stream: those of the default stream one by one, those of any other as one."""
    by_stream: dict[int, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        by_stream.setdefault(diagnostic.stream, []).append(diagnostic)
    for stream, said in by_stream.items():
        if stream == 0:
            yield [d.text() for d in said]
        else:
            yield ["\n".join(d.text(prefix=False) for d in said)]


def _displayable(text: str) -> list[str]:
    lines = text.split("\n")
    while lines and not plain(lines[-1]).strip():
        lines.pop()
    return lines


class _Heartbeat:
    """Dots, one a second, while nothing else is printed: logs of CI systems show that something is going on."""

    def __init__(self, out: Output, doing: str, lock: threading.RLock) -> None:
        self._out = out
        self._doing = doing
        self._lock = lock
        self._written = False
        self._stopped = threading.Event()
        if doing:
            threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    def _beat(self) -> None:
        while not self._stopped.wait(1):
            with self._lock:
                if self._stopped.is_set():
                    return
                head = "" if self._written else f"{YELLOW}@ {self._doing}...{RESET}"
                self._out.write(f"{head}{YELLOW}.{RESET}")
                self._written = True

    def interrupt(self) -> None:
        """Ends the line of dots, if there is one."""
        if self._written:
            self._out.write("\n")
            self._written = False

    def stop(self) -> None:
        """No more dots."""
        self._stopped.set()
        self.interrupt()
