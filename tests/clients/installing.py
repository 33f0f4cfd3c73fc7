"""What tests need from other languages' registries: installed once, at pinned versions, under `.local/clients/`."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".local" / "clients"

INSTALL_SECONDS = 100
"""What an install may take before the test is skipped instead; with a warm cache it takes nothing."""

NPM_INSTALL = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--fetch-retries=0", "--silent"]

MAVEN_COPY = [
    "--quiet",
    "--batch-mode",
    "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies",
    "-DincludeScope=runtime",
    "-DoutputDirectory=lib",
]


def need(program: str, remedy: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not on PATH: {remedy}")
    return found


def install(name: str, sources: list[Path], command: list[str], result: str) -> Path:
    """The cached folder with `result` in it, made from `sources` by `command` where it is not there yet."""
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    folder = CACHE / f"{name}-{digest}"
    if (folder / result).exists():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as temporary:
        work = Path(temporary) / "work"
        work.mkdir()
        for source in sources:
            shutil.copy(source, work)
        try:
            subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=True)
        except subprocess.CalledProcessError as error:
            said = error.stderr.strip() or error.stdout.strip()
            pytest.skip(f"{' '.join(command)} failed, most likely for want of a network: {said[-300:]}")
        except subprocess.TimeoutExpired:
            pytest.skip(f"{' '.join(command)} took more than {INSTALL_SECONDS} s; run it once in {folder} to cache it")
        # Two processes may have made it at once; either result will do.
        if not folder.exists():
            work.rename(folder)
    return folder
