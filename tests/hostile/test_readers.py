"""Whatever a file holds, its reader takes it as it is, or refuses it in one message that names it, and changes nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.conftest import COUNTED
from tests.sampling import spread

from . import inputs
from .readers import READERS, Reader

for package in ("pulumi_local", "stripe_impact", "stripe_policy", "stripe_project", "stripe_usage"):
    importlib.import_module(f"tests.{package}.hostile")

EACH = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
Cases = Iterable[tuple[str, bytes]]


def table() -> list[tuple[str, bytes]]:
    tables = (inputs.BYTES, inputs.JSON, inputs.YAML, inputs.TOML, inputs.ROWS)
    return [(name, content) for each in tables for name, content in each.items()]


def held(reader: Reader, folder: Path, cases: Cases) -> int:
    """Reads each of the cases from a file; how many were refused."""
    refused = 0
    path = folder / reader.file
    for beside, text in {**reader.prepared, reader.file: ""}.items():
        (folder / beside).parent.mkdir(parents=True, exist_ok=True)
        (folder / beside).write_text(text)
    for name, content in cases:
        path.write_bytes(content)
        before = files(folder)
        said = answer(reader, path, name)
        refused += bool(said)
        assert files(folder) == before, name
    return refused


def answer(reader: Reader, path: Path, name: str) -> str:
    """Why it is refused; "" where it is taken."""
    said = ""
    try:
        reader.read(path)
    except reader.refuses as e:
        said = str(e)
    except BaseException as e:
        e.add_note(f"{reader.name}: {name}")
        raise
    assert not said or (path.name if reader.names is None else reader.names) in said, name
    assert "Traceback" not in said, name
    return said


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@EACH
def test_what_is_right_is_read(reader: Reader, tmp_path: Path) -> None:
    assert held(reader, tmp_path, [("good", reader.written(reader.good))]) == 0


@EACH
def test_a_few_of_the_table(reader: Reader, tmp_path: Path) -> None:
    held(reader, tmp_path, spread(table(), 12))


@EACH
def test_a_folder_in_its_place(reader: Reader, tmp_path: Path) -> None:
    for beside, text in reader.prepared.items():
        (tmp_path / beside).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / beside).write_text(text)
    (tmp_path / reader.file).mkdir(parents=True)
    answer(reader, tmp_path / reader.file, "folder")


@pytest.mark.thorough
@EACH
def test_all_of_the_table(reader: Reader, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    cases = table()
    held(reader, tmp_path, cases)
    record_property(f"{COUNTED}hostile files", len(cases))


@pytest.mark.thorough
@EACH
def test_with_one_thing_of_it_changed(reader: Reader, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    if isinstance(reader.good, bytes):
        pytest.skip("a text without parts")
    cases = [(name, reader.written(document)) for name, document in inputs.spoiled(reader.good)]
    held(reader, tmp_path, cases)
    record_property(f"{COUNTED}hostile files", len(cases))
