"""What is refused at preview: by name, before any request, with nothing changed."""

import re

import pytest

from tests.e2e.project import Project
from tests.sampling import sample, short
from tests.stripe_local.server import LIVE_KEY, LocalStripe
from tests.stripe_resources.documented import DOCUMENTED
from tests.stripe_resources.sample import Wrong
from tests.stripe_resources.samples import WRONG


def declaring(kind: str, wrong: Wrong) -> str:
    return f"from math import nan\nfrom stripe_resources import {kind}\n{kind}('it', **{wrong.args!r})\n"


# One engine run each: by default some of them, at least one of each kind; what refuses all of them without an engine is in
# tests/stripe_resources/test_check.py. On the CLI, whose every run takes seconds, one of each kind.
ON_CLI = list(dict(WRONG).items())
RULED_OUT = [(kind, wrong) for kind, inputs in DOCUMENTED.items() for wrong in inputs]
CHOSEN = [w for w in WRONG if w in ON_CLI or w in sample(WRONG, 8)] + list(sample(RULED_OUT, 8))


@pytest.mark.parametrize("case", short(CHOSEN, 3, lambda case: f"{case[0]}: {case[1].name}"))
def test_wrong_inputs(case: tuple[str, Wrong], engine: str, shared_project: Project, stripe_server: LocalStripe) -> None:
    kind, wrong = case
    if engine == "cli" and case not in ON_CLI:
        pytest.skip("on the CLI one wrong input of each kind is enough: what refuses it is the same provider")
    shared_project.program(declaring(kind, wrong))
    preview = shared_project.preview()
    assert preview.code != 0
    said = [line for line in preview.errors.splitlines() if "has a problem: " in line]
    assert said, preview.text
    assert said[0].partition("has a problem: ")[2].startswith(wrong.field)
    assert f"stripe:{kind} resource 'it'" in said[0]
    assert "Traceback" not in said[0]
    assert stripe_server.requests() == []


@pytest.mark.thorough
def test_all_failures_of_a_resource_at_once(shared_project: Project) -> None:
    shared_project.program(
        "from stripe_resources import Price\nPrice('it', currency='USD', unit_amount=-1, product='prod_1', colour='red')\n"
    )
    preview = shared_project.preview()
    fields = re.findall(r"has a problem: (\w+)", preview.text)
    assert sorted(set(fields)) == ["colour", "currency", "unit_amount"]


@pytest.mark.thorough
def test_a_quantity_on_an_item_whose_meter_counts(project: Project) -> None:
    project.edit('items=[{"price": price.id}]', 'items=[{"price": price.id, "quantity": 2}]')
    preview = project.preview()
    assert preview.code != 0
    assert "has a problem: items[0].quantity: the price is metered" in preview.text


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("key", "config", "says"),
    [
        pytest.param(LIVE_KEY, {}, "holds a live key, but this stack is not a live one", marks=pytest.mark.thorough),
        ("sk_test_s3cret", {"stripe:livemode": "true"}, "STRIPE_API_KEY holds a test key, but this stack says"),
        pytest.param("pk_test_s3cret", {}, "does not hold a secret or restricted key", marks=pytest.mark.thorough),
        pytest.param("s3cret", {}, "does not hold a secret or restricted key", marks=pytest.mark.thorough),
        pytest.param("sk_test_s3cret", {"stripe:account": "me"}, "is not an account id", marks=pytest.mark.thorough),
    ],
)
def test_a_wrong_key_sends_nothing(
    key: str, config: dict[str, str], says: str, project: Project, stripe_server: LocalStripe
) -> None:
    for name, value in config.items():
        project.config(name, value)
    for run in (project.preview(STRIPE_API_KEY=key), project.up(STRIPE_API_KEY=key)):
        assert run.code != 0
        assert says in run.text
        assert "s3cret" not in run.text
    assert stripe_server.requests() == []


@pytest.mark.thorough
def test_a_key_that_became_wrong_destroys_nothing(project: Project, stripe_server: LocalStripe) -> None:
    project.up()
    stripe_server.forget_requests()
    refused = project.destroy(STRIPE_API_KEY=LIVE_KEY)
    assert refused.code != 0
    assert "holds a live key" in refused.text
    assert LIVE_KEY not in refused.text
    assert stripe_server.requests() == []


@pytest.mark.thorough
def test_a_key_of_another_account_asks_who_it_is_and_nothing_else(project: Project, stripe_server: LocalStripe) -> None:
    project.config("stripe:account", "acct_another")
    up = project.up()
    assert up.code != 0
    assert "this stack deploys to acct_another, but the key belongs to acct_" in up.text
    assert {(r["method"], r["path"]) for r in stripe_server.requests()} == {("GET", "/v1/account")}

    account = stripe_server.client().v1.accounts.retrieve_current().id
    project.config("stripe:account", account)
    assert project.up().code == 0


@pytest.mark.parametrize(("key", "value"), [("unitAmount", "four"), ("testCustomer", "maybe"), ("tokensPerPackage", "1.5")])
@pytest.mark.thorough
def test_a_setting_of_the_wrong_type_is_refused_before_the_program_runs(key: str, value: str, project: Project) -> None:
    project.config(f"hypernian:{key}", value)
    project.program("raise SystemExit('the program ran')")
    preview = project.run("preview", "--stack", "dev", "--color", "never")
    assert preview.returncode != 0
    assert key in preview.stdout
    assert "the program ran" not in preview.stdout


@pytest.mark.thorough
def test_a_missing_setting_is_refused(project: Project) -> None:
    project.run("config", "rm", "hypernian:environment", "--stack", "dev", check=True)
    preview = project.run("preview", "--stack", "dev", "--color", "never")
    assert preview.returncode != 0
    assert "environment" in preview.stdout


@pytest.mark.thorough
def test_an_unknown_environment_is_refused(project: Project) -> None:
    project.config("hypernian:environment", "production")
    preview = project.preview()
    assert preview.code != 0
    assert "give dev, staging or prod" in preview.text


def test_a_failure_is_one_readable_line(project: Project, stripe_server: LocalStripe) -> None:
    stripe_server.fault(match={"method": "POST", "path": "/v1/prices"}, times=1, status=403)
    up = project.up()
    assert up.code != 0
    # The CLI also shows what Python says when it interrupts the program; the failure itself is an error of the resource.
    line = next(line for line in up.text.splitlines() if line.startswith("error: ") and "could not be created" in line)
    assert 'Price "tokens-monthly" could not be created: POST /v1/prices: Stripe said: ' in line
    assert "HTTP 403" in line
    assert "req_" in line
    assert not [line for line in up.text.splitlines() if line.startswith("error: ") and "Traceback" in line]
