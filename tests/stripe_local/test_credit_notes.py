"""Credit notes, through Stripe's client; amounts are worked out by hand from its pages, which are below docs.stripe.com."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stripe import StripeClient

from stripe_local.resources.billing.credit_note_amounts import _share
from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shop import Shop

PROGRAMMATIC = "invoicing/integration/programmatic-credit-notes"


@pytest.fixture
def shop(server: LocalStripe, client: StripeClient) -> Shop:
    return Shop(server, client)


def opened(shop: Shop, *items: Any, card: bool = True, customer: str | None = None, **more: Any) -> Any:
    """A final invoice of these items, each an amount or parameters, which is not paid."""
    customer = customer or shop.customer(card=card)
    wanted: Any = {"customer": customer, **more}
    made = shop.v1.invoices.create(wanted)
    for item in items:
        one = item if isinstance(item, dict) else {"amount": item}
        of: Any = {"customer": customer, "invoice": made.id, "currency": "usd", **one}
        shop.v1.invoice_items.create(of)
    return shop.v1.invoices.finalize_invoice(str(made.id))


def paid(shop: Shop, *items: Any, **more: Any) -> Any:
    return shop.v1.invoices.pay(opened(shop, *items, **more).id)


def note(shop: Shop, invoice: Any, **params: Any) -> Any:
    wanted: Any = {"invoice": invoice.id, **params}
    return shop.v1.credit_notes.create(wanted)


def refused(shop: Shop, invoice: Any, **params: Any) -> Any:
    return refusal(shop.v1.credit_notes.create, {"invoice": invoice.id, **params})


def of_line(line: Any, **how: int) -> Any:
    return {"type": "invoice_line_item", "invoice_line_item": line.id, **how}


def custom(unit_amount: int, quantity: int = 1, **more: Any) -> Any:
    return {
        "type": "custom_line_item",
        "description": "Courtesy credit",
        "unit_amount": unit_amount,
        "quantity": quantity,
        **more,
    }


def sums(one: Any) -> tuple[int, int, int, int | None, int]:
    return (one.subtotal, one.subtotal_excluding_tax, one.discount_amount, one.total_excluding_tax, one.total)


def test_of_an_open_invoice_less_is_due(shop: Shop) -> None:
    """programmatic-credit-notes: of 100.00, a custom line of 20.00 leaves 80.00 due; void, it is due again."""
    invoice = opened(shop, 10000)
    made = note(shop, invoice, lines=[custom(2000)], memo="Sorry", reason="order_change")
    assert (made.type, made.status, made.pre_payment_amount, made.post_payment_amount) == ("pre_payment", "issued", 2000, 0)
    assert made.number == f"{invoice.number}-CN-01"
    after: Any = shop.v1.invoices.retrieve(invoice.id, {"expand": ["payments.data.payment.payment_intent"]})
    assert (after.amount_due, after.amount_remaining, after.total) == (8000, 8000, 10000)
    assert (after.pre_payment_credit_notes_amount, after.post_payment_credit_notes_amount) == (2000, 0)
    (payment,) = after.payments.data
    assert (payment.amount_requested, payment.payment.payment_intent.amount) == (8000, 8000)
    void = shop.v1.credit_notes.void_credit_note(made.id)
    assert (void.status, void.voided_at is not None) == ("void", True)
    again = shop.v1.invoices.retrieve(invoice.id)
    assert (again.amount_due, again.amount_remaining, again.pre_payment_credit_notes_amount) == (10000, 10000, 0)
    assert refusal(shop.v1.credit_notes.void_credit_note, made.id).http_status == 400
    second = note(shop, invoice, amount=3000)
    assert second.number == f"{invoice.number}-CN-02"
    assert shop.v1.invoices.pay(invoice.id).amount_paid == 7000
    assert refusal(shop.v1.credit_notes.void_credit_note, second.id).http_status == 400
    found = shop.v1.events.list({"types": ["credit_note.created", "credit_note.updated", "credit_note.voided"]}).data
    assert [event.type for event in found] == ["credit_note.created", "credit_note.voided", "credit_note.created"]


def test_what_is_credited_to_nothing_is_paid(shop: Shop) -> None:
    """programmatic-credit-notes: no payment is recorded, and the subscription that waited for it begins."""
    made = shop.subscribe(shop.price(1500), payment_behavior="default_incomplete")
    invoice: Any = shop.v1.invoices.retrieve(made.latest_invoice)
    note(shop, invoice, lines=[of_line(invoice.lines.data[0], quantity=1)])
    after: Any = shop.v1.invoices.retrieve(invoice.id, {"expand": ["payments.data.payment.payment_intent"]})
    assert (after.status, after.amount_due, after.amount_paid, after.amount_remaining) == ("paid", 0, 0, 0)
    assert [(one.status, one.payment.payment_intent.status) for one in after.payments.data] == [("canceled", "canceled")]
    assert shop.v1.subscriptions.retrieve(made.id).status == "active"
    types = {event.type for event in shop.v1.events.list({"limit": 100}).data}
    assert "invoice.paid" in types
    assert "invoice.payment_succeeded" not in types


def test_of_a_paid_invoice_the_parts_must_sum_to_it(shop: Shop) -> None:
    """programmatic-credit-notes: 5.00 as 1.00 refunded, 2.00 to the balance, 2.00 elsewhere; what is due stays."""
    invoice = paid(shop, {"unit_amount_decimal": "250", "quantity": 4})
    lines = [of_line(invoice.lines.data[0], quantity=2)]
    wrong = refused(shop, invoice, lines=lines, refund_amount=100)
    assert (wrong.http_status, wrong.param) == (400, "refund_amount")
    assert refused(shop, invoice, lines=lines).http_status == 400
    more: Any = {"expand": ["customer_balance_transaction", "refunds.refund"]}
    made = note(shop, invoice, lines=lines, refund_amount=100, credit_amount=200, out_of_band_amount=200, **more)
    assert (made.type, made.amount, made.pre_payment_amount, made.post_payment_amount) == ("post_payment", 500, 0, 500)
    (line,) = made.lines.data
    assert (line.amount, line.quantity, line.unit_amount) == (500, 2, 250)
    assert ([one.amount_refunded for one in made.refunds], made.out_of_band_amount) == ([100], 200)
    (refund,) = shop.v1.refunds.list().data
    assert (refund.id, refund.amount) == (made.refunds[0].refund.id, 100)
    after = shop.v1.invoices.retrieve(invoice.id)
    assert (after.amount_due, after.amount_paid, after.post_payment_credit_notes_amount) == (1000, 1000, 500)
    assert shop.v1.customers.retrieve(invoice.customer).balance == -200
    (change,) = shop.v1.customers.balance_transactions.list(invoice.customer, {"expand": ["data.credit_note"]}).data
    assert (change.type, change.amount, change.credit_note.number) == ("credit_note", -200, made.number)  # type: ignore[union-attr]
    assert (change.id, made.customer_balance_transaction.amount) == (made.customer_balance_transaction.id, -200)


def test_refunds_that_are_there_are_linked(shop: Shop) -> None:
    """api/credit_notes/create: what was refunded otherwise is not creditable as well. 10.00 - 4.00 leaves 6.00."""
    invoice = paid(shop, 1000)
    (intent,) = shop.v1.payment_intents.list({"limit": 1}).data
    refund = shop.v1.refunds.create({"payment_intent": intent.id, "amount": 400}).id
    assert refused(shop, invoice, amount=601, credit_amount=601).param == "amount"
    linked = note(shop, invoice, amount=400, refunds=[{"refund": refund}])
    assert [(one.refund, one.amount_refunded) for one in linked.refunds] == [(refund, 400)]
    assert refused(shop, invoice, amount=400, refunds=[{"refund": refund}]).param == "refunds[0][amount_refunded]"
    note(shop, invoice, amount=600, credit_amount=600)
    assert refused(shop, invoice, amount=1, credit_amount=1).param == "amount"
    other = paid(shop, 1000)
    assert refused(shop, other, amount=400, refunds=[{"refund": refund}]).param == "refunds[0][refund]"


def test_more_than_what_is_due_of_an_open_invoice(shop: Shop) -> None:
    """api/credit_notes/create: first what is due, 7.00; of the rest, which the balance had paid, 3.00 goes back to it."""
    invoice = opened(shop, 1000, customer=shop.customer(balance=-300))
    assert invoice.amount_due == 700
    assert refused(shop, invoice, amount=1000, refund_amount=300).param == "refund_amount"
    made = note(shop, invoice, amount=1000, credit_amount=300)
    assert (made.type, made.pre_payment_amount, made.post_payment_amount) == ("mixed", 700, 300)
    after = shop.v1.invoices.retrieve(invoice.id)
    assert (after.status, after.pre_payment_credit_notes_amount, after.post_payment_credit_notes_amount) == ("paid", 700, 300)
    assert shop.v1.customers.retrieve(invoice.customer).balance == -300


def test_taxes_and_a_line_of_its_own(shop: Shop) -> None:
    """api/credit_notes/preview_lines, whose example is this: 7.99 at 19 % is 1.52 of tax, and 5.00: 14.51."""
    rate: Any = shop.v1.tax_rates.create({"display_name": "VAT", "percentage": 19, "inclusive": False}).id
    invoice = paid(shop, {"amount": 799, "tax_rates": [rate]}, 1000)
    lines = [of_line(invoice.lines.data[0], amount=799), custom(500)]
    made = note(shop, invoice, lines=lines, credit_amount=1451)
    assert sums(made) == (1299, 1299, 0, 1299, 1451)
    (tax,) = made.total_taxes
    assert (tax.amount, tax.taxable_amount, tax.tax_behavior, tax.tax_rate_details.tax_rate) == (152, 799, "exclusive", rate)
    assert [[one.id for one in line.tax_rates] for line in made.lines.data] == [[rate], []]
    assert [(line.quantity, line.unit_amount) for line in made.lines.data] == [(None, None), (1, 500)]
    taxed = note(shop, invoice, lines=[custom(100, 2, tax_rates=[rate])], credit_amount=238)
    assert sums(taxed) == (200, 200, 0, 200, 238)


def test_discounts_and_inclusive_taxes_go_with_the_line(shop: Shop) -> None:
    """api/credit_notes/object: of 30.00, 10 % off, with 20 % of tax inside.

    The line: 27.00 left, 4.50 of it tax. A third of it: 10.00 - 1.00 = 9.00, 1.50 of it tax; the rest 20.00 - 2.00 = 18.00.
    """
    rate: Any = shop.v1.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": True}).id
    coupon = shop.v1.coupons.create({"percent_off": 10, "duration": "once"}).id
    invoice = opened(shop, {"amount": 3000, "tax_rates": [rate]}, discounts=[{"coupon": coupon}])
    (line,) = invoice.lines.data
    third = note(shop, invoice, lines=[of_line(line, amount=1000)])
    assert sums(third) == (1000, 850, 100, 750, 900)
    assert [(one.amount, one.discount) for one in third.discount_amounts] == [(100, invoice.discounts[0])]
    assert [(one.amount, one.type) for one in third.pretax_credit_amounts] == [(100, "discount")]
    rest = note(shop, invoice, lines=[of_line(line, amount=2000)])
    assert sums(rest) == (2000, 1700, 200, 1500, 1800)
    assert shop.v1.invoices.retrieve(invoice.id).status == "paid"


def test_an_exempt_customer_is_credited_what_was_charged(shop: Shop) -> None:
    """tax/tax-rates: 12.00 with 20 % inside is 10.00 for who is exempt; half of it is 5.00."""
    rate: Any = shop.v1.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": True}).id
    invoice = opened(shop, {"amount": 1200, "tax_rates": [rate]}, customer=shop.customer(tax_exempt="exempt"))
    assert invoice.total == 1000
    half = note(shop, invoice, lines=[of_line(invoice.lines.data[0], amount=600)])
    assert (half.total, half.total_excluding_tax, [one.amount for one in half.total_taxes]) == (500, 500, [0])


def test_negative_lines(shop: Shop) -> None:
    """programmatic-credit-notes#crediting-negative-line-items: 100.00 and -50.00, by amount; no more than the line."""
    invoice = opened(shop, 10000, -5000)
    plus, minus = invoice.lines.data
    assert refused(shop, invoice, lines=[of_line(minus, amount=-5000)]).param == "lines"
    assert refused(shop, invoice, lines=[of_line(plus, amount=10000), of_line(minus, amount=-5001)]).param == "lines[1][amount]"
    assert refused(shop, invoice, lines=[of_line(plus, amount=10000), of_line(minus, amount=5000)]).param == "lines[1][amount]"
    made = note(shop, invoice, lines=[of_line(plus, amount=10000), of_line(minus, amount=-5000)])
    assert (made.total, [line.amount for line in made.lines.data]) == (5000, [10000, -5000])


