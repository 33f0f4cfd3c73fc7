"""Each environment's stack, from its own settings file."""

from collections.abc import Callable

import pytest

from stripe_local.wire.rights import PERMISSIONS
from tests.e2e.project import Project
from tests.stripe_local.server import LIVE_KEY, LocalStripe

pytestmark = pytest.mark.thorough


def test_production_is_the_catalogue_alone_protected_and_in_live_mode(
    make_project: Callable[[str], Project], stripe_server: LocalStripe
) -> None:
    project = make_project("prod")
    assert "holds a test key" in project.preview(STRIPE_API_KEY="sk_test_local").text
    assert stripe_server.requests() == []
    up = project.up(STRIPE_API_KEY=LIVE_KEY)
    assert (up.code, sorted(name for _, name in up.steps)) == (0, ["hypernian", "hypernian", "tokens", "tokens-monthly"])
    assert {r["livemode"] for r in stripe_server.requests()} == {True}
    resources = project.resources()
    assert all(resources[name]["protect"] for name in ("hypernian", "tokens", "tokens-monthly"))

    refused = project.destroy(STRIPE_API_KEY=LIVE_KEY)
    assert refused.code != 0
    assert "protect" in refused.text
    assert stripe_server.client(LIVE_KEY).v1.prices.list({"active": True}).data != []
    assert stripe_server.client().v1.prices.list().data == [], "test mode is another world"


def test_staging_is_the_catalogue_in_test_mode(make_project: Callable[[str], Project], stripe_server: LocalStripe) -> None:
    project = make_project("staging")
    assert "holds a live key" in project.preview(STRIPE_API_KEY=LIVE_KEY).text
    assert stripe_server.requests() == []
    stripe_server.restricted_key(*PERMISSIONS, key="rk_test_x")
    project.config("stripe:account", "acct_another")
    strange = project.up(STRIPE_API_KEY="rk_test_x")
    assert strange.code != 0
    assert "this stack deploys to acct_another, but the key belongs to acct_" in strange.text
    assert {(r["method"], r["path"]) for r in stripe_server.requests()} == {("GET", "/v1/account")}, "it asks whose the key is"
    project.run("config", "rm", "stripe:account", "--stack", "staging", check=True)
    stripe_server.forget_requests()
    up = project.up(STRIPE_API_KEY="rk_test_x")
    assert (up.code, up.summary) == (0, {"create": 3, "same": 2}), "the stack and the plan, which are no objects, were there"
    assert {r["livemode"] for r in stripe_server.requests()} == {False}


def test_staging_is_deployed_beside_dev_in_one_account(
    make_project: Callable[[str], Project], stripe_server: LocalStripe
) -> None:
    project = make_project("dev")
    project.run("stack", "init", "staging", check=True)
    for project.stack in ("dev", "staging", "dev", "staging"):
        up = project.up(STRIPE_API_KEY="sk_test_local")
        assert up.code == 0, up.text
    assert up.steps == [], "neither has taken anything from the other"
    names = {meter.event_name for meter in stripe_server.client().v1.billing.meters.list().data}
    assert names == {"hypernian_tokens", "hypernian_tokens_staging"}


@pytest.mark.smoke
def test_a_misspelt_setting_is_refused_and_does_not_bill_the_default(
    make_project: Callable[[str], Project], stripe_server: LocalStripe
) -> None:
    project = make_project("dev")
    project.config("hypernian:unitAmonut", "5")
    project.config("stripe:liveMode", "true")
    refused = project.up()
    assert refused.code != 0
    for said in (
        "hypernian:unitAmonut is not a setting: Pulumi.yaml does not declare it; did you mean hypernian:unitAmount?",
        "stripe:liveMode is not a setting: nothing reads it; did you mean stripe:livemode?",
        "pulumi config rm KEY --stack dev",
    ):
        assert said in refused.text
    assert "Traceback" not in refused.text
    assert stripe_server.requests() == []
