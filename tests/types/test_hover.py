"""What an editor with Pyright shows of an argument, a key, an output and a class: what it is, from the one declaration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.resource_docs import field_texts
from stripe_components import PlanPrice, UsageBasedPlanArgs
from stripe_resources.register import KINDS
from tests.types.language_server import LanguageServer, Position

ARGUMENTS = {schema.kind: schema.arguments for schema, _ in KINDS.values()}
TEXTS = {
    **{kind: field_texts(arguments) for kind, arguments in ARGUMENTS.items()},
    "UsageBasedPlan": field_texts(UsageBasedPlanArgs),
}


@pytest.mark.parametrize("declaration", [*ARGUMENTS.values(), UsageBasedPlanArgs, PlanPrice], ids=lambda d: d.__name__)
def test_every_argument_says_what_it_is(declaration: type) -> None:
    silent = declaration.__annotations__.keys() - field_texts(declaration).keys()
    assert not silent, f"give each a docstring, which editors show: {', '.join(sorted(silent))}"


@pytest.fixture
def server(repository: Path, pyright: list[str]) -> Iterator[LanguageServer]:
    node, folder = pyright
    with LanguageServer([node, f"{folder}/langserver.index.js"], repository, repository / ".venv" / "bin" / "python") as server:
        yield server


NOT_SHOWN = {("UsageBasedPlan", "meters")}
"""Of which Pyright shows nothing, for a reason that is its own."""


def plain(text: str) -> str:
    """A text as it is in both Markdown and a docstring: its letters and digits."""
    return " ".join(re.findall(r"\w+", text.replace("\\_", "_")))


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_each_argument_shows_its_docstring(server: LanguageServer, repository: Path) -> None:
    lines = ["from stripe_components import UsageBasedPlan", f"from stripe_resources import {', '.join(ARGUMENTS)}"]
    places: dict[tuple[str, str], Position] = {}
    for kind, texts in TEXTS.items():
        lines.append(f'{kind}("x",')
        for name in texts:
            places[kind, name] = len(lines), 4
            lines.append(f"    {name}=None,")
        lines.append(")")
    program = repository / "every_argument.py"
    program.write_text("\n".join(lines) + "\n")
    server.open(program)
    shown = {(kind, name): server.hover(program, place) for (kind, name), place in places.items()}
    assert len(shown) > 250
    assert {(k, n) for (k, n), text in shown.items() if plain(TEXTS[k][n]) not in plain(text)} == NOT_SHOWN


PROGRAM = """\
from stripe_resources import Meter, Price, PriceArgs

meter = Meter("tokens", display_name="Tokens", event_name="tokens", default_aggregation={"formula": "sum"})
args: PriceArgs = {"currency": "usd", "unit_amount": 4, "recurring": {"interval": "month", "interval_count": 3}}
price = Price("tokens", **args)
print(meter.status, price.created, price.tax_behavior)
"""
"""What is pointed at below is the last of its name."""


@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("pointed", "shown"),
    [
        pytest.param("unit_amount", "Minor currency units per unit", id="a key of arguments"),
        pytest.param("interval_count", "At most three years in all.", id="a key inside"),
        pytest.param("status", "active or inactive", id="an output"),
        pytest.param("created", "Unix seconds, UTC.", id="another output"),
        pytest.param("tax_behavior", "Output[TaxBehavior]", id="an argument as an output"),
        pytest.param("Price(", "resource_name` is the name in the stack", id="a class that is called"),
        pytest.param("Meter,", "Counts the meter events of one", id="a class"),
    ],
)
def test_what_else_is_shown(server: LanguageServer, repository: Path, pointed: str, shown: str) -> None:
    program = repository / "pointed_at.py"
    program.write_text(PROGRAM)
    server.open(program)
    before = PROGRAM[: PROGRAM.rindex(pointed)]
    text = server.hover(program, (before.count("\n"), len(before) - before.rfind("\n") - 1))
    assert shown in text.replace("\\_", "_")
