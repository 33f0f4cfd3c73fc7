"""Resources may be called what a program wishes: names of every class of characters get through, or are refused by name."""

from __future__ import annotations

import json
import sys
import unicodedata

import pytest

from stripe_project.ci import report
from tests.e2e.project import Project
from tests.stripe_local.server import LocalStripe

NOT_SENT = ("Cs", "Cn")
"""Halves of characters, which no text in UTF-8 has, and what is no character yet."""


def of_every_class() -> dict[str, str]:
    """A name with a character of each of Unicode's general categories, by category."""
    found: dict[str, str] = {}
    for point in range(0x20, sys.maxunicode):
        category = unicodedata.category(chr(point))
        if category not in NOT_SENT and point > 0x7F:
            found.setdefault(category, f"a{chr(point)}b")
    return found


NAMES = {
    **of_every_class(),
    "slash": "a/b/c",
    "slashes": "/a//",
    "dollar and slash": "a$b/c",
    "colons": "a::b:c",
    "quotes": "a\"b'c`d",
    "markdown": "a|b*c_[d](http://x)<b>",
    "backslash": "a\\b\\n",
    "right to left": "\u05d0\u05d1\u202e\u0661",
    "nothing to see": "\u200b\u200d\ufeff\u2060",
    "joined": "e\u0301",
    "emoji": "\U0001f469\u200d\U0001f4bb",
    "blanks": " a b ",
    "percent": "a%00%s{0}",
    "NUL": "a\0b",
    "lines": "a\n + \tb",
    "long": "x" * 300,
}
UNSEEN = {"\u202e", "\u200b", "\u2028", "\0"}
PROGRAM = f"""
import json
from stripe_resources import Product

for name in json.loads({json.dumps(json.dumps(NAMES))}).values():
    Product(name, name="Product of a long name")
"""


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_names_of_every_class_get_through_to_stripe_and_back(project: Project, stripe_server: LocalStripe) -> None:
    project.program(PROGRAM)
    shown = project.run("preview", "--stack", project.stack).stdout
    assert "x" * 300 in shown
    assert not UNSEEN & set(shown)
    up = project.up()
    assert up.code == 0, up.text[-3000:]
    products = [p for page in [stripe_server.client().v1.products.list({"limit": 100})] for p in page.data]
    tags = {(p.metadata or {})["pulumi_resource"] for p in products}
    assert tags == {f"hypernian/dev/Product/{name}" for name in NAMES.values()}
    again = project.up()
    assert (again.code, again.steps) == (0, []), again.text[-3000:]
    names = {
        r["urn"].partition("::pulumi-python:dynamic/stripe:Product::")[2] for r in project.state()["deployment"]["resources"]
    }
    assert names - {""} == set(NAMES.values())
    comment = report.comment("hypernian", [report.Preview("dev", {"create": 1}, [], "\n".join(NAMES.values()), "")])
    assert not UNSEEN & set(comment)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "says"),
    [(r"a\ud800b", "the resource's name: give a string of whole characters"), ("x" * 600, "")],
    ids=["half of a character", "very long"],
)
def test_what_cannot_get_through_is_refused_in_a_few_lines(name: str, says: str, project: Project) -> None:
    project.program(f'from stripe_resources import Product\n\nProduct("{name}", name="x")\n')
    up = project.up()
    assert up.code != 0, up.text[-2000:]
    assert says in up.text
    assert "Traceback" not in up.text, up.text[-3000:]
    assert up.text.count("\n") < 40
