"""An account that was there before: exported, imported, and from then on managed."""

from __future__ import annotations

import sys

import pytest

from stripe_resources.export.command import EXPORTABLE
from tests.e2e.project import Project, captured, sent
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.export.account import fill

pytestmark = pytest.mark.thorough

ALL = ",".join(schema.kind for schema, _ in EXPORTABLE.values())


def exported(project: Project, *arguments: str) -> str:
    """Exports into the project, and imports; what the export said."""
    command = [sys.executable, "-m", "stripe_resources", "export", "--stack", "dev", "--out", "exported", *arguments]
    done = captured(command, project.folder, project.environment)
    assert done.returncode == 0, done.stdout
    project.program((project.folder / "exported" / "__main__.py").read_text())
    flags = ("--yes", "--generate-code=false", "--protect=false")
    project.run("import", "--stack", "dev", "--file", "exported/import.json", *flags, check=True)
    return done.stdout


def test_an_account_comes_under_management(project: Project, stripe_server: LocalStripe) -> None:
    ids = fill(stripe_server)
    stripe = stripe_server.client().v1
    exported(project, "--kinds", ALL)
    assert {r["method"] for r in stripe_server.requests()} == {"GET"}, "neither the export nor the import changes anything"

    stripe_server.forget_requests()
    preview = project.preview("--expect-no-changes")
    assert preview.code == 0, preview.text
    assert preview.summary == {"same": 1 + 3 + 3 + 8 + 1 + 1 + 1}
    assert stripe_server.requests() == []
    refresh = project.refresh("--expect-no-changes")
    assert refresh.code == 0, refresh.text
    assert project.preview("--expect-no-changes").code == 0

    stripe_server.forget_requests()
    project.edit('nickname="Tokens"', 'nickname="Tokens, monthly"')
    up = project.up()
    assert (up.code, up.steps) == (0, [("update", "tokens_monthly")]), up.text
    looked, changed = stripe_server.requests()
    assert sent([looked, changed]) == [f"{method} /v1/prices/{ids['monthly']}" for method in ("GET", "POST")]
    assert changed["parameters"]["nickname"] == "Tokens, monthly"

    destroy = project.destroy()
    assert destroy.code == 0, destroy.text
    assert [m.event_name for m in stripe.billing.meters.list({"status": "active"}).data] == ["theirs"]
    assert {p.name for p in stripe.products.list({"active": True}).data} == {"Theirs"}
    assert {p.id for p in stripe.prices.list({"active": True}).data} == {ids["their price"]}
    assert stripe.subscriptions.retrieve(ids["subscription"]).status == "canceled"
    assert stripe.customers.list().data == []


def test_a_dearer_imported_price_is_replaced_and_keeps_its_lookup_key(project: Project, stripe_server: LocalStripe) -> None:
    ids = fill(stripe_server)
    exported(project, "--product", ids['Café "Zürich" \\ 東京'])
    project.edit("unit_amount=4", "unit_amount=5")
    up = project.up()
    assert (up.code, up.summary["replace"]) == (0, 1), up.text
    stripe = stripe_server.client().v1
    (price,) = stripe.prices.list({"lookup_keys": ["tokens_monthly"]}).data
    assert (price.unit_amount, price.active, price.metadata["pulumi_resource"]) == (5, True, "hypernian/dev/Price/tokens_monthly")
    assert price.transform_quantity is not None
    assert stripe.prices.retrieve(ids["monthly"]).active is False
    assert project.preview("--expect-no-changes").code == 0


def test_a_default_price_comes_under_management(project: Project, stripe_server: LocalStripe) -> None:
    ids = fill(stripe_server)
    product = ids['Café "Zürich" \\ 東京']
    stripe = stripe_server.client().v1
    stripe.products.update(product, {"default_price": ids["monthly"]})
    said = exported(project)
    assert "1 DefaultPrice" in said
    assert "default_price=price_tokens_monthly.id" in (project.folder / "__main__.py").read_text()
    assert project.preview("--expect-no-changes").code == 0
    assert project.refresh("--expect-no-changes").code == 0
    project.edit("unit_amount=4", "unit_amount=5")
    up = project.up()
    assert up.code == 0, up.text
    (price,) = stripe.prices.list({"lookup_keys": ["tokens_monthly"]}).data
    assert stripe.products.retrieve(product).default_price == price.id
    destroy = project.destroy()
    assert destroy.code == 0, destroy.text
    assert stripe.products.retrieve(product).active is False
