"""What README says to type works, and does what it says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.checkout import Checkout, blocks
from tests.e2e.project import CLI_ABSENT, ENGINE_PARAMS, ENGINES

CLI, TWO_COMMANDS, CHANGE, REAL = blocks("README.md", "sh")
FIRST, ANOTHER = blocks("README.md", "python")


@pytest.fixture(params=ENGINE_PARAMS)
def checkout(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Checkout]:
    with Checkout(tmp_path, request.param) as checkout:
        yield checkout


def test_two_commands_and_a_change(checkout: Checkout) -> None:
    assert [line.split()[:2] for line in TWO_COMMANDS.splitlines()] == [["make", "up"], ["make", "test"]]
    first = checkout.sh("make up")
    assert first.returncode == 0, first.stdout
    assert "+ 6 created" in first.stdout
    assert "price_lookup_key  hypernian_tokens_monthly" in first.stdout
    asked = checkout.sh("curl -s http://127.0.0.1:12111/_local/requests").stdout
    assert asked.count('"number"') == 5

    again = checkout.sh("make up")
    assert (again.returncode, "6 unchanged" in again.stdout) == (0, True), again.stdout
    assert checkout.sh("curl -s http://127.0.0.1:12111/_local/requests").stdout == asked, "no request at all"

    changed = checkout.sh(CHANGE)
    assert changed.returncode == 0, changed.stdout
    preview, _, update = changed.stdout.partition("up: stack dev")
    for text, said in ((preview, "replace"), (update, "replaced")):
        assert f"+- pulumi-python:dynamic/stripe:Price tokens-monthly {said}" in text, changed.stdout
    assert "~  pulumi-python:dynamic/stripe:Subscription john-doe-tokens update" in preview
    after = checkout.sh("curl -s http://127.0.0.1:12111/_local/requests").stdout
    assert (after.count('"number"'), after.count('"method":"GET"')) == (5 + 4, 1)

    for command, says in (("make refresh", "6 unchanged"), ("make policy", "Policies:"), ("make destroy", "- 6 deleted")):
        done = checkout.sh(command)
        assert done.returncode == 0, done.stdout
        assert says in done.stdout, done.stdout
    assert checkout.sh("make up").returncode == 0
    assert "its data is kept" in checkout.sh("make stop").stdout


def test_another_price(checkout: Checkout) -> None:
    program = checkout.folder / "__main__.py"
    assert FIRST.split("=")[0] in program.read_text()
    program.write_text(program.read_text() + ANOTHER)
    preview = checkout.sh("make preview")
    assert preview.returncode == 0, preview.stdout
    assert "+  pulumi-python:dynamic/stripe:Price tokens-yearly create" in preview.stdout
    assert "+ 7 to create" in preview.stdout


@pytest.mark.skipif(ENGINES["cli"] is None, reason=CLI_ABSENT)
def test_with_the_cli(tmp_path: Path) -> None:
    with Checkout(tmp_path, "cli") as checkout:
        settled = CLI.replace("python3 -m venv .venv && .venv/bin/pip install -r requirements.txt", "")
        settled = settled.replace("stripe_local &", "stripe_local --port 12111 >stripe.log & echo $! >stripe.pid; sleep 2")
        script = settled.replace("pulumi up", "pulumi up --yes; kill $(cat stripe.pid)")
        done = checkout.sh(script)
        assert done.returncode == 0, done.stdout
        assert "+ 6 created" in done.stdout


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
    assert "+ 4 to create" in done.stdout


def test_help_lists_every_target(checkout: Checkout) -> None:
    makefile = (checkout.folder / "Makefile").read_text()
    targets = next(line for line in makefile.splitlines() if line.startswith(".PHONY:")).split()[1:]
    shown = checkout.sh("make help").stdout
    assert [t for t in targets if f"make {t} " not in shown] == []


def test_an_unknown_stack_is_one_line(checkout: Checkout) -> None:
    done = checkout.sh("make preview STACK=nowhere")
    assert done.returncode != 0
    assert "There is no Pulumi.nowhere.yaml; give STACK=dev or prod or staging" in done.stdout
    assert "Traceback" not in done.stdout
