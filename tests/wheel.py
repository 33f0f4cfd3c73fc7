"""Where pages are followed as users follow them: with the package's wheel, and nothing of the checkout."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

import pytest
from uv import find_uv_bin

from tests.e2e.project import captured
from tests.package.venv import UNREACHABLE

ROOT = Path(__file__).parents[1]
SECONDS = 600
"""For one script; a first installation downloads some 40 packages."""


class Outside:
    """A folder, and an environment in which pip and uv find the package's wheel, and its pinned dependencies in a registry.

    Neither the checkout nor its environment is on any path; uv is.
    """

    def __init__(self, folder: Path, wheel: Path, port: str) -> None:
        self.folder, self.port = folder / "outside", port
        self.folder.mkdir()
        (folder / "bin").mkdir()
        python = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
        for name in ("python", "python3"):
            (folder / "bin" / name).symlink_to(python)
        for name in ("uv", "uvx"):
            (folder / "bin" / name).symlink_to(Path(find_uv_bin()).parent / name)
        pinned = folder / "constraints.txt"
        pins = re.findall(r"^([\w.-]+==\S+)( ; [^\\\n]*)?", (ROOT / "requirements-dev.txt").read_text(), re.M)
        pinned.write_text("".join(f"{name}{marker}\n" for name, marker in pins))
        hidden = (
            "STRIPE_",
            "PULUMI_",
            "MAKE",
            "MFLAGS",
            "ARGS",
            "STACK",
            "SHARD",
            "PYTHONPATH",
            "VIRTUAL_ENV",
            "PYTEST_",
            "COVERAGE",
        )
        places = f"{os.environ.get('PIP_FIND_LINKS', '')} {wheel.parent}".strip()
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(hidden)} | {
            "HOME": str(folder),
            "PATH": f"{folder}/bin:/usr/local/bin:/usr/bin:/bin",
            "PIP_CACHE_DIR": str(Path.home() / ".cache" / "pip"),
            "PIP_CONSTRAINT": str(pinned),
            "PIP_FIND_LINKS": places,
            "UV_CACHE_DIR": str(Path.home() / ".cache" / "uv"),
            "UV_FIND_LINKS": places.replace(" ", ","),
            "UV_CONSTRAINT": str(pinned),
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_PYTHON": str(python),
            "PULUMI_ENGINE": "local",
            "PULUMI_HOME": str(folder / ".pulumi"),
        }

    def sh(self, script: str, folder: str = ".", **environment: str) -> str:
        """Runs a script as a user would paste it, with a port of its own for 12111. What it prints; it has to end well."""
        command = ["bash", "-euo", "pipefail", "-c", script.replace("12111", self.port)]
        done = captured(command, self.folder / folder, {**self.environment, **environment}, SECONDS)
        assert done.returncode == 0, f"{script}\n{done.stdout}"
        return done.stdout

    def install(self, venv: str, *requirements: str) -> None:
        """Makes a virtual environment with packages: in seconds, where pip takes minutes to find that all of it is there.

        Skips where nothing can be installed.
        """
        script = f"uv venv --quiet --seed {venv} && uv pip install --quiet --python {venv} {shlex.join(requirements)}"
        done = captured(["bash", "-euc", script], self.folder, self.environment, SECONDS)
        if done.returncode and UNREACHABLE.search(done.stdout):
            pytest.skip(f"no package registry can be reached to install from: {done.stdout.strip().splitlines()[-1]}")
        assert done.returncode == 0, done.stdout
