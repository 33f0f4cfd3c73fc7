"""Files, and parts of files, that a command writes, and compares with `--check`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path


def run(description: str | None, command: str, target: Path, text: Callable[[], str]) -> int:
    """The command line of a module that writes one file: see `run_all`."""
    return run_all(description, command, lambda: {target: text()})


def run_all(description: str | None, command: str, texts: Callable[[], dict[Path, str]]) -> int:
    """The command line of a module that writes files; its exit code, 1 where `--check` finds any of them stale.

    `command` is how the module is called, for the message: "python -m scripts.resource_docs".
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; fail where a file is stale")
    check = parser.parse_args().check
    stale = {path: text for path, text in texts().items() if not path.exists() or path.read_text() != text}
    if check and stale:
        print(f"{', '.join(sorted(path.name for path in stale))}: stale; write with `{command}`", file=sys.stderr)
        return 1
    for path, text in stale.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return 0


def replaced(page: str, name: str, command: str, content: str) -> str:
    """The page with this between the two comments of this name. Raises SystemExit where they are missing."""
    begin, end = f"<!-- {name}: begin (written by `{command}`) -->", f"<!-- {name}: end -->"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"the page has no place for {name}, between {begin} and {end}")
    return f"{before}{begin}\n{content}\n{end}{after}"
