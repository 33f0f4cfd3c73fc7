"""`--json`: one event per line, or the digest of a preview."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from pulumi_local import gojson
from pulumi_local.display import steps, values
from pulumi_local.display.colors import Output
from pulumi_local.interfaces import Event, Json

if TYPE_CHECKING:
    from pulumi_local.request import View


class Lines:
    """One event per line, as it comes."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._sequence = 0

    def emit(self, event: Event) -> None:
        """Prints the event; numbers and times are given here, so that they are in order."""
        with self._lock:
            stamped = {**event, "sequence": self._sequence, "timestamp": event.get("timestamp", int(time.time()))}
            self._sequence += 1
            self._out.write_raw(gojson.dumps({k: stamped[k] for k in ("sequence", "timestamp", *stamped)}) + "\n")

    def close(self) -> None:
        """Nothing comes last."""


class Digest:
    """`preview --json`: one object, when the preview is over."""

    def __init__(self, view: View, out: Output) -> None:
        self._view, self._out = view, out
        self._lock = threading.Lock()
        self._digest: dict[str, Any] = {}
        self._seen: dict[str, str] = {}
        self._places: dict[str, list[int]] = {}
        """Where the steps of a resource are in the list."""
        self._started = time.monotonic_ns()

    def emit(self, event: Event) -> None:
        """Takes an event into the digest."""
        with self._lock:
            self._take(event)

    def _take(self, event: Event) -> None:
        if prelude := event.get("preludeEvent"):
            self._digest["config"] = prelude.get("config") or {}
        elif diagnostic := event.get("diagnosticEvent"):
            if not diagnostic.get("ephemeral") and diagnostic.get("severity") != "debug":
                self._diagnose(
                    diagnostic.get("severity"), f"{diagnostic.get('prefix', '')}{diagnostic['message']}", diagnostic.get("urn")
                )
        elif output := event.get("stdoutEvent"):
            self._diagnose("info", output["message"], None)
        elif before := event.get("resourcePreEvent"):
            self._step(before["metadata"])
        elif after := event.get("resOutputsEvent"):
            self._refreshed(after["metadata"])
        elif summary := event.get("summaryEvent"):
            self._digest["duration"] = time.monotonic_ns() - self._started
            self._digest["changeSummary"] = summary.get("resourceChanges") or {}

    def _diagnose(self, severity: str | None, message: str, urn: str | None) -> None:
        entry = {"urn": urn, "message": message, "severity": severity}
        self._digest.setdefault("diagnostics", []).append({k: v for k, v in entry.items() if v})

    def _shown(self, metadata: Json) -> bool:
        return steps.in_detail(metadata, self._view)

    def _step(self, metadata: Json) -> None:
        if self._shown(metadata):
            self._seen[metadata["urn"]] = metadata["op"]
            listed = self._digest.setdefault("steps", [])
            self._places.setdefault(metadata["urn"], []).append(len(listed))
            listed.append(self._entry(metadata))

    def _refreshed(self, metadata: Json) -> None:
        """What a refresh turned out to be takes the place of the refresh."""
        if not self._shown(metadata) or self._seen.get(metadata["urn"]) != "refresh":
            return
        if metadata["op"] == "delete" or (metadata["op"] == "update" and metadata.get("detailedDiff") is not None):
            for i in self._places.get(metadata["urn"], ()):
                self._digest["steps"][i] = self._entry(metadata)

    def _entry(self, metadata: Json) -> Json:
        detailed = metadata.get("detailedDiff")
        entry = {
            "op": metadata["op"],
            "urn": metadata["urn"],
            "provider": metadata.get("provider"),
            "oldState": self._resource(metadata.get("old")),
            "newState": self._resource(metadata.get("new")),
            "diffReasons": metadata.get("diffs"),
            "replaceReasons": metadata.get("keys"),
        }
        kinds = None if detailed is None else {
            k: {"kind": d["diffKind"], "inputDiff": bool(d.get("inputDiff"))} for k, d in detailed.items()
        }  # fmt: skip
        return {**{k: v for k, v in entry.items() if v}, "detailedDiff": kinds}

    def _resource(self, state: Json) -> Json:
        if not state:
            return None
        hidden = self._view.suppress_outputs and steps.is_root(state)
        shown = {k: values.blinded(v) for k, v in state.items() if v not in (None, "", {}, [])}
        for name in ("inputs", "outputs"):
            if hidden:
                shown.pop(name, None)
        shown.setdefault("custom", False)
        first = [k for k in ("urn", "custom", "id", "type", "inputs", "outputs", "parent") if k in shown]
        return {k: shown[k] for k in (*first, *(k for k in shown if k not in first))}

    def close(self) -> None:
        """Prints the digest."""
        order = ("config", "steps", "diagnostics", "duration", "changeSummary")
        digest = {k: self._digest[k] for k in order if self._digest.get(k)}
        self._out.write_raw(gojson.dumps(digest, indent=4, html=True) + "\n")