def test_a_line_is_credited_one_way(shop: Shop) -> None:
    """programmatic-credit-notes: by quantity or by amount, and never more than there is."""
    invoice = opened(shop, {"unit_amount_decimal": "100", "quantity": 3}, 500)
    counted, plain = invoice.lines.data
    note(shop, invoice, lines=[of_line(counted, quantity=1)])
    assert refused(shop, invoice, lines=[of_line(counted, amount=100)]).param == "lines[0][amount]"
    assert refused(shop, invoice, lines=[of_line(counted, quantity=3)]).param == "lines[0][quantity]"
    note(shop, invoice, lines=[of_line(plain, amount=100)])
    assert refused(shop, invoice, lines=[of_line(plain, quantity=1)]).param == "lines[0][quantity]"
    assert refused(shop, invoice, lines=[of_line(plain, amount=200), of_line(plain, amount=300)]).param == "lines[1][amount]"
    assert refused(shop, invoice, lines=[of_line(plain)]).code == "parameter_missing"


def test_what_is_refused(shop: Shop) -> None:
    invoice = opened(shop, 1000)
    assert refused(shop, invoice).param == "amount"
    assert refused(shop, invoice, amount=1001, credit_amount=1).param == "amount"
    assert refused(shop, invoice, amount=10, lines=[custom(11)]).param == "amount"
    assert refused(shop, invoice, lines=[custom(1, invoice_line_item="il_1")]).param == "lines[0][invoice_line_item]"
    assert refused(shop, invoice, lines=[{"type": "invoice_line_item", "invoice_line_item": "il_1", "amount": 1}]).code == (
        "resource_missing"
    )
    assert refused(shop, invoice, amount=1, shipping_cost={"shipping_rate": "shr_1"}).code == "not_supported_here"
    assert refusal(shop.v1.credit_notes.create, {"invoice": "in_none", "amount": 1}).code == "resource_missing"
    draft = shop.v1.invoices.create({"customer": shop.customer()})
    assert refused(shop, draft, amount=1).param == "invoice"
    out_of_band = shop.v1.invoices.pay(opened(shop, 1000).id, {"paid_out_of_band": True})
    assert refused(shop, out_of_band, amount=100, refund_amount=100).param == "refund_amount"
    assert note(shop, out_of_band, amount=100, out_of_band_amount=100).post_payment_amount == 100
    assert refusal(shop.v1.credit_notes.retrieve, "cn_none").http_status == 404


