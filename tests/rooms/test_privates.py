"""A name with a leading underscore is used by its own package alone, and by the tests of that package."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rooms.privates import private_imports
from tests.rooms.sources import modules


def test_private_names_stay_in_their_package() -> None:
    found = list(private_imports(modules()))
    assert not found, "Make the name public, or use it where it is:\n" + "\n".join(found)


HOUSE = {
    "shop/__init__.py": "_opened = True\n",
    "shop/_core/__init__.py": "",
    "shop/_core/sums.py": "def total(): ...\ndef _rounded(): ...\n",
    "shop/shelf/__init__.py": "",
    "shop/shelf/labels.py": "class Label:\n    _ink = 0\ndef _short(): ...\n",
    "yard/__init__.py": "",
    "tests/__init__.py": "",
    "tests/shop/__init__.py": "",
    "tests/yard/__init__.py": "",
}


@pytest.mark.parametrize(
    ("file", "text", "used"),
    [
        ("yard/gate.py", "from shop import _core\n", "shop._core"),
        ("yard/gate.py", "from shop._core.sums import total\n", "shop._core"),
        ("yard/gate.py", "import shop._core.sums\n", "shop._core"),
        ("yard/gate.py", "from shop import _opened\n", "shop._opened"),
        ("yard/gate.py", "def late():\n    from shop.shelf.labels import _short\n", "shop.shelf.labels._short"),
        ("yard/gate.py", "from shop.shelf import labels\nlabels._short()\n", "shop.shelf.labels._short"),
        ("yard/gate.py", "from shop.shelf import labels as printed\nprinted._short()\n", "shop.shelf.labels._short"),
        ("yard/gate.py", "import shop.shelf.labels\nshop.shelf.labels._short()\n", "shop.shelf.labels._short"),
        ("shop/window.py", "from .shelf.labels import _short\n", "shop.shelf.labels._short"),
        ("shop/shelf/glass.py", "from shop._core.sums import _rounded\n", None),
        ("shop/shelf/glass.py", "from .labels import _short\nfrom .. import _opened\n", None),
        ("shop/_core/parts.py", "from .sums import _rounded\n", None),
        (
            "yard/gate.py",
            "from shop.shelf.labels import Label\nLabel._ink\nimport os\nos._exit\nimport shop\nshop.__name__\n",
            None,
        ),
        ("tests/shop/test_sums.py", "from shop._core.sums import _rounded\n", None),
        ("tests/yard/test_gate.py", "from shop._core.sums import total\n", "shop._core"),
        ("tests/conftest.py", "from shop._core.sums import total\n", "shop._core"),
    ],
)
def test_what_is_found(file: str, text: str, used: str | None, tmp_path: Path) -> None:
    for path, content in {**HOUSE, file: text}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    importer = file.removesuffix(".py").replace("/", ".")
    assert list(private_imports(modules(tmp_path))) == ([f"{importer}: {used}"] if used else [])
