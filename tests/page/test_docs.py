"""What docs/page.md says to type; `make up` and the address it ends with are in tests/docs/test_readme.py."""

from __future__ import annotations

import subprocess

from tests.docs.checkout import blocks
from tests.stripe_local.server import LocalStripe


def test_every_command_runs(server: LocalStripe) -> None:
    deploy, overview = blocks("docs/page.md", "sh")
    assert deploy.strip() == "make up"
    command = overview.replace("http://127.0.0.1:12111", server.url)
    done = subprocess.run(["sh", "-e", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, '"products":[]' in done.stdout) == (0, True), done.stdout + done.stderr
