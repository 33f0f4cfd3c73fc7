"""The folder of a file backend: its URL, its stacks, their checkpoints."""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pulumi_local import durable, environment, gojson, reading
from pulumi_local.errors import EngineError, Unsupported
from pulumi_local.interfaces import ORGANIZATION, VERSION, VERSIONS, Deployment, deployment_json
from pulumi_local.state import shape
from pulumi_local.state.backend import log
from pulumi_local.state.backend.lock import StackLock
from pulumi_local.state.backend.reference import StackReference

_META = "version: 1\n"


@dataclass(frozen=True)
class Checkpoint:
    """What a stack's file holds: the deployment (None before the first) and the format's version and features."""

    deployment: Deployment | None
    version: int = VERSION
    features: tuple[str, ...] = ()


class FileBackend:
    """A backend in a folder; `url` is `file://<path>`, where `file://~` is the user's home."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.root = _folder_of(url)
        self._base = self.root / ".pulumi"
        self._open()

    def _open(self) -> None:
        if not self.root.is_dir():
            raise EngineError(
                f'unable to open state directory "{self.url}": {self.root} does not exist or is not a directory; create it first'
            )
        meta = self._base / "meta.yaml"
        if not meta.exists():
            if any((self._base / "stacks").glob("*.json")):
                raise Unsupported(
                    f"pulumi_local does not support the legacy layout of {self._base}/stacks; run `pulumi state upgrade` first"
                )
            try:
                durable.write(meta, _META.encode())
            except OSError as e:
                if e.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                    raise
                return  # nothing is there, which can be seen without the right to write; whatever writes fails by itself
        try:
            version = reading.text(meta).partition("version:")[2].strip()
        except (OSError, ValueError) as e:
            raise EngineError(f"could not read {meta}: {reading.why(e)}") from None
        if version != "1":
            shown = f"{version[:40]}…" if len(version) > 40 else version
            raise Unsupported(f"state store unsupported: 'meta.yaml' version ({shown}) is not supported by pulumi_local: {meta}")

    # -- stacks

    def exists(self, stack: StackReference) -> bool:
        """Whether the stack has been created."""
        path = self.path(stack)
        for compressed in (".gz", ".zst"):
            if path.with_name(path.name + compressed).exists() and not path.exists():
                raise Unsupported(
                    f"pulumi_local does not support compressed state ({path.name}{compressed}); save it uncompressed"
                )
        return path.exists()

    def stacks(self, project: str | None = None) -> list[StackReference]:
        """All stacks, or those of one project, by name."""
        found = (self._base / "stacks").glob("*/*.json")
        references = (StackReference(p.parent.name, p.name.removesuffix(".json")) for p in found)
        return sorted((r for r in references if project in (None, r.project)), key=lambda r: (r.project, r.name))

    def create(self, stack: StackReference, deployment: Deployment) -> None:
        """A new stack with an initial state. Raises EngineError if there is one of that name."""
        with self.lock(stack).held():
            if self.exists(stack):
                raise EngineError(f"stack '{stack.qualified}' already exists")
            self.save(stack, Checkpoint(deployment))

    def remove(self, stack: StackReference, remove_backups: bool = False) -> None:
        """Forgets the stack and its history; its last checkpoint stays as `.bak` unless backups go too."""
        path = self.path(stack)
        backup = path.with_name(path.name + ".bak")
        if remove_backups:
            backup.unlink(missing_ok=True)
            shutil.rmtree(self._base / "backups" / stack.project / stack.name, ignore_errors=True)
        else:
            durable.keep_copy(path, backup)
        for gone in (path, path.with_name(path.name + ".attrs"), log.path_of(path)):
            gone.unlink(missing_ok=True)
        durable.sync_folder(path.parent)
        shutil.rmtree(self._base / "history" / stack.project / stack.name, ignore_errors=True)

    def lock(self, stack: StackReference) -> StackLock:
        """The stack's lock."""
        folder = self._base / "locks" / ORGANIZATION / stack.project / stack.name
        relative = urllib.parse.quote(f"{self.root}/{folder.relative_to(self.root).as_posix()}")
        return StackLock(folder, f"file://{relative}/{{name}}?no_tmp_dir=true")

    # -- checkpoints

    def path(self, stack: StackReference) -> Path:
        """The stack's checkpoint file."""
        return self._base / "stacks" / stack.project / f"{stack.name}.json"

    def load(self, stack: StackReference) -> Checkpoint:
        """The stack's checkpoint, with what a log beside it says. Raises EngineError, with where a good copy is, for one that is
        damaged or in part unknown: so nothing is ever written over it."""
        path = self.path(stack)
        document = self._document(stack)
        latest = document["checkpoint"].get("latest")
        found = shape.problems(latest)
        if not found and latest is not None:
            try:
                latest = log.applied(path, latest)
            except (KeyError, TypeError, ValueError, AttributeError, IsADirectoryError):
                found = [f"the log of its changes, {log.path_of(path)}, is damaged"]
        if found:
            raise EngineError(self._damaged(stack, "\n  * ".join(["", *found])))
        return Checkpoint(latest, document["version"], tuple(document.get("features") or ()))

    def _document(self, stack: StackReference) -> dict[str, Any]:
        text = ""
        try:
            text = reading.text(self.path(stack))
            document = log.parsed(text)
        except json.JSONDecodeError as e:
            raise EngineError(self._damaged(stack, f"it is not valid JSON: {e}" if text.strip() else "it is empty")) from None
        except ValueError as e:
            raise EngineError(self._damaged(stack, f"it is not valid JSON: {e}")) from None
        except IsADirectoryError:
            raise EngineError(self._damaged(stack, "it is a directory")) from None
        if not isinstance(document, dict):
            raise EngineError(self._damaged(stack, "it is not an object"))
        if document.get("version") not in VERSIONS or isinstance(document["version"], bool):
            reason = f"it has version {json.dumps(document.get('version'))}; pulumi_local supports version {VERSION}"
            raise Unsupported(self._damaged(stack, reason))
        if not isinstance(document.get("checkpoint"), dict):
            if "deployment" in document:
                raise EngineError(
                    f"failed to load checkpoint: {self.path(stack)} is what `stack export` writes. Nothing was changed. "
                    f"{self._copies(stack)} Then bring in what is there now with `stack import --file`."
                )
            raise EngineError(self._damaged(stack, "it has no `checkpoint`"))
        return document

    def _damaged(self, stack: StackReference, reason: str) -> str:
        """The message about a checkpoint that cannot be read."""
        space = "" if reason.startswith("\n") else " "
        return f"failed to load checkpoint: {self.path(stack)}:{space}{reason}\nNothing was changed. {self._copies(stack)}"

    def _copies(self, stack: StackReference) -> str:
        """Where good copies of a checkpoint are, as a sentence."""
        path = self.path(stack)
        folder = self._base / "backups" / stack.project / stack.name
        copies = [path.with_name(path.name + ".bak"), *sorted(folder.glob("*.json"), reverse=True)]
        good = next((str(copy) for copy in copies if _is_good(copy)), None)
        return (
            f"Its last good copy is {good}: put that in its place." if good else f"There is no good copy of it in {self._base}."
        )

    def save(self, stack: StackReference, checkpoint: Checkpoint, *, backup: bool = True) -> None:
        """Replaces the stack's checkpoint; the one before it stays as `.bak`, unless `backup` is off."""
        path = self.path(stack)
        features = f'"features":{json.dumps(checkpoint.features)},' if checkpoint.features else ""
        head = f'{{"version":{checkpoint.version},{features}"checkpoint":{{"stack":{json.dumps(stack.qualified)}'
        latest = () if checkpoint.deployment is None else (b',"latest":', deployment_json(checkpoint.deployment))
        if backup:
            with contextlib.suppress(FileNotFoundError):
                durable.keep_copy(path, path.with_name(path.name + ".bak"))
        durable.write(path, b"".join((head.encode(), *latest, b"}}")))
        log.remove(path)

    def settle(self, stack: StackReference) -> None:
        """Makes the checkpoint whole where a killed process left a log beside it."""
        log.settle(self.path(stack))

    # -- history

    def record(self, stack: StackReference, update: Mapping[str, Any]) -> None:
        """Notes one update in the stack's history, with a copy of its state, and keeps a backup of the state."""
        path = self.path(stack)
        history = self._base / "history" / stack.project / stack.name
        stamp = time.time_ns()
        durable.write(history / f"{stack.name}-{stamp}.history.json", gojson.dumps(dict(update)).encode())
        durable.keep_copy(path, history / f"{stack.name}-{stamp}.checkpoint.json")
        if not environment.is_on("PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS"):
            backup = self._base / "backups" / stack.project / stack.name / f"{stack.name}.{stamp}.json"
            durable.keep_copy(path, backup, apart=True)


