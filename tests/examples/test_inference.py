"""examples/inference, deployed as examples/README.md says, bills what its prices say: calculated here by hand, and exactly."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.docs.checkout import NOT_COPIED, blocks
from tests.e2e.project import ENGINE_PARAMS, ENGINES, captured
from tests.stripe_local.server import LocalStripe

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]
TRYING, OWN_REPOSITORY = blocks("examples/README.md", "sh")
SERVER = "../../.venv/bin/python -m stripe_local &\n"


@dataclass(frozen=True)
class Deployed:
    server: LocalStripe
    folder: Path
    """Of the checkout."""
    engine: str
    printed: str
    outputs: dict[str, Any]

    @property
    def client(self) -> stripe.StripeClient:
        return self.server.client()

    def prices(self, plan: str) -> dict[str, stripe.Price]:
        """As an application finds them: by their lookup keys."""
        keys = list(self.outputs[plan]["lookup_keys"].values())
        return {str(p.lookup_key): p for p in self.client.v1.prices.list({"lookup_keys": keys, "active": True}).data}


def pulumi(script: str, engine: str, folder: Path, url: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    """A script from the page: the engine under the name of `pulumi`, and a local Stripe that runs already."""
    engine_command = [python, "-m", "pulumi_local"] if engine == "local" else ENGINES[engine] or []
    command = f'pulumi() {{ {shlex.join(engine_command)} "$@"; }}\n{script}'
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "STRIPE_API_BASE": url, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    return captured(["bash", "-euo", "pipefail", "-c", command], folder, environment)


@pytest.fixture(scope="module", params=ENGINE_PARAMS)
def deployed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    engine, folder = str(request.param), tmp_path_factory.mktemp("checkout") / "checkout"
    shutil.copytree(ROOT, folder, ignore=lambda _, names: NOT_COPIED & set(names))
    (folder / ".venv").symlink_to(sys.prefix)
    assert TRYING.count(SERVER) == 1
    with LocalStripe() as server:
        done = pulumi(TRYING.replace(SERVER, ""), engine, folder, server.url)
        assert done.returncode == 0, done.stdout
        outputs = json.loads(done.stdout[done.stdout.rindex("\n{") :])
        yield Deployed(server, folder, engine, done.stdout, outputs)


def test_three_plans_and_three_meters_come_up(deployed: Deployed) -> None:
    assert "Policies:" in deployed.printed
    assert re.search(r"\+ 20 created", deployed.printed), deployed.printed
    assert deployed.outputs["team"]["lookup_keys"] == {f"team-{x}": f"team_{x}" for x in ("base", "input", "output", "images")}
    product = deployed.client.v1.products.retrieve(deployed.outputs["team"]["product_id"])
    assert (product.name, product.metadata["entitlement_requests_per_minute"]) == ("Team", "600")


def test_what_stripe_has_is_what_was_declared(deployed: Deployed) -> None:
    setting, *_ = TRYING.partition("mkdir")
    again = f"{setting}export PULUMI_BACKEND_URL=file://$PWD/../../.local/state PULUMI_CONFIG_PASSPHRASE=\n"
    done = pulumi(f"{again}pulumi up --yes --refresh --expect-no-changes", deployed.engine, deployed.folder, deployed.server.url)
    assert done.returncode == 0, done.stdout


D = Decimal
INPUT, OUTPUT, IMAGES = 12_500_000, 251_250, 135
"""What each customer uses in the month."""

COSTS: dict[tuple[str, str], dict[str, Decimal]] = {
    ("starter", "usd"): {
        "starter_input": D(1_000_000) * D("0.0004") + D(11_500_000) * D("0.0003"),
        "starter_output": D(251_250) * D("0.0016"),
        "starter_images": D(100) * D(4) + D(35) * D(3),
    },
    ("starter", "eur"): {
        "starter_input": D(1_000_000) * D("0.00037") + D(11_500_000) * D("0.00028"),
        "starter_output": D(251_250) * D("0.0015"),
        "starter_images": D(100) * D("3.7") + D(35) * D("2.8"),
    },
    ("team", "usd"): {
        "team_base": D(2000),
        "team_input": D(12_500_000) * D("0.0003"),
        "team_output": D(251_250) * D("0.0012"),
        "team_images": D(135) * D(3),
    },
    ("team", "eur"): {
        "team_base": D(1800),
        "team_input": D(12_500_000) * D("0.00028"),
        "team_output": D(251_250) * D("0.0011"),
        "team_images": D(135) * D("2.8"),
    },
    ("scale", "usd"): {
        "scale_base": D(20000),
        "scale_input": D(2_500_000) * D("0.0002"),
        "scale_output": D(251_250) * D("0.001"),
    },
    ("scale", "eur"): {
        "scale_base": D(18000),
        "scale_input": D(2_500_000) * D("0.00019"),
        "scale_output": D(251_250) * D("0.0009"),
    },
}
"""In minor units, before each price's line is rounded."""

