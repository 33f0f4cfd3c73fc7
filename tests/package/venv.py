"""The built wheel in virtual environments of its own, outside the checkout, on every Python that there is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from uv import find_uv_bin

from tests.rooms.sources import ROOT

OLDEST = (3, 11)
UNREACHABLE = re.compile(r"dns error|\(Connect\)|error sending request|timed out|network was disabled")
LOOK_FOR = "import sys; print('%d.%d' % sys.version_info[:2], sys.prefix == sys.base_prefix)"


def build(folder: Path) -> Path:
    """The wheel of the checkout."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def pythons() -> dict[str, Path]:
    """The interpreters of this machine that the package is for, one for each version such as "3.12", by version."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    folders = [*sorted(pyenv.glob("*/bin"), reverse=True), *map(Path, os.environ.get("PATH", "").split(os.pathsep))]
    found: dict[str, Path] = {}
    for path in (Path(sys.executable), *(p for folder in folders for p in sorted(folder.glob("python3.[0-9]*")))):
        if not re.fullmatch(r"python3?(\.\d+)?", path.name):
            continue
        # A shim of pyenv fails where its version is not the chosen one.
        told = subprocess.run([path, "-c", LOOK_FOR], capture_output=True, text=True, check=False).stdout.split()
        if told and tuple(map(int, told[0].split("."))) >= OLDEST:
            found.setdefault(told[0], path)
    return dict(sorted(found.items(), key=lambda item: tuple(map(int, item[0].split(".")))))


@dataclass(frozen=True)
class Venv:
    """An environment with the wheel, with some of its extras, in the versions that requirements-dev.txt pins."""

    folder: Path

    @classmethod
    def make(
        cls,
        folder: Path,
        wheel: Path,
        extras: Sequence[str] = (),
        python: Path | str = sys.executable,
        more: Sequence[str] = (),
    ) -> Venv:
        """`more` are other packages. Skips the test where packages cannot be fetched, and are not in uv's cache."""
        uv = find_uv_bin()
        subprocess.run([uv, "venv", "--quiet", "--python", str(python), str(folder)], check=True)
        wanted = f"pulumi-stripe-billing[{','.join(extras)}] @ {wheel.as_uri()}"
        pinned = ["--constraint", str(ROOT / "requirements-dev.txt")]
        command = [uv, "pip", "install", "--quiet", "--python", str(folder), *pinned, wanted, *more]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode and UNREACHABLE.search(done.stderr):
            pytest.skip(f"no package registry can be reached to install the wheel from: {done.stderr.strip().splitlines()[-1]}")
        assert done.returncode == 0, done.stderr
        return cls(folder)

    def command(self, name: str) -> str:
        """The path of a console command, or of "python"."""
        return str(self.folder / "bin" / name)

    def run(
        self, *command: str, cwd: Path, environment: Mapping[str, str] | None = None, seconds: float = 100
    ) -> subprocess.CompletedProcess[str]:
        """Runs one of the environment's commands to its end, with an empty folder as home unless `environment` names one."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return subprocess.run(
            [self.command(command[0]), *command[1:]],
            cwd=cwd,
            env={"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin", "HOME": str(home), **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
