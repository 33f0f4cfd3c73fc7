"""Clients in other languages run the guide's seven steps against the local Stripe.

What they need is installed once, at the versions pinned here, under `.local/clients/`. Where a language or a package is
not to be had, the test is skipped and says what is missing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stripe_local.server import ROOT, TEST_KEY, LocalStripe

HERE = Path(__file__).parent
CACHE = ROOT / ".local" / "clients"

# What an install may take before the test is skipped instead; with a warm cache it takes nothing.
INSTALL_SECONDS = 100

pytestmark = pytest.mark.timeout(INSTALL_SECONDS + 60)


@pytest.fixture
def server() -> Iterator[LocalStripe]:
    with LocalStripe() as server:
        yield server


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
            pytest.skip(f"{' '.join(command)} failed, most likely for want of a network: {error.stderr.strip()[-300:]}")
        except subprocess.TimeoutExpired:
            pytest.skip(f"{' '.join(command)} took more than {INSTALL_SECONDS} s; run it once in {folder} to cache it")
        # Two processes may have made it at once; either result will do.
        if not folder.exists():
            work.rename(folder)
    return folder


STEPS = [
    ("POST", "/v1/billing/meters"),
    ("POST", "/v1/prices"),
    ("POST", "/v1/customers"),
    ("POST", "/v1/subscriptions"),
    ("POST", "/v1/billing/meter_events"),
    ("POST", "/v1/invoices/create_preview"),
]


def run_guide(server: LocalStripe, command: list[str], cwd: Path) -> None:
    environment = {**os.environ, "STRIPE_LOCAL_URL": server.url, "STRIPE_API_KEY": TEST_KEY}
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert json.loads(result.stdout) == {"total": 4, "aggregated": 25}
    sent = server.requests()
    assert [(entry["method"], entry["path"]) for entry in sent[:6]] == STEPS
    assert sent[6]["path"].endswith("/event_summaries")
    assert {entry["status"] for entry in sent} == {200}


def test_curl(server: LocalStripe) -> None:
    need("curl", "install curl")
    run_guide(server, [need("sh", "install a POSIX shell"), "guide.sh"], HERE / "curl")


def test_node(server: LocalStripe) -> None:
    node = need("node", "install Node.js 20 or later")
    npm = need("npm", "install npm")
    command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--fetch-retries=0", "--silent"]
    folder = install(
        "node", [HERE / "node" / "package.json", HERE / "node" / "guide.mjs"], command, "node_modules/stripe/package.json"
    )
    run_guide(server, [node, "guide.mjs"], folder)


def test_go(server: LocalStripe) -> None:
    go = need("go", "install Go 1.23 or later")
    sources = [HERE / "go" / name for name in ("go.mod", "go.sum", "main.go")]
    folder = install("go", sources, [go, "build", "-o", "guide", "."], "guide")
    run_guide(server, [str(folder / "guide")], folder)
