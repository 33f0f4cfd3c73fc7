"""No import circle anywhere, counting imports inside functions and those for type checkers alone."""

from __future__ import annotations

import sys
from pathlib import Path

import grimp
import pytest

from tests.rooms.circles import circles
from tests.rooms.sources import packages


def test_no_modules_import_one_another_in_a_circle() -> None:
    found = circles(grimp.build_graph(*sorted(packages()), cache_dir=None))
    assert not found, "Give what the modules share a module of its own:\n" + "\n".join(
        " → ".join((*circle, circle[0])) for circle in found
    )


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An importable package, by a name that nobody else has."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    folder = tmp_path / "shop_of_this_test"
    folder.mkdir()
    (folder / "__init__.py").touch()
    return folder


@pytest.mark.parametrize(
    "import_",
    [
        "from . import till\n",
        "def pay():\n    from .till import money\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .till import money\n",
    ],
    ids=["at the top", "in a function", "for type checkers"],
)
def test_a_circle_is_found(shop: Path, import_: str) -> None:
    (shop / "basket.py").write_text(import_)
    (shop / "till.py").write_text("from . import basket, receipt\n")
    (shop / "receipt.py").write_text("import json\n")
    found = circles(grimp.build_graph(shop.name, cache_dir=None))
    assert found == [(f"{shop.name}.basket", f"{shop.name}.till")]


def test_a_circle_is_told_once_and_without_the_longer_ones_that_hold_it() -> None:
    graph = grimp.ImportGraph()
    for importer, imported in ("ab", "ba", "ac", "cb", "cd", "de", "ec"):
        graph.add_import(importer=importer, imported=imported)
    assert circles(graph) == [("a", "b"), ("c", "d", "e")]
