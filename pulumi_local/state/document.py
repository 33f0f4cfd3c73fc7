"""Deployments as documents: secrets in them, checks before an import, stack outputs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pulumi_local import reading, urns
from pulumi_local.errors import EngineError, Unsupported
from pulumi_local.interfaces import MASK, SECRET_SIGNATURE, SECRET_SIGNATURE_KEY, VERSION, VERSIONS, Deployment, Json, is_secret
from pulumi_local.state import shape
from pulumi_local.state.backend.file import Checkpoint


def _map_secrets(value: Json, change: Callable[[Json], Json]) -> Json:
    if is_secret(value):
        return change(value)
    if isinstance(value, dict):
        return {k: _map_secrets(v, change) for k, v in value.items()}
    if isinstance(value, list):
        return [_map_secrets(v, change) for v in value]
    return value


def _recoded(deployment: Deployment, before: str, after: str, change: Callable[[str], str]) -> Deployment:
    def recode(secret: Json) -> Json:
        return {SECRET_SIGNATURE_KEY: SECRET_SIGNATURE, after: change(secret[before])} if before in secret else secret

    changed: Deployment = _map_secrets(deployment, recode)
    return changed


def with_plaintexts(deployment: Deployment, decrypt: Callable[[str], str]) -> Deployment:
    """A copy whose secrets have `plaintext` (JSON) in place of `ciphertext`."""
    return _recoded(deployment, "ciphertext", "plaintext", decrypt)


def with_ciphertexts(deployment: Deployment, encrypt: Callable[[str], str]) -> Deployment:
    """A copy whose plaintext secrets are encrypted."""
    return _recoded(deployment, "plaintext", "ciphertext", encrypt)


def has_plaintexts(value: Json) -> bool:
    """Whether there is a secret in plaintext in it."""
    if is_secret(value):
        return "plaintext" in value
    if isinstance(value, dict):
        return any(map(has_plaintexts, value.values()))
    return isinstance(value, list) and any(map(has_plaintexts, value))


def outputs(deployment: Deployment, decrypt: Callable[[str], str] | None) -> dict[str, Json]:
    """The stack's outputs; secrets as "[secret]", or opened with `decrypt`."""

    def shown(secret: Json) -> Json:
        if decrypt is None:
            return MASK
        text = secret["plaintext"] if "plaintext" in secret else decrypt(secret["ciphertext"])
        return _map_secrets(json.loads(text), shown)

    for resource in deployment.get("resources") or []:
        if resource.get("type") == urns.STACK_TYPE and not resource.get("delete"):
            found: dict[str, Json] = _map_secrets(resource.get("outputs") or {}, shown)
            return found
    return {}


def checked(text: str, stack: str, *, force: bool, source: str = "the deployment") -> tuple[Checkpoint, list[str]]:
    """An exported document, and warnings. Raises EngineError for one that is damaged, or belongs to another stack; `force` turns
    that into warnings. `source` is what messages call it.

    Pending operations are dropped, with a warning for each, as the CLI does.
    """
    document = _document(text, source)
    deployment = dict(document.get("deployment") or {})
    problems = list(_problems(deployment, stack))
    if problems and not force:
        raise EngineError(
            "\n  * ".join([f"{len(problems) + 1} errors occurred:", *problems])
            + "\n  * importing this file could be dangerous; rerun with --force to proceed anyway"
        )
    pending = deployment.pop("pending_operations", None) or []
    dropped = [
        f"removing pending operation '{p.get('type')}' on '{(p.get('resource') or {}).get('urn')}' from snapshot" for p in pending
    ]
    return Checkpoint(deployment, document["version"], tuple(document.get("features") or ())), [*problems, *dropped]


def _document(text: str, source: str) -> dict[str, Any]:
    try:
        document = reading.parsed(text)
    except ValueError as e:
        raise EngineError(f"could not read {source}: it is not JSON: {e}") from None
    if not isinstance(document, dict) or "deployment" not in document:
        raise EngineError(
            f"could not read {source}: expected an object with `version` and `deployment`, as `stack export` writes it"
        )
    if document.get("version") not in VERSIONS:
        raise Unsupported(
            f"could not deserialize deployment: version {document.get('version')}; pulumi_local supports version {VERSION}"
        )
    deployment = document["deployment"]
    if found := shape.problems(deployment):
        raise EngineError("\n  * ".join([f"could not read {source}:", *found]))
    provider = ((deployment or {}).get("secrets_providers") or {}).get("type")
    if provider not in (None, "", "passphrase"):
        raise Unsupported(
            f"pulumi_local does not support the secrets provider {provider!r} of this deployment, only 'passphrase'"
        )
    return document


def _problems(deployment: Deployment, stack: str) -> list[str]:
    resources = deployment.get("resources") or []
    found = []
    seen: set[str] = set()
    for resource in resources:
        urn = resource["urn"]
        if (other := urns.stack_and_project(urn)[0]) != stack:
            found.append(f"resource '{urn}' is from a different stack ({other} != {stack})")
        for needed in _needs(resource):
            if needed not in seen:
                found.append(f"state file contains errors: resource {urn} refers to missing resource {needed}")
        if not resource.get("delete") and urn in seen and not any(r.get("delete") for r in resources if r.get("urn") == urn):
            found.append(f"state file contains errors: duplicate resource {urn} (not marked for deletion)")
        seen.add(urn)
    return found


def _needs(resource: dict[str, Any]) -> set[str]:
    """The URNs that must come before a resource."""
    provider = urns.split_reference(resource.get("provider") or "")[0]
    named = [resource.get("parent"), provider, resource.get("deletedWith"), *(resource.get("dependencies") or [])]
    return {urn for urn in named if urn}
