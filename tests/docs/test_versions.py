"""docs/versions.md, SECURITY.md and CHANGELOG.md: the numbers are the package's, and what they link to exists."""

from __future__ import annotations

import re
import tomllib

import pytest
import stripe

import pulumi_local
from tests.docs.checkout import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PAGE = (ROOT / "docs" / "versions.md").read_text()
ROWS = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", PAGE, re.M))


def test_python() -> None:
    versions = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)]
    assert ROWS["Python"] == f"{versions[0]} to {versions[-1]}"
    assert PROJECT["requires-python"] == f">={versions[0]}"


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("Pulumi SDK (`pulumi`)", "pulumi"),
        ("Pulumi's policy SDK (`pulumi-policy`)", "pulumi-policy"),
        ("Stripe's SDK (`stripe`)", "stripe"),
    ],
)
def test_lower_bounds(row: str, name: str) -> None:
    declared = [*PROJECT["dependencies"], *(d for extra in PROJECT["optional-dependencies"].values() for d in extra)]
    [bounds] = [d.removeprefix(f"{name}>=") for d in declared if d.startswith(f"{name}>=")]
    assert ROWS[row] == " and newer, below ".join(bounds.split(",<")) + ("" if "," in bounds else " and newer")


def test_stripe_s_api_is_that_of_the_pinned_sdk() -> None:
    assert f"`{stripe.api_version}`" in ROWS["Stripe's API"]
    assert f"with {'.'.join(stripe.VERSION.split('.')[:2])} this is" in ROWS["Stripe's API"]


def test_the_engine_that_was_traced() -> None:
    assert f"traces of {pulumi_local.CLI_VERSION} " in PAGE


@pytest.mark.parametrize("name", ["docs/versions.md", "SECURITY.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name: str) -> None:
    path = ROOT / name
    for link in re.findall(r"\]\((?!https:)([^)]+)\)", path.read_text()):
        target, _, anchor = link.partition("#")
        headings = re.findall(r"^#+ (.+)$", (path.parent / target).read_text(), re.M)
        slugs = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
        assert not anchor or anchor in slugs, link
