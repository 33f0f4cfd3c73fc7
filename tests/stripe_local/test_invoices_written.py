"""Invoices that somebody writes, through Stripe's client; what becomes of them is what its pages say.

Pages are below docs.stripe.com.
"""

from __future__ import annotations

from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shop import DAY, Shop

HOUR = 3600


@pytest.fixture
def shop(server: LocalStripe, client: StripeClient) -> Shop:
    return Shop(server, client)


def drafted(shop: Shop, *amounts: int, card: bool = True, **more: Any) -> Any:
    """A draft of a new customer, with an item of each amount."""
    customer = more.pop("customer", None) or shop.customer(card=card)
    made = shop.v1.invoices.create({"customer": customer, **more})
    for amount in amounts:
        shop.v1.invoice_items.create({"customer": customer, "invoice": made.id, "amount": amount, "currency": "usd"})
    return shop.v1.invoices.retrieve(str(made.id))


def test_a_new_draft(shop: Shop) -> None:
    """invoicing/integration, api/invoices/create: nothing happens by itself, and what waits is left out unless it is wanted."""
    customer = shop.customer()
    for amount in (1500, -500):
        shop.v1.invoice_items.create({"customer": customer, "amount": amount, "currency": "usd", "description": "Setup"})
    empty = shop.v1.invoices.create({"customer": customer})
    assert (empty.status, empty.billing_reason, empty.auto_advance, empty.total) == ("draft", "manual", False, 0)
    assert (empty.number, empty.effective_at, empty.ending_balance, empty.next_payment_attempt) == (None, None, None, None)
    assert empty.period_start == empty.period_end == empty.created
    # api/invoices/object#invoice_object-webhooks_delivered_at, and recorded.
    assert empty.webhooks_delivered_at == empty.created
    rendering = {"amount_tax_display": None, "pdf": {"page_size": "auto"}, "template": None, "template_version": None}
    assert empty.rendering.to_dict() == rendering  # type: ignore[union-attr]
    whole = shop.v1.invoices.create({"customer": customer, "pending_invoice_items_behavior": "include"})
    assert (whole.total, [line.amount for line in whole.lines.data]) == (1000, [-500, 1500]), "the newest item first"
    shop.v1.invoice_items.create({"customer": customer, "invoice": whole.id, "amount": 7, "currency": "usd"})
    later = shop.v1.invoices.add_lines(str(whole.id), {"lines": [{"amount": 8, "description": "Stamp"}]})
    assert [line.amount for line in later.lines.data] == [-500, 1500, 7, 8], "what is added later comes last, in its order"
    assert shop.v1.invoice_items.list({"customer": customer, "pending": True}).data == []


def test_finalized_then_paid(shop: Shop) -> None:
    """invoicing/overview#invoice-statuses: finalizing fixes the invoice, and charges nothing."""
    made = drafted(shop, 1200)
    final = shop.v1.invoices.finalize_invoice(made.id)
    assert (final.status, final.amount_due, final.attempt_count, final.attempted) == ("open", 1200, 0, False)
    assert str(final.number).endswith("-0001")
    assert final.invoice_pdf == f"{final.hosted_invoice_url}/pdf"
    assert final.status_transitions.finalized_at == final.effective_at
    paid = shop.v1.invoices.pay(made.id, {"expand": ["payments.data.payment.payment_intent"]})
    assert (paid.status, paid.amount_paid, paid.amount_remaining, paid.attempt_count) == ("paid", 1200, 0, 1)
    (payment,) = paid.payments.data  # type: ignore[union-attr]
    assert (payment.status, payment.amount_paid, payment.is_default) == ("paid", 1200, True)
    intent: Any = payment.payment.payment_intent
    assert (intent.status, intent.amount_received) == ("succeeded", 1200)


@pytest.mark.parametrize(("amounts", "due", "balance"), [((), 0, 0), ((800, -800), 0, 0), ((30,), 0, 30), ((-700,), 0, -700)])
def test_nothing_to_charge_is_paid(shop: Shop, amounts: tuple[int, ...], due: int, balance: int) -> None:
    """invoicing/overview, billing/customer/balance: 0 due, below the minimum, or a credit."""
    made = drafted(shop, *amounts)
    final = shop.v1.invoices.finalize_invoice(made.id)
    assert (final.status, final.amount_due, final.attempted, final.attempt_count) == ("paid", due, True, 0)
    assert shop.v1.customers.retrieve(made.customer).balance == balance
    found = shop.v1.customers.balance_transactions.list(made.customer).data
    kind = "invoice_too_small" if balance > 0 else "applied_to_invoice"
    assert [(one.type, one.amount, one.ending_balance) for one in found] == [(kind, balance, balance)] * bool(balance)


