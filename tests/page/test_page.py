"""The page at `/` as somebody sees and uses it, in a real browser."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.hostile.names import NAMES
from tests.page.browser import Window, expect
from tests.page.conftest import Opener
from tests.stripe_local.guide import METER, Guide, make_guide
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


TIERS: list[dict[str, Any]] = [
    {"up_to": 1000, "unit_amount_decimal": "0.16", "flat_amount": 900},
    {"up_to": "inf", "unit_amount_decimal": "0.12"},
]
GRADUATED: dict[str, Any] = {
    "billing_scheme": "tiered",
    "tiers_mode": "graduated",
    "unit_amount": None,
    "transform_quantity": None,
}


def test_a_tiered_invoice_is_explained_down_to_the_usage_by_day(server: LocalStripe, opened: Opener) -> None:
    guide = make_guide(server.client(), product_data=PRODUCT, tiers=TIERS, **GRADUATED)
    guide.use(1504)
    page = opened()
    lines = page.locator("#upcoming .lines")
    expect(lines).to_contain_text("1,000 tokens × 0.0016 USD (tier 1: 1 to 1,000)")
    expect(lines).to_contain_text("9.00 USD flat (tier 1: 1 to 1,000)")
    expect(lines).to_contain_text("504 tokens × 0.0012 USD (tier 2: 1,001 and more) = 0.6048 USD, rounded to 0.60 USD")
    page.locator("#upcoming").get_by_text("The usage by day").click()
    expect(page.get_by_role("table", name="Usage by day")).to_contain_text("1,504")


def test_lines_with_the_same_name_can_be_told_apart(server: LocalStripe, opened: Opener) -> None:
    client = server.client()
    product = client.v1.products.create({"name": "Seats"}).id
    prices = [
        client.v1.prices.create(
            {"currency": "usd", "unit_amount": 2000, "recurring": {"interval": "month"}, "product": product, **more}
        ).id
        for more in ({"lookup_key": "seats_team"}, {"lookup_key": "seats_guests"}, {})  # type: ignore[dict-item]
    ]
    customer = client.v1.customers.create({"name": "Jane Roe"}).id
    items = [{"price": id} for id in prices]
    client.v1.subscriptions.create(
        {"customer": customer, "items": items, "collection_method": "send_invoice", "days_until_due": 30}  # type: ignore[typeddict-item]
    )
    page = opened()
    for lines in (page.locator("#upcoming .lines"), page.locator("#opened .lines")):
        for price in ("seats_team", "seats_guests", prices[2]):
            expect(lines).to_contain_text(price)
        if not page.locator("#opened .lines").count():
            page.locator("#issued button").click()


def test_usage_that_is_not_on_the_invoice_is_named_with_the_reason(server: LocalStripe, guide: Guide, opened: Opener) -> None:
    began = guide.subscription.start_date
    other = guide.client.v1.customers.create({"name": "Jane Roe"}).id
    unsold: Any = {**METER, "display_name": "Images", "event_name": "images"}
    guide.client.v1.billing.meters.create(unsold)
    guide.use(25)
    guide.use(7, timestamp=began - 3600)
    guide.use(11, customer=other)
    guide.client.v1.billing.meter_events.create(
        {"event_name": "images", "payload": {"stripe_customer_id": guide.customer.id, "value": "3"}}
    )
    page = opened()
    page.get_by_role("button", name="Show John Doe").click()
    elsewhere = page.locator("#upcoming .elsewhere")
    expect(elsewhere).to_contain_text("when the subscription began: nobody bills it")
    said = elsewhere.locator("li").all_text_contents()
    assert [line.split(",")[0] for line in said] == ["3 Images", "7 Hypernian tokens", "11 Hypernian tokens"]
    assert said[0].endswith("on a meter that no price of this customer's subscriptions bills by")
    assert said[2].endswith("by other customers in the same time")


def test_a_past_invoice_opens_and_names_usage_that_came_too_late(server: LocalStripe, guide: Guide, opened: Opener) -> None:
    guide.use(3025)
    server.clock(advance=32 * 86400)
    final = guide.invoices()[-1]
    assert final.status == "open"
    guide.use(75, timestamp=final.period_end - 60)
    page = opened()
    page.get_by_role("button", name=final.number).click()
    shown = page.locator("#opened")
    expect(shown).to_contain_text("3,025 tokens → 31 packages of 100 × 0.04 USD")
    expect(shown).to_contain_text("75 Hypernian tokens, counted after the invoice was final: nobody bills it")
    expect(page.get_by_role("button", name=final.number)).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name=final.number).click()
    expect(shown).to_be_empty()


def test_a_share_of_a_period_is_explained(server: LocalStripe, guide: Guide, opened: Opener) -> None:
    client, now = guide.client, server.clock()
    seat = client.v1.prices.create(
        {"currency": "usd", "unit_amount": 2000, "recurring": {"interval": "month"}, "product_data": {"name": "Seats"}}
    )
    anchor = now + 10 * 86400
    customer = client.v1.customers.create({"name": "Jane Roe"}).id
    sent: dict[str, Any] = {"collection_method": "send_invoice", "days_until_due": 30, "billing_cycle_anchor": anchor}
    made = client.v1.subscriptions.create({"customer": customer, "items": [{"price": seat.id}], **sent})
    (line,) = client.v1.invoices.retrieve(str(made.latest_invoice)).lines.data
    page = opened()
    page.locator("#invoice-subscription").select_option(label="Jane Roe: Seats")
    page.locator("#issued button").click()
    shown = page.locator("#opened .lines")
    expect(shown).to_contain_text(re.compile(r"\d of [\d,]+ (days|seconds) × 20\.00 USD"))
    expect(shown).to_contain_text(f"{line.amount / 100:.2f} USD")


def test_the_requests_of_a_run_are_together(server: LocalStripe, guide: Guide, opened: Opener) -> None:
    assert server.http("GET", "/v1/products/none", headers={"User-Agent": "Shop/1.0"}).status_code == 404
    page = opened()
    newest = page.locator("#request-list details.run").first
    expect(newest.locator("summary").first).to_contain_text("Shop/1.0: 1 request, 1 failed")
    newest.locator("summary").first.click()
    guide.use(1)
    expect(page.locator("#request-list details.run").first.locator("summary").first).not_to_contain_text("Shop/1.0")
    closed = page.locator("#request-list details.run").nth(1)
    assert closed.evaluate("e => e.open") is False, "what was closed stays closed"


def test_the_hours_below_the_chart_do_not_overlap(server: LocalStripe, guide: Guide, opened: Opener) -> None:
    guide.use(25)
    for width in (360, 700, 1280):
        page = opened(width=width)
        page.get_by_label("by hour").check()
        expect(page.get_by_role("img", name="Bar chart: Hypernian tokens by hour. 25 in all.")).to_be_visible()
        boxes = page.evaluate(
            "[...document.querySelectorAll('.chart text[text-anchor=middle]')].map(e => e.getBoundingClientRect())"
            ".map(b => [b.left, b.right]).sort((a, b) => a[0] - b[0])"
        )
        assert len(boxes) >= 2
        assert all(left[1] < right[0] for left, right in pairwise(boxes)), boxes


def test_the_page_says_when_the_server_is_gone_and_goes_on_when_it_is_back(tmp_path: Path, browser: Any) -> None:
    with LocalStripe(tmp_path / "stripe.db") as server:
        make_guide(server.client(), product_data=PRODUCT)
        window = Window(browser, server.url)
        page = window.open()
        expect(page.locator("#products")).to_contain_text("0.04 USD per 100 tokens")
        server.stop()
        expect(page.locator("#gone")).to_be_visible()
        expect(page.locator("#products")).to_contain_text("0.04 USD per 100 tokens")
        server.start()
        expect(page.locator("#gone")).to_be_hidden()
        window.complaints.clear()  # the browser's own, of connections that it was refused
        window.close()


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
    expect(page.locator("#offset")).to_have_text("31 days ahead of real time")
    assert server.clock() - before >= 31 * 86400
    tab_to(page, "+ 1 hour")
    page.keyboard.press("Enter")  # a month of 31 days has just ended, and its invoice is a draft for an hour
    page.keyboard.press("Enter")
    expect(page.locator("#issued")).to_contain_text("paid")
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


def test_another_account_is_chosen_and_controlled(server: LocalStripe, guide: Guide, opened: Opener) -> None:
    other = server.account()
    other.client().v1.products.create({"name": "Theirs"})
    page = opened()
    expect(page.locator("#products")).to_contain_text("Hypernian")
    page.get_by_label("Account").select_option(other.client().v1.accounts.retrieve_current().id)
    expect(page.locator("#products")).to_contain_text("Theirs")
    expect(page.locator("#products")).not_to_contain_text("Hypernian")
    page.get_by_role("button", name="+ 31 days").click()
    expect(page.locator("#offset")).to_have_text("31 days ahead of real time")
    assert other.clock() - server.clock() > 30 * 86400
    page.get_by_label("Account").select_option("default")
    expect(page.locator("#products")).to_contain_text("Hypernian")


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


CUSTOMER_NAME_AT_MOST = 250


@pytest.mark.thorough
def test_names_of_every_class_are_shown_on_the_page(server: LocalStripe, opened: Opener) -> None:
    names = [name[:CUSTOMER_NAME_AT_MOST] for name in NAMES.values()]
    for name in names:
        server.client().v1.products.create({"name": f"<{name}>"})
        server.client().v1.customers.create({"name": f"[{name}]"})
    page = opened()
    expect(page.locator("#products")).to_contain_text(f"<{NAMES['emoji']}>")
    expect(page.locator("#customer-list")).to_contain_text(f"[{NAMES['emoji']}]")
    for place, form in (("#products", "<{}>"), ("#customer-list", "[{}]")):
        text = page.locator(place).text_content()
        assert [name for name in names if form.format(name) not in text] == []


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
