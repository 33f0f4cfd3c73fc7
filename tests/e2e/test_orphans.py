"""`python -m stripe_resources orphans`: what belongs to a stack at Stripe and is in no state."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.docs.checkout import blocks
from tests.e2e.project import Project, captured, typed, written
from tests.stripe_local.server import TEST_KEY, LocalStripe

JOHN = "# Somebody to try it out with."


class Stack:
    """A deployed stack, beside which the account has foreign objects that look like its own."""

    def __init__(self, project: Project, server: LocalStripe) -> None:
        self.project, self.server, self.stripe = project, server, server.client()
        assert project.up().code == 0
        other = {"pulumi_resource": "hypernian/staging/Customer/john-doe", "owner": "hypernian-billing"}
        self.foreign = {
            self.stripe.v1.customers.create({"name": "John Doe"}).id,
            self.stripe.v1.customers.create({"name": "John Doe", "metadata": other}).id,
            self.stripe.v1.customers.create({"metadata": {"pulumi_resource": "hypernian/devil/Customer/john-doe"}}).id,
        }
        self.ids: dict[str, str] = project.outputs()

    def orphans(self, *flags: str, state: str = "") -> subprocess.CompletedProcess[str]:
        """The command, on the state as it is, or another one."""
        file = self.project.folder / "state.json"
        file.write_text(state or self.project.run("stack", "export", "--stack", "dev", check=True).stdout)
        command = [sys.executable, "-m", "stripe_resources", "orphans", "--stack", "dev", "--state", str(file), *flags]
        self.server.forget_requests()
        return captured(command, self.project.folder, {**self.project.environment, "STRIPE_API_KEY": TEST_KEY})

    def found(self, *flags: str, state: str = "") -> dict[str, Any]:
        """For machines."""
        done = self.orphans("--json", *flags, state=state)
        assert done.returncode == 0, done.stdout
        assert written(self.server.requests()) == []
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    def lost(self, *names: str) -> None:
        """A run died before it wrote these down, and then the program no longer had them."""
        state = self.project.state()
        resources = state["deployment"]["resources"]
        state["deployment"]["resources"] = [r for r in resources if r["urn"].rpartition("::")[2] not in names]
        (self.project.folder / "less.json").write_text(json.dumps(state))
        self.project.run("stack", "import", "--stack", "dev", "--file", "less.json", check=True)


@pytest.fixture
def stack(project: Project, stripe_server: LocalStripe) -> Stack:
    return Stack(project, stripe_server)


NOTHING: dict[str, Any] = {"deployment": {}}


@pytest.mark.thorough
def test_a_subscription_that_the_program_no_longer_has_is_found_and_ended_with_its_usage_billed(stack: Stack) -> None:
    assert stack.found() == {"stack": "hypernian/dev", "owned": [], "perhaps": [], "unknown": {}}
    customer, subscription = stack.ids["customer_id"], stack.ids["subscription_id"]
    payload = {"stripe_customer_id": customer, "value": "3025"}
    stack.stripe.v1.billing.meter_events.create({"event_name": stack.ids["event_name"], "payload": payload})
    stack.lost("john-doe", "john-doe-tokens")
    program = (stack.project.folder / "__main__.py").read_text()
    stack.project.program(program[: program.index(JOHN)])
    assert stack.project.up().summary == {"same": 5}

    found = stack.found()["owned"]
    assert [(o["kind"], o["id"], o["resource"]) for o in found] == [
        ("Customer", customer, "hypernian/dev/Customer/john-doe"),
        ("Subscription", subscription, "hypernian/dev/Subscription/john-doe-tokens"),
    ]
    assert found[1]["bills"] == f"active, bills 4 usd (minor units) a month of {stack.ids['price_id']}"
    assert stack.orphans("--retire").returncode == 1, "nobody confirms"
    assert written(stack.server.requests()) == []

    done = stack.orphans("--retire", "--yes")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "2 retired.")
    assert [f"{r['method']} {r['path']}" for r in written(stack.server.requests())] == [
        f"DELETE /v1/subscriptions/{subscription}",
        f"DELETE /v1/customers/{customer}",
    ]
    [invoice] = stack.stripe.v1.invoices.list({"subscription": subscription}).data
    assert invoice.total == 31 * 4
    assert stack.found()["owned"] == []
    assert {c.id for c in stack.stripe.v1.customers.list().data} == stack.foreign
    assert stack.project.preview().summary == {"same": 5}


@pytest.mark.thorough
def test_the_lines_that_declare_them_again_take_them_back(stack: Stack) -> None:
    stack.lost("john-doe", "john-doe-tokens")
    program = (stack.project.folder / "__main__.py").read_text()
    lines = stack.orphans("--adopt").stdout
    stack.project.program(program[: program.index(JOHN)] + lines)
    stack.server.forget_requests()
    up = stack.project.up()
    assert (up.code, up.summary) == (0, {"same": 5, "create": 2}), up.text
    assert [r for r in written(stack.server.requests()) if r["path"] in ("/v1/customers", "/v1/subscriptions")] == []
    assert stack.found()["owned"] == []


@pytest.mark.thorough
def test_of_a_state_that_is_lost_for_good_everything_is_listed_and_retired(stack: Stack) -> None:
    found = stack.found(state=json.dumps(NOTHING))
    ids = stack.ids
    assert {o["id"] for o in found["owned"]} == {
        ids["product_id"],
        ids["price_id"],
        ids["customer_id"],
        ids["subscription_id"],
    }
    [price] = [o for o in found["owned"] if o["kind"] == "Price"]
    assert price["bills"] == "billed to 1 subscription"
    assert [(o["id"], o["with"]) for o in found["perhaps"]] == [(ids["meter_id"], [ids["price_id"]])]

    done = stack.orphans("--retire", "--yes", state=json.dumps(NOTHING))
    assert done.returncode == 0, done.stdout
    assert stack.found(state=json.dumps(NOTHING))["owned"] == []
    assert {c.id for c in stack.stripe.v1.customers.list().data} == stack.foreign
    assert stack.stripe.v1.billing.meters.retrieve(ids["meter_id"]).status == "active"


@pytest.mark.thorough
def test_what_is_not_a_state_is_refused_by_name(stack: Stack) -> None:
    for text in ("{", '{"version": 3}', "[]", '{"deployment": {"resources": [{"id": "x"}]}}'):
        done = stack.orphans(state=text)
        assert done.returncode == 1
        assert "state.json is not the state of a stack; give what `pulumi stack export` writes" in done.stdout
        assert "Traceback" not in done.stdout
    assert stack.server.requests() == []


@pytest.mark.thorough
def test_the_page_s_commands(stack: Stack) -> None:
    [script] = blocks("docs/orphans.md", "sh")
    script = script.replace("python -m", f"STRIPE_API_KEY={TEST_KEY} {sys.executable} -m")
    done = typed(stack.project, script)
    assert (done.returncode, done.stdout) == (0, "Nothing at Stripe belongs to hypernian/dev that is not in its state.\n")
    (stack.project.folder / "state.json").unlink()
    lost = typed(stack.project, script.splitlines()[1].replace("--state state.json", "--no-state"))
    assert lost.stdout.startswith("4 objects belong to hypernian/dev and are in no state:\n\nCustomer cus_"), lost.stdout
    assert "May be anybody's, since Stripe keeps no metadata for it; --retire leaves it alone:\n\nMeter mtr_" in lost.stdout
