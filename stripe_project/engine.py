"""Which engine deploys: the Pulumi CLI if it is installed or can be, else the local engine.

PULUMI_ENGINE=cli or PULUMI_ENGINE=local decides, and then nothing is installed.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from . import children, installer, settings

VERSION = importlib.metadata.version("pulumi")
"""The version of the CLI to install: that of the pinned SDK, with which it is released."""

INSTALLING = "https://www.pulumi.com/docs/install/"


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
    try:
        with children.saying("the Pulumi CLI was not installed, and nothing was changed at Stripe"):
            installer.install(VERSION, _home())
    except installer.NotInstalled as e:
        print(f"No pulumi on PATH, and {e}: using the local engine.", file=sys.stderr)
        return LOCAL
    return _cli(str(_home() / "bin" / "pulumi"))


def _cli(path: str) -> Engine:
    return Engine("the Pulumi CLI", (path,))


def _home() -> Path:
    return settings.root() / ".local" / f"pulumi-{VERSION}"
