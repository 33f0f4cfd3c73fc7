"""docs/resources.md and the pages below it are what the declarations say, and say all of it; their examples are deployed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import is_typeddict

import pytest

from scripts.resource_docs import all_nested, field_texts, page
from stripe_resources.register import KINDS, Schema
from stripe_resources.testing import run
from tests.docs.checkout import ROOT, blocks
from tests.e2e.project import Project
from tests.stripe_local.server import LocalStripe

DOCS = ROOT / "docs"
PAGES = {path.name: path.read_text() for path in (DOCS / "resources").glob("*.md")}
SCHEMAS = [schema for schema, _ in KINDS.values()]
DECLARATIONS = [schema.arguments for schema in SCHEMAS]
EACH_KIND = pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.kind)


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


def test_there_is_no_page_of_what_is_no_kind() -> None:
    assert set(PAGES) == {Path(page(schema.kind)).name for schema in SCHEMAS} | {"shared-objects.md"}


@pytest.mark.thorough
def test_a_stale_one_is_noticed_and_written_anew(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copytree(DOCS, tmp_path / "docs")
    for name in ("__init__.py", "generated.py", "resource_docs.py"):
        shutil.copy(ROOT / "scripts" / name, tmp_path / "scripts")
    stale = tmp_path / "docs" / "resources" / "price.md"
    stale.write_text(PAGES["price.md"].replace("**required**", "optional", 1))
    (tmp_path / "docs" / "resources" / "meter.md").unlink()
    done = script(tmp_path, "--check")
    assert (done.returncode, done.stderr) == (1, "meter.md, price.md: stale; write with `python -m scripts.resource_docs`\n")
    assert script(tmp_path).returncode == 0
    assert stale.read_text() == PAGES["price.md"]
    assert script(tmp_path, "--check").returncode == 0


@EACH_KIND
def test_the_example_declares_one_and_a_preview_refuses_nothing(schema: Schema, tmp_path: Path) -> None:
    deployment = run("dev", example(schema, tmp_path))
    assert deployment.problems == []
    assert deployment.declared[-1].kind == schema.kind


@pytest.mark.thorough
@EACH_KIND
def test_the_example_is_deployed(schema: Schema, tmp_path: Path, shared_server: LocalStripe) -> None:
    shared_server.reset()
    project = Project("local", tmp_path, shared_server.url)
    example(schema, tmp_path)
    done = project.up()
    assert done.code == 0, done.text
    assert project.preview().steps == []


def example(schema: Schema, folder: Path) -> Path:
    """Makes the example of a page the program of a folder's project."""
    (program,) = blocks(f"docs/{page(schema.kind)}", "python")
    (folder / "__main__.py").write_text(program)
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml"):
        if not (folder / name).exists():
            shutil.copy(ROOT / name, folder)
    return folder


@EACH_KIND
def test_every_field_output_and_left_out_parameter_has_its_row(schema: Schema) -> None:
    text = PAGES[Path(page(schema.kind)).name].partition("## Nested objects")[0]
    first_cells = re.findall(r"^\| `([\w.]+)`", text, flags=re.M)
    left_out = [*schema.left_out, *schema.creation_only]
    assert first_cells == [*schema.fields, *schema.computed, *left_out]
    assert len(re.findall("^## Deleting it\n\n.{10,}", text, flags=re.M)) == 1


def test_every_nested_object_is_listed_once() -> None:
    classes = all_nested(DECLARATIONS)
    headings = re.findall(r"^### (\w+)$", "".join(PAGES.values()), flags=re.M)
    headings += re.findall(r"^## (\w+)$", PAGES["shared-objects.md"], flags=re.M)
    assert sorted(headings) == sorted(class_.__name__ for class_ in classes)
    modules = [module for name, module in sys.modules.items() if name.startswith("stripe_resources.")]
    defined = {x for m in modules for x in vars(m).values() if is_typeddict(x) and x.__module__.startswith("stripe_resources.")}
    assert defined == {*classes, *DECLARATIONS}


def test_what_the_declarations_say_of_a_field_is_in_it() -> None:
    said = "".join(PAGES.values()).replace("](../", "](")
    texts = [t for class_ in (*DECLARATIONS, *all_nested(DECLARATIONS)) for t in field_texts(class_).values()]
    assert len(texts) > 15
    assert [t for t in texts if t.replace("|", "\\|") not in said] == []
