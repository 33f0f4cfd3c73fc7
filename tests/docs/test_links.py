"""Every link in every page leads to a file that there is, and to a heading of it; every page is found from docs/index.md."""

from __future__ import annotations

import re
from collections import Counter
from os.path import normpath
from pathlib import Path

import pytest
from pygments.lexers import get_all_lexers

from scripts.site import REPOSITORY, SITE, anchors, links, on_the_site, pages, sections
from tests.docs.checkout import NOT_COPIED, ROOT

FOLDERS = [path for path in ROOT.iterdir() if path.is_dir() and path.name not in {*NOT_COPIED, "node_modules"}]
FILES = sorted(path for folder in (*FOLDERS, ROOT / "tests") for path in folder.rglob("*.md") if "node_modules" not in path.parts)
ALL = sorted(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *FILES))


@pytest.mark.parametrize("path", ALL)
def test_every_link_leads_somewhere(path: str) -> None:
    dead = []
    for target in links((ROOT / path).read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        wanted, _, anchor = target.partition("#")
        file = ROOT / (normpath(f"{Path(path).parent}/{wanted}") if wanted else path)
        if not file.exists() or (anchor and anchor not in anchors(file.read_text())):
            dead.append(target)
    assert dead == []


def test_every_code_block_is_in_a_language_that_the_site_can_colour() -> None:
    """A language that Pygments does not know is a warning, with which no site is built."""
    known = {alias for _, aliases, _, _ in get_all_lexers() for alias in aliases}
    fences = {(path, name) for path in ALL for name in re.findall(r"^ *```(\w+)$", (ROOT / path).read_text(), re.M)}
    assert len(fences) > 50
    assert sorted((path, name) for path, name in fences if name not in known) == []


def test_every_page_is_in_one_list_or_below_a_page_that_is() -> None:
    listed = Counter(
        normpath(f"docs/{target}") for body in sections().values() for target in links(body) if not target.startswith(SITE)
    )
    assert [path for path, times in listed.items() if times > 1] == []
    above = {path for path in pages() if path.startswith(("docs/resources/", "docs/decisions/"))}
    assert {path for path in pages() if path != "docs/index.md"} - above == set(listed) - {"docs/decisions"}
    assert set(links((ROOT / "docs/resources.md").read_text())) >= {
        path.removeprefix("docs/") for path in above if path.startswith("docs/resources/")
    }


@pytest.mark.parametrize(
    ("written", "moved"),
    [
        ("[a](crashes.md)", "[a](crashes.md)"),
        ("[a](../README.md#more)", "[a](readme.md#more)"),
        ("[a](../examples/README.md)", "[a](examples.md)"),
        ("[a](decisions)", "[a](decisions/index.md)"),
        ("[a](decisions/0005-idempotency.md)", "[a](decisions/0005-idempotency.md)"),
        ("[`a`](../__main__.py)", f"[`a`]({REPOSITORY}/blob/main/__main__.py)"),
        ("[a](../tests/rooms)", f"[a]({REPOSITORY}/tree/main/tests/rooms)"),
        ("![a](images/page-usage.png)", "![a](images/page-usage.png)"),
        (f"[a]({SITE}api/)", "[a](api/index.md)"),
        ("[a](#a) [b](https://example.com/b.md)", "[a](#a) [b](https://example.com/b.md)"),
        ("`[a](x.md)`\n```\n[a](x.md)\n```\n", "`[a](x.md)`\n```\n[a](x.md)\n```\n"),
    ],
)
def test_a_link_on_the_site(written: str, moved: str) -> None:
    assert on_the_site(written, "docs/tutorial.md", "tutorial") == moved


def test_a_dead_link_stops_the_site() -> None:
    with pytest.raises(SystemExit, match=r"^docs/tutorial.md: the link to nowhere.md leads nowhere$"):
        on_the_site("[a](nowhere.md)", "docs/tutorial.md", "tutorial")


def test_anchors() -> None:
    text = "# A page's title\n## `code`, and [a link](x.md)\n```sh\n# no heading\n```\n## Twice\n### Twice\n"
    assert anchors(text) == {"a-pages-title", "code-and-a-link", "twice", "twice-1"}
