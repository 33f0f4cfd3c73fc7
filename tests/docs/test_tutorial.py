"""docs/tutorial.md: all its commands run, in order, in one shell; each prints what the page says it prints."""

from __future__ import annotations

import re
from itertools import groupby, pairwise
from pathlib import Path

import pytest

from tests.docs.checkout import ROOT, Checkout, free_port
from tests.e2e.project import CLI_ABSENT, ENGINES

PAGE = (ROOT / "docs" / "tutorial.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.S | re.M)

VARIES = (
    (r"\b(cus|mtr_test|price|prod|sub)_[A-Za-z0-9]{14,}", r"\1_"),
    (r"\bcs_test_[A-Za-z0-9]+", "cs_test_"),
    (r"\busage-[0-9a-f]{32}", "usage-"),
    (r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
    (r"^20\d\d-\d\d-\d\d ", "DAY "),
    (r"\((\d+|\d+\.\d+)m?s\)$", "(TIME)"),
    (r"^Duration: (\d+m)?\d+s$", "Duration: TIME"),
)
"""What is other each time: ids, times, durations."""
PORTS = ("12112", "12113")


@pytest.mark.thorough
def test_every_command_prints_what_the_page_says(tmp_path: Path) -> None:
    expected = commands_and_outputs()
    printed = run([command for command, _ in expected], tmp_path, "local")
    for (command, output), found in zip(expected, printed, strict=True):
        assert comparable(found) == comparable(output), f"{command}\nprints:\n{found}"


@pytest.mark.thorough
@pytest.mark.skipif(ENGINES["cli"] is None, reason=CLI_ABSENT)
def test_on_the_cli_the_commands_other_than_its_own_print_the_same(tmp_path: Path) -> None:
    expected = commands_and_outputs()
    printed = run([re.sub(r"^pulumi\(\).*\n", "", command) for command, _ in expected], tmp_path, "cli")
    for (command, output), found in zip(expected, printed, strict=True):
        if not re.search(r"^pulumi (?!stack output)", command, re.M):
            assert comparable(found) == comparable(output), f"{command}\nprints:\n{found}"


def test_nothing_on_the_page_is_left_out() -> None:
    assert {language for language, _ in BLOCKS} == {"sh", "text"}
    assert PAGE.count("\n```") == 2 * len(BLOCKS)
    assert all(before == "sh" for (before, _), (after, _) in pairwise(BLOCKS) if after == "text")


def test_only_what_varies_may_be_other() -> None:
    said = (
        " +  stripe:Price tokens created (0.05s)\n +  stripe:Meter tokens created (2s)\nTotal  1.24 USD at 2026-11-25T11:16:04Z\n"
    )
    same = " +  stripe:Meter tokens created (1s)\n +  stripe:Price tokens created (1s)\nTotal  1.24 USD at 2027-01-01T00:00:00Z\n"
    assert comparable(said) == comparable(same)
    for other in (same.replace("1.24", "1.25"), same.replace("Meter", "Product"), same + " +  stripe:Price more created (1s)\n"):
        assert comparable(said) != comparable(other)


def commands_and_outputs() -> list[tuple[str, str]]:
    """Each block of commands, and the block after it: what they print, nothing where there is none."""
    following = [*BLOCKS[1:], ("", "")]
    return [
        (text, after if kind == "text" else "")
        for (language, text), (kind, after) in zip(BLOCKS, following, strict=True)
        if language == "sh"
    ]


def run(commands: list[str], folder: Path, engine: str) -> list[str]:
    """What each of them prints, run one after the other."""
    ports = {port: str(free_port()) for port in PORTS}
    mark = "=== the next command ==="
    script = f"\necho '{mark}'\n".join(commands)
    for port, other in ports.items():
        script = script.replace(port, other)
    with Checkout(folder, engine) as checkout:
        done = checkout.sh(f"trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n{script}", PYTHONUNBUFFERED="1")
    assert done.returncode == 0, done.stdout
    printed = done.stdout
    for port, other in ports.items():
        printed = printed.replace(other, port)
    return printed.split(f"{mark}\n")


def comparable(printed: str) -> list[str]:
    """The lines without what varies; what is done side by side is in the order of the alphabet."""
    lines = [line.rstrip() for line in printed.strip("\n").splitlines()]
    for pattern, name in VARIES:
        lines = [re.sub(pattern, name, line) for line in lines]
    grouped = groupby(lines, key=lambda line: re.match(r" [-+~]{1,2} ", line) is not None)
    return [line for progress, group in grouped for line in (sorted(group) if progress else group)]
