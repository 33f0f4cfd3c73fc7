"""The site as it is built, in a real browser too: no dead link, a way back from every page, nothing from elsewhere."""

from __future__ import annotations

import functools
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest

from scripts.site import API, pages
from stripe_resources.register import KINDS
from tests.docs.checkout import ROOT
from tests.page.browser import Window, chromium

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(900)]

PYTHON = ROOT / ".local" / "docs-venv" / "bin" / "python"
PHONE, DESKTOP = (390, 844), (1400, 900)
HERE = "http://site/"


@dataclass
class Page(HTMLParser):
    """What a page of the site links to, loads, and can be linked to at."""

    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value for name, value in attrs if value is not None}
        self.ids |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag == "link" and found.get("rel") != "canonical" and "href" in found:
            self.loaded.append(found["href"])
        elif "src" in found:
            self.loaded.append(found["src"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not PYTHON.exists():
        pytest.skip("what builds the site is not installed: make docs")
    target = tmp_path_factory.mktemp("site")
    done = subprocess.run([PYTHON, "-m", "scripts.site", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return target


@pytest.fixture(scope="module")
def site(folder: Path) -> dict[str, Page]:
    """Every page of it, by its path."""
    found = {}
    for path in folder.rglob("*.html"):
        page = Page()
        page.feed(path.read_text())
        found[path.relative_to(folder).as_posix()] = page
    return found


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """The site, served as any web server would."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


def led_to(path: str, target: str) -> tuple[str, str] | None:
    """The path on the site and the anchor that a link on a page leads to; None where it leads elsewhere."""
    url, anchor = urldefrag(urljoin(f"{HERE}{path}", target))
    if not url.startswith(HERE):
        return None
    found = unquote(urlsplit(url).path).lstrip("/")
    return (f"{found}index.html" if found == "" or found.endswith("/") else found), unquote(anchor)


def test_every_page_is_there(site: dict[str, Page]) -> None:
    assert set(site) >= {f"{name}.html" for name in pages().values()}
    assert set(site) >= {f"api/{module}.html" for module in API} | {"search.html"}


def test_no_link_is_dead(site: dict[str, Page], folder: Path) -> None:
    dead = []
    for path, page in site.items():
        for target in (*page.links, *page.loaded):
            found = led_to(path, target)
            if found is None:
                continue
            file, anchor = found
            if not (folder / file).is_file() or (anchor and file in site and anchor not in site[file].ids):
                dead.append((path, target))
    assert dead == []


def test_every_page_leads_back_to_the_first_which_leads_to_every_page(site: dict[str, Page]) -> None:
    lead = {path: {found[0] for link in page.links if (found := led_to(path, link))} for path, page in site.items()}
    assert [path for path in site if "index.html" not in lead[path] and path != "index.html"] == []
    reached, new = {"index.html"}, {"index.html"}
    while new:
        new = {other for path in new for other in lead.get(path, ())} - reached
        reached |= new
    assert set(site) - reached <= {"search.html", "genindex.html", "py-modindex.html"}


def test_nothing_is_loaded_from_elsewhere(site: dict[str, Page]) -> None:
    loaded = {(path, target) for path, page in site.items() for target in page.loaded if not target.startswith("data:")}
    assert len(loaded) > len(site)
    assert [(path, target) for path, target in loaded if led_to(path, target) is None] == []


def test_no_link_to_a_file_of_the_repository_is_relative(site: dict[str, Page]) -> None:
    assert [(p, link) for p, page in site.items() for link in page.links if link.endswith((".md", ".py"))] != []
    assert [
        (p, link) for p, page in site.items() for link in page.links if link.endswith((".md", ".py")) and led_to(p, link)
    ] == []


def test_every_resource_has_its_reference(folder: Path) -> None:
    text = (folder / "api" / "stripe_resources.html").read_text()
    for schema, _ in KINDS.values():
        assert f'id="stripe_resources.{schema.kind}"' in text
        assert f'id="stripe_resources.{schema.kind}Args"' in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", ["", "tutorial.html", "resources/price.html", "api/stripe_resources.html", "do.html"])
def test_it_fits_the_screen(address: str, browser: Any, path: str, size: tuple[int, int], scheme: str) -> None:
    window = Window(browser, address, *size, scheme=scheme)
    page = window.page
    page.goto(f"{address}/{path}")
    assert page.locator("html").get_attribute("data-theme") == scheme
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    channels = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)")
    assert (max(channels) < 80) == (scheme == "dark")
    window.close()


def test_a_table_of_fields_needs_no_scrolling_on_a_desktop(address: str, browser: Any) -> None:
    window = Window(browser, address, *DESKTOP)
    window.page.goto(f"{address}/resources/price.html")
    assert window.page.locator("#fields table").count() == 1
    assert window.page.evaluate(
        "[...document.querySelectorAll('table')].every(t => t.parentElement.scrollWidth <= t.parentElement.clientWidth + 1)"
    )
    window.close()


def test_a_field_is_found_by_its_name(address: str, browser: Any) -> None:
    window = Window(browser, address, *DESKTOP)
    window.page.goto(f"{address}/search.html?q=existing_subscriptions")
    found = window.page.locator("ul.search a", has_text="Price").first
    found.wait_for()
    hrefs = window.page.locator("ul.search a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    assert any("resources/price.html" in href for href in hrefs)
    window.close()


def test_a_phone_gets_around_by_the_menu(address: str, browser: Any) -> None:
    window = Window(browser, address, *PHONE)
    page = window.page
    page.goto(f"{address}/resources/price.html")
    assert not page.get_by_role("link", name="Understand").is_visible()
    page.locator("button.primary-toggle").click()
    page.get_by_role("link", name="Understand").click()
    page.wait_for_url("**/understand.html")
    page.locator(".navbar-brand").first.click()
    page.wait_for_url(f"{address}/index.html")
    window.close()
