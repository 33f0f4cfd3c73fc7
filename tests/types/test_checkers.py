"""What type checkers find in a user's repository: each mistake in `user/mistakes.py`, and nothing in what is right."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

MISTAKES = Path(__file__).parent / "user" / "mistakes.py"
MARKED = {
    number: line.partition("# error: ")[2]
    for number, line in enumerate(MISTAKES.read_text().splitlines(), 1)
    if "# error" in line
}
"""The word that the message has, by line."""

PROGRAMS = ["right.py", "page.py", "mistakes.py"]

WITHOUT_SDK = """
[mypy]
strict = true
# Nothing of it is in what the package offers, and looking into it takes longer than all the rest.
[mypy-stripe.*]
follow_imports = skip
"""


def compare(found: dict[tuple[str, int], str]) -> None:
    """Holds what was found, by file and line, against what is marked."""
    assert {file: text for file, text in found.items() if file[0] != MISTAKES.name} == {}, "a right program is refused"
    lines = {line for _, line in found}
    assert (sorted(MARKED.keys() - lines), sorted(lines - MARKED.keys())) == ([], []), "(missed, found where all is right)"
    assert {line: found[MISTAKES.name, line] for line, word in MARKED.items() if word not in found[MISTAKES.name, line]} == {}


def mypy(repository: Path, *options: str) -> dict[tuple[str, int], str]:
    cache = repository / "mypy_cache"
    command = [sys.executable, "-m", "mypy", "--python-executable", ".venv/bin/python", f"--cache-dir={cache}", *options]
    done = subprocess.run([*command, *PROGRAMS], cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    found: dict[tuple[str, int], str] = {}
    for file, line, text in re.findall(r"^(.+?):(\d+): error: (.*)$", done.stdout, flags=re.M):
        found[file, int(line)] = found.get((file, int(line)), "") + text
    return found


def test_there_are_mistakes_of_many_kinds() -> None:
    assert len(MARKED) > 90
    assert all(MARKED.values())


def test_mypy_finds_every_mistake_and_no_other(repository: Path) -> None:
    (repository / "quick.ini").write_text(WITHOUT_SDK)
    compare(mypy(repository, "--config-file=quick.ini"))


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_mypy_as_users_call_it(repository: Path) -> None:
    compare(mypy(repository, "--strict"))


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_pyright_finds_every_mistake_and_no_other(repository: Path, pyright: list[str]) -> None:
    node, folder = pyright
    command = [node, f"{folder}/index.js", "--pythonpath", ".venv/bin/python", "--outputjson", *PROGRAMS]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    found: dict[tuple[str, int], str] = {}
    for diagnostic in json.loads(done.stdout)["generalDiagnostics"]:
        place = Path(diagnostic["file"]).name, diagnostic["range"]["start"]["line"] + 1
        found[place] = found.get(place, "") + diagnostic["message"]
    compare(found)
