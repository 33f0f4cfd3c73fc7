"""Two people deploy one stack, each with a backend of his own; and `python -m stripe_resources take-over`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.checkout import blocks
from tests.e2e.project import Project, captured, typed, written
from tests.stripe_local.server import TEST_KEY, LocalStripe

PROGRAM = """
from stripe_resources import Customer, Price, Product

product = Product("llm", name="Hypernian")
Price("tokens", product=product.id, currency="usd", unit_amount=4)
Customer("john", name="John Doe")
"""

REFUSED = "is in another state of this stack by now, which found it again"


class Two:
    """Both have deployed, the second one after the first."""

    def __init__(self, engine: str, folder: Path, server: LocalStripe) -> None:
        self.server = server
        (folder / "a").mkdir()
        (folder / "b").mkdir()
        self.a, self.b = Project(engine, folder / "a", server.url), Project(engine, folder / "b", server.url)
        for project in (self.a, self.b):
            project.program(PROGRAM)
        assert self.a.up().code == 0
        self.second = self.b.up()
        assert self.second.code == 0, self.second.text
        server.forget_requests()

    def refused(self, project: Project) -> None:
        """Everything but a preview that asks nothing, with nothing changed at Stripe."""
        assert project.preview("--expect-no-changes").code == 0
        for run in (project.up("--refresh"), project.refresh(), project.destroy()):
            assert run.code != 0
            assert REFUSED in run.text
            assert "Traceback" not in run.text
        project.edit('"Hypernian"', '"Other"')
        project.edit("unit_amount=4", "unit_amount=5")
        project.edit("John", "Jim")
        up = project.up()
        assert up.code != 0
        assert REFUSED in up.text
        project.program(PROGRAM)
        assert written(self.server.requests()) == []

    def take_over(self, project: Project, *flags: str) -> subprocess.CompletedProcess[str]:
        """The command, for the state as it is."""
        state = project.folder / "state.json"
        state.write_text(project.run("stack", "export", "--stack", "dev", check=True).stdout)
        command = [sys.executable, "-m", "stripe_resources", "take-over", "--stack", "dev", "--state", str(state), *flags]
        return captured(command, project.folder, {**project.environment, "STRIPE_API_KEY": TEST_KEY})


@pytest.fixture
def two(engine: str, tmp_path: Path, stripe_server: LocalStripe) -> Two:
    return Two(engine, tmp_path, stripe_server)


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_who_deployed_first_is_refused_until_he_takes_over(two: Two) -> None:
    ids = {name: r["id"] for name, r in two.a.resources().items() if "dynamic/stripe" in r["type"]}
    assert {name: r["id"] for name, r in two.b.resources().items() if "dynamic/stripe" in r["type"]} == ids
    for count in (1, 2, 3):
        assert f"({count} so far)" in two.second.text
    two.refused(two.a)

    asked = two.take_over(two.a)
    assert (asked.returncode, written(two.server.requests())) == (1, []), "nobody confirms"
    assert f"Customer {ids['john']}  hypernian/dev/Customer/john" in asked.stdout
    done = two.take_over(two.a, "--yes")
    assert done.returncode == 0, done.stdout
    last = "3 handed over: another state of hypernian/dev that has them is refused from now on."
    assert done.stdout.splitlines()[-1] == last
    assert two.take_over(two.a).stdout == "Nothing in this state of hypernian/dev is in another one.\n"

    two.server.forget_requests()
    two.refused(two.b)
    assert two.a.refresh().code == 0
    two.a.edit("unit_amount=4", "unit_amount=5")
    up = two.a.up()
    assert (up.code, up.summary) == (0, {"same": 3, "replace": 1}), up.text
    assert two.take_over(two.b, "--yes").returncode == 0
    assert two.a.destroy().code != 0


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_an_outdated_state_retires_no_orphans(two: Two) -> None:
    two.b.edit("\nCustomer(", '\nCustomer("jane", name="Jane Doe")\nCustomer(')
    assert two.b.up().code == 0
    state = two.a.folder / "state.json"
    state.write_text(two.a.run("stack", "export", "--stack", "dev", check=True).stdout)
    command = [sys.executable, "-m", "stripe_resources", "orphans", "--stack", "dev", "--state", str(state), "--retire", "--yes"]
    two.server.forget_requests()
    done = captured(command, two.a.folder, {**two.a.environment, "STRIPE_API_KEY": TEST_KEY})
    assert done.returncode == 1
    assert "is in this state, and in another one of hypernian/dev that found it again" in done.stdout
    assert written(two.server.requests()) == []


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_the_pages_command(two: Two) -> None:
    [script] = blocks("docs/two-states.md", "sh")
    script = script.replace("python -m", f"STRIPE_API_KEY={TEST_KEY} {sys.executable} -m").replace("--state", "--yes --state")
    done = typed(two.a, script)
    assert done.returncode == 0, done.stdout
    assert "3 handed over" in done.stdout
