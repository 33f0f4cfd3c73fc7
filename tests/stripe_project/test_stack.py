"""What `stripe-project` asks before it does something, and what it leaves alone."""

from __future__ import annotations

import json

import pytest

from tests.e2e.project import ROOT, written
from tests.stripe_local.server import LocalStripe
from tests.stripe_project.conftest import Folder

REFUSED = "and nobody can answer here; to go ahead: "


def files(folder: Folder) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in folder.path.rglob("*") if p.is_file() and ".venv" not in p.parts}


@pytest.mark.parametrize(
    ("arguments", "go_ahead"),
    [
        (("destroy",), "`stripe-project destroy --yes`"),
        (("destroy", "--stack", "prod"), "`stripe-project destroy --stack prod --yes`"),
        (("up", "--stack", "staging"), "`stripe-project up --stack staging --yes`"),
    ],
)
def test_where_nobody_can_be_asked_nothing_happens(
    folder: Folder, server: LocalStripe, arguments: tuple[str, ...], go_ahead: str
) -> None:
    before = files(folder)
    done = folder.run(*arguments)
    assert done.returncode == 2
    assert done.stdout.endswith(f"{REFUSED}{go_ahead}\n")
    assert server.requests() == []
    assert files(folder) == before


def test_with_a_makefile_the_remedy_is_its_variable(folder: Folder) -> None:
    (folder.path / "Makefile").write_text((ROOT / "Makefile").read_text())
    assert folder.run("up", "--stack", "prod").stdout.endswith(f"{REFUSED}`make up STACK=prod YES=1`\n")


@pytest.mark.parametrize(
    "makefile",
    [
        "up:\n\tdocker compose up\n",  # its own `up` is another thing
        "deploy:\n\tstripe-project up\n",
        "up := stripe-project up\ndeploy:\n\t$(up)\n",
        b"\xff",
    ],
)
def test_with_a_makefile_of_other_targets_the_remedy_is_the_command(folder: Folder, makefile: str | bytes) -> None:
    (folder.path / "Makefile").write_bytes(makefile if isinstance(makefile, bytes) else makefile.encode())
    assert folder.run("up", "--stack", "prod").stdout.endswith(f"{REFUSED}`stripe-project up --stack prod --yes`\n")


def test_dev_that_is_not_on_the_local_stripe_asks(folder: Folder) -> None:
    del folder.environment["STRIPE_API_BASE"]
    settings = folder.path / "Pulumi.dev.yaml"
    settings.write_text(settings.read_text().replace("  stripe:apiBase: http://127.0.0.1:12111\n", ""))
    done = folder.run("up")
    assert (done.returncode, REFUSED in done.stdout) == (2, True)


@pytest.mark.thorough
def test_up_of_staging_asks_on_a_terminal_and_no_is_no(folder: Folder, server: LocalStripe) -> None:
    terminal = folder.on_terminal("up", "--stack", "staging")
    terminal.until("Do you want to perform this update? [yes/no/details] ")
    assert "+ 5 to create" in terminal.seen, "the plan is shown before"
    terminal.say("no")
    code, _ = terminal.end()
    assert code == 1
    assert written(server.requests()) == []


@pytest.mark.thorough
def test_from_nothing_to_nothing(folder: Folder, server: LocalStripe) -> None:
    up = folder.run("up")
    assert up.returncode == 0, up.stdout
    assert "then `stripe-project preview`, `stripe-project impact` (on bills) and `stripe-project up`;" in up.stdout

    terminal = folder.on_terminal("destroy")
    terminal.until("Do you want to perform this destroy? [yes/no/details] ")
    assert "- 7 to delete" in terminal.seen
    terminal.say("yes")
    code, text = terminal.end()
    assert (code, "- 7 deleted" in text) == (0, True), text
    assert folder.resources() == []

    before = files(folder)
    server.forget_requests()
    for command in (("destroy", "--yes"), ("refresh",)):
        again = folder.run(*command)
        assert (again.returncode, again.stdout) == (0, f"{command[0]}: there is nothing in stack dev.\n")
    assert files(folder) == before
    assert server.requests() == []


def test_a_stack_that_was_never_there_has_nothing_and_is_not_made(folder: Folder, server: LocalStripe) -> None:
    done = folder.run("destroy", "--yes")
    assert (done.returncode, done.stdout) == (0, "destroy: there is nothing in stack dev.\n")
    assert list(folder.backend.rglob("dev.json*")) == []
    assert server.requests() == []


@pytest.mark.thorough
def test_a_refresh_drops_what_a_crash_left_pending(folder: Folder) -> None:
    assert folder.run("up").returncode == 0
    (state,) = folder.backend.glob("stacks/*/dev.json")
    document = json.loads(state.read_text())
    latest = document["checkpoint"]["latest"]
    new = {**latest["resources"][-1], "urn": latest["resources"][-1]["urn"] + "-2", "id": "", "outputs": {}}
    latest["pending_operations"] = [{"resource": new, "type": "creating"}]
    state.write_text(json.dumps(document))
    assert "interrupted while creating" in folder.run("up").stdout
    refreshed = folder.run("refresh")
    assert refreshed.returncode == 0, refreshed.stdout
    assert not folder.deployment().get("pending_operations")
    again = folder.run("up")
    assert (again.returncode, "interrupted while creating" in again.stdout) == (0, False), again.stdout


@pytest.mark.thorough
def test_consent_is_also_what_the_engines_take_for_it(folder: Folder) -> None:
    assert folder.run("up", PULUMI_SKIP_CONFIRMATIONS="true").returncode == 0
    previewed = folder.run("destroy", "--preview-only")
    assert (previewed.returncode, "- 7 to delete" in previewed.stdout) == (0, True), previewed.stdout
    assert folder.run("destroy", "--skip-preview").returncode == 0
    assert folder.resources() == []
