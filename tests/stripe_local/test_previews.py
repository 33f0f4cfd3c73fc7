"""Invoice previews: their parameters, and reading one again."""

from __future__ import annotations

from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import Guide, make_guide, refusal
from tests.stripe_local.server import LocalStripe


@pytest.fixture
def guide(client: StripeClient) -> Guide:
    return make_guide(client)


def test_a_preview_can_be_read_again_for_three_days(server: LocalStripe, guide: Guide) -> None:
    guide.use(25)
    items: Any = [{"amount": 50, "currency": "usd", "description": "extra"}]
    preview = guide.preview(invoice_items=items)
    guide.use(3000)
    retrieve, listed = guide.client.v1.invoices.retrieve, guide.client.v1.invoices.line_items.list
    again = retrieve(preview.id)
    assert again.to_dict() == preview.to_dict()
    assert [line.amount for line in listed(preview.id).data] == [4, 50]
    assert guide.client.v1.invoices.list().data == []
    server.clock(advance=72 * 3600 + 60)
    assert refusal(retrieve, preview.id).http_status == 404
    assert refusal(listed, preview.id).http_status == 404


def test_previews_of_the_other_mode_are_not_found(server: LocalStripe, guide: Guide) -> None:
    from tests.stripe_local.server import LIVE_KEY

    preview = guide.preview()
    assert refusal(server.client(LIVE_KEY).v1.invoices.retrieve, preview.id).http_status == 404


def test_previews_of_another_account_are_not_found(server: LocalStripe, guide: Guide) -> None:
    preview = guide.preview()
    assert refusal(server.account().client().v1.invoices.retrieve, preview.id).http_status == 404


def test_a_customer_who_is_not_there_yet(client: StripeClient, guide: Guide) -> None:
    """https://docs.stripe.com/api/invoices/create_preview#create_create_preview-customer_details: in place of a customer."""
    price: Any = {"currency": "usd", "unit_amount": 1000, "recurring": {"interval": "month"}, "product": guide.price.product}
    rate = client.v1.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": False}).id
    before = len(client.v1.customers.list().data)
    details: Any = {"items": [{"price_data": price}], "default_tax_rates": [rate]}
    for exempt, total in (("none", 1200), ("reverse", 1000)):
        whose: Any = {
            "address": {"country": "DE", "city": "Berlin"},
            "tax_exempt": exempt,
            "tax_ids": [{"type": "eu_vat", "value": "DE123456789"}],
        }
        preview = client.v1.invoices.create_preview({"customer_details": whose, "subscription_details": details})
        assert (preview.customer, preview.total, preview.customer_tax_exempt) == (None, total, exempt)
        assert (preview.customer_address.country, preview.customer_tax_ids[0].value) == ("DE", "DE123456789")  # type: ignore[index,union-attr]
        assert client.v1.invoices.retrieve(preview.id).to_dict() == preview.to_dict()
    assert len(client.v1.customers.list().data) == before
    assert refusal(client.v1.invoices.create_preview, {"subscription_details": details}).param == "customer"


def test_other_details_of_a_customer(client: StripeClient, guide: Guide) -> None:
    """ "… or overrides for an existing customer"; nothing is stored."""
    rate = client.v1.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": False}).id
    client.v1.subscriptions.update(guide.subscription.id, {"default_tax_rates": [rate]})
    guide.use(2500)
    assert (guide.preview().total, guide.preview(customer_details={"tax_exempt": "exempt"}).total) == (120, 100)
    other: Any = {"name": "Jane Roe", "address": {"line1": "Elsewhere 1"}}
    shown = guide.preview(customer_details={"shipping": other, "address": ""})
    assert (shown.customer, shown.customer_shipping.name, shown.customer_address) == (guide.customer.id, "Jane Roe", None)
    customer = client.v1.customers.retrieve(guide.customer.id)
    assert (customer.tax_exempt, customer.shipping) == ("none", None)


