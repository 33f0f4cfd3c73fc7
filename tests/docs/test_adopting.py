"""docs/adopting.md: its commands bring an account under management, and its program is what the export writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stripe_resources.__main__ import parser
from tests.docs.checkout import ROOT, Checkout, blocks
from tests.e2e.project import ENGINE_PARAMS, ENGINES
from tests.export.account import fill
from tests.stripe_local.server import LocalStripe

(COMMANDS,) = blocks("docs/adopting.md", "sh")
(PRICE,) = blocks("docs/adopting.md", "python")
PAGE = (ROOT / "docs" / "adopting.md").read_text()


@pytest.mark.parametrize("engine", ENGINE_PARAMS)
def test_the_commands(engine: str, tmp_path: Path, shared_server: LocalStripe) -> None:
    shared_server.reset()
    fill(shared_server)
    command = " ".join(ENGINES[engine] or ())
    script = re.sub(r"^pulumi ", f"{command} ", COMMANDS, flags=re.M).replace("up --stack staging", "up --yes --stack staging")
    script = script.replace("sk_test_...", "sk_test_x")
    with Checkout(tmp_path, engine) as checkout:
        (tmp_path / "state").mkdir()
        done = checkout.sh(
            script,
            PULUMI_BACKEND_URL=f"file://{tmp_path}/state",
            PULUMI_CONFIG_PASSPHRASE="",
            STRIPE_API_BASE=shared_server.url,
        )
        assert done.returncode == 0, done.stdout
        assert "15 unchanged" in done.stdout.partition("Previewing update")[2]
        assert PRICE in (checkout.folder / "__main__.py").read_text()


def test_the_options_that_it_names_exist() -> None:
    known = parser().parse_args(["export", "--out", "x"])
    named = set(re.findall(r"`--([\w-]+)", PAGE))
    assert named
    assert {name.replace("-", "_") for name in named} <= set(vars(known))


def test_what_it_links_to_exists() -> None:
    links = set(re.findall(r"\]\((?!https?:)([^)#]+)\)", PAGE))
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
