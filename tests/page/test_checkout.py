"""The page of a Checkout session as a customer sees and uses it, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.page.browser import Window, expect
from tests.stripe_local.guide import Guide, make_guide
from tests.stripe_local.server import LocalStripe


@pytest.fixture
def guide(server: LocalStripe) -> Guide:
    return make_guide(server.client(), product_data={"name": "Hypernian", "unit_label": "token"})


@pytest.fixture
def window(browser: Any, server: LocalStripe) -> Iterator[Window]:
    window = Window(browser, server.url, width=360, scheme="dark")
    yield window
    window.close()


def session(server: LocalStripe, guide: Guide, **more: Any) -> Any:
    done = f"{server.url}/?session={{CHECKOUT_SESSION_ID}}"
    params: Any = {"mode": "subscription", "line_items": [{"price": guide.price.id}], "success_url": done, **more}
    return guide.client.v1.checkout.sessions.create(params)


def test_somebody_subscribes_by_keyboard(server: LocalStripe, guide: Guide, window: Window) -> None:
    made = session(server, guide, cancel_url=f"{server.url}/#catalogue")
    page = window.page
    page.goto(made.url)
    expect(page.locator("#items")).to_contain_text("0.04 USD per 100 tokens, billed monthly")
    expect(page.locator("#items")).to_contain_text("Billed for what was used, at the end of each period.")
    expect(page.locator("#due")).to_have_text("0.00 USD")
    expect(page.get_by_role("link", name="Back")).to_have_attribute("href", f"{server.url}/#catalogue")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("E-mail").fill("jane@example.com")
    page.get_by_label("Name").fill("Jane <b>Roe</b>")
    page.keyboard.press("Enter")
    expect(page.locator("#customer-list")).to_contain_text("Jane <b>Roe</b>")
    assert page.url == f"{server.url}/?session={made.id}"
    assert guide.client.v1.checkout.sessions.retrieve(made.id).status == "complete"
    page.goto(made.url)
    expect(page.get_by_role("heading", name="You have subscribed")).to_be_visible()


@pytest.mark.thorough
def test_a_customer_that_is_there_is_not_asked_who_they_are_and_a_failure_is_said(
    server: LocalStripe, guide: Guide, window: Window
) -> None:
    made = session(server, guide, customer=guide.customer.id)
    page = window.page
    page.goto(made.url)
    expect(page.locator("#customer")).to_have_text("For John Doe")
    expect(page.get_by_label("E-mail")).to_be_hidden()
    guide.client.v1.checkout.sessions.expire(made.id)
    page.get_by_role("button", name="Subscribe").click()
    expect(page.locator("#trouble")).to_contain_text("has a status of `expired`")
    page.reload()
    expect(page.get_by_role("heading", name="This link has expired")).to_be_visible()
    page.goto(made.url[:-1])
    expect(page.get_by_role("heading", name="There is no such session")).to_be_visible()
    window.complaints[:] = [said for said in window.complaints if "Failed to load resource" not in said]  # a 400 and a 404
