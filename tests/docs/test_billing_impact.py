"""docs/billing-impact.md: its commands run, and its examples are what they print."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from stripe_impact.rendering import data
from tests.docs.checkout import blocks
from tests.e2e.project import ENGINE_PARAMS, Project, typed
from tests.stripe_impact.previews import Shop
from tests.stripe_impact.test_comment import COMMENT
from tests.stripe_local.server import LocalStripe

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "billing-impact.md").read_text()
TEXT, FILES, USAGE = blocks("docs/billing-impact.md", "sh")
(EXAMPLE,) = blocks("docs/billing-impact.md", "python")


@pytest.mark.parametrize("engine", ENGINE_PARAMS)
@pytest.mark.thorough
def test_the_commands(engine: str, tmp_path: Path, shared_server: LocalStripe) -> None:
    shared_server.reset()
    project = Project(engine, tmp_path, shared_server.url)
    assert project.up().code == 0
    project.config("unitAmount", "5")
    ready = 'python() { .venv/bin/python "$@"; }\n'
    done = typed(project, ready + TEXT)
    assert done.returncode == 0, done.stdout
    assert "tokens-monthly replaced: 0.04 USD per 100 tokens → 0.05 USD per 100 tokens" in done.stdout
    files = typed(project, ready + FILES)
    assert (files.returncode, files.stdout) == (0, "")
    assert (tmp_path / "impact.md").read_text().startswith("<!-- billing-impact: dev -->\n")
    assert (tmp_path / "impact.svg").read_text().startswith("<svg ")
    shared_server.forget_requests()
    offline = typed(project, ready + USAGE)
    assert "if everybody moved: 1.60 USD (+0.32 USD)" in offline.stdout
    assert shared_server.requests() == []


def test_the_comment() -> None:
    written = PAGE.partition("test_billing_impact.py) -->\n")[2].partition("<!-- comment: end -->")[0]
    quoted = "".join(f"> {line}".rstrip() + "\n" for line in COMMENT.splitlines()[1:])
    assert written == quoted, f"The example in docs/billing-impact.md should be:\n{quoted}"


def test_the_keys_of_the_data() -> None:
    keys = list(json.loads(data(Shop().impact())))
    listed = PAGE.partition("has the keys ")[2].partition("; amounts")[0]
    assert re.findall(r"`(\w+)`", listed) == keys


def test_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    exec(EXAMPLE, {})
    assert capsys.readouterr().out == "0.04 USD per 100 tokens\n3,025 tokens → 31 packages of 100 × 0.04 USD = 1.24 USD\n"
