"""docs/settings.md and docs/commands.md: their tables are what there is, and every program of the package is listed."""

from __future__ import annotations

import re
import tomllib

from scripts.lookup_docs import COMMAND, texts
from tests.docs.checkout import ROOT


def test_the_tables_are_not_stale() -> None:
    stale = [path.name for path, text in texts().items() if path.read_text() != text]
    assert stale == [], f"write them with `{COMMAND}`, or all that is generated with `make generate`"


def test_every_program_is_listed() -> None:
    programs = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert set(re.findall(r"^\| `([a-z]+-[a-z]+)` \|", (ROOT / "docs/commands.md").read_text(), flags=re.M)) == set(programs)
