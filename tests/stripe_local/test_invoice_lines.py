"""Lines of invoices: what is on each, how it is called and rounded, and how they are paged."""

from __future__ import annotations

from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import Guide, make_guide, price_params, refusal
from tests.stripe_local.server import LocalStripe

HOUR = 3600


def described(invoice: Any) -> list[tuple[str, int, int]]:
    """(description, quantity, amount) of each line."""
    return [(line.description, line.quantity, line.amount) for line in invoice.lines.data]


def tiered(client: StripeClient, mode: str, *tiers: dict[str, Any], label: str | None = "credit") -> Guide:
    product = {"name": "Usage", **({"unit_label": label} if label else {})}
    terms: Any = {"billing_scheme": "tiered", "tiers_mode": mode, "tiers": list(tiers), "product_data": product}
    return make_guide(client, unit_amount=None, transform_quantity=None, **terms)


def test_graduated_tiers_are_lines_each_rounded_by_itself(client: StripeClient) -> None:
    """The forms of a recorded invoice: units and flat amount of each tier, also where it is nothing."""
    guide = tiered(
        client,
        "graduated",
        {"up_to": 200, "unit_amount": 0, "flat_amount": 500},
        {"up_to": "inf", "unit_amount_decimal": "2.7", "flat_amount": 0},
    )
    assert described(guide.preview()) == [
        ("0 credit × Usage (Tier 1 at $0.00 / month)", 0, 0),
        ("Usage (Tier 1 at $5.00 / month)", 0, 500),
    ]
    guide.use(217)
    preview = guide.preview()
    assert described(preview) == [
        ("200 credit × Usage (Tier 1 at $0.00 / month)", 200, 0),
        ("Usage (Tier 1 at $5.00 / month)", 0, 500),
        ("17 credit × Usage (Tier 2 at $0.027 / month)", 17, 46),
        ("Usage (Tier 2 at $0.00 / month)", 0, 0),
    ]
    assert preview.total == 546


def test_each_tier_is_rounded(client: StripeClient) -> None:
    half = {"unit_amount_decimal": "0.5"}
    guide = tiered(client, "graduated", {"up_to": 1, **half}, {"up_to": 2, **half}, {"up_to": "inf", **half}, label=None)
    guide.use(3)
    assert described(guide.preview()) == [(f"1 × Usage (Tier {n} at $0.005 / month)", 1, 1) for n in (1, 2, 3)]


def test_volume_tiers_are_one_line(client: StripeClient) -> None:
    guide = tiered(client, "volume", {"up_to": 10, "unit_amount": 9}, {"up_to": "inf", "unit_amount": 7, "flat_amount": 100})
    guide.use(12)
    assert described(guide.preview()) == [("12 credit × Usage (Tier 2 at $0.07 / month)", 12, 184)]


def test_late_usage_of_a_draft_reaches_the_next_tier(server: LocalStripe, client: StripeClient) -> None:
    guide = tiered(client, "graduated", {"up_to": 10, "unit_amount": 10}, {"up_to": "inf", "unit_amount": 5, "flat_amount": 30})
    end = guide.item.current_period_end
    guide.use(8)
    server.clock(set=end + 60)
    (before,) = guide.invoices()
    guide.use(4, timestamp=end - 60)
    (draft,) = guide.invoices()
    assert [line.amount for line in draft.lines.data] == [100, 10, 30]
    assert draft.lines.data[0].id == before.lines.data[0].id
    assert [line.id for line in client.v1.invoices.line_items.list(draft.id).data] == [line.id for line in draft.lines.data]
    server.clock(set=end + 2 * HOUR)
    assert client.v1.invoices.retrieve(draft.id).total == 140


def test_usage_at_a_swapped_price_is_one_invoice_item(client: StripeClient) -> None:
    guide = tiered(client, "graduated", {"up_to": 10, "unit_amount": 10}, {"up_to": "inf", "unit_amount": 5})
    guide.use(12)
    items: Any = {"items": [{"id": guide.item.id, "price": guide.new_price(4).id}]}
    client.v1.subscriptions.update(guide.subscription.id, items)
    (item,) = client.v1.invoice_items.list({"pending": True}).data
    assert (item.amount, item.quantity, item.description) == (110, 12, "12 credit × Usage")


