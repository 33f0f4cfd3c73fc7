"""The screenshots in docs/images, made anew with SCREENSHOTS=1."""

from __future__ import annotations

import os
import random
import struct
import time
from typing import Any

import pytest
import stripe

from tests.page.browser import expect
from tests.page.conftest import Opener
from tests.stripe_local.guide import METER, make_guide, price_params
from tests.stripe_local.server import ROOT, LocalStripe

FOLDER = ROOT / "docs" / "images"
DAY = 86400
SHOTS: dict[str, dict[str, Any]] = {
    "page-catalogue.png": {"width": 1180, "height": 780},
    "page-usage.png": {"width": 1180, "height": 680},
    "page-requests.png": {"width": 1180, "height": 690, "scheme": "dark"},
    "page-phone.png": {"width": 360, "height": 860},
}


@pytest.mark.skipif(not os.environ.get("SCREENSHOTS"), reason="makes docs/images anew; ask for it with SCREENSHOTS=1")
@pytest.mark.parametrize("name", SHOTS)
def test_make_it(server: LocalStripe, opened: Opener, name: str) -> None:
    make_a_month(server)
    page = opened(**SHOTS[name])
    page.locator("#invoice-subscription").select_option(label="Ada Lovelace: Hypernian, Starter")
    expect(page.locator("#charts figure")).to_have_count(2)
    expect(page.locator("#request-list .error")).to_have_count(2)
    expect(page.locator("#upcoming .lines")).to_contain_text("(tier 2: 10,001 and more)")
    if name != "page-catalogue.png":
        section = "#requests" if name == "page-requests.png" else "#usage"
        page.locator(section).evaluate("e => e.scrollIntoView()")
    page.screenshot(path=FOLDER / name)


@pytest.mark.parametrize("name", SHOTS)
def test_the_documentation_has_it(name: str) -> None:
    image = (FOLDER / name).read_bytes()
    width, _ = struct.unpack(">II", image[16:24])
    assert (image[:4], width) == (b"\x89PNG", SHOTS[name]["width"])
    assert len(image) < 200_000
    assert f"images/{name}" in (ROOT / "docs" / "page.md").read_text()


def make_a_month(server: LocalStripe) -> None:
    """Two plans, two customers, a month of usage, and two requests that went wrong."""
    now = int(time.time())
    server.clock(set=now - 26 * DAY)
    guide = make_guide(
        server.client(),
        lookup_key="hypernian_tokens_monthly",
        product_data={"name": "Hypernian", "unit_label": "token"},
    )
    client, output = guide.client, {**METER, "display_name": "Output tokens", "event_name": "output_tokens"}
    tiers: list[dict[str, Any]] = [
        {"up_to": 10000, "unit_amount_decimal": "0.16"},
        {"up_to": "inf", "unit_amount_decimal": "0.12"},
    ]
    price = client.v1.prices.create(
        price_params(
            client.v1.billing.meters.create(output).id,
            None,  # type: ignore[arg-type]
            billing_scheme="tiered",
            tiers_mode="graduated",
            tiers=tiers,
            transform_quantity=None,
            product_data={"name": "Starter", "unit_label": "token"},
            lookup_key="starter_output_monthly",
        )
    )
    ada = client.v1.customers.create({"name": "Ada Lovelace", "email": "ada@example.com"})
    both = [{"price": price.id}, {"price": guide.price.id}]
    client.v1.subscriptions.create({"customer": ada.id, "items": both, "collection_method": "send_invoice", "days_until_due": 30})
    server.clock(set=now)
    chance = random.Random(3)
    for day in range(25, -1, -1):
        for event_name, customer in (
            ("hypernian_tokens", guide.customer.id),
            ("output_tokens", ada.id),
            ("hypernian_tokens", ada.id),
        ):
            value = str(chance.randint(100, 900) * (26 - day) // 4)
            client.v1.billing.meter_events.create(
                {
                    "event_name": event_name,
                    "payload": {"stripe_customer_id": customer, "value": value},
                    "timestamp": now - day * DAY - 60,
                }
            )
    with pytest.raises(stripe.StripeError):
        client.v1.billing.meter_events.create(
            {"event_name": "hyper_tokens", "payload": {"stripe_customer_id": ada.id, "value": "25"}}
        )
    server.fault(match={"method": "GET", "path": "/v1/prices"}, times=2, status=503)
    with pytest.raises(stripe.StripeError):
        server.client(max_network_retries=0).v1.prices.list()