def test_what_is_due_is_charged_by_itself(server: LocalStripe, shop: Shop) -> None:
    """invoicing/integration/automatic-advancement-collection: an hour after a draft is left to itself."""
    made = drafted(shop, 1000, auto_advance=True)
    assert (made.automatically_finalizes_at - made.created, made.next_payment_attempt - made.created) == (HOUR + 1, HOUR)
    stopped = shop.v1.invoices.update(made.id, {"auto_advance": False})
    assert (stopped.automatically_finalizes_at, stopped.next_payment_attempt) == (None, None)
    later = server.clock() + 5 * HOUR
    shop.v1.invoices.update(made.id, {"auto_advance": True, "automatically_finalizes_at": later})
    server.clock(set=later - 60)
    assert shop.v1.invoices.retrieve(made.id).status == "draft"
    server.clock(set=later + 60)
    paid = shop.v1.invoices.retrieve(made.id)
    assert (paid.status, paid.attempt_count, paid.status_transitions.finalized_at) == ("paid", 1, later)


def test_sent_and_overdue(server: LocalStripe, shop: Shop) -> None:
    """invoicing/hosted-invoice-page, billing/collection-method: a sent invoice has a page at which it is paid."""
    made = drafted(shop, 5000, card=False, collection_method="send_invoice", days_until_due=30)
    assert made.due_date == made.created + 30 * DAY
    sent = shop.v1.invoices.send_invoice(made.id)
    assert (sent.status, sent.attempted, sent.next_payment_attempt) == ("open", False, None)
    address = str(sent.hosted_invoice_url).removeprefix(server.url)
    assert address.startswith("/i/")
    assert "hosted.js" in server.http("GET", address, key=None).text
    page = server.http("POST", f"/_local/hosted{address}", key=None, json={"payment_method": "pm_card_chargeCustomerFail"}).json()
    assert (page["status"], page["trouble"]) == ("open", "Your card was declined.")
    page = server.http("POST", f"/_local/hosted{address}", key=None, json={"payment_method": "pm_card_visa"}).json()
    assert (page["status"], page["cards"]) == ("paid", {})
    assert shop.v1.invoices.retrieve(made.id).amount_paid == 5000


def test_out_of_band(shop: Shop) -> None:
    """api/invoices/pay: paid elsewhere, so nothing is attempted."""
    made = drafted(shop, 900, card=False)
    shop.v1.invoices.finalize_invoice(made.id)
    paid = shop.v1.invoices.pay(made.id, {"paid_out_of_band": True, "expand": ["payments"]})
    assert (paid.status, paid.amount_paid, paid.attempted) == ("paid", 900, False)
    assert [one.status for one in paid.payments.data] == ["canceled"]  # type: ignore[union-attr]


def test_voided_and_given_up(shop: Shop) -> None:
    """invoicing/overview: void is the end; what is uncollectible can still be paid. billing/customer/balance: void gives back."""
    customer = shop.customer(balance=-300)
    made = drafted(shop, 1000, customer=customer)
    final = shop.v1.invoices.finalize_invoice(made.id)
    assert (final.amount_due, final.starting_balance, final.ending_balance) == (700, -300, 0)
    void = shop.v1.invoices.void_invoice(made.id)
    assert (void.status, void.amount_due, void.amount_remaining) == ("void", 700, 700)
    assert shop.v1.customers.retrieve(customer).balance == -300
    found = shop.v1.customers.balance_transactions.list(customer).data
    assert [(one.type, one.amount) for one in found][:2] == [("unapplied_from_invoice", -300), ("applied_to_invoice", 300)]
    lost = drafted(shop, 400)
    shop.v1.invoices.finalize_invoice(lost.id)
    assert shop.v1.invoices.mark_uncollectible(lost.id).status == "uncollectible"
    assert shop.v1.invoices.pay(lost.id).status == "paid"


