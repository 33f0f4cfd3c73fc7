"""The page at `/` as somebody sees and uses it, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.page.browser import expect
from tests.page.conftest import Opener
from tests.stripe_local.guide import Guide, make_guide
from tests.stripe_local.server import LocalStripe

PRODUCT = {"name": "Hypernian", "unit_label": "token"}


@pytest.fixture
def guide(server: LocalStripe) -> Guide:
    return make_guide(server.client(), product_data=PRODUCT)


def test_an_empty_store_says_what_to_do_first_and_fills_by_itself(server: LocalStripe, opened: Opener) -> None:
    page = opened()
    expect(page.locator("#start")).to_contain_text("make up")
    expect(page.locator("#start-command")).to_contain_text(f"{server.url}/v1/products")
    make_guide(server.client(), product_data=PRODUCT)
    expect(page.locator("#products")).to_contain_text("0.04 USD per 100 tokens, billed monthly")
    expect(page.locator("#meters")).to_contain_text("the sum of the events' values")
    expect(page.locator("#customer-list")).to_contain_text("John Doe")
    expect(page.locator("#start")).to_be_hidden()


def test_an_event_changes_chart_and_invoice_without_a_reload(guide: Guide, opened: Opener) -> None:
    page = opened()
    expect(page.locator("#upcoming .amount")).to_contain_text("0.00 USD")
    assert page.locator(".chart rect").count() == 0
    page.evaluate("window.same = true")
    guide.use(3025)
    expect(page.locator("#upcoming .amount")).to_contain_text("1.24 USD")
    expect(page.locator("#upcoming .lines")).to_contain_text("3,025 tokens → 31 packages of 100 × 0.04 USD")
    expect(page.locator(".chart rect")).to_have_count(1)
    expect(page.get_by_role("img", name="Bar chart: Hypernian tokens by day. 3,025 in all.")).to_be_visible()
    expect(page.locator("#announcements")).to_have_text("Upcoming invoice: 1.24 USD.")
    page.get_by_text("The figures as a table").click()
    expect(page.get_by_role("table", name="Hypernian tokens by day")).to_contain_text("3,025")
    guide.use(75)
    expect(page.get_by_role("table", name="Hypernian tokens by day")).to_contain_text("3,100")
    page.get_by_label("by hour").check()
    expect(page.get_by_role("img", name="Bar chart: Hypernian tokens by hour. 3,100 in all.")).to_be_visible()
    assert page.evaluate("window.same")


def test_usage_and_invoice_of_one_customer(server: LocalStripe, guide: Guide, opened: Opener) -> None:
    other = guide.client.v1.customers.create({"name": "Jane Roe"})
    guide.client.v1.subscriptions.create({"customer": other.id, "items": [{"price": guide.price.id}]})
    guide.use(100)
    guide.use(250, customer=other.id)
    page = opened()
    expect(page.locator("#charts")).to_contain_text("350 in all")
    page.get_by_role("button", name="Show John Doe").click()
    expect(page.locator("#charts")).to_contain_text("100 in all")
    expect(page.locator("#upcoming .amount")).to_contain_text("0.04 USD")
    page.locator("#invoice-subscription").select_option(label="Jane Roe: Hypernian")
    expect(page.locator("#upcoming .amount")).to_contain_text("0.12 USD")


def test_a_failed_request_is_shown_with_its_reason(server: LocalStripe, guide: Guide, opened: Opener) -> None:
    page = opened()
    with pytest.raises(stripe.InvalidRequestError):
        guide.client.v1.products.update("prod_unknown", {"name": "X"})
    row = page.locator("#request-list tbody tr").first
    expect(row).to_contain_text("404")
    expect(row).to_contain_text("No such product: 'prod_unknown'")
    expect(page.locator("#announcements")).to_contain_text("1 failed: POST /v1/products/prod_unknown, 404.")
    page.get_by_label("only those that went wrong").check()
    expect(page.locator("#request-list tbody tr")).to_have_count(1)
    assert not [one for one in server.requests() if one["path"].startswith("/_local") or one["path"] == "/"], (
        "watching leaves no trace"
    )


def test_clock_and_faults_by_keyboard_alone(server: LocalStripe, guide: Guide, opened: Opener) -> None:
    page = opened()
    before = server.clock()
    tab_to(page, "+ 31 days")
    page.keyboard.press("Enter")
    expect(page.locator("#issued")).to_contain_text("paid")
    expect(page.locator("#offset")).to_have_text("31 days ahead of real time")
    assert server.clock() - before >= 31 * 86400
    tab_to(page, "Real time")
    page.keyboard.press("Space")
    expect(page.locator("#offset")).to_have_text("real time")

    tab_to(page, "What happens")
    page.keyboard.type("429")
    page.keyboard.press("Tab")
    page.keyboard.type("prices")
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#fault-list")).to_contain_text("3 to come")
    assert [(one["match"], one["status"]) for one in server.faults()] == [({"path": "/v1/prices"}, 429)]
    assert server.http("GET", "/v1/prices").status_code == 429
    expect(page.locator("#fault-list")).to_contain_text("2 to come")
    tab_to(page, "Call all faults off")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", "the focus can be seen"
    page.keyboard.press("Enter")
    expect(page.locator("#fault-list")).to_be_empty()
    assert server.faults() == []


def tab_to(page: Any, name: str) -> None:
    """Press Tab until the control of that name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(e => (e.labels?.[0] ?? e).textContent.trim())(document.activeElement)").startswith(name):
            return
    raise AssertionError(f"{name} cannot be reached by keyboard")


