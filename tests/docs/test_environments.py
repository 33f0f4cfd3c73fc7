"""docs/environments.md: a new environment is made as the page says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.checkout import ROOT, Checkout
from tests.e2e.project import ENGINE_PARAMS

pytestmark = pytest.mark.thorough

PAGE = ROOT / "docs" / "environments.md"


def scripts(heading: str) -> list[str]:
    """The shell blocks under a heading; those in lists are indented."""
    section = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = re.findall(r"^( *)```sh\n(.*?)^ *```", section, re.S | re.M)
    return [re.sub(f"^{indent}", "", block, flags=re.M) for indent, block in found]


@pytest.fixture(params=ENGINE_PARAMS)
def checkout(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Checkout]:
    with Checkout(tmp_path, request.param) as checkout:
        yield checkout


@pytest.mark.timeout(300)
def test_a_new_environment(checkout: Checkout) -> None:
    program, settings, secrets, deploy = scripts("A new environment")
    assert [line.split("=")[0] for line in secrets.splitlines()] == [
        "export PULUMI_BACKEND_URL",
        "export PULUMI_CONFIG_PASSPHRASE",
        "export STRIPE_API_KEY",
    ]
    local = {"STRIPE_API_BASE": f"http://127.0.0.1:{checkout.port}", "STRIPE_API_KEY": "sk_test_local", "YES": "1"}
    done = checkout.sh(program + settings + deploy, **local)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^hypernian:environment +staging +qa$", done.stdout, re.M)
    assert "+ 5 to create" in done.stdout
    assert "+ 5 created" in done.stdout
    assert "STACK=qa` retires it all" in done.stdout


@pytest.mark.timeout(500)
def test_any_stack_is_rehearsed_beside_dev(checkout: Checkout) -> None:
    [prod] = re.findall(r"^STRIPE_API_BASE=.*make up STACK=prod$", PAGE.read_text(), re.M)
    staging = prod.replace("sk_live", "sk_test").replace("STACK=prod", "STACK=staging")
    for command in ("make up", staging, prod, "make up"):
        done = checkout.sh(command, YES="1")
        assert done.returncode == 0, done.stdout
        assert re.search(r"\+ \d created|7 unchanged", done.stdout), done.stdout


def test_the_page_shows_what_the_command_says(checkout: Checkout) -> None:
    shown = PAGE.read_text().split("```\nsetting ")[1].split("```")[0]
    said = checkout.sh(scripts("How two environments differ")[0]).stdout
    assert f"setting {shown}".strip() in said