def test_lines(shop: Shop) -> None:
    """invoicing/bulk-update-line-items: added, changed and taken off many at a time, or one by one."""
    once = shop.price(250, interval=None)
    made = drafted(shop, 1000)
    new: Any = [{"pricing": {"price": once}, "quantity": 4}, {"amount": 70, "description": "Stamp", "metadata": {"a": "1"}}]
    more = shop.v1.invoices.add_lines(made.id, {"lines": new, "invoice_metadata": {"by": "us"}})
    assert ([line.amount for line in more.lines.data], more.total) == ([1000, 1000, 70], 2070)
    first, priced, stamp = (line.id for line in more.lines.data)
    half: Any = {"coupon": shop.v1.coupons.create({"percent_off": 50, "duration": "once"}).id}
    edits: Any = [{"id": priced, "quantity": 2}, {"id": stamp, "amount": 90, "description": ""}]
    changed = shop.v1.invoices.update_lines(made.id, {"lines": edits})
    assert ([line.amount for line in changed.lines.data], changed.total) == ([1000, 500, 90], 1590)
    one = shop.v1.invoices.line_items.update(made.id, first, {"discounts": [half]})
    assert [off.amount for off in one.discount_amounts or []] == [500]
    assert shop.v1.invoices.retrieve(made.id).total == 1090
    gone: Any = [{"id": stamp, "behavior": "delete"}, {"id": priced, "behavior": "unassign"}]
    left = shop.v1.invoices.remove_lines(made.id, {"lines": gone})
    assert ([line.id for line in left.lines.data], left.total) == ([first], 500)
    (waits,) = shop.v1.invoice_items.list({"customer": made.customer, "pending": True}).data
    assert waits.amount == 500
    back: Any = {"lines": [{"invoice_item": waits.id}]}
    assert shop.v1.invoices.add_lines(made.id, back).total == 1000


def test_items_that_wait(shop: Shop) -> None:
    """billing/invoices/subscription#adding-upcoming-invoice-items: on the next one, of that subscription or any."""
    made = shop.subscribe(shop.price(1000))
    other: Any = {"customer": made.customer, "currency": "usd"}
    shop.v1.invoice_items.create({**other, "unit_amount_decimal": "2.5", "quantity": 3})
    mine = shop.v1.invoice_items.create({**other, "amount": 200, "subscription": made.id})
    assert [line.amount for line in shop.v1.invoices.create_preview({"subscription": made.id}).lines.data] == [8, 200, 1000]
    shop.v1.invoice_items.update(mine.id, {"amount": 300, "tax_rates": []})
    shop.server.clock(set=made.items.data[0].current_period_end + 2 * HOUR)
    assert shop.amounts(made) == [[8, 300, 1000]]
    assert refusal(shop.v1.invoice_items.delete, mine.id).http_status == 400


def test_discounts_and_taxes(shop: Shop) -> None:
    """invoicing/taxes/tax-rates, billing/subscriptions/coupons: of the whole, after those of the items; 19 % of what is left."""
    tax: Any = {"display_name": "VAT", "percentage": 19, "inclusive": False}
    coupon = shop.v1.coupons.create({"percent_off": 10, "duration": "once"}).id
    rate = shop.v1.tax_rates.create(tax).id
    made = drafted(shop, 1000, discounts=[{"coupon": coupon}], default_tax_rates=[rate])
    assert (made.subtotal, made.total_excluding_tax, made.total) == (1000, 900, 1071)


def test_billing_what_waits_between_periods(server: LocalStripe, shop: Shop) -> None:
    """api/subscriptions/create#create_subscription-pending_invoice_item_interval: every week, here, of a month's subscription."""
    made = shop.subscribe(shop.price(1000), pending_invoice_item_interval={"interval": "week"})
    first = made.billing_cycle_anchor + 7 * DAY
    assert made.next_pending_invoice_item_invoice == first
    shop.v1.invoice_items.create({"customer": made.customer, "amount": 600, "currency": "usd", "subscription": made.id})
    server.clock(set=first + 2 * HOUR)
    assert shop.amounts(made) == [[600]]
    server.clock(set=first + 8 * DAY)
    again = shop.v1.subscriptions.retrieve(made.id)
    assert (shop.amounts(made), again.next_pending_invoice_item_invoice) == ([[600]], first + 14 * DAY)
    assert shop.update(made, pending_invoice_item_interval="").next_pending_invoice_item_invoice is None