@pytest.mark.parametrize(
    ("price", "quantity", "said"),
    [
        (
            {"unit_amount": 8, "transform_quantity": {"divide_by": 60, "round": "up"}},
            9892,
            "9892 × Usage (at $0.08 per 60 units / month)",
        ),
        ({"unit_amount": 1250, "currency": "eur"}, 3, "3 × Usage (at €12.50 / month)"),
        ({"unit_amount": 500, "currency": "jpy"}, 1, "1 × Usage (at ¥500 / month)"),
        ({"unit_amount": 500, "currency": "chf"}, 1, "1 × Usage (at CHF 5.00 / month)"),
    ],
)
def test_descriptions_of_usage(client: StripeClient, price: dict[str, Any], quantity: int, said: str) -> None:
    guide = make_guide(client, **{"transform_quantity": None, "product_data": {"name": "Usage"}, **price})
    guide.use(quantity)
    assert [line[0] for line in described(guide.preview())] == [said]


def test_descriptions_of_licenses(server: LocalStripe, client: StripeClient) -> None:
    server.clock(set=1811808000)  # 2027-06-01T00:00:00Z
    recurring: Any = {"interval": "month", "interval_count": 3}
    params: Any = {"currency": "usd", "unit_amount": 9000, "recurring": recurring, "product_data": {"name": "Seat"}}
    price = client.v1.prices.create(params)
    card: Any = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
    customer = client.v1.customers.create(card).id
    made = client.v1.subscriptions.create({"customer": customer, "items": [{"price": price.id}]})
    assert described(client.v1.invoices.retrieve(str(made.latest_invoice))) == [("1 × Seat (at $90.00 every 3 months)", 1, 9000)]
    change: Any = {"items": [{"id": made.items.data[0].id, "quantity": 2}], "proration_date": 1811808000 + 14 * 86400}
    client.v1.subscriptions.update(made.id, change)
    found = sorted(str(item.description) for item in client.v1.invoice_items.list({"pending": True}).data)
    assert found == ["Remaining time on 2 × Seat after 15 Jun 2027", "Unused time on Seat after 15 Jun 2027"]


@pytest.mark.parametrize(
    ("mode", "seats", "begun", "over"),
    [
        ("classic", "Trial period for Seat", [("0 call × Calls (Free trial)", 0, 0)], ("14 call × Calls (Free trial)", 14, 0)),
        ("flexible", "Free trial for 3 × Seat", [], ("Free trial for 14 call × Calls", 14, 0)),
    ],
)
def test_descriptions_of_a_trial(
    server: LocalStripe, client: StripeClient, mode: str, seats: str, begun: list[Any], over: tuple[str, int, int]
) -> None:
    """https://docs.stripe.com/billing/subscriptions/billing-mode/compare#standardize-trial-period-line-item-description

    What is metered is on the invoice at the trial's end, where it costs nothing, also what arrives while that is a draft.
    """
    product = {"name": "Calls", "unit_label": "call"}
    guide = make_guide(client, unit_amount=500, transform_quantity=None, product_data=product)
    monthly: Any = {"currency": "usd", "unit_amount": 800, "recurring": {"interval": "month"}, "product_data": {"name": "Seat"}}
    items: Any = [{"price": client.v1.prices.create(monthly).id, "quantity": 3}, {"price": guide.price.id}]
    made = client.v1.subscriptions.create(
        {"customer": guide.customer.id, "items": items, "trial_period_days": 6, "billing_mode": {"type": mode}}
    )
    first = client.v1.invoices.retrieve(str(made.latest_invoice))
    assert described(first) == [(seats, 3, 0), *begun]
    assert {line.pricing.unit_amount_decimal for line in first.lines.data} == {0}
    guide.use(9, timestamp=made.created + 60)
    preview = client.v1.invoices.create_preview({"subscription": made.id})
    assert [(line.quantity, line.amount) for line in preview.lines.data if line.amount == 0] == [(9, 0)]
    server.clock(set=made.trial_end + 60)
    guide.use(5, timestamp=made.trial_end - 60)
    guide.use(1, timestamp=made.trial_end + 30)
    server.clock(set=made.trial_end + 2 * HOUR)
    (paid,) = client.v1.invoices.list({"subscription": made.id, "limit": 1}).data
    assert (over in described(paid), paid.total, paid.billing_reason) == (True, 2400, "subscription_cycle")


