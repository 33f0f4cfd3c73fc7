"""docs/components.md: its tables are what the code says, and its examples do what it says."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pulumi
import pytest

import stripe_components
from scripts.component_docs import TARGET, written
from stripe_components import amounts
from tests.docs.checkout import blocks
from tests.stack.program import Deployment, run

ROOT = Path(__file__).parents[2]
PAGE = TARGET.read_text()
(EXAMPLE,) = blocks("docs/components.md", "python")
(REFUSED,) = [text for language, text in re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.S | re.M) if not language]


def declared(folder: Path, program: str) -> Deployment:
    path = folder / "__main__.py"
    path.write_text(program)
    return run("dev", program=path)


def test_the_tables_are_not_stale() -> None:
    assert written(PAGE) == PAGE, "write them with `python -m scripts.component_docs`"


def test_the_amounts() -> None:
    functions = [f for f in (getattr(stripe_components, n) for n in stripe_components.__all__) if inspect.isfunction(f)]
    rows = dict(re.findall(r"^\| `(\w+\(.*?\))` \| (.*) \|$", PAGE, flags=re.M))
    assert sorted(rows.values()) == sorted(" ".join((f.__doc__ or "").split()) for f in functions)
    signatures = {
        name.partition("(")[0]: [
            p.partition("=")[0].lstrip("*") for p in name.partition("(")[2].rstrip(")").split(", ") if p != "*"
        ]
        for name in rows
    }
    assert signatures == {f.__name__: list(inspect.signature(f).parameters) for f in functions}
    assert amounts.flat in functions


def test_the_example(tmp_path: Path) -> None:
    deployment = declared(tmp_path, EXAMPLE)
    assert deployment.problems == []
    assert [d.name for d in deployment.declared if d.component] == ["free", "team"]
    assert deployment.of("Product", "team").inputs["metadata"] == {"entitlement_requests_per_minute": "600"}


def test_what_is_refused(tmp_path: Path) -> None:
    wrong = EXAMPLE.replace("flat(2000, eur=1800)", "flat(-1, eur=1800)").replace(', eur=[("inf", "0.025")]', "")
    with pytest.raises(pulumi.RunError) as refused:
        declared(tmp_path, wrong)
    assert str(refused.value) == REFUSED.rstrip("\n")
