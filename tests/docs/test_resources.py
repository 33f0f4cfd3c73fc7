"""docs/resources.md is what the declarations say, and says all of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import is_typeddict

import pytest

from scripts.resource_docs import all_nested, field_texts
from stripe_resources.register import KINDS, Schema

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "resources.md").read_text()
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^##+ ", REFERENCE, flags=re.M)}
DECLARATIONS = {token: schema.arguments for token, (schema, _) in KINDS.items()}


def script(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.resource_docs", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_not_stale() -> None:
    done = script(ROOT, "--check")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.thorough
def test_a_stale_one_is_noticed_and_written_anew(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "docs").mkdir()
    for name in ("__init__.py", "generated.py", "resource_docs.py"):
        shutil.copy(ROOT / "scripts" / name, tmp_path / "scripts")
    stale = tmp_path / "docs" / "resources.md"
    stale.write_text(REFERENCE.replace("**required**", "optional", 1))
    done = script(tmp_path, "--check")
    assert (done.returncode, done.stderr) == (1, "resources.md is stale; write it with `python -m scripts.resource_docs`\n")
    assert script(tmp_path).returncode == 0
    assert stale.read_text() == REFERENCE


@pytest.mark.parametrize("schema", [schema for schema, _ in KINDS.values()], ids=lambda s: s.kind)
def test_every_field_output_and_left_out_parameter_has_its_row(schema: Schema) -> None:
    section = SECTIONS[schema.kind]
    first_cells = re.findall(r"^\| `([\w.]+)`", section, flags=re.M)
    left_out = [*schema.left_out, *schema.creation_only]
    assert first_cells == [*schema.fields, *schema.computed, *left_out]
    assert len(re.findall("^\\*\\*Deleting it\\*\\*: .{10,}", section, flags=re.M)) == 1


def test_every_nested_object_is_listed_once() -> None:
    classes = all_nested(DECLARATIONS.values())
    headings = re.findall(r"^### (\w+)$", REFERENCE, flags=re.M)
    assert headings == [class_.__name__ for class_ in classes]
    modules = [module for name, module in sys.modules.items() if name.startswith("stripe_resources.")]
    defined = {x for m in modules for x in vars(m).values() if is_typeddict(x) and x.__module__.startswith("stripe_resources.")}
    assert defined == {*classes, *DECLARATIONS.values()}


def test_what_the_declarations_say_of_a_field_is_in_it() -> None:
    texts = [t for class_ in (*DECLARATIONS.values(), *all_nested(DECLARATIONS.values())) for t in field_texts(class_).values()]
    assert len(texts) > 15
    assert [t for t in texts if t.replace("|", "\\|") not in REFERENCE] == []


def test_links_lead_somewhere() -> None:
    headings = {heading.lower() for heading in re.findall(r"^##+ (\w+)$", REFERENCE, flags=re.M)}
    assert set(re.findall(r"\(#([\w-]+)\)", REFERENCE)) <= headings
    for path in re.findall(r"\]\((\.\.[^)]+)\)", REFERENCE):
        assert (ROOT / "docs" / path).exists()
