"""From an empty folder, an empty home and the built wheel alone to a bill, and back to nothing."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.package.project import copy
from tests.package.venv import Venv
from tests.rooms.sources import ROOT

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(900)]

TEST = """\
from stripe_resources.testing import run


def test_a_package_costs_four_cents():
    assert run("dev").of("Price", "tokens-monthly").inputs["unit_amount"] == 4
    assert run("dev").problems == []
"""
TOLD = """\
import json, os, sys
with open({log!r}, "a") as log:
    log.write(json.dumps([os.getcwd(), *sys.path]) + "\\n")
"""
"""Run by every Python of the environment that starts: where it looks for modules."""


class Commands:
    """Commands in a project's folder, with how long each took."""

    def __init__(self, venv: Venv, folder: Path, home: Path) -> None:
        self.venv, self.folder = venv, folder
        self.environment = {"HOME": str(home), "PULUMI_ENGINE": "local"}
        self.durations: dict[str, float] = {}

    def __call__(self, *command: str, label: str = "") -> str:
        begun = time.monotonic()
        done = self.venv.run(*command, cwd=self.folder, environment=self.environment, seconds=300)
        self.durations[label or " ".join(command)] = round(time.monotonic() - begun, 1)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def local_stripe(self) -> Iterator[None]:
        """`up` starts it, and it outlives the commands."""
        try:
            yield
        finally:
            self("stripe-project", "stop")


def test_a_day_with_the_package(wheel: Path, tmp_path: Path, record_testsuite_property: Callable[[str, object], None]) -> None:
    home, folder = tmp_path / "home", tmp_path / "project"
    home.mkdir()
    folder.mkdir()
    begun = time.monotonic()
    venv = Venv.make(folder / ".venv", wheel, ["usage", "policy", "impact", "local"], more=["pytest"])
    run = Commands(venv, folder, home)
    run.durations["install"] = round(time.monotonic() - begun, 1)
    paths = tmp_path / "paths.ndjson"
    (packages,) = venv.folder.glob("lib/python3*/site-packages")
    (packages / "sitecustomize.py").write_text(TOLD.format(log=str(paths)))

    copy(ROOT, folder)
    settings, port = folder / "Pulumi.dev.yaml", free_port()
    settings.write_text(settings.read_text().replace("12111", str(port)))
    (folder / "test_catalogue.py").write_text(TEST)

    with run.local_stripe():
        up = run("stripe-project", "up")
        assert "7 created" in up
        assert "7 unchanged" in run("stripe-project", "preview")
        run("python", "-m", "pytest", "-q", "test_catalogue.py", label="tests")
        run("stripe-project", "policy")
        settings.write_text(
            settings.read_text().replace("hypernian:environment", "hypernian:unitAmount: 5\n  hypernian:environment")
        )
        assert "1 to replace" in run("stripe-project", "preview", label="preview of a price change")
        assert "1 replaced" in run("stripe-project", "up", label="up with a price change")
        customer = re.findall(r"\bcus_\w+", up)[-1]
        run("stripe-usage", "record", "--stack", "dev", "--customer", customer, "--value", "3000", label="record")
        bill = run("stripe-usage", "invoice", "--stack", "dev", label="a bill")
        assert "1.50 USD" in bill, bill
        assert "deleted" in run("stripe-project", "destroy", "--yes")
    for name, seconds in run.durations.items():
        record_testsuite_property(name, seconds)
        print(f"{seconds:6.1f} s  {name}")
    told = paths.read_text()
    assert str(folder) in told
    assert str(ROOT) not in told, "a process of the project looks for modules in the checkout"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