@pytest.mark.parametrize("behavior", ["always_invoice", "create_prorations", "none"])
@pytest.mark.parametrize("mode", ["classic", "flexible"])
def test_a_metered_item_begins_with_a_line_of_nothing_in_classic_mode_only(
    client: StripeClient, mode: str, behavior: Any
) -> None:
    """No flat fee either, which the end of the period charges.

    https://docs.stripe.com/billing/subscriptions/billing-mode/compare#suppress-zero-amount-line-items-when-adding-usage-based-items
    """
    flat: Any = {"up_to": "inf", "unit_amount": 3, "flat_amount": 700}
    guide = make_guide(client, subscription={"billing_mode": {"type": mode}})
    for tiers in ("graduated", "volume"):
        terms: Any = {"billing_scheme": "tiered", "tiers_mode": tiers, "tiers": [flat], "product_data": {"name": "Calls"}}
        new = client.v1.prices.create(price_params(guide.meter.id, **{"unit_amount": None, "transform_quantity": None, **terms}))
        before = len(guide.invoices())
        added: Any = {"items": [{"price": new.id}], "proration_behavior": behavior}
        preview = guide.preview(subscription_details=added)
        client.v1.subscriptions.update(guide.subscription.id, added)
        made = guide.invoices()[before:]
        if (mode, behavior) == ("classic", "always_invoice"):
            said = [("0 × Calls (Tier 1 at $0.03 / month)", 0, 0)]
            assert [described(invoice) for invoice in made] == [said]
            assert described(preview) == said
        else:
            assert made == []
        coming = [line.amount for line in guide.preview().lines.data if line.pricing.price_details.price == new.id]
        assert sum(coming) == 700


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        # Recorded: at one 400th of a period 10.00 to 18.00, one to three of 10.00; at a third 20.00 to 10.00.
        (("1000", 1, "1800", 1, 400), [-3, 4]),
        (("1000", 1, "1000", 3, 400), [-3, 7]),
        (("2000", 1, "1000", 1, 3), [-667, 333]),
    ],
)
def test_rounding_of_prorations(
    server: LocalStripe, client: StripeClient, amounts: tuple[str, int, str, int, int], expected: list[int]
) -> None:
    server.clock(set=1811808000)  # 2027-06-01T00:00:00Z
    old, before, new, after, share = amounts
    prices = [
        client.v1.prices.create(
            {"currency": "usd", "unit_amount": int(n), "recurring": {"interval": "month"}, "product_data": {"name": "Seat"}}
        ).id
        for n in (old, new)
    ]
    card: Any = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
    customer = client.v1.customers.create(card).id
    items: Any = [{"price": prices[0], "quantity": before}]
    made = client.v1.subscriptions.create({"customer": customer, "items": items})
    item = made.items.data[0]
    at = item.current_period_end - (item.current_period_end - item.current_period_start) // share
    changed: Any = {"items": [{"id": item.id, "quantity": after}], "proration_date": at}
    if old != new:
        changed["items"][0]["price"] = prices[1]
    client.v1.subscriptions.update(made.id, changed)
    found = client.v1.invoice_items.list({"pending": True}).data
    assert sorted(found_item.amount for found_item in found) == expected


def test_lines_have_pages(client: StripeClient) -> None:
    tiers = [{"up_to": n, "unit_amount": n} for n in range(1, 13)]
    guide = tiered(client, "graduated", *tiers, {"up_to": "inf", "unit_amount": 1})
    guide.use(20)
    client.v1.subscriptions.cancel(guide.subscription.id, {"invoice_now": True})
    (invoice,) = guide.invoices()
    assert (len(invoice.lines.data), invoice.lines.has_more, invoice.lines.total_count) == (10, True, 13)
    listed = client.v1.invoices.line_items.list
    everything = [line.id for line in listed(invoice.id, {"limit": 5}).auto_paging_iter()]
    assert len(everything) == 13
    back = listed(invoice.id, {"limit": 2, "ending_before": everything[4]})
    assert [line.id for line in back.data] == everything[2:4]
    assert refusal(listed, invoice.id, {"starting_after": "il_none"}).http_status == 400
