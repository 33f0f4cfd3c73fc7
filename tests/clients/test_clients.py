"""Clients in other languages run the guide's seven steps against the local Stripe, and what happens to a subscription.

Where a language or a package is not to be had, the test is skipped and says what is missing, see `installing.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.installing import INSTALL_SECONDS, NPM_INSTALL, install, need
from tests.stripe_local.server import TEST_KEY, LocalStripe

HERE = Path(__file__).parent

pytestmark = pytest.mark.timeout(INSTALL_SECONDS + 60)


@pytest.fixture
def server() -> Iterator[LocalStripe]:
    with LocalStripe() as server:
        yield server


STEPS = [
    ("POST", "/v1/billing/meters"),
    ("POST", "/v1/prices"),
    ("POST", "/v1/customers"),
    ("POST", "/v1/subscriptions"),
    ("POST", "/v1/billing/meter_events"),
    ("POST", "/v1/invoices/create_preview"),
]


BILLED = {
    "subscribed": {"status": "active", "invoice": "paid", "amounts": [3000]},
    "preview": [-1500, 4500],
    "changed": {"status": "active", "invoice": "paid", "amounts": [-1500, 4500]},
    "trial": {"status": "trialing", "invoice": "paid", "amounts": [0]},
    "ended": {"status": "active", "invoice": "paid", "amounts": [3000]},
    "canceled": {"status": "canceled", "invoice": "draft", "amounts": [-1500, -4500]},
}
"""3,000 a month, 9,000 from its middle on; a trial that is ended by hand; an end before the middle, which gives all back."""


def run(server: LocalStripe, command: list[str], cwd: Path) -> object:
    """What the client prints."""
    environment = {**os.environ, "STRIPE_LOCAL_URL": server.url, "STRIPE_API_KEY": TEST_KEY}
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return json.loads(result.stdout)


def run_guide(server: LocalStripe, command: list[str], cwd: Path) -> None:
    assert run(server, command, cwd) == {"total": 4, "aggregated": 25}
    sent = server.requests()
    assert [(entry["method"], entry["path"]) for entry in sent[:6]] == STEPS
    assert sent[6]["path"].endswith("/event_summaries")
    assert {entry["status"] for entry in sent} == {200}


def test_curl(server: LocalStripe) -> None:
    need("curl", "install curl")
    run_guide(server, [need("sh", "install a POSIX shell"), "guide.sh"], HERE / "curl")


def test_node(server: LocalStripe) -> None:
    node = need("node", "install Node.js 20 or later")
    command = [need("npm", "install npm"), *NPM_INSTALL]
    sources = [HERE / "node" / name for name in ("package.json", "guide.mjs", "billing.mjs")]
    folder = install("node", sources, command, "node_modules/stripe/package.json")
    run_guide(server, [node, "guide.mjs"], folder)
    assert run(server, [node, "billing.mjs"], folder) == BILLED


@pytest.mark.thorough
def test_go(server: LocalStripe) -> None:
    go = need("go", "install Go 1.23 or later")
    sources = [HERE / "go" / name for name in ("go.mod", "go.sum", "main.go")]
    folder = install("go", sources, [go, "build", "-o", "guide", "."], "guide")
    run_guide(server, [str(folder / "guide")], folder)
