"""Where a command works: the project, the backend, the stack, its settings and secrets; the selected stack of a project."""

from __future__ import annotations

import getpass
import hashlib
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pulumi_local import durable, environment, gojson, reading
from pulumi_local.errors import EngineError, StackNotFound
from pulumi_local.interfaces import Deployment, Json, manifest
from pulumi_local.project import file as project
from pulumi_local.project.config.settings import StackSettings
from pulumi_local.project.file import ProjectFile
from pulumi_local.state import secrets
from pulumi_local.state.backend import FileBackend, StackReference
from pulumi_local.state.secrets import PassphraseSecrets

NO_PASSPHRASE = "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables"


class Workspace:
    """The folder a command runs in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def project(self) -> ProjectFile:
        """The project of the folder. Raises EngineError where there is none."""
        found = project.load(self.folder)
        for warning in found.warnings:
            print(f"warning: {warning}", file=sys.stderr)  # noqa: T201
        return found

    @cached_property
    def maybe_project(self) -> ProjectFile | None:
        """The project of the folder, or None."""
        return self.project if project.find(self.folder) else None

    @property
    def project_name(self) -> str | None:
        """The name of the folder's project, or None."""
        return self.maybe_project.name if self.maybe_project else None

    @cached_property
    def backend(self) -> FileBackend:
        """The backend that PULUMI_BACKEND_URL or the project names; by default the user's home."""
        named = self.maybe_project.backend_url if self.maybe_project else ""
        return FileBackend(os.environ.get("PULUMI_BACKEND_URL") or named or "file://~")

    def reference(self, name: str) -> StackReference:
        """A stack's name as a reference; there may be no such stack."""
        return StackReference.parse(name, self.project_name)

    def stack(self, name: str | None, *, offer_new: bool = False) -> Stack:
        """The named or selected stack. Raises `StackNotFound`, or EngineError where none is selected."""
        selected = name or self.current()
        if not selected:
            or_init = " or `pulumi stack init`" if offer_new else ""
            raise EngineError(f"no stack selected; please use `pulumi stack select`{or_init} to choose one")
        reference = self.reference(selected)
        if not self.backend.exists(reference):
            raise StackNotFound(selected)
        return Stack(self, reference)

    # -- the selected stack

    def current(self) -> str:
        """The stack to work with where none is named: of PULUMI_STACK, else the selected one; or ""."""
        return os.environ.get(environment.STACK) or (self.selected() if self.maybe_project else "")

    def selected(self) -> str:
        """The qualified name of the stack selected in this project for this backend, or ""."""
        found = self._selections()["stacks"].get(self.backend.url)
        return found if isinstance(found, str) else ""

    def select(self, stack: StackReference | None) -> None:
        """Selects a stack, or none."""
        document = self._selections()
        document["stacks"].pop(self.backend.url, None)
        if stack:
            document["stacks"][self.backend.url] = stack.qualified
        durable.write(self._selection, gojson.dumps(document, indent=4).encode(), 0o600)

    def _selections(self) -> Json:
        """What the file says, with its `stacks` by backend; nothing is selected where it is none."""
        try:
            found = reading.parsed(reading.text(self._selection))
        except (OSError, ValueError):
            found = None
        stacks = found.get("stacks") if isinstance(found, dict) else None
        return {**(found if isinstance(found, dict) else {}), "stacks": stacks if isinstance(stacks, dict) else {}}

    @property
    def _selection(self) -> Path:
        home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
        digest = hashlib.sha1(str(self.project.path).encode(), usedforsecurity=False).hexdigest()
        return home / "workspaces" / f"{self.project.name}-{digest}-workspace.json"


@dataclass
class Stack:
    """An existing stack."""

    workspace: Workspace
    reference: StackReference

    @property
    def shown(self) -> str:
        """Its name for messages."""
        return self.reference.shown(self.workspace.project_name)

    @cached_property
    def settings(self) -> StackSettings:
        """Its settings file. Raises Unsupported for what only the CLI can do with it."""
        found = self.workspace.project.settings(self.reference.name)
        found.refuse_unsupported()
        return found

    def load(self) -> Deployment:
        """Its deployment; an empty one before the first update."""
        return self.workspace.backend.load(self.reference).deployment or {}

    def secrets(self) -> PassphraseSecrets:
        """Its secrets; those of a stack that has none yet are made now, and noted in its settings."""
        return _opened(self.settings, self.settings.encryption_salt or salt_of(self.load()))

    def state_secrets(self) -> PassphraseSecrets:
        """The secrets that its deployment is encrypted with; needs no project."""
        salt = salt_of(self.load())
        return secrets.unlock(passphrase(), salt) if salt else self.secrets()


def _opened(settings: StackSettings, salt: str) -> PassphraseSecrets:
    """The secrets of that salt, or new ones where it is empty; their salt is noted in the settings."""
    opened = secrets.unlock(passphrase(), salt) if salt else secrets.create(passphrase())
    if settings.encryption_salt != opened.salt:
        settings.set_salt(opened.salt)
    return opened


def salt_of(deployment: Deployment) -> str:
    """The salt in a deployment's `secrets_providers`, or ""."""
    provider = deployment.get("secrets_providers") or {}
    state = (provider.get("state") or {}) if isinstance(provider, dict) else None
    if not isinstance(state, dict):
        raise EngineError("the `secrets_providers` of this state are damaged: expected `type`, and `state` with a `salt`")
    if provider.get("type") not in (None, "", "passphrase"):
        raise EngineError(
            f"pulumi_local does not support the secrets provider {provider.get('type')!r} of this state, only 'passphrase'"
        )
    return str(state.get("salt") or "")


def initial_deployment(opened: PassphraseSecrets) -> Deployment:
    """The state of a stack that has just been created."""
    return {
        "manifest": manifest(gojson.now()),
        "secrets_providers": {"type": opened.type, "state": opened.state},
        "metadata": {},
    }


def create_stack(workspace: Workspace, name: str) -> Stack:
    """A new stack: in the backend, and its salt in the settings file."""
    reference = workspace.reference(name)
    owner = workspace.project
    if reference.project != owner.name:
        raise EngineError(f"provided project name {reference.project!r} doesn't match Pulumi.yaml")
    made = Stack(workspace, reference)
    settings = made.settings
    if workspace.backend.exists(reference):
        raise EngineError(f"stack '{reference.qualified}' already exists")
    opened = secrets.unlock(passphrase(), settings.encryption_salt) if settings.encryption_salt else secrets.create(passphrase())
    workspace.backend.create(reference, initial_deployment(opened))
    if settings.encryption_salt != opened.salt:
        settings.set_salt(opened.salt)
    return made


def passphrase() -> str:
    """The passphrase of the environment; on a terminal it is asked for. Raises EngineError where there is none."""
    found = secrets.passphrase_from(os.environ)
    if found is None and sys.stdin.isatty() and sys.stdout.isatty():
        found = getpass.getpass(
            "Enter your passphrase to unlock config/secrets\n"
            "    (set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to remember): "
        )
    if found is None:
        raise EngineError(NO_PASSPHRASE)
    return found
