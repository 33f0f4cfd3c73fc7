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
            f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -I -S {shlex.quote(str(Path(__file__).with_name("gh.py")))} "$@"\n'
        )
        gh.chmod(0o755)
        self._store = folder / "gh.json"
        self.environment = {"PATH": f"{binary}{os.pathsep}{os.environ['PATH']}", "GH_STORE": str(self._store)}

    @property
    def store(self) -> dict[str, list[Any]]:
        """What the repository acme/shop has."""
        return self.repository("acme/shop")

    def repository(self, name: str) -> dict[str, Any]:
        empty: dict[str, Any] = {"comments": [], "issues": [], "calls": [], "heads": {"7": "0" * 40}}
        kept: dict[str, Any] = json.loads(self._store.read_text()) if self._store.exists() else {}
        return kept.get(name, empty)

    def keep(self, store: dict[str, Any], name: str = "acme/shop") -> None:
        """Changes what a repository has."""
        kept = json.loads(self._store.read_text()) if self._store.exists() else {}
        self._store.write_text(json.dumps({**kept, name: store}))

    def comment_of_another(self, body: str, pull: str = "7", name: str = "acme/shop") -> None:
        store = self.repository(name)
        url = f"https://github.example/{name}/pull/{pull}#issuecomment-{len(store['comments']) + 1}"
        store["comments"].append({"pull": pull, "viewerDidAuthor": False, "body": body, "url": url})
        self.keep(store, name)

    def issue_of_another(self, body: str, name: str = "acme/shop") -> None:
        store = self.repository(name)
        author = {"login": "github-actions", "is_bot": False}
        store["issues"].append({"number": len(store["issues"]) + 1, "body": body, "state": "open", "author": author})
        self.keep(store, name)


@pytest.fixture
def github(tmp_path: Path) -> GitHub:
    return GitHub(tmp_path)
