"""Clients in other languages run the guide's seven steps against the local Stripe, and what happens to a subscription.

Where a language or a package is not to be had, the test is skipped and says what is missing, see `installing.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.installing import INSTALL_SECONDS, MAVEN_COPY, NPM_INSTALL, install, need
from tests.docs.checkout import blocks
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


def invoice(status: str, *lines: tuple[int, bool]) -> dict[str, object]:
    """What clients read of an invoice: of each line the amount, and whether it is a proration."""
    return {"status": status, "total": sum(amount for amount, _ in lines), "lines": [list(line) for line in lines]}


BILLED = {
    "subscribed": {"status": "active", "invoice": invoice("paid", (3000, False))},
    "preview": invoice("draft", (-1500, True), (4500, True)),
    "changed": {"status": "active", "invoice": invoice("paid", (-1500, True), (4500, True))},
    "trial": {"status": "trialing", "invoice": invoice("paid", (0, False)), "days": 14},
    "ended": {"status": "active", "invoice": invoice("paid", (3000, False))},
    "canceled": {"status": "canceled", "invoice": invoice("draft", (-1500, True), (-4500, True))},
    "refused": {"status": 400, "code": "resource_missing", "param": "items[0][price]"},
}
"""3,000 a month, 9,000 from its middle on; a trial that is ended by hand; an end before the middle, which gives all back.

At last a price that is not there.
"""


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


def test_python(server: LocalStripe) -> None:
    folder = HERE / "python"
    run_guide(server, [sys.executable, "guide.py"], folder)
    assert run(server, [sys.executable, "billing.py"], folder) == BILLED


def test_node(server: LocalStripe) -> None:
    node = need("node", "install Node.js 20 or later")
    command = [need("npm", "install npm"), *NPM_INSTALL]
    sources = [HERE / "node" / name for name in ("package.json", "guide.mjs", "billing.mjs")]
    folder = install("node", sources, command, "node_modules/stripe/package.json")
    run_guide(server, [node, "guide.mjs"], folder)
    assert run(server, [node, "billing.mjs"], folder) == BILLED


def test_node_on_an_account_of_its_own(server: LocalStripe) -> None:
    """As docs/testing.md says."""
    node = need("node", "install Node.js 20 or later")
    command = [need("npm", "install npm"), *NPM_INSTALL]
    sources = [HERE / "node" / name for name in ("package.json", "guide.mjs", "billing.mjs")]
    folder = install("node", sources, command, "node_modules/stripe/package.json")
    account, clock = (text.replace("12111", str(server.port)) for text in blocks("docs/testing.md", "js"))
    used = (
        'await stripe.products.create({ name: "Mine" });\n'
        "const { data } = await stripe.products.list();\n"
        "console.log(JSON.stringify({ products: data.length, later: data[0].created * 1000 - Date.now() > 30 * 86400000 }));\n"
    )
    for _ in range(2):
        program = [node, "--input-type=module", "--eval", f"{account}{clock}{used}"]
        assert run(server, program, folder) == {"products": 1, "later": True}
    assert server.requests() == []


@pytest.mark.thorough
def test_go(server: LocalStripe) -> None:
    go = need("go", "install Go 1.23 or later")
    folder = install("go", sorted((HERE / "go").iterdir()), [go, "build", "-o", "client", "."], "client")
    run_guide(server, [str(folder / "client"), "guide"], folder)
    assert run(server, [str(folder / "client"), "billing"], folder) == BILLED


@pytest.mark.thorough
def test_java(server: LocalStripe) -> None:
    need("javac", "install a JDK, version 17 or later")
    sources = sorted((HERE / "java").iterdir())
    folder = install("java", sources, [need("mvn", "install Maven 3.6 or later"), *MAVEN_COPY], "lib")
    java = [need("java", "install a JDK, version 17 or later"), "-cp", str(folder / "lib" / "*")]
    run_guide(server, [*java, "Guide.java"], folder)
    assert run(server, [*java, "Billing.java"], folder) == BILLED
