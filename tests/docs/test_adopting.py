"""docs/adopting.md: its commands bring an account under management, and its program is what the export writes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from stripe_resources.__main__ import parser
from tests.docs.checkout import ROOT, Checkout, blocks
from tests.e2e.project import ENGINE_PARAMS, ENGINES, Project
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.export.account import fill

pytestmark = pytest.mark.thorough

(COMMANDS,) = blocks("docs/adopting.md", "sh")
PRICE, ADOPTING = blocks("docs/adopting.md", "python")
PAGE = (ROOT / "docs" / "adopting.md").read_text()


@pytest.mark.parametrize("engine", ENGINE_PARAMS)
def test_the_commands(engine: str, tmp_path: Path, shared_server: LocalStripe) -> None:
    shared_server.reset()
    fill(shared_server)
    command = " ".join(ENGINES[engine] or ())
    script = re.sub(r"^pulumi ", f"{command} ", COMMANDS, flags=re.M).replace("up --stack staging", "up --yes --stack staging")
    script = script.replace("sk_test_...", "sk_test_local")
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


def existing(server: LocalStripe, **price: Any) -> str:
    """The objects that the second program adopts; the price's id."""
    stripe = server.client().v1
    formula: Any = {"formula": "sum"}
    meter = stripe.billing.meters.create({"display_name": "Tokens", "event_name": "tokens", "default_aggregation": formula})
    stripe.products.create({"id": "prod_Hypernian", "name": "Hypernian"})
    params: Any = {
        "product": "prod_Hypernian",
        "currency": "usd",
        "unit_amount": 4,
        "transform_quantity": {"divide_by": 100, "round": "up"},
        "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
        "lookup_key": "tokens_monthly",
        **price,
    }
    return stripe.prices.create(params).id


@pytest.fixture(params=ENGINE_PARAMS)
def project(request: pytest.FixtureRequest, tmp_path: Path, shared_server: LocalStripe) -> Project:
    """An empty stack at an empty Stripe."""
    shared_server.reset()
    return Project(str(request.param), tmp_path, shared_server.url)


def test_a_single_object(project: Project, shared_server: LocalStripe) -> None:
    price = existing(shared_server, nickname="Tokens")
    project.program(ADOPTING)
    shared_server.forget_requests()
    preview = project.run("preview", "--stack", project.stack, "--color", "never", check=True)
    (said,) = re.findall(r'Price "tokens-monthly": adopts .*', PAGE)
    assert said.replace("price_1A2b3C", price) in preview.stdout
    assert {r["method"] for r in shared_server.requests()} == {"GET"}
    assert project.up().code == 0
    assert project.outputs()["price_id"] == price
    posts = [r["path"] for r in shared_server.requests() if r["method"] == "POST"]
    assert sorted(posts) == [f"/v1/prices/{price}", "/v1/products/prod_Hypernian"], "each carries its resource's name now"
    assert shared_server.client().v1.prices.retrieve(price).nickname == "Tokens, monthly"
    assert project.refresh("--expect-no-changes").code == 0
    project.program(ADOPTING.replace("    adopt=True,\n", ""))
    assert project.preview("--expect-no-changes").code == 0


def test_what_cannot_become_what_is_declared(project: Project, shared_server: LocalStripe) -> None:
    existing(shared_server, unit_amount=5)
    project.program(ADOPTING)
    preview = project.preview()
    assert preview.code == 1
    assert re.search(r"unit_amount.* 4, but price_\w+, which is to be adopted, has 5", preview.text), preview.text


def test_the_options_that_it_names_exist() -> None:
    known = parser().parse_args(["export", "--out", "x"])
    named = set(re.findall(r"`--([\w-]+)", PAGE))
    assert named
    assert {name.replace("-", "_") for name in named} <= set(vars(known))