TOTALS = {
    ("starter", "usd"): 3850 + 402 + 505,
    ("starter", "eur"): 3590 + 377 + 468,  # 376.875 and 468.0
    ("team", "usd"): 2000 + 3750 + 302 + 405,  # 301.5
    ("team", "eur"): 1800 + 3500 + 276 + 378,  # 276.375
    ("scale", "usd"): 20000 + 500 + 251,  # 251.25
    ("scale", "eur"): 18000 + 475 + 226,  # 226.125
}


@pytest.mark.parametrize(("plan", "currency"), COSTS, ids="-".join)
def test_what_a_month_costs(plan: str, currency: str, deployed: Deployed) -> None:
    client, prices = deployed.client, deployed.prices(plan)
    assert set(prices) == set(COSTS[plan, currency])
    customer = client.v1.customers.create({"name": f"{plan} in {currency}"}).id
    subscription = client.v1.subscriptions.create(
        {
            "customer": customer,
            "items": [{"price": price.id} for price in prices.values()],
            "currency": currency,
            "collection_method": "send_invoice",
            "days_until_due": 30,
        }
    )
    flat = COSTS[plan, currency].get(f"{plan}_base")
    if flat is not None:
        first = client.v1.invoices.retrieve(str(subscription.latest_invoice))
        assert (first.total, first.currency) == (flat, currency), "the flat fee is paid in advance"
    for event_name, value in (("input_tokens", INPUT), ("output_tokens", OUTPUT), ("images", IMAGES)):
        payload = {"stripe_customer_id": customer, "value": str(value)}
        client.v1.billing.meter_events.create({"event_name": f"inference_{event_name}", "payload": payload})

    invoice = client.v1.invoices.create_preview({"subscription": subscription.id})
    billed: dict[str, int] = dict.fromkeys(prices, 0)
    by_id = {price.id: key for key, price in prices.items()}
    for line in invoice.lines.data:
        assert line.pricing is not None
        assert line.pricing.price_details is not None
        billed[by_id[str(line.pricing.price_details.price)]] += line.amount
    assert billed == {key: int(cost.quantize(D(1), ROUND_HALF_UP)) for key, cost in COSTS[plan, currency].items()}
    assert (invoice.total, invoice.currency) == (TOTALS[plan, currency], currency)


def test_in_a_repository_of_its_own(deployed: Deployed, tmp_path: Path) -> None:
    """Nothing in the environment says where the packages are: the virtualenv does."""
    project = tmp_path / "project"
    shutil.copytree(deployed.folder / "examples" / "inference", project)
    settings = project / "Pulumi.yaml"
    settings.write_text(settings.read_text().replace("../../.venv", ".venv"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project / ".venv"], check=True)
    (purelib,) = project.glob(".venv/lib/python3*/site-packages")
    (purelib / "requirements.pth").write_text(sysconfig.get_path("purelib") + "\n")
    begin = f"mkdir state\nexport PULUMI_BACKEND_URL=file://$PWD/state PULUMI_CONFIG_PASSPHRASE= CHECKOUT={deployed.folder}\n"
    python = str(project / ".venv" / "bin" / "python")
    done = pulumi(begin + OWN_REPOSITORY, deployed.engine, project, deployed.server.url, python)
    assert done.returncode == 0, done.stdout
    assert "+ 20 to create" in done.stdout
