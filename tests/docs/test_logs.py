"""docs/logs.md: its source is one, its rows are what it describes, and its commands run on them."""

from __future__ import annotations

import re
import shlex
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from stripe_sources import source
from stripe_sources.aggregates import Aggregate
from stripe_sources.aggregation import aggregate
from tests.docs.checkout import ROOT, blocks
from tests.stripe_impact.command import run
from tests.stripe_impact.previews import METER, PRICE, Change, text

PAGE = "docs/logs.md"
pytest.importorskip("ibis", reason="the extra scale is not installed: pip install 'pulumi-stripe-billing[scale]'")

DEARER = {**PRICE, "unit_amount": 5, "existing_subscriptions": "migrate"}
PREVIEW = text(
    Change("replace", "Price", "tokens", "price_old", PRICE, DEARER),
    Change("same", "Meter", "m", "mtr_1", METER, METER),
    streaming=True,
)


def of(language: str, which: int = 0) -> str:
    return blocks(PAGE, language)[which]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With the files that the page has."""
    (tmp_path / "usage.yaml").write_text(of("yaml"))
    (tmp_path / "tenants.csv").write_text(of("text"))
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "2026-11-01.ndjson").write_text(of("json"))
    return tmp_path


def test_what_it_says(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = list(aggregate(source.read(folder / "usage.yaml"), start=1793491200, end=1796083200))
    hour = 1793491200 + 10 * 3600
    assert found == [
        Aggregate("requests", "cus_1", hour, hour + 3600, Decimal(1), 1),
        Aggregate("tokens", "cus_1", hour, hour + 3600, Decimal(2000), 1),
    ]
    monkeypatch.chdir(folder)
    exec(of("python"), {})
    assert capsys.readouterr().out == ""


def test_a_price_change_on_the_logs(folder: Path) -> None:
    described = yaml.safe_load((folder / "usage.yaml").read_text())
    described["meters"] = {METER["event_name"]: described["meters"]["tokens"]}
    (folder / "usage.yaml").write_text(yaml.safe_dump(described))
    (command,) = [line for block in blocks(PAGE, "sh") for line in block.splitlines() if "--source" in line]
    options = [str(folder / word) if word.endswith(".yaml") else word for word in shlex.split(command)[4:]]
    done = run(folder, PREVIEW, *options)
    assert done.returncode == 0, done.stderr
    assert "2,000" in done.stdout or "0.80 USD" in done.stdout


def test_the_fields_are_those_of_the_schema() -> None:
    table = (ROOT / PAGE).read_text().partition("| field |")[2].partition("\n\n")[0]
    named = {name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert named == yaml.safe_load(source.SCHEMA.read_text())["properties"].keys()
