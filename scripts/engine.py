"""Which engine deploys: the Pulumi CLI where it is or can be had, the local engine where not.

PULUMI_ENGINE=cli or =local decides beforehand; neither looks any further.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSION = importlib.metadata.version("pulumi")
"""The CLI is released together with the SDK; the pinned SDK says which."""

INSTALLER = "get.pulumi.com"
REACH_SECONDS = 4
INSTALL_SECONDS = 300


@dataclass(frozen=True)
class Engine:
    """A command line that understands `preview`, `up`, `refresh`, `destroy`, `stack`, `config`."""

    name: str
    command: tuple[str, ...]


LOCAL = Engine("the local engine", (sys.executable, "-m", "pulumi_local"))


def find() -> Engine:
    """The engine to use; says in one line on standard error where the CLI was missed."""
    wish = os.environ.get("PULUMI_ENGINE", "")
    if wish not in ("", "cli", "local"):
        raise SystemExit(f'PULUMI_ENGINE is "{wish}"; give cli or local, or leave it out')
    if wish == "local":
        return LOCAL
    found = shutil.which("pulumi") or shutil.which("pulumi", path=str(_home() / "bin"))
    if found:
        return Engine("the Pulumi CLI", (found,))
    if wish == "cli":
        raise SystemExit("PULUMI_ENGINE=cli, but there is no pulumi on PATH: https://www.pulumi.com/docs/install/")
    reason = _install()
    if reason:
        print(f"No pulumi on PATH, and {reason}: using the local engine.", file=sys.stderr)
        return LOCAL
    return Engine("the Pulumi CLI", (str(_home() / "bin" / "pulumi"),))


def _home() -> Path:
    return ROOT / ".local" / f"pulumi-{VERSION}"


def _install() -> str:
    """Runs the official installer through Pulumi's automation API; "" if it worked, else why not."""
    if not _reachable():
        return f"{INSTALLER} cannot be reached to install it"
    code = (
        "import sys, semver; from pulumi.automation import PulumiCommand; "
        "PulumiCommand.install(root=sys.argv[1], version=semver.VersionInfo.parse(sys.argv[2]))"
    )
    try:
        subprocess.run(
            [sys.executable, "-c", code, str(_home()), VERSION], check=True, capture_output=True, timeout=INSTALL_SECONDS
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired, OSError):
        shutil.rmtree(_home(), ignore_errors=True)  # half an installation must not be found the next time
        return f"version {VERSION} could not be installed"
    return ""


def _reachable() -> bool:
    """Whether the installer's host answers. Name resolution can take very long to fail, so it is not waited for."""
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
