"""Stacks as they were written at one time, with what was at Stripe: whatever the code is by now goes on with them.

Where a test here fails, the code is wrong, and not the recorded state; see `record.py`.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from stripe_resources.provider import load
from tests.e2e.project import ENGINE_PARAMS, Project, sent, written
from tests.recorded.stack import (
    SOON_AFTER,
    STATES,
    Recorded,
    deployment,
    judged,
    judged_in_production,
    project_of,
    state_file,
    stripe_of,
)
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.test_provider import pickled

RECORDED = [Recorded(folder) for folder in sorted(STATES.iterdir())]

PREFIX = "pulumi-python:dynamic/"
SECRET = "4dabf18193072939515e22adb298388d"
"""The key that marks a secret in a state."""

LISTS = {
    "stripe:Meter": "/v1/billing/meters?status=active",
    "stripe:Product": "/v1/products?active=true",
    "stripe:Price": "/v1/prices?active=true",
    "stripe:DefaultPrice": "/v1/products",
    "stripe:Customer": "/v1/customers",
    "stripe:Subscription": "/v1/subscriptions",
    "stripe:Coupon": "/v1/coupons",
    "stripe:PromotionCode": "/v1/promotion_codes?active=true",
    "stripe:TaxRate": "/v1/tax_rates?active=true",
    "stripe:EntitlementFeature": "/v1/entitlements/features?archived=false",
    "stripe:ProductFeature": "/v1/products/{product}/features",
    "stripe:CreditGrant": "/v1/billing/credit_grants",
    "stripe:Alert": "/v1/billing/alerts",
    "stripe:WebhookEndpoint": "/v1/webhook_endpoints",
    "stripe:PaymentLink": "/v1/payment_links?active=true",
    "stripe:PortalConfiguration": "/v1/billing_portal/configurations?active=true",
}
"""Where the objects of each kind are listed."""

PROTOCOLS = (4, 5)
"""In which providers are pickled: Python's default before 3.14, and since."""

FIXED = ("stripe:ProductFeature", "stripe:Alert")
"""Kinds of which nothing changes in place."""


def test_something_is_recorded() -> None:
    assert RECORDED


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded.folder.name)
def test_the_providers_in_the_state_are_those_of_the_code(recorded: Recorded) -> None:
    resources = declared(recorded.state)
    assert {kind(r) for r in resources.values()} == LISTS.keys()
    for urn, resource in resources.items():
        assert serialize_provider(load(kind(resource))) == pickled(kind(resource))
        known = [pickled(kind(resource), protocol) for protocol in PROTOCOLS]
        assert resource["inputs"]["__provider"] == resource["outputs"]["__provider"] in known, urn


@pytest.mark.thorough
@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded.folder.name)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_stack_of_another_python_goes_on(protocol: int, recorded: Recorded, tmp_path: Path) -> None:
    """One protocol of pickles is that of this Python, and the other that of another: nothing changes."""
    shutil.copy(recorded.db, tmp_path / "stripe.db")
    text = recorded.state.read_text()
    for token in LISTS:
        for known in PROTOCOLS:
            text = text.replace(pickled(token, known), pickled(token, protocol))
    with stripe_of(tmp_path / "stripe.db", SOON_AFTER) as server:
        project = project_of("local", tmp_path / "project", server.url, recorded.program)
        state_file(project).write_text(text)
        preview = project.preview("--expect-no-changes")
        assert (preview.code, preview.steps, server.requests()) == (0, [], []), preview.text


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded.folder.name)
@pytest.mark.parametrize("engine", ENGINE_PARAMS)
@pytest.mark.thorough
def test_a_recorded_stack_goes_on(engine: str, recorded: Recorded, tmp_path: Path) -> None:
    shutil.copy(recorded.db, tmp_path / "stripe.db")
    with stripe_of(tmp_path / "stripe.db", SOON_AFTER) as server:
        project = project_of(engine, tmp_path / "project", server.url, recorded.program)
        shutil.copy(recorded.state, state_file(project))
        nothing_changes(project, server, recorded)
        policies_refuse_what_they_did(project, server, recorded)
        nothing_is_refreshed(project, server, recorded)
        changes_are_made_in_place(project, server, recorded)
        nothing_is_left(project, server, recorded)


# -- the steps, each on what the one before has left


def nothing_changes(project: Project, server: LocalStripe, recorded: Recorded) -> None:
    """In a preview, which needs no request; policies report what they did; and the secrets in the state can be read."""
    preview, reported = judged(project, "--expect-no-changes")
    assert (preview.code, preview.steps) == (0, []), preview.text
    assert reported == json.loads(recorded.policies.read_text())["unchanged"]
    assert server.requests() == []
    shown = json.loads(project.run("stack", "output", "--json", "--show-secrets", "--stack", "dev", check=True).stdout)
    assert shown["secret"].startswith("whsec_"), "the webhook's, which Stripe never says again"