class StackState:
    """One stack's state as the engine wants it (`StateStore`)."""

    def __init__(self, backend: FileBackend, stack: StackReference) -> None:
        self._backend = backend
        self._stack = stack
        self._checkpoint = backend.load(stack)
        self._saved = False
        self._log = log.ChangeLog(backend.path(stack))
        self._keeper: subprocess.Popen[bytes] | None = None

    def load(self) -> Deployment | None:
        """The deployment as it was when the lock was taken, or as last saved."""
        return self._checkpoint.deployment

    def save(self, deployment: Deployment) -> None:
        """Replaces the deployment on disk. The one that the command found stays as `.bak`."""
        self._log.close()
        self._checkpoint = replace(self._checkpoint, deployment=deployment)
        self._backend.save(self._stack, self._checkpoint, backup=not self._saved)
        self._saved = True

    def note(self, changes: bytes) -> None:
        """Adds to the log beside the file; a process that outlives this one settles it if this one is killed."""
        if self._keeper is None:
            path = self._backend.path(self._stack)
            self._keeper = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("keeper.py")), str(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._log.append(changes)

    def close(self) -> None:
        """Settles what a run that was left in the middle did not save as a whole."""
        self._log.close()
        if self._keeper is not None:
            self._backend.settle(self._stack)
            assert self._keeper.stdin is not None
            self._keeper.stdin.close()
            self._keeper.wait()
            self._keeper = None


def _is_good(copy: Path) -> bool:
    try:
        document = log.parsed(reading.text(copy))
        return document["version"] in VERSIONS and not shape.problems(document["checkpoint"].get("latest"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _folder_of(url: str) -> Path:
    if not url.startswith("file://"):
        scheme = url.partition("://")[0] or url
        raise Unsupported(
            f"pulumi_local does not support the backend {scheme}://; set PULUMI_BACKEND_URL to "
            "file://<folder>, or use the Pulumi CLI"
        )
    path = url.removeprefix("file://").partition("?")[0]
    return Path(path).expanduser().absolute()
