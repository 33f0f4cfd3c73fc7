"""What README says to type works, and does what it says."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from stripe_resources import register
from tests.docs.checkout import ROOT, Checkout, blocks
from tests.e2e.project import CLI_ABSENT, ENGINE_PARAMS, ENGINES
from tests.stack.program import run

TWO_COMMANDS, OWN, CHANGE, REQUESTS, CLI, REAL = blocks("README.md", "sh")
FIRST, ANOTHER_PRICE, ANOTHER_PLAN = blocks("README.md", "python")

END_OF_PRICES = "        }\n    },\n    currency="
"""In the stack program."""


@pytest.fixture(params=ENGINE_PARAMS)
def checkout(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Checkout]:
    with Checkout(tmp_path, request.param) as checkout:
        yield checkout


def written(checkout: Checkout) -> list[str]:
    """The paths of the requests that changed something, as the command in README shows them: each on a line."""
    lines = checkout.sh(REQUESTS).stdout.splitlines()[1:-1]
    return [request["path"] for line in lines if (request := json.loads(line.rstrip(",")))["method"] == "POST"]


@pytest.mark.timeout(600)  # four runs of an engine
def test_two_commands_and_a_change(checkout: Checkout) -> None:
    assert [line.split()[:2] for line in TWO_COMMANDS.splitlines()] == [["make", "up"], ["make", "test"]]
    first = checkout.sh("make up")
    assert first.returncode == 0, first.stdout
    assert "+ 7 created" in first.stdout
    assert "price_lookup_key  hypernian_tokens_monthly" in first.stdout
    asked = written(checkout)
    assert len(asked) == 5
    assert "open http://127.0.0.1:" in first.stdout

    again = checkout.sh("make up")
    assert (again.returncode, "7 unchanged" in again.stdout) == (0, True), again.stdout
    assert written(checkout) == asked, "no request at all"

    changed = checkout.sh(CHANGE)
    assert changed.returncode == 0, changed.stdout
    preview, _, update = changed.stdout.partition("up: stack dev")
    for step in ("++ {} create replacement", "+- {} replace", "-- {} delete original"):
        assert step.format("pulumi-python:dynamic/stripe:Price tokens-monthly") in preview, changed.stdout
    assert "+- pulumi-python:dynamic/stripe:Price tokens-monthly replaced" in update
    assert "~  pulumi-python:dynamic/stripe:Subscription john-doe-tokens update" in preview
    assert "Billing impact of hypernian/dev" in preview
    assert "tokens-monthly replaced: 0.04 USD per 100 tokens → 0.05 USD per 100 tokens" in preview
    new, moved, archived = [re.sub(r"/(price|sub)_\w+", r"/\1_…", path) for path in written(checkout)[5:]]
    assert (new, moved, archived) == ("/v1/prices", "/v1/subscriptions/sub_…", "/v1/prices/price_…")
    assert "its data is kept" in checkout.sh("make stop").stdout


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_the_other_commands(checkout: Checkout) -> None:
    assert checkout.sh("make up").returncode == 0
    for command, says in (("make refresh", "7 unchanged"), ("make policy", "Policies:"), ("make destroy YES=1", "- 7 deleted")):
        done = checkout.sh(command)
        assert done.returncode == 0, done.stdout
        assert says in done.stdout, done.stdout
    assert checkout.sh("make up").returncode == 0


@pytest.mark.thorough
def test_another_price_and_another_plan(checkout: Checkout) -> None:
    program = checkout.folder / "__main__.py"
    text = program.read_text()
    assert FIRST.split("\n")[0] in text
    assert text.count(END_OF_PRICES) == 1
    program.write_text(text.replace(END_OF_PRICES, f"        }},\n{ANOTHER_PRICE}    }},\n    currency=") + ANOTHER_PLAN)
    preview = checkout.sh("make preview")
    assert preview.returncode == 0, preview.stdout
    assert "+  pulumi-python:dynamic/stripe:Price tokens-yearly create" in preview.stdout
    for name in ("team-base", "team-tokens"):
        assert f"+  pulumi-python:dynamic/stripe:Price {name} create" in preview.stdout
    assert "+ 12 to create" in preview.stdout
    judged = checkout.sh("make policy")
    assert (judged.returncode, "Policy Violations" in judged.stdout) == (0, False), judged.stdout


def test_the_first_example_is_what_the_stack_declares(tmp_path: Path) -> None:
    program = tmp_path / "__main__.py"
    program.write_text("from stripe_components import UsageBasedPlan\n" + FIRST)
    stack, example = run("prod").resources, run("prod", program=program).resources
    assert list(stack) == list(example)
    for name, declared in example.items():
        defaults = {"customer_mapping", "value_settings", "metadata"}
        assert {k: v for k, v in stack[name].inputs.items() if k not in defaults} == declared.inputs


@pytest.mark.skipif(ENGINES["cli"] is None, reason=CLI_ABSENT)
def test_with_the_cli(tmp_path: Path) -> None:
    with Checkout(tmp_path, "cli") as checkout:
        settled = CLI.replace("python3 -m venv .venv && .venv/bin/pip install -r requirements.txt", "")
        settled = settled.replace("stripe_local &", "stripe_local --port 12111 >stripe.log 2>&1 & echo $! >stripe.pid; sleep 2")
        # The CLI asks the system, not HOME, where the home is that this means.
        assert "pulumi login --local\n" in settled
        settled = settled.replace("pulumi login --local\n", 'pulumi login "file://$HOME"\n')
        script = settled.replace("pulumi up", "pulumi up --yes; kill $(cat stripe.pid)")
        done = checkout.sh(script)
        assert done.returncode == 0, done.stdout
        assert "+ 7 created" in done.stdout


def test_your_own_project_names_the_package_and_its_extra() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    install, new, up = OWN.splitlines()
    assert install == f"pip install {project['name']}"
    assert "local" in project["optional-dependencies"]
    assert new.split()[0] in project["scripts"]
    assert up == f"cd {new.split()[-1]} && make up"


def test_the_number_of_kinds() -> None:
    text = (ROOT / "README.md").read_text()
    assert f"| kinds of objects at Stripe | {len(register.KINDS)}, those of billing |" in text


@pytest.mark.thorough
def test_a_real_account_needs_nothing_but_a_key(checkout: Checkout) -> None:
    export, preview = REAL.splitlines()
    assert preview == "pulumi preview --stack staging"
    refused = checkout.sh(
        "make preview STACK=staging", PULUMI_BACKEND_URL=f"file://{checkout.folder}", PULUMI_CONFIG_PASSPHRASE=""
    )
    assert refused.returncode != 0
    assert "stripe:apiKey is not set" in refused.stdout
    done = checkout.sh(
        f"make up >/dev/null; {export.replace('...', 'x')}; make preview STACK=staging",
        PULUMI_CONFIG_PASSPHRASE="",
        STRIPE_API_BASE=f"http://127.0.0.1:{checkout.port}",
    )
    assert done.returncode == 0, done.stdout
    assert "+ 5 to create" in done.stdout


@pytest.mark.thorough
def test_make_has_more_resources_worked_on_at_a_time_unless_told_otherwise(checkout: Checkout) -> None:
    program = checkout.folder / "__main__.py"
    program.write_text(program.read_text() + '\nimport os\n\nprint("at a time:", os.environ["PULUMI_PARALLEL"])\n')
    assert "export PULUMI_PARALLEL=64" in (checkout.folder / "README.md").read_text()
    assert "at a time: 64" in checkout.sh("make preview").stdout
    assert "at a time: 3" in checkout.sh("make preview", PULUMI_PARALLEL="3").stdout


def test_help_lists_every_target_and_every_variable(checkout: Checkout) -> None:
    makefile = (checkout.folder / "Makefile").read_text()
    targets = next(line for line in makefile.splitlines() if line.startswith(".PHONY:")).split()[1:]
    shown, variables = checkout.sh("make help").stdout.split("\nVariables, as in make preview STACK=prod ARGS=--diff:\n")
    assert [t for t in targets if f"make {t} " not in shown] == []
    told = dict(re.findall(r"^  ([A-Z]+) +(\S.*)$", variables, re.M))
    assert set(told) == set(re.findall(r"^([A-Z]+) \?=", makefile, re.M))
    for name, default in re.findall(r"^([A-Z]+) \?= (\S+)$", makefile, re.M):
        assert default in told[name]
    assert "ARGS=--diff" in told["ARGS"]


def test_yes_is_one_or_it_is_not_given(checkout: Checkout) -> None:
    for asks in ("make destroy", "make destroy YES=0", "make up STACK=prod"):
        refused = checkout.sh(asks)
        assert refused.returncode != 0
        assert "nobody can answer here" in refused.stdout
    assert "there is nothing in stack dev" in checkout.sh("make destroy YES=1").stdout


def test_an_unknown_stack_is_one_line(checkout: Checkout) -> None:
    done = checkout.sh("make preview STACK=nowhere")
    assert done.returncode != 0
    assert "There is no Pulumi.nowhere.yaml; the environments are dev, prod, staging" in done.stdout
    assert "Traceback" not in done.stdout
