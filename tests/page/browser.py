"""A real Chromium, without a window, and a page in it that notes what must not happen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

try:
    from playwright.sync_api import expect, sync_playwright
except ImportError:
    expect = sync_playwright = None  # type: ignore[assignment]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ABSENT = "no Chromium found: apt-get install chromium, or `playwright install chromium`, or name one with CHROMIUM=/path"
ARGUMENTS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-lcd-text",
]
# Chosen so that a busy machine makes a test slow, and does not fail it.
PATIENCE = 60_000


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; skips where there is none. It has no sandbox, which root and containers cannot have: it opens our page only."""
    if sync_playwright is None:
        pytest.skip("Playwright is not installed: pip install -r requirements-dev.txt")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as started:
        found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
        path = found or started.chromium.executable_path
        if not os.path.exists(path):
            pytest.skip(ABSENT)
        browser = started.chromium.launch(executable_path=path, args=ARGUMENTS, timeout=3 * PATIENCE)
        yield browser
        browser.close()


class Window:
    """A page of its own, with what the console said and what was asked of whom. `close` asserts that all was in order."""

    def __init__(self, browser: Any, url: str, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        self.url = url
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
        )
        self.context.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page = self.context.new_page()
        self.page.on("console", lambda message: message.type in ("error", "warning") and self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.context.on("request", lambda request: self.asked.append(request.url))

    def open(self) -> Any:
        """The page, once it shows what the server has."""
        self.page.goto(self.url)
        expect(self.page.locator("#connection")).to_have_text("Live: updates by itself")
        return self.page

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []
        assert [url for url in self.asked if not url.startswith(f"{self.url}/")] == []
