"""Orphans where people look: after an `up`, and with a command of their own."""

from __future__ import annotations

import pytest

from stripe_resources.register import KINDS
from tests.e2e.project import written
from tests.stripe_local.server import LocalStripe
from tests.stripe_project.conftest import Folder

pytestmark = pytest.mark.timeout(300)
"""Up to five runs of an engine."""

LISTS = len({schema.path for schema, _ in KINDS.values() if not schema.below and not schema.part_of})
TAG = "hypernian/dev/Customer/jane"


def lose(server: LocalStripe, tag: str = TAG) -> str:
    """What a run made whose answer was lost, of a resource that the program no longer has."""
    return server.client().v1.customers.create({"name": "Jane", "metadata": {"pulumi_resource": tag}}).id


@pytest.mark.thorough
def test_after_an_up_a_line_says_how_many_there_are_and_what_shows_them(folder: Folder, server: LocalStripe) -> None:
    up = folder.run("up")
    assert (up.returncode, "in no state" in up.stdout, "rphans" in up.stdout) == (0, False, False), up.stdout
    id_ = lose(server)
    foreign = lose(server, "hypernian/staging/Customer/jane")
    server.forget_requests()
    assert (
        "1 object belongs to this stack at Stripe and is in no state: `stripe-project orphans` shows more."
        in folder.run("up").stdout
    )
    assert [r["method"] for r in server.requests()] == ["GET"] * LISTS

    done = folder.run("orphans")
    assert (done.returncode, f"Customer {id_}  {TAG}" in done.stdout, foreign in done.stdout) == (0, True, False), done.stdout
    server.forget_requests()
    retired = folder.run("orphans", "--retire", "--yes")
    assert (retired.returncode, retired.stdout.splitlines()[-1]) == (0, "1 retired."), retired.stdout
    assert [r["path"] for r in written(server.requests())] == [f"/v1/customers/{id_}"]


@pytest.mark.thorough
def test_what_cannot_be_listed_is_said_in_a_line_and_fails_nothing(folder: Folder, server: LocalStripe) -> None:
    assert folder.run("up").returncode == 0
    id_ = lose(server)
    error = {
        "type": "invalid_request_error",
        "message": "The provided key does not have the required permissions for this endpoint.",
    }
    server.fault(match={"method": "GET", "path": "/v1/coupons"}, times=100, status=403, body={"error": error})
    up = folder.run("up")
    [found, unknown] = [line for line in up.stdout.splitlines() if "rphans" in line]
    assert found.startswith("1 object belongs to this stack at Stripe and is in no state")
    assert unknown.startswith(
        "Orphans were not looked for (`stripe-project orphans` does): Coupon: GET /v1/coupons: Stripe said: The provided key"
    )
    assert (up.returncode, "Traceback" in up.stdout) == (0, False)
    drift = folder.run("ci-drift").stdout
    assert f"Customer {id_}  {TAG}" in drift
    assert "\nNot looked for:\n\nCoupon: GET /v1/coupons: Stripe said: The provided key" in drift
    assert drift.endswith(
        "error: dev: at Stripe there are objects of this stack in no state; see above, or "
        f"{folder.path.resolve()}/ci-out/dev/orphans.txt\n"
    )
    server.forget_requests()
    retired = folder.run("orphans", "--retire", "--yes")
    assert (retired.returncode, written(server.requests())) == (1, [])
    assert "nothing was retired: what is not known may hang on these" in retired.stdout


@pytest.mark.thorough
def test_the_key_in_the_settings_is_used_and_not_shown(folder: Folder, server: LocalStripe) -> None:
    assert folder.run("up").returncode == 0
    id_ = lose(server)
    del folder.environment["STRIPE_API_KEY"]
    secret = server.secret_key()
    engine = {**folder.environment, "PULUMI_BACKEND_URL": f"file://{folder.path}/.local/state", "PULUMI_CONFIG_PASSPHRASE": ""}
    folder.engine("config", "set", "--secret", "stripe:apiKey", secret, "--stack", "dev", environment=engine)
    assert "is in no state" in folder.run("up").stdout
    listed = folder.run("orphans")
    assert (listed.returncode, f"Customer {id_}" in listed.stdout, secret in listed.stdout) == (0, True, False), listed.stdout


@pytest.mark.thorough
def test_where_there_is_no_state_the_loss_of_it_has_to_be_said(folder: Folder, server: LocalStripe) -> None:
    lose(server)
    done = folder.run("orphans")
    assert (done.returncode, "there is no stack dev here; set PULUMI_BACKEND_URL" in done.stdout) == (1, True)
    assert server.requests()[1:] == []
    assert "1 object belongs to hypernian/dev and is in no state:" in folder.run("orphans", "--no-state").stdout
    assert not any(folder.backend.rglob("dev.json"))
