"""docs/new-project.md: followed to the letter, outside of the checkout, with the package as users install it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from stripe_project import template
from tests.docs.checkout import ROOT, blocks, free_port
from tests.wheel import Outside

PAGE = (ROOT / "docs" / "new-project.md").read_text()
START, TESTS, CHANGE, REHEARSAL, END = blocks("docs/new-project.md", "sh")


def test_every_file_is_listed() -> None:
    listed = [Path(name) for name in re.findall(r"`([^`]+)`", "\n".join(re.findall(r"^\| (`.*?) \|", PAGE, re.M)))]
    for path in template.paths():
        assert any(path == name or name in path.parents for name in listed), path
    for name in listed:
        assert (template.FOLDER / name).exists(), name


@pytest.fixture
def outside(tmp_path: Path, wheel: Path) -> Iterator[Outside]:
    outside = Outside(tmp_path, wheel, str(free_port()))
    yield outside
    if (outside.folder / "shop" / ".venv" / "bin" / "stripe-project").exists():
        outside.sh("make stop", "shop")


@pytest.mark.thorough
@pytest.mark.timeout(1800)
def test_three_commands_a_change_and_the_end(outside: Outside) -> None:
    assert [line.split()[0] for line in START.splitlines()] == ["pip", "stripe-project", "make"]
    outside.install("tools", "pulumi-stripe-billing")
    outside.environment["PATH"] = f"{outside.folder}/tools/bin:{outside.environment['PATH']}"
    install, new, up = START.splitlines()
    outside.sh(install)
    assert "Made shop" in outside.sh(new)
    # The local Stripe that the page names is one for all; this test has its own.
    outside.install("shop/.venv", "-r", "shop/requirements-dev.txt")
    settings = outside.folder / "shop" / "Pulumi.dev.yaml"
    settings.write_text(settings.read_text().replace("12111", outside.port))
    said = outside.sh(up)
    assert "+ 7 created" in said
    assert "✅ billing@v1.0.0" in said, "under the policies"
    assert f"open http://127.0.0.1:{outside.port}/" in said
    makefile = (outside.folder / "shop" / "Makefile").read_text()
    targets = {name for names in re.findall(r"^([\w -]+):", makefile, re.M) for name in names.split()}
    assert {"preview", "impact", "destroy"} <= set(re.findall(r"`make ([\w-]+)", said)) <= targets

    where = ".venv/bin/python -c 'import sys, stripe_project; print(stripe_project.__file__, *sys.path, sep=\"\\n\")'"
    paths = outside.sh(where, "shop").splitlines()
    assert paths[0].startswith(str(outside.folder / "shop"))
    assert not [path for path in paths if path.startswith(str(ROOT))]

    assert re.search(r"\d+ passed", outside.sh(TESTS, "shop"))
    assert " failed" not in outside.sh(TESTS, "shop")

    changed = outside.sh(CHANGE, "shop")
    preview, _, update = changed.partition("up: stack dev")
    assert "+- pulumi-python:dynamic/stripe:Price usage-monthly replace [diff: ~unit_amount]" in preview
    assert "1 subscription of 1 customer: 1 moves" in preview
    assert "+-1 replaced" in update
    assert "7 unchanged" in outside.sh("make up", "shop")

    assert "✅ billing@v1.0.0" in outside.sh(REHEARSAL, "shop")
    end = outside.sh(END, "shop")
    assert "- 7 deleted" in end
    assert "its data is kept" in end


@pytest.mark.thorough
@pytest.mark.timeout(1800)
def test_without_extras_a_project_is_made_and_other_commands_say_what_they_need(outside: Outside) -> None:
    outside.install("tools", "pulumi-stripe-billing")
    outside.sh("tools/bin/stripe-project new shop --yes && cd shop && ../tools/bin/stripe-project add --help")
    assert "setting" in outside.sh("../tools/bin/stripe-project diff dev prod", "shop")
    said = outside.sh("! STRIPE_API_BASE=http://127.0.0.1:12111 ../tools/bin/stripe-project up 2>&1", "shop")
    assert "pip install 'pulumi-stripe-billing[local]'" in said
