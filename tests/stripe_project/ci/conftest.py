from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest


class GitHub:
    """A `gh` on PATH, and what it was told to do."""

    def __init__(self, folder: Path) -> None:
        binary = folder / "bin"
        binary.mkdir()
        gh = binary / "gh"
        gh.write_text(
            f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(Path(__file__).with_name("gh.py")))} "$@"\n'
        )
        gh.chmod(0o755)
        self._store = folder / "gh.json"
        self.environment = {"PATH": f"{binary}{os.pathsep}{os.environ['PATH']}", "GH_STORE": str(self._store)}

    @property
    def store(self) -> dict[str, list[Any]]:
        empty: dict[str, list[Any]] = {"comments": [], "issues": [], "calls": []}
        return json.loads(self._store.read_text()) if self._store.exists() else empty

    def comment_of_another(self, body: str) -> None:
        store = self.store
        store["comments"].append({"viewerDidAuthor": False, "body": body, "url": "https://github.example/x#issuecomment-1"})
        self._store.write_text(json.dumps(store))

    def issue_of_another(self, body: str) -> None:
        store = self.store
        author = {"login": "github-actions", "is_bot": False}
        store["issues"].append({"number": len(store["issues"]) + 1, "body": body, "state": "open", "author": author})
        self._store.write_text(json.dumps(store))


@pytest.fixture
def github(tmp_path: Path) -> GitHub:
    return GitHub(tmp_path)
