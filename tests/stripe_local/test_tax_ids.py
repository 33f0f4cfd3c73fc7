"""Tax ids, and what customers are entitled to, through Stripe's client. Pages are below docs.stripe.com."""

from __future__ import annotations

from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shop import DAY, Shop


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


def test_what_a_customer_is_entitled_to(server: LocalStripe, shop: Shop) -> None:
    """billing/entitlements: the features of the products of active subscriptions, each once, until these end."""
    keys = ("sso", "audit")
    ids = [shop.v1.entitlements.features.create({"name": key, "lookup_key": key}).id for key in keys]
    for id in ids:
        shop.v1.products.features.create(shop.product, {"entitlement_feature": id})
    made = shop.subscribe(shop.price(100), shop.price(200), trial_period_days=3)
    listed = shop.v1.entitlements.active_entitlements.list({"customer": made.customer, "limit": 1, "expand": ["data.feature"]})
    assert ([one.lookup_key for one in listed.data], listed.has_more) == (["audit"], True)
    assert listed.data[0].feature.name == "audit"  # type: ignore[union-attr]
    assert shop.v1.entitlements.active_entitlements.retrieve(listed.data[0].id).feature == ids[1]
    assert shop.v1.entitlements.active_entitlements.list({"customer": shop.customer()}).data == []
    shop.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    server.clock(advance=4 * DAY)
    assert shop.v1.entitlements.active_entitlements.list({"customer": made.customer}).data == []
    assert refusal(shop.v1.entitlements.active_entitlements.retrieve, listed.data[0].id).http_status == 404
