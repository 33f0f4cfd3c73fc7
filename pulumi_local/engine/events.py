"""Engine events in the shape of `pulumi up --json` (apitype.EngineEvent)."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_local import gojson
from pulumi_local.engine import wire
from pulumi_local.engine.diff import PropertyDiff
from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.values import PropertyMap, ResourceReference, Secret, Unknown, Value
from pulumi_local.interfaces import MASK, Emit, Json, Violation, signed_float


@dataclass(frozen=True)
class Change:
    """A step as events describe it."""

    op: str
    urn: str
    type: str
    provider: str
    """The reference of the resource's provider."""
    old: ResourceState | None
    new: ResourceState | None
    logical: bool
    keys: Sequence[str]
    """The properties that cause a replacement."""
    diffs: Sequence[str]
    """The properties that change."""
    detailed_diff: Mapping[str, PropertyDiff] | None


class SecretFilter:
    """Replaces secret configuration values wherever they turn up in a text, but for very short ones and booleans."""

    def __init__(self, secrets: Iterable[str]) -> None:
        found: set[str] = set()
        for secret in secrets:
            if len(secret) < 3 or secret.lower() in ("true", "false"):
                continue
            found |= {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
        self._secrets = sorted(found, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text with all of them masked."""
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, MASK)
        return text


class Events:
    """Numbers, stamps and sends events; safe to use from any thread."""

    def __init__(self, emit: Emit, secrets: Iterable[str] = ()) -> None:
        self._emit = emit
        self._filter = SecretFilter(secrets)
        self._lock = threading.Lock()
        self._sequence = 0

    def _send(self, kind: str, payload: Json) -> None:
        with self._lock:
            self._emit({"sequence": self._sequence, "timestamp": int(time.time()), kind: payload})
            self._sequence += 1

    # -- the run

    def prelude(self, config: Mapping[str, str]) -> None:
        """The run starts; secret configuration values are masked by the caller."""
        self._send("preludeEvent", {"config": dict(config)})

    def summary(
        self, *, preview: bool, seconds: float, changes: Mapping[str, int], result: str, packs: Mapping[str, str]
    ) -> None:
        """The run is over; `result` is succeeded, failed or canceled."""
        payload = {
            "maybeCorrupt": False,
            "durationSeconds": math.ceil(seconds),
            "resourceChanges": dict(sorted(changes.items())),
            "PolicyPacks": dict(packs),
            "isPreview": preview,
            "result": result,
        }
        self._send("summaryEvent", payload)

    def cancel(self) -> None:
        """Nothing comes after this."""
        self._send("cancelEvent", {})

    # -- diagnostics

    def diagnostic(self, severity: str, message: str, urn: str = "") -> None:
        """A message: "error", "warning", "info", "info#err" (from a stderr) or "debug"."""
        payload: dict[str, Json] = {"urn": urn} if urn else {}
        if not severity.startswith("info"):
            payload["prefix"] = f"{severity}: "
        payload |= {"message": self._filter(message) + "\n", "color": "never", "severity": severity}
        self._send("diagnosticEvent", payload)

    def error(self, message: str, urn: str = "") -> None:
        """An error message."""
        self.diagnostic("error", message, urn)

    def warning(self, message: str, urn: str = "") -> None:
        """A warning."""
        self.diagnostic("warning", message, urn)

    # -- steps

    def resource_pre(self, change: Change, preview: bool) -> None:
        """A step starts."""
        self._send("resourcePreEvent", self._step(change, preview))

    def resource_outputs(self, change: Change, preview: bool) -> None:
        """A step is done; `change.op` is what it turned out to be."""
        self._send("resOutputsEvent", self._step(change, preview))

    def resource_failed(self, change: Change, status: int, steps: int) -> None:
        """A step failed, after `steps` that succeeded."""
        self._send("resOpFailedEvent", {"metadata": self._metadata(change), "status": status, "steps": steps})

    def _step(self, change: Change, preview: bool) -> Json:
        payload: dict[str, Json] = {"metadata": self._metadata(change)}
        return payload | ({"planning": True} if preview else {})

    def _metadata(self, change: Change) -> Json:
        detailed = change.detailed_diff
        out: dict[str, Json] = {
            "op": change.op,
            "urn": change.urn,
            "type": change.type,
            "old": self._state(change.old),
            "new": self._state(change.new),
        }
        if change.keys:
            out["keys"] = list(change.keys)
        if change.diffs:
            out["diffs"] = list(change.diffs)
        out["detailedDiff"] = (
            {k: {"diffKind": d.kind, "inputDiff": d.input_diff} for k, d in sorted(detailed.items())}
            if detailed is not None
            else None
        )
        return out | ({"logical": True} if change.logical else {}) | {"provider": change.provider}

    def _state(self, state: ResourceState | None) -> Json:
        if state is None:
            return None
        flags = {"custom": state.custom, "delete": state.delete}
        more = {
            "protect": state.protect,
            "taint": state.taint,
            "external": state.external,
            "retainOnDelete": state.retain_on_delete,
        }
        out: dict[str, Json] = {"type": state.type, "urn": state.urn, **{k: v for k, v in flags.items() if v}}
        out |= {"id": state.id, "parent": state.parent, **{k: v for k, v in more.items() if v}}
        out |= {"inputs": self.masked(state.inputs), "outputs": self.masked(state.outputs or {}), "provider": state.provider}
        out |= {"initErrors": list(state.init_errors)} if state.init_errors else {}
        return out | ({"hideDiffs": list(state.hide_diff)} if state.hide_diff else {})

    # -- policies

    def policy_violation(self, urn: str, violation: Violation) -> None:
        """A rule is broken."""
        payload = {
            "resourceUrn": urn,
            "message": self._filter(violation.message) + "\n",
            "color": "never",
            **policy_names(violation),
            "enforcementLevel": violation.enforcement,
        }
        self._send("policyEvent", payload | ({"severity": violation.severity} if violation.severity else {}))

    def policy_remediation(self, urn: str, violation: Violation, before: PropertyMap, after: PropertyMap) -> None:
        """A rule changed a resource's properties."""
        payload = {
            "resourceUrn": urn,
            "color": "never",
            **policy_names(violation),
            "before": self.masked(before),
            "after": self.masked(after),
        }
        self._send("policyRemediationEvent", payload)

    # -- values

    def masked(self, properties: Mapping[str, Value]) -> dict[str, Any]:
        """A property map as events show it: secrets masked, unknowns as the unknown string."""
        return {k: self._mask(v) for k, v in sorted(properties.items())}

    def _mask(self, value: Value) -> Json:
        if isinstance(value, str):
            return self._filter(value)
        if isinstance(value, Secret):
            return {wire.SIGNATURE: wire.SECRET, "ciphertext": MASK}
        if isinstance(value, Unknown):
            return wire.UNKNOWN_STRING
        if isinstance(value, list):
            return [self._mask(v) for v in value]
        if isinstance(value, dict):
            return self.masked(value)
        if isinstance(value, float):
            return gojson.number(value) if math.isfinite(value) else signed_float(value)
        if isinstance(value, ResourceReference):
            id_ = wire.UNKNOWN_STRING if isinstance(value.id, Unknown) else value.id
            return {wire.SIGNATURE: wire.RESOURCE, "urn": value.urn} | ({"id": id_} if value.id is not None else {})
        return value


def policy_names(violation: Violation) -> dict[str, Json]:
    """How events name the policy."""
    return {
        "policyName": violation.policy,
        "policyPackName": violation.pack,
        "policyPackVersion": violation.version,
        "policyPackVersionTag": violation.version,
    }