@pytest.mark.thorough
def test_focus_and_opened_details_outlive_an_update(guide: Guide, opened: Opener) -> None:
    page = opened()
    page.get_by_role("button", name="Show John Doe").focus()
    guide.client.v1.customers.create({"name": "Jane Roe"})
    expect(page.locator("#customer-list")).to_contain_text("Jane Roe")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Show John Doe"


def test_names_are_text_never_html(server: LocalStripe, opened: Opener) -> None:
    name = "<img src=x onerror=\"document.title='owned'\"><b>Tokens</b>"
    make_guide(server.client(), product_data={"name": name})
    page = opened()
    expect(page.locator("#products")).to_contain_text(name)
    assert page.locator("img, main b").count() == 0
    assert page.title() == "Local Stripe"


def test_a_phone_shows_all_without_scrolling_sideways(server: LocalStripe, guide: Guide, opened: Opener) -> None:
    guide.use("123456789012345")
    guide.client.v1.products.create({"name": "Averylongnamewithoutanyspaceinit" * 3, "id": "a" * 60})
    guide.client.v1.customers.create({"name": "John", "email": f"{'long' * 15}@example.com"})
    server.fault(match={"path": "/v1/subscriptions"}, status=503)
    page = opened(width=360, height=740)
    expect(page.locator("#fault-list")).to_contain_text("503")
    beyond = "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > 361).map(e => e.outerHTML)"
    assert page.evaluate(beyond) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360


# Every element that has text of its own, against the nearest background; https://www.w3.org/TR/WCAG22/#contrast-minimum
CONTRAST = """() => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = (rgb) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => sum + weight * linear(rgb[i] / 255), 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = parts(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3]) return colour;
    }
    return [255, 255, 255];
  };
  const found = {};
  for (const e of document.querySelectorAll("body *")) {
    const hasText = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    if (!hasText || !e.checkVisibility() || e.matches(".hidden, .skip, :disabled, title, option")) continue;
    const style = getComputedStyle(e);
    const text = light(parts(e instanceof SVGElement ? style.fill : style.color)), back = light(ground(e));
    const ratio = (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05);
    if (ratio < 4.5) found[`${e.tagName}.${e.className} ${e.textContent.slice(0, 30)}`] = ratio;
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(server: LocalStripe, guide: Guide, opened: Opener, scheme: str) -> None:
    guide.use(25)
    server.fault(status=503)
    assert server.http("GET", "/v1/prices").status_code == 503
    page = opened(scheme=scheme)
    expect(page.locator("#request-list .error")).to_be_visible()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]")
    assert (ground < 60) == (scheme == "dark")
    assert page.evaluate(CONTRAST) == {}
