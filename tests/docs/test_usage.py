"""docs/usage.md: its commands run, on a stack that is up, and what it says of options and of the checkpoint is so."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from stripe_usage.__main__ import parser
from tests.docs.checkout import ROOT, blocks
from tests.e2e.project import Project, typed
from tests.stripe_local.server import LocalStripe

PAGE = (ROOT / "docs" / "usage.md").read_text()


@pytest.mark.thorough
def test_the_commands(tmp_path: Path, shared_server: LocalStripe) -> None:
    shared_server.reset()
    project = Project("local", tmp_path, shared_server.url)
    shared_server.clock(advance=-7 * 86400)  # the subscription was there before the usage
    assert project.up().code == 0
    shared_server.clock(advance=7 * 86400)
    project.config("stripe:apiBase", project.environment.pop("STRIPE_API_BASE"))
    project.environment["PULUMI_ENGINE"] = "local"
    project.environment["XDG_STATE_HOME"] = f"{tmp_path}/state"
    project.environment["CUSTOMER"] = project.outputs()["customer_id"]
    said = ""
    for block in blocks("docs/usage.md", "sh"):
        done = typed(project, block.replace("python -m", f"{tmp_path}/.venv/bin/python -m"))
        assert done.returncode == 0, done.stdout
        said += done.stdout
    assert "Canceled job-4711" in said
    assert "40 rows: 40 would be sent" in said
    assert "40 rows: 40 sent" in said
    assert "40 rows: 0 sent, 40 counted before, 0 rejected" in said
    assert len((tmp_path / "made.csv").read_text().splitlines()) == 1001
    (path,) = (tmp_path / "state" / "pulumi-stripe-billing" / "usage").glob("*.db")
    with sqlite3.connect(path) as db:
        columns = {row[1] for row in db.execute("PRAGMA table_info(events)")} - {"number"}
        (query,) = re.findall(r"`(SELECT .*?)`", PAGE)
        assert len(db.execute(query).fetchall()) == 41
    db.close()
    table = PAGE.partition("## The checkpoint")[2]
    described = set(re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in table.splitlines() if row.startswith("| `"))))
    assert described | {"reason"} == columns


def test_the_options_that_it_names_exist() -> None:
    (commands,) = (a.choices for a in parser()._actions if a.choices)
    known = {option for command in commands.values() for option in command._option_string_actions}
    named = set(re.findall(r"(?<=[`| ])--[a-z][\w-]*", PAGE)) - {"--json", "--help"}
    assert named - known == set()
    assert all(f"`{name}" in PAGE or f"usage {name}" in PAGE for name in commands)
