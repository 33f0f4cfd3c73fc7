"""What a merge changes goes out, be it in the state only; what the provider writes for itself does not send a stack out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.project import ROOT
from tests.stripe_local.server import LocalStripe

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(1800)]

OPTIONS = 'opts=pulumi.ResourceOptions(protect=config.get_bool("protect")),'
RENAMED = 'renamed = Product("first", name="Renamed", metadata=metadata)'
PRODUCT = f"""
from stripe_resources import Product
more = [Product(f"more-{{n}}", name="More", metadata=metadata) for n in (1, 2)]
{RENAMED}
"""
MERGES = {
    "an output": (PRODUCT, PRODUCT + '\npulumi.export("another", product.id)\n'),
    "an output less": ('pulumi.export("price_id", price.id)\n', ""),
    "protect": (OPTIONS, "opts=pulumi.ResourceOptions(protect=True),"),
    "retain_on_delete": (OPTIONS, "opts=pulumi.ResourceOptions(retain_on_delete=True),"),
    "another name, by an alias": (
        RENAMED,
        'renamed = Product("second", name="Renamed", metadata=metadata, opts=pulumi.ResourceOptions('
        'aliases=[pulumi.Alias("first")]))',
    ),
    "depends_on": (
        RENAMED,
        'renamed = Product("first", name="Renamed", metadata=metadata, opts=pulumi.ResourceOptions(depends_on=more))',
    ),
    "parent": (
        RENAMED,
        'renamed = Product("first", name="Renamed", metadata=metadata, opts=pulumi.ResourceOptions('
        "parent=more[0], aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]))",
    ),
    "additional_secret_outputs": (
        RENAMED,
        'renamed = Product("first", name="Renamed", metadata=metadata, opts=pulumi.ResourceOptions('
        'additional_secret_outputs=["name"]))',
    ),
}


class Merging:
    """A project of its own on a local Stripe, and the commands of CI in it."""

    def __init__(self, folder: Path, server: LocalStripe) -> None:
        self.out, self.state, self.project = folder / "out", folder / "state", folder / "project"
        self.state.mkdir()
        self.project.mkdir()
        for file in (*ROOT.glob("Pulumi*.yaml"), ROOT / "__main__.py"):
            shutil.copy(file, self.project)
        shutil.copytree(ROOT / "policy", self.project / "policy", ignore=shutil.ignore_patterns("__pycache__"))
        (self.project / ".venv").symlink_to(sys.prefix)
        hidden = ("STRIPE_", "PULUMI_", "GITHUB_", "CI_", "POLICY_")
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(hidden)},
            "PYTHONPATH": str(ROOT),
            "PULUMI_ENGINE": "local",
            "PULUMI_BACKEND_URL": self.state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "STRIPE_API_BASE": server.url,
            "STRIPE_API_KEY": "sk_test_local",
        }
        self.program = (self.project / "__main__.py").read_text() + PRODUCT
        self.write(self.program)

    def write(self, program: str) -> None:
        (self.project / "__main__.py").write_text(program)

    def run(self, module: str, *arguments: str) -> str:
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(
            command, cwd=self.project, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def ci(self, command: str) -> str:
        return self.run("stripe_project", f"ci-{command}", "--stack", "staging", "--out", str(self.out))

    def goes_out(self) -> bool:
        self.ci("preview")
        found: bool = json.loads((self.out / "staging" / "result.json").read_text())["deploys"]
        return found


@pytest.fixture
def merging(tmp_path: Path, shared_server: LocalStripe) -> Merging:
    shared_server.reset()
    made = Merging(tmp_path, shared_server)
    assert made.goes_out()
    made.ci("deploy")
    return made


@pytest.mark.parametrize(
    "names",
    [
        ("an output", "an output less", "protect", "retain_on_delete"),
        ("another name, by an alias", "parent"),
        ("additional_secret_outputs", "depends_on"),
    ],
)
def test_what_a_merge_changes_goes_out_once(merging: Merging, names: tuple[str, ...]) -> None:
    stay = []
    for name in names:
        old, new = MERGES[name]
        assert old in merging.program, name
        merging.write(merging.program.replace(old, new))
        stay += [] if merging.goes_out() else [name]
    assert stay == []
    merging.ci("deploy")  # the last one
    assert not merging.goes_out()


def test_what_the_provider_writes_for_itself_sends_no_stack_out(merging: Merging) -> None:
    """As after an upgrade: another version in the manifest, marks that are not there yet."""
    exported = json.loads(merging.run("pulumi_local", "stack", "export", "--stack", "staging"))
    exported["deployment"]["manifest"]["version"] = "v3.100.0"
    dropped = 0
    for resource in exported["deployment"]["resources"]:
        for values in (resource.get("inputs") or {}, resource.get("outputs") or {}):
            for mark in [name for name in values if name.startswith("__") and name not in ("__provider", "__owner")]:
                del values[mark]
                dropped += 1
    assert dropped
    (merging.project / "state.json").write_text(json.dumps(exported))
    merging.run("pulumi_local", "stack", "import", "--stack", "staging", "--file", "state.json")
    assert not merging.goes_out()
