"""The jobs that look, with a key and a state that can only be read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stripe_local.wire.rights import PERMISSIONS
from tests.e2e.project import ROOT
from tests.stripe_local.server import LocalStripe

GIVEN_UP = "-dac_override,-dac_read_search,-fowner"
"""The rights by which root writes where it may not."""


class Reader:
    """Commands of one who may read Stripe and the states, and change neither."""

    def __init__(self, folder: Path, server: LocalStripe) -> None:
        self.server, self.out, self.state, self.project = server, folder / "out", folder / "state", folder / "project"
        self.state.mkdir()
        self.project.mkdir()
        for file in (*ROOT.glob("Pulumi*.yaml"), ROOT / "__main__.py"):
            shutil.copy(file, self.project)
        shutil.copytree(ROOT / "policy", self.project / "policy", ignore=shutil.ignore_patterns("__pycache__"))
        (self.project / ".venv").symlink_to(sys.prefix)
        hidden = ("STRIPE_", "PULUMI_", "GITHUB_", "CI_", "POLICY_")
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(hidden)},
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "PULUMI_ENGINE": "local",
            "PULUMI_BACKEND_URL": self.state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "STRIPE_API_BASE": server.url,
            "STRIPE_API_KEY": "rk_test_x",
        }
        self.before: tuple[str, ...] = ()
        if os.geteuid() == 0:
            if shutil.which("setpriv") is None:
                pytest.skip("root writes everywhere; install util-linux, which has setpriv, or run the tests as another user")
            self.before = ("setpriv", f"--bounding-set={GIVEN_UP}", f"--inh-caps={GIVEN_UP}")

    def run(self, module: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.before, sys.executable, "-m", module, *arguments],
            cwd=self.project,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def may_only_read(self) -> None:
        self.server.forget_requests()
        for path in (self.state, *self.state.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)

    def found(self) -> dict[str, bytes | None]:
        """All that is in the backend."""
        return {str(p.relative_to(self.state)): p.read_bytes() if p.is_file() else None for p in sorted(self.state.rglob("*"))}

    def wrote(self) -> list[str]:
        """The requests that are no reading."""
        return [f"{r['method']} {r['path']}" for r in self.server.requests() if r["method"] != "GET"]


@pytest.fixture
def reader(tmp_path: Path, shared_server: LocalStripe) -> Iterator[Reader]:
    shared_server.reset()
    shared_server.restricted_key(*(name for name in PERMISSIONS if name.endswith("_read")), key="rk_test_x")
    made = Reader(tmp_path, shared_server)
    yield made
    for path in (made.state, *made.state.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    shared_server.reset()


@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_the_jobs_that_look_need_reading_rights_only(reader: Reader) -> None:
    for stack, key in (("staging", "sk_test_local"), ("prod", "sk_live_local")):
        made = reader.run("stripe_project", "up", "--stack", stack, "--yes", STRIPE_API_KEY=key)
        assert made.returncode == 0, made.stdout + made.stderr
    by_hand = reader.server.client().v1.products.create({"name": "By hand"})
    reader.may_only_read()
    before = reader.found()
    assert any(name.endswith("staging.json") for name in before)
    for module, *arguments in (
        ("stripe_project", "preview", "--stack", "staging"),
        ("stripe_project", "policy", "--stack", "staging"),
        ("stripe_project", "ci-preview", "--stack", "staging", "--out", str(reader.out)),
        ("stripe_project", "ci-drift", "--stack", "staging", "--out", str(reader.out)),
        ("stripe_project", "orphans", "--stack", "staging"),
        ("stripe_project", "diff", "staging", "prod"),
        ("stripe_resources", "export", "--stack", "staging", "--out", str(reader.out / "exported")),
    ):
        done = reader.run(module, *arguments)
        assert done.returncode == 0, f"{module} {arguments}: {done.stdout}{done.stderr}"
        assert (reader.wrote(), reader.found() == before) == ([], True), f"{module} {arguments}"
    assert by_hand.id in (reader.out / "exported" / "import.json").read_text()
    result = json.loads((reader.out / "staging" / "result.json").read_text())
    assert (result["failed"], result["deploys"]) == ([], False)
    assert json.loads((reader.out / "staging" / "drift.json").read_text())["drift"] is False
    refused = reader.run("stripe_project", "up", "--stack", "staging", "--yes")
    assert refused.returncode != 0, "the state can be written after all"


@pytest.mark.thorough
def test_what_is_not_made_yet_is_planned_whole_and_nothing_is_written(reader: Reader) -> None:
    reader.may_only_read()
    done = reader.run("stripe_project", "ci-preview", "--stack", "staging", "--out", str(reader.out))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (reader.wrote(), reader.found()) == ([], {})
    result = json.loads((reader.out / "staging" / "result.json").read_text())
    assert (result["failed"], result["changes"], result["deploys"]) == ([], {"create": 3}, True), result
    for command in ("preview", "policy", "impact"):
        done = reader.run("stripe_project", command, "--stack", "staging")
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        assert (reader.wrote(), reader.found()) == ([], {}), command
