"""Which engine deploys: the Pulumi CLI if it is installed or can be, else the local engine.

PULUMI_ENGINE=cli or PULUMI_ENGINE=local decides, and then nothing is installed.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import children, settings

VERSION = importlib.metadata.version("pulumi")
"""The version of the CLI to install: that of the pinned SDK, with which it is released."""

INSTALLING = "https://www.pulumi.com/docs/install/"
INSTALLER = "get.pulumi.com"
REACH_SECONDS = 4
INSTALL_SECONDS = 300


@dataclass(frozen=True)
class Engine:
    """A command line that understands `preview`, `up`, `refresh`, `destroy`, `stack`, `config`."""

    name: str
    command: tuple[str, ...]


LOCAL = Engine("the local engine", (sys.executable, "-m", "pulumi_local"))


def on_path() -> str | None:
    """The Pulumi CLI on PATH."""
    return shutil.which("pulumi")


def of_name(name: str) -> Engine:
    """The engine "local" or "cli". Raises SystemExit where there is no CLI on PATH."""
    if name == "local":
        return LOCAL
    if found := on_path():
        return _cli(found)
    raise SystemExit(f"there is no pulumi on PATH: {INSTALLING}")


def find() -> Engine:
    """The engine to use. Where the CLI is missing, one line on standard error says so. Raises SystemExit."""
    wish = os.environ.get("PULUMI_ENGINE", "")
    if wish not in ("", "cli", "local"):
        raise SystemExit(f'PULUMI_ENGINE is "{wish}"; give cli or local, or leave it out')
    if wish == "local":
        return LOCAL
    found = on_path() or shutil.which("pulumi", path=str(_home() / "bin"))
    if found:
        return _cli(found)
    if wish == "cli":
        raise SystemExit(f"PULUMI_ENGINE=cli, but there is no pulumi on PATH: {INSTALLING}")
    reason = _install()
    if reason:
        print(f"No pulumi on PATH, and {reason}: using the local engine.", file=sys.stderr)
        return LOCAL
    return _cli(str(_home() / "bin" / "pulumi"))


def _cli(path: str) -> Engine:
    return Engine("the Pulumi CLI", (path,))


def _home() -> Path:
    return settings.root() / ".local" / f"pulumi-{VERSION}"


def _install() -> str:
    """Runs the official installer through Pulumi's automation API; "" if it worked, else why not."""
    if not _reachable():
        return f"{INSTALLER} cannot be reached to install it"
    code = (
        "import sys, semver; from pulumi.automation import PulumiCommand; "
        "PulumiCommand.install(root=sys.argv[1], version=semver.VersionInfo.parse(sys.argv[2]))"
    )
    print(f"Installing the Pulumi CLI {VERSION} into {_home().relative_to(settings.root())} …", file=sys.stderr)
    command = [sys.executable, "-c", code, str(_home()), VERSION]
    return "" if whole(command, _home(), INSTALL_SECONDS) else f"version {VERSION} could not be installed"


def whole(command: Sequence[str], folder: Path, seconds: float) -> bool:
    """Runs an installer; whether `folder` has been filled. If it fails, takes too long or is stopped, nothing of it is left.

    The next run must not find half an installation.
    """
    quiet = subprocess.DEVNULL
    done = False
    with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, process_group=0) as process:
        try:
            with children.saying("the Pulumi CLI was not installed, and nothing was changed at Stripe"):
                done = process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            pass
        finally:
            if not done:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                shutil.rmtree(folder, ignore_errors=True)
    return done


def _reachable() -> bool:
    """Whether the installer's host answers. Name resolution can take very long to fail, so there is a limit."""
    answered: list[bool] = []

    def connect() -> None:
        try:
            socket.create_connection((INSTALLER, 443), timeout=REACH_SECONDS).close()
            answered.append(True)
        except OSError:
            pass

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(REACH_SECONDS)
    return bool(answered)
