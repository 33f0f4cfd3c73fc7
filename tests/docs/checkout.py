"""A copy of the checkout in which `make` finds an environment already installed, and the local Stripe has a port of its own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from tests.e2e.project import captured

ROOT = Path(__file__).parents[2]
PORT, REHEARSAL = "12111", "12112"
SECONDS = 300
"""One target of the Makefile runs up to ten commands of an engine."""
NOT_COPIED = {
    ".git",
    ".venv",
    ".local",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    "tests",
    "__pycache__",
    "node_modules",
}


class Checkout:
    """Use as a context manager: leaving it stops what `make up` started."""

    def __init__(self, folder: Path, engine: str) -> None:
        self.folder = folder / "checkout"
        shutil.copytree(ROOT, self.folder, ignore=lambda _, names: NOT_COPIED & set(names))
        (self.folder / ".venv").symlink_to(sys.prefix)
        for stamp in (".run", ".dev"):
            (self.folder / ".venv" / stamp).touch()
        self.ports = {port: str(free_port()) for port in (PORT, REHEARSAL)}
        self.port = self.ports[PORT]
        settings = self.folder / "Pulumi.dev.yaml"
        settings.write_text(settings.read_text().replace(PORT, self.port))
        hidden = ("STRIPE_", "PULUMI_", "XDG_", "MAKE", "MFLAGS", "ARGS", "STACK", "SHARD")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
        self.environment |= {
            "HOME": str(folder),
            "PULUMI_HOME": str(folder / ".pulumi"),
            "PULUMI_ENGINE": engine,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def sh(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A script as a user would paste it, with this checkout's ports."""
        for port, own in self.ports.items():
            script = script.replace(port, own)
        command = ["bash", "-euo", "pipefail", "-c", script]
        return captured(command, self.folder, {**self.environment, **environment}, SECONDS)

    def __enter__(self) -> Checkout:
        return self

    def __exit__(self, *_: object) -> None:
        self.sh("make stop")


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of one language in a page, without what is said after `#`."""
    text = (ROOT / page).read_text()
    found = re.findall(rf"^```{language}\n(.*?)^```", text, re.S | re.M)
    return [re.sub(r"  +#.*$", "", block, flags=re.M) for block in found] if language == "sh" else found


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
