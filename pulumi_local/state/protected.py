"""What `destroy --exclude-protected` leaves alone: protected resources, and everything they hang on."""

from __future__ import annotations

from typing import Any

from pulumi_local.interfaces import Deployment


def urns(deployment: Deployment) -> list[str]:
    """URNs of protected resources and of what they depend on, directly or not, in the order of the state."""
    resources: list[dict[str, Any]] = deployment.get("resources") or []
    by_urn = {r["urn"]: r for r in resources if not r.get("delete")}
    kept: set[str] = set()
    pending = [r["urn"] for r in resources if r.get("protect")]
    while pending:
        urn = pending.pop()
        if urn in kept or urn not in by_urn:
            continue
        kept.add(urn)
        pending += _needs(by_urn[urn])
    return [r["urn"] for r in resources if r["urn"] in kept]


def _needs(resource: dict[str, Any]) -> list[str]:
    provider = str(resource.get("provider") or "").rpartition("::")[0]
    by_property = [urn for many in (resource.get("propertyDependencies") or {}).values() for urn in many or ()]
    named = [resource.get("parent"), provider, resource.get("deletedWith"), *(resource.get("dependencies") or []), *by_property]
    return [urn for urn in named if urn]
