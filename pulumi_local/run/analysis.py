"""Judges an existing state by policy packs: a stack's, or an exported one.

https://www.pulumi.com/docs/iac/cli/commands/pulumi_policy_analyze/
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_local import urns
from pulumi_local.display.jsonl import Lines
from pulumi_local.errors import EngineError
from pulumi_local.interfaces import MASK, Deployment, Event, Json, SecretsManager
from pulumi_local.project.workspace import Stack, salt_of
from pulumi_local.request import PolicyPack, View
from pulumi_local.state import secrets

if TYPE_CHECKING:
    from pulumi_local.policy.analyzer import PackProcess

REDACTED = f'"{MASK}"'
"""What policies see in place of a secret that cannot be opened, as JSON."""


@dataclass(frozen=True)
class Subject:
    """A state to analyze."""

    description: str
    """`Stack dev` or `File state.json`."""
    deployment: Deployment
    secrets: SecretsManager
    project: str
    stack: str


class _Redacting:
    """Opens no secret."""

    type = ""
    state: Json = None

    def encrypt(self, plaintext: str) -> str:
        return plaintext

    def decrypt(self, ciphertext: str) -> str:
        return REDACTED


def of_stack(stack: Stack) -> Subject:
    """A stack of the backend, with its secrets. Raises EngineError where they cannot be opened."""
    reference = stack.reference
    opened: SecretsManager = stack.state_secrets() if salt_of(stack.load()) else _Redacting()
    return Subject(f"Stack {stack.shown}", stack.load(), opened, reference.project, reference.name)


def of_document(file: str, document: Any, warn: Callable[[str], None]) -> Subject:
    """An exported state. Secrets that cannot be opened are redacted, with a warning. Raises EngineError, naming the file, for
    what is not a state."""
    deployment = document.get("deployment") if isinstance(document, dict) else None
    if not isinstance(deployment, dict):
        raise EngineError(f"deserializing deployment from {file}: there is no deployment in it; give what `stack export` writes")
    resources = deployment.get("resources") or []
    if not isinstance(resources, list):
        raise EngineError(f"deserializing deployment from {file}: `resources` is not a list; give what `stack export` writes")
    for resource in resources:
        urn = resource.get("urn") if isinstance(resource, dict) else None
        if not urns.is_urn(urn):
            raise EngineError(f'state file {file} contains a resource with an invalid URN "{urn or ""}"')
    project, stack = _names(resources)
    return Subject(f"File {file}", deployment, _opened(file, deployment, warn), project, stack)


def _opened(file: str, deployment: Deployment, warn: Callable[[str], None]) -> SecretsManager:
    try:
        salt = salt_of(deployment)
        if not salt:
            return _Redacting()
        passphrase = secrets.passphrase_from(os.environ)
        if passphrase is not None:
            return secrets.unlock(passphrase, salt)
    except EngineError:
        pass
    warn(f"could not decrypt secrets in {file}; analyzing with secret values redacted")
    return _Redacting()


def _names(resources: Sequence[dict[str, Any]]) -> tuple[str, str]:
    """(project, stack) of all resources; ("multiple", "multiple") where they are of several."""
    found = {urns.stack_and_project(resource["urn"]) for resource in resources}
    if not found:
        return "unknown", "unknown"
    stack, project = found.pop() if len(found) == 1 else ("multiple", "multiple")
    return project, stack


def run(subject: Subject, packs: Sequence[PolicyPack], view: View) -> bool:
    """Shows what the packs say; returns whether anything mandatory is violated. Raises EngineError where a pack does not run."""
    from pulumi_local.engine import snapshot_policies

    # This imports all of `pulumi`, which only the commands that deploy need besides.
    from pulumi_local.policy.pack import ConfigurationRefused, started

    with contextlib.ExitStack() as processes:
        try:
            running = processes.enter_context(started(packs, None))
        except ConfigurationRefused as e:
            raise EngineError("loading policy packs: " + "; ".join(map(_refusal, e.messages))) from None
        except EngineError as e:
            raise EngineError(f"loading policy packs: {e}") from None
        emit, close = _display(subject, view)
        mandatory = snapshot_policies.analyze(subject.deployment, subject.secrets, running, emit)
        if not view.diff:
            emit({"summaryEvent": _summary(running, mandatory)})
        close()
        return mandatory


def _refusal(message: str) -> str:
    """`validating policy config: NAME VERSION  PROBLEM` as this command words it."""
    pack, _, problem = message.removeprefix("validating policy config: ").partition("  ")
    return f'validating policy config for "{pack.partition(" ")[0]}": {problem}'


def _summary(running: Sequence[PackProcess], mandatory: bool) -> dict[str, Json]:
    return {
        "maybeCorrupt": False,
        "durationSeconds": 0,
        "resourceChanges": {},
        "PolicyPacks": {pack.name: pack.version for pack in running},
        "isPreview": False,
        "result": "failed" if mandatory else "succeeded",
    }


def _display(subject: Subject, view: View) -> tuple[Callable[[Event], None], Callable[[], None]]:
    from pulumi_local.display import colors

    out = colors.Output(sys.stdout, view.color)
    if view.as_json:
        lines = Lines(out)
        return lines.emit, lines.close
    if view.diff:
        from pulumi_local.display.detailed import Renderer

        renderer = Renderer(view)
        return (lambda event: out.write(renderer.event(event))), (lambda: None)
    from pulumi_local.display.progress import ProgressDisplay, Scene

    shown = ProgressDisplay(Scene(project=subject.project, stack=subject.stack, preview=False, show_remediations=True), out)
    return shown.emit, shown.close
