"""A recorded stack: where its files are, how it is set up again, and what the policy pack says of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.project import Project, Run, run_of
from tests.stripe_local.server import LocalStripe

HERE = Path(__file__).parent
STATES = HERE / "states"
PROGRAM = HERE / "program"
"""What is recorded next. Each recorded state has the program of its day beside it."""

MOMENT = 1_795_000_000
"""When a stack is recorded, by the clock of the local Stripe: 2026-11-18. Part of what was recorded, so it never changes."""
SOON_AFTER = MOMENT + 600
"""When a recorded stack is used again, in whatever year: before anything is due, such as the end of a period."""

CHANGES = {
    'config.require_int("unitAmount")': "9000000",
    '"default_aggregation": {"formula": "count"}': '"default_aggregation": {"formula": "sum"}',
    '    lookup_key="hypernian_support_visit",\n': "",
    'currency="eur"': 'currency="chf"',
    '"base-yearly": {': '"base-annually": {',
}
"""Edits of the program that the policy pack has something to say about: an absurd amount, a meter that counts in another way, a
price that nobody finds, a currency without a bank account, a price that goes."""


@dataclass(frozen=True)
class Recorded:
    """The files of one recorded state."""

    folder: Path

    @property
    def state(self) -> Path:
        """The stack's file in the backend."""
        return self.folder / "state.json"

    @property
    def db(self) -> Path:
        """The objects at the local Stripe."""
        return self.folder / "stripe.db"

    @property
    def policies(self) -> Path:
        """What the policy pack reports, of the program as it is and of another one."""
        return self.folder / "policies.json"

    @property
    def program(self) -> Path:
        """The folder of the program and its settings."""
        return self.folder / "program"


@contextmanager
def stripe_of(db: Path, moment: int) -> Iterator[LocalStripe]:
    """A local Stripe on this file, whose clock is set before it does anything."""
    with LocalStripe(db) as server:
        server.clock(set=moment)
        yield server


def project_of(engine: str, folder: Path, url: str, program: Path) -> Project:
    """The dev stack of this program, with nothing in it."""
    folder.mkdir()
    project = Project(engine, folder, url)
    shutil.copytree(program, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return project


def state_file(project: Project) -> Path:
    """The stack's file in the project's backend."""
    return project.folder / "state" / ".pulumi" / "stacks" / "hypernian" / "dev.json"


def deployment(file: Path) -> dict[str, Any]:
    """The deployment in such a file."""
    latest: dict[str, Any] = json.loads(file.read_text())["checkpoint"]["latest"]
    return latest


def judged(project: Project, *flags: str) -> tuple[Run, list[dict[str, str]]]:
    """A preview under the policy pack, which is given the state before; and what the pack reports."""
    baseline = project.folder / "before.json"
    baseline.write_text(json.dumps({"version": 3, "deployment": deployment(state_file(project))}))
    command = ("preview", "--policy-pack", "policy", *flags, "--stack", "dev", "--json", "--color", "never")
    done = project.run(*command, POLICY_BASELINE=str(baseline))
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    reported = [
        {
            "policy": found["policyName"],
            "level": found["enforcementLevel"],
            "resource": found["resourceUrn"],
            "message": " ".join(found["message"].split()),
        }
        for event in events
        if (found := event.get("policyEvent"))
    ]
    return run_of(done.returncode, done.stdout), sorted(reported, key=lambda r: list(r.values()))


def judged_in_production(project: Project) -> tuple[Run, list[dict[str, str]]]:
    """The same with `CHANGES`, and with the settings of production. The project is as it was afterwards."""
    program, settings = project.folder / "__main__.py", project.folder / "Pulumi.dev.yaml"
    before = {path: path.read_text() for path in (program, settings)}
    for old, new in CHANGES.items():
        project.edit(old, new)
    settings.write_text(before[settings].replace("environment: dev", "environment: prod"))
    try:
        return judged(project)
    finally:
        for path, text in before.items():
            path.write_text(text)