def test_items_of_a_preview(guide: Guide) -> None:
    once: Any = {"currency": "usd", "product": guide.price.product, "unit_amount": 300}
    items: Any = [{"price_data": once, "quantity_decimal": "1.5", "discountable": False, "description": "hours"}]
    line = guide.preview(invoice_items=items).lines.data[-1]
    assert (line.amount, str(line.quantity_decimal), line.discountable, line.description) == (450, "1.5", False, "hours")
    assert guide.preview(invoice_items=[{"amount": -70, "currency": "usd"}]).total == -70
    for params, param in (
        ({"invoice_items": [{"amount": 1, "currency": "eur"}]}, "invoice_items[0][currency]"),
        ({"currency": "eur"}, "currency"),
    ):
        assert refusal(guide.preview, **params).param == param


def test_what_comes_back_each_period(server: LocalStripe, client: StripeClient, guide: Guide) -> None:
    def seat(amount: int) -> str:
        recurring: Any = {"interval": "month"}
        product = guide.price.product
        return client.v1.prices.create({"currency": "usd", "unit_amount": amount, "recurring": recurring, "product": product}).id

    card: Any = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
    customer = client.v1.customers.create(card).id
    made = client.v1.subscriptions.create({"customer": customer, "items": [{"price": seat(1000)}]})
    server.clock(advance=86400)
    change: Any = {"items": [{"id": made.items.data[0].id, "price": seat(4000)}], "proration_behavior": "always_invoice"}
    preview: Any = client.v1.invoices.create_preview
    asked = {"subscription": made.id, "subscription_details": change}
    assert [line.amount for line in preview({**asked, "preview_mode": "recurring"}).lines.data] == [4000]
    assert len(preview(asked).lines.data) == 2
    anchor = {"type": "timestamp", "timestamp": server.clock() + 10 * 86400}
    new = {"customer": customer, "subscription_details": {"items": [{"price": seat(3000)}], "billing_cycle_anchor": anchor}}
    assert preview(new).total < 1100
    assert preview({**new, "preview_mode": "recurring"}).total == 3000


def test_a_preview_of_a_cancel_is_prorated_from_the_date(server: LocalStripe, client: StripeClient) -> None:
    server.clock(set=1811808000)  # 2027-06-01T00:00:00Z
    product: Any = {"name": "Seat"}
    price: Any = {"currency": "usd", "unit_amount": 3000, "recurring": {"interval": "month"}, "product_data": product}
    card: Any = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
    customer = client.v1.customers.create(card).id
    made = client.v1.subscriptions.create({"customer": customer, "items": [{"price": client.v1.prices.create(price).id}]})
    server.clock(advance=20 * 86400)
    at = made.items.data[0].current_period_start + 15 * 86400
    details: Any = {"cancel_now": True, "proration_date": at, "metadata": {"why": "x"}}
    preview: Any = client.v1.invoices.create_preview({"subscription": made.id, "subscription_details": details})
    assert preview.total == -1500
    shown = preview.parent.subscription_details
    assert (shown.metadata.to_dict(), shown.subscription_proration_date) == ({"why": "x"}, at)


def test_own_prorations(client: StripeClient, guide: Guide) -> None:
    """https://docs.stripe.com/billing/subscriptions/prorations: negative amounts of `add_invoice_items`."""
    credit: Any = {"currency": "usd", "product": guide.price.product, "unit_amount": -250}
    given: Any = {"add_invoice_items": [{"price_data": credit, "quantity": 2}]}
    client.v1.subscriptions.update(guide.subscription.id, given)
    assert [item.amount for item in client.v1.invoice_items.list({"pending": True}).data] == [-500]
    dear: Any = {"currency": "usd", "product": guide.price.product, "unit_amount": -1, "recurring": {"interval": "month"}}
    error = refusal(client.v1.subscriptions.update, guide.subscription.id, {"items": [{"price_data": dear}]})
    assert error.param == "items[0][price_data][unit_amount]"