def test_previews_keep_nothing(shop: Shop) -> None:
    """api/credit_notes/preview: what would be made, page by page; nothing is refunded or credited."""
    invoice = paid(shop, 2000)
    wanted: Any = {"invoice": invoice.id, "lines": [custom(300), custom(200)], "refund_amount": 100, "credit_amount": 400}
    shown = shop.v1.credit_notes.preview(wanted)
    assert (shown.total, shown.post_payment_amount, shown.number) == (500, 500, f"{invoice.number}-CN-01")
    page: Any = {**wanted, "limit": 1}
    first = shop.v1.credit_notes.preview_lines.list(page)
    assert ([line.amount for line in first.data], first.has_more) == ([300], True)
    page = {**wanted, "starting_after": first.data[0].id}
    rest = shop.v1.credit_notes.preview_lines.list(page)
    assert [line.amount for line in rest.data] == [200]
    assert shop.v1.credit_notes.list().data == shop.v1.refunds.list().data == []
    assert shop.v1.customers.retrieve(invoice.customer).balance == 0


def test_what_is_there_is_listed_and_changed(shop: Shop) -> None:
    invoice, other = opened(shop, 1000), opened(shop, 1000)
    made = note(shop, invoice, lines=[custom(10), custom(20)])
    note(shop, other, amount=5)
    assert [one.id for one in shop.v1.credit_notes.list({"invoice": invoice.id}).data] == [made.id]
    assert [one.id for one in shop.v1.credit_notes.list({"customer": invoice.customer}).data] == [made.id]
    assert [line.amount for line in shop.v1.credit_notes.line_items.list(made.id, {"limit": 1}).data] == [10]
    changed: Any = shop.v1.credit_notes.update(made.id, {"memo": "Sorry", "metadata": {"a": "1"}})
    assert (changed.memo, changed.metadata["a"]) == ("Sorry", "1")
    found: Any = shop.v1.credit_notes.retrieve(made.id, {"expand": ["invoice", "customer"]})
    assert (found.memo, found.invoice.id, found.customer.id) == ("Sorry", invoice.id, invoice.customer)


@given(st.integers(-(10**6), 10**6), st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
@settings(max_examples=200)
def test_parts_sum_to_the_whole(whole: int, parts: list[int]) -> None:
    """However a line is credited, its discounts and taxes are credited once."""
    shares = [_share(whole, sum(parts), sum(parts[:place]), part) for place, part in enumerate(parts)]
    assert sum(shares) == whole
    assert all(share * whole >= 0 for share in shares)
