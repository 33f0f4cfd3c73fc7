"""Tax ids, through Stripe's client. Pages are below docs.stripe.com."""

from __future__ import annotations

from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shop import Shop


@pytest.fixture
def shop(server: LocalStripe, client: StripeClient) -> Shop:
    return Shop(server, client)


def test_tax_ids_of_a_customer(shop: Shop) -> None:
    """billing/customer/tax-ids: given with the customer or later; an invoice keeps those that it was finalized with."""
    customer = shop.customer(tax_id_data=[{"type": "eu_vat", "value": "DE123456789"}])
    made = shop.v1.customers.tax_ids.create(customer, {"type": "gb_vat", "value": "GB123456789"})
    assert (made.country, made.customer, made.owner and made.owner.type) == ("GB", customer, "customer")
    assert [one.country for one in shop.v1.customers.tax_ids.list(customer).data] == ["GB", "DE"]
    assert shop.v1.tax_ids.list({"owner": {"type": "customer", "customer": customer}}).data[0].id == made.id
    invoice = shop.v1.invoices.finalize_invoice(str(shop.v1.invoices.create({"customer": customer}).id))
    assert shop.v1.customers.tax_ids.delete(customer, made.id).deleted
    shown = shop.v1.invoices.retrieve(str(invoice.id)).customer_tax_ids or []
    assert [(one.type, one.value) for one in shown] == [("eu_vat", "DE123456789"), ("gb_vat", "GB123456789")]
    assert refusal(shop.v1.customers.tax_ids.retrieve, customer, made.id).http_status == 404
    types = [event.type for event in shop.v1.events.list({"type": "customer.tax_id.*"}).data]
    assert types == ["customer.tax_id.deleted", "customer.tax_id.created", "customer.tax_id.created"]


def test_tax_ids_of_the_account(shop: Shop) -> None:
    """api/tax_ids/create: of the account itself, where no owner is named."""
    made = shop.v1.tax_ids.create({"type": "us_ein", "value": "12-3456789"})
    assert (made.owner and made.owner.type, made.customer, made.country) == ("self", None, "US")
    of_customer = shop.v1.tax_ids.create(
        {"type": "us_ein", "value": "1", "owner": {"type": "customer", "customer": shop.customer()}}
    )
    assert [one.id for one in shop.v1.tax_ids.list().data] == [made.id]
    other = refusal(shop.v1.customers.tax_ids.retrieve, shop.customer(), of_customer.id)
    assert (other.http_status, other.code) == (404, "resource_missing")
    nobody: Any = refusal(shop.v1.tax_ids.create, {"type": "us_ein", "value": "1", "owner": {"type": "customer"}})
    assert (nobody.code, nobody.param) == ("parameter_missing", "owner[customer]")
    account: Any = {"type": "us_ein", "value": "1", "owner": {"type": "account", "account": "acct_1"}}
    assert refusal(shop.v1.tax_ids.create, account).code == "not_supported_here"
    shop.v1.tax_ids.delete(made.id)
    assert shop.v1.tax_ids.list().data == []
