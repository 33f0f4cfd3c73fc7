"""The local Stripe emptied, one Chromium for all, and windows in it that are checked as they close."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.page.browser import Window, chromium
from tests.stripe_local.server import LocalStripe

Opener = Callable[..., Any]


@pytest.fixture
def server(shared_server: LocalStripe) -> LocalStripe:
    shared_server.reset()
    return shared_server


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """For these tests only: while it is open, its event loop counts as running, and `asyncio.run` fails in the same process."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser: Any, server: LocalStripe) -> Iterator[Opener]:
    """`opened(width=360, scheme="dark")` is the page in a window of its own."""
    windows: list[Window] = []

    def opener(**options: Any) -> Any:
        windows.append(Window(browser, server.url, **options))
        return windows[-1].open()

    yield opener
    for window in windows:
        window.close()