def test_refusals_in_stripes_words(shop: Shop) -> None:
    paid, draft = drafted(shop, 500), drafted(shop, 500)
    shop.v1.invoices.pay(paid.id)
    lost = drafted(shop, 500)
    shop.v1.invoices.finalize_invoice(lost.id)
    shop.v1.invoices.mark_uncollectible(lost.id)
    v1: Any = shop.v1.invoices
    cases: list[tuple[Any, tuple[Any, ...], str]] = [
        (v1.pay, (paid.id,), "Invoice is already paid"),
        (v1.finalize_invoice, (paid.id,), "This invoice is already finalized, you can't re-finalize a non-draft invoice."),
        (v1.void_invoice, (draft.id,), "You can only pass in open invoices. This invoice isn't open."),
        (v1.mark_uncollectible, (draft.id,), "You can only pass in open invoices. This invoice isn't open."),
        (v1.void_invoice, (paid.id,), "Invoices with `paid` payments cannot be voided."),
        (v1.mark_uncollectible, (lost.id,), "This invoice has already been marked uncollectible."),
        (v1.delete, (paid.id,), "You can only delete draft invoices."),
        (v1.update, (paid.id, {"description": "x"}), "Finalized invoices can't be updated in this way"),
        (
            v1.create,
            ({"customer": paid.customer, "collection_method": "send_invoice"},),
            "If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'.",
        ),
    ]
    for act, given, words in cases:
        error = refusal(act, *given)
        assert (error.http_status, error.user_message, error.code) == (400, words, None)
    assert refusal(v1.update, paid.id, {"description": "x"}).param == "description"
    assert refusal(v1.add_lines, paid.id, {"lines": [{"amount": 5}]}).code == "invoice_not_editable"
    assert v1.update(paid.id, {"metadata": {"a": "b"}}).metadata["a"] == "b"
    for act, param in (
        (v1.retrieve, "invoice"),
        (v1.delete, "invoice"),
        (v1.send_invoice, "invoice"),
        (v1.pay, "id"),
        (v1.update, "id"),
    ):
        error = refusal(act, "in_none")
        assert (error.http_status, error.code, error.param) == (404, "resource_missing", param)
    assert v1.delete(draft.id).deleted
    assert refusal(v1.retrieve, draft.id).http_status == 404


def test_a_subscriptions_draft(server: LocalStripe, shop: Shop) -> None:
    """billing/invoices/subscription: in its hour a draft can be edited, but for what the subscription's own lines cost."""
    made = shop.subscribe(shop.price(1000))
    end = made.items.data[0].current_period_end
    server.clock(set=end + 60)
    draft = shop.v1.subscriptions.retrieve(made.id).latest_invoice
    invoice = shop.v1.invoices.retrieve(draft)
    (line,) = invoice.lines.data
    assert refusal(shop.v1.invoices.line_items.update, invoice.id, line.id, {"amount": 5}).param == "amount"
    shop.v1.invoices.line_items.update(invoice.id, line.id, {"description": "June"})
    shop.v1.invoice_items.create({"customer": made.customer, "invoice": invoice.id, "amount": 250, "currency": "usd"})
    assert refusal(shop.v1.invoices.delete, invoice.id).http_status == 400
    server.clock(set=end + 2 * HOUR)
    paid = shop.v1.invoices.retrieve(draft)
    assert (paid.status, paid.total, [one.description for one in paid.lines.data]) == ("paid", 1250, ["June", None])


def test_what_is_written_survives_a_kill(server: LocalStripe, shop: Shop) -> None:
    made = drafted(shop, 1000, 200)
    shop.v1.invoices.finalize_invoice(made.id)
    before = shop.v1.invoices.pay(made.id, {"expand": ["payments"]}).to_dict()
    server.kill()
    server.start()
    after = server.client().v1.invoices.retrieve(made.id, {"expand": ["payments"]}).to_dict()
    here = {"hosted_invoice_url": "", "invoice_pdf": ""}
    assert {**after, **here} == {**before, **here}
