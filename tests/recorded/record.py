"""Records a stack with every kind of resource, as the code writes it today, for `test_recorded_states.py`.

    python -m tests.recorded.record 2026-11-before-the-rooms --engine local

makes `states/2026-11-before-the-rooms-local` of `program/`: the stack's state, the objects at the local Stripe, what the policy
pack reports, and the program itself. Run it when a release is made, under a new label. A state that was released is never
recorded again: stacks like it are out there, and whatever the code becomes has to go on with them. Where a test of such a state
fails, the code is wrong. A label that is there is refused.

The kinds of resources are those of `program/`; a new kind is added there first.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.e2e.project import ENGINES
from tests.recorded.stack import (
    MOMENT,
    PROGRAM,
    STATES,
    Recorded,
    judged,
    judged_in_production,
    project_of,
    state_file,
    stripe_of,
)


def record(engine: str, recorded: Recorded) -> None:
    """Deploys the program with this engine, and keeps what came of it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with stripe_of(folder / "stripe.db", MOMENT) as server:
            project = project_of(engine, folder / "project", server.url, PROGRAM)
            up = project.up()
            if up.code != 0:
                raise SystemExit(up.text)
            policies = {"unchanged": judged(project)[1], "in production": judged_in_production(project)[1]}
        _tidy(folder / "stripe.db")
        recorded.folder.mkdir(parents=True)
        shutil.copy(state_file(project), recorded.state)
        shutil.copy(folder / "stripe.db", recorded.db)
        shutil.copytree(PROGRAM, recorded.program, ignore=shutil.ignore_patterns("__pycache__"))
        recorded.policies.write_text(json.dumps(policies, indent=2) + "\n")


def _tidy(db: Path) -> None:
    """One small file, without what depends on this run: the clock's distance from real time; answers to requests that came
    today, which Stripe forgets in a day; and the webhook's secret, which the state has, encrypted."""
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        connection.execute("DELETE FROM settings")
        connection.execute("DELETE FROM answers")
        connection.execute(
            "UPDATE objects SET body = json_set(body, '$._secret', 'whsec_recorded') WHERE kind = 'webhook_endpoint'"
        )
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA page_size = 1024")
        connection.execute("VACUUM")


def main(argv: Sequence[str] | None = None) -> int:
    """Records one state. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.recorded.record", description="Records a stack for the tests.")
    parser.add_argument("label", help="the release, such as 2026-11-before-the-rooms; the engine is added to it")
    parser.add_argument("--engine", choices=ENGINES, default="local")
    arguments = parser.parse_args(argv)
    recorded = Recorded(STATES / f"{arguments.label}-{arguments.engine}")
    if ENGINES[arguments.engine] is None:
        parser.error("there is no pulumi on PATH")
    if recorded.folder.exists():
        parser.error(f"{recorded.folder} is there, and a recorded state stays as it is; give another label")
    record(arguments.engine, recorded)
    print(f"recorded {recorded.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