def policies_refuse_what_they_did(project: Project, server: LocalStripe, recorded: Recorded) -> None:
    """Of a program that changes what policies are about, where they are mandatory."""
    preview, reported = judged_in_production(project)
    assert preview.code == 1, preview.text
    assert reported == json.loads(recorded.policies.read_text())["in production"]
    assert written(server.requests()) == []


def nothing_is_refreshed(project: Project, server: LocalStripe, recorded: Recorded) -> None:
    """Each object is read, and is what the state says."""
    refresh = project.refresh()
    before = declared(recorded.state)
    total = len(deployment(recorded.state)["resources"]) - 1  # the engine's own provider is not counted
    assert (refresh.code, refresh.summary) == (0, {"same": total}), refresh.text
    assert {r["method"] for r in server.requests()} == {"GET"}
    now = declared(state_file(project))
    assert now.keys() == before.keys()
    for urn in now:
        assert seen(now[urn]) == seen(before[urn]), urn


def changes_are_made_in_place(project: Project, server: LocalStripe, recorded: Recorded) -> None:
    """One field of each resource that has such a field: one write for each, which says that field alone."""
    server.forget_requests()
    resources = declared(recorded.state)
    ids = {f"{kind(r)} {urn.rpartition('::')[2]}": r["id"] for urn, r in resources.items()}
    project.edit('"note": "first"', '"note": "second"')
    project.edit("Hours of training", "Training, in hours")
    project.edit("default_price=seats.id", "default_price=visit.id")
    special: dict[str, dict[str, Any]] = {
        "stripe:Meter training-hours": {"display_name": "Training, in hours"},
        "stripe:DefaultPrice support-default": {"default_price": ids["stripe:Price support-visit"]},
    }
    expected, updated = [], []
    for urn, resource in resources.items():
        name = urn.rpartition("::")[2]
        wanted = special.get(f"{kind(resource)} {name}")
        if wanted is None and "metadata" in resource["inputs"]:
            wanted = {"metadata": {"note": "second", "pulumi_resource": resource["inputs"]["__owner"]}}
        if wanted is not None:
            path = LISTS[kind(resource)].partition("?")[0]
            expected.append((f"POST {path}/{resource['id']}", wanted))
            updated.append(("update", name))

    up = project.up()
    assert up.code == 0, up.text
    assert sorted(up.steps) == sorted(updated)
    requests = [request for request in server.requests() if request["method"] != "GET"]
    said = [{k: v for k, v in r["parameters"].items() if k != "expand"} for r in requests]
    assert sorted(zip(sent(requests), said, strict=True), key=str) == sorted(expected, key=str)
    changed = {kind(r) for urn, r in resources.items() if ("update", urn.rpartition("::")[2]) in updated}
    assert changed == LISTS.keys() - set(FIXED)


def nothing_is_left(project: Project, server: LocalStripe, recorded: Recorded) -> None:
    """Neither in the state nor, of what can be retired, at Stripe."""
    attached = next(r["inputs"]["product"] for r in declared(recorded.state).values() if kind(r) == "stripe:ProductFeature")
    assert {token for token in LISTS if in_use(server, token, attached)} == LISTS.keys()
    destroy = project.destroy()
    assert destroy.code == 0, destroy.text
    assert deployment(state_file(project)).get("resources") in (None, [])
    assert {token: found for token in LISTS if (found := in_use(server, token, attached))} == {}


# -- what they look at


def declared(state: Path) -> dict[str, dict[str, Any]]:
    """The resources of a state that are at Stripe, by URN."""
    return {r["urn"]: r for r in deployment(state)["resources"] if r["type"].startswith(PREFIX)}


def kind(resource: dict[str, Any]) -> str:
    """For instance "stripe:Price"."""
    return str(resource["type"]).removeprefix(PREFIX)


def seen(resource: dict[str, Any]) -> dict[str, Any]:
    """What the state says of an object; secrets are encrypted in another way each time.

    What Stripe made up is kept since then.
    """
    told = {name: without_ciphers(resource.get(name)) for name in ("id", "inputs", "outputs", "parent", "dependencies")}
    return {**told, "outputs": {k: v for k, v in (told["outputs"] or {}).items() if k != "__made"}}


def without_ciphers(value: Any) -> Any:
    if isinstance(value, dict):
        return SECRET if SECRET in value else {k: without_ciphers(v) for k, v in value.items()}
    return [without_ciphers(v) for v in value] if isinstance(value, list) else value


def in_use(server: LocalStripe, token: str, product: str) -> list[Any]:
    """The objects of a kind that are not retired; of default prices, those that products have."""
    answer = server.http("GET", LISTS[token].format(product=product))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    if token == "stripe:DefaultPrice":
        return [p["id"] for p in found if p["default_price"]]
    return [o["id"] for o in found if not o.get("voided_at")]
