"""Discounts and taxes on invoices, previews and at Checkout: the numbers of Stripe's pages and of recorded invoices."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import METER, refusal
from tests.stripe_local.server import LocalStripe

HOUR, DAY = 3600, 86400
TAX_RATES = "https://docs.stripe.com/tax/tax-rates"
COUPONS = "https://docs.stripe.com/api/coupons/object"
PRORATIONS = "https://docs.stripe.com/billing/subscriptions/prorations"


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


class Shop:
    """Prices, coupons and tax rates; subscriptions are invoiced, so that no card is needed."""

    def __init__(self, server: LocalStripe, client: StripeClient) -> None:
        self.server, self.v1 = server, client.v1
        self.product = self.v1.products.create({"name": "Plan"}).id

    def price(self, amount: int, **more: Any) -> str:
        params: Any = {"currency": "usd", "unit_amount": amount, "product": self.product, "recurring": {"interval": "month"}}
        return self.v1.prices.create({**params, **more}).id

    def coupon(self, percent: float | None = None, amount: int | None = None, **more: Any) -> str:
        off = {"percent_off": percent} if percent is not None else {"amount_off": amount, "currency": "usd"}
        params: Any = {"duration": "forever", **off, **more}
        return self.v1.coupons.create(params).id

    def code(self, coupon: str, **more: Any) -> Any:
        params: Any = {"promotion": {"type": "coupon", "coupon": coupon}, **more}
        return self.v1.promotion_codes.create(params)

    def rate(self, percentage: float, *, inclusive: bool = False) -> str:
        return self.v1.tax_rates.create({"display_name": "VAT", "percentage": percentage, "inclusive": inclusive}).id

    def customer(self, **more: Any) -> str:
        params: Any = more
        return self.v1.customers.create(params).id

    def subscribe(self, *items: Any, **more: Any) -> Any:
        wanted = [{"price": item} if isinstance(item, str) else item for item in items]
        params: Any = {"collection_method": "send_invoice", "days_until_due": 30, "items": wanted, **more}
        params.setdefault("customer", self.customer())
        return self.v1.subscriptions.create(params)

    def invoice(self, subscription: Any, *expand: str) -> Any:
        """The latest one."""
        found = self.v1.subscriptions.retrieve(subscription.id).latest_invoice
        paths: Any = {"expand": list(expand)}
        return self.v1.invoices.retrieve(str(found), paths)

    def update(self, subscription: Any, **params: Any) -> Any:
        wanted: Any = params
        return self.v1.subscriptions.update(subscription.id, wanted)

    def preview(self, **params: Any) -> Any:
        wanted: Any = params
        return self.v1.invoices.create_preview(wanted)


@pytest.fixture
def shop(server: LocalStripe, client: StripeClient) -> Shop:
    server.clock(set=moment("2027-02-01"))
    return Shop(server, client)


def off(entries: Any) -> list[int]:
    return [entry.amount for entry in entries]


class Example(NamedTuple):
    """Lines (amount, percentages of their own rates) with one set of terms, and what the page says of the invoice."""

    page: str
    lines: list[tuple[int, list[float]]]
    expected: dict[str, Any]
    inclusive: tuple[float, ...] = ()
    exclusive: tuple[float, ...] = ()
    percent: float | None = None
    amount: int | None = None
    exempt: str = "none"


EXAMPLES = {
    "exclusive": Example(TAX_RATES, [(500, [])], {"subtotal": 500, "total": 625, "taxes": [125]}, exclusive=(25,)),
    "inclusive": Example(
        TAX_RATES, [(500, [])], {"subtotal": 500, "total": 500, "taxes": [100], "total_excluding_tax": 400}, inclusive=(25,)
    ),
    "exempt, inclusive": Example(TAX_RATES, [(10000, [])], {"total": 9091, "taxes": [0]}, inclusive=(10,), exempt="exempt"),
    "exempt, exclusive": Example(TAX_RATES, [(10000, [])], {"total": 10000, "taxes": [0]}, exclusive=(10,), exempt="exempt"),
    "reverse charge": Example(TAX_RATES, [(10000, [])], {"total": 9091, "taxes": [0]}, inclusive=(10,), exempt="reverse"),
    "an item's rates replace the invoice's": Example(
        TAX_RATES,
        [(10000, []), (20000, [10]), (30000, [1, 2])],
        {"lines": [[998, 500], [2000], [300, 600]], "total": 60000 + 1498 + 2000 + 900},
        exclusive=(
            9.975,
            5,
        ),
    ),
    "two rates": Example(TAX_RATES, [(500, [5]), (1000, [10])], {"subtotal": 1500, "total": 1625, "taxes": [25, 100]}),
    "rounded line by line": Example(
        TAX_RATES,
        [(100000, []), (5000, [])],
        {"lines": [[9091], [455]], "taxes": [9546], "total": 105000, "total_excluding_tax": 95454},
        inclusive=(10,),
    ),
    "discount before exclusive tax": Example(
        TAX_RATES,
        [(500, []), (1000, [])],
        {"discounts": [150], "lines": [[23], [45]], "taxes": [68], "total": 1418},
        exclusive=(5,),
        percent=10,
    ),
    "discount before inclusive tax": Example(
        TAX_RATES,
        [(500, []), (1000, [])],
        {"discounts": [150], "lines": [[21], [43]], "taxes": [64], "total": 1350},
        inclusive=(5,),
        percent=10,
    ),
    "discount before both": Example(
        TAX_RATES,
        [(500, []), (1000, [])],
        {"discounts": [150], "lines": [[21, 30], [43, 60]], "taxes": [64, 90], "total": 1440, "total_excluding_tax": 1286},
        inclusive=(5,),
        exclusive=(7,),
        percent=10,
    ),
    "600 with 10% inside": Example(
        "https://support.stripe.com/questions/inclusive-and-exclusive-tax-options-in-the-tax-rate-api-and-stripe-tax",
        [(60000, [])],
        {"total": 60000},
        inclusive=(10,),
    ),
    "600 with 10% on top": Example(
        "https://support.stripe.com/questions/inclusive-and-exclusive-tax-options-in-the-tax-rate-api-and-stripe-tax",
        [(60000, [])],
        {"total": 66000},
        exclusive=(10,),
    ),
    "rounding": Example(
        "https://support.stripe.com/questions/rounding-rules-for-stripe-fees",
        [(43, []), (484, [])],
        {"lines": [[6], [73]], "taxes": [79], "subtotal": 527, "total": 606},
        exclusive=(15,),
    ),
    "more off than there is": Example(COUPONS, [(10000, [])], {"discounts": [10000], "total": 0}, amount=20000),
    "less off than there is": Example(COUPONS, [(30000, [])], {"discounts": [20000], "total": 10000}, amount=20000),
    "half off": Example(COUPONS, [(10000, [])], {"discounts": [5000], "total": 5000}, percent=50),
    "an amount off two items": Example(
        PRORATIONS, [(1000, []), (2000, [])], {"line discounts": [[166], [334]], "total": 2500}, amount=500
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_numbers_of_the_pages(shop: Shop, name: str) -> None:
    example = EXAMPLES[name]
    rates = [shop.rate(p, inclusive=True) for p in example.inclusive] + [shop.rate(p) for p in example.exclusive]
    items = [
        {"price": shop.price(amount), **({"tax_rates": [shop.rate(p) for p in own]} if own else {})}
        for amount, own in example.lines
    ]
    given = example.percent is not None or example.amount is not None
    made = shop.subscribe(
        *items,
        customer=shop.customer(tax_exempt=example.exempt),
        **({"default_tax_rates": rates} if rates else {}),
        **({"discounts": [{"coupon": shop.coupon(example.percent, example.amount)}]} if given else {}),
    )
    invoice = shop.invoice(made)
    shown = {
        "discounts": off(invoice.total_discount_amounts),
        "taxes": off(invoice.total_taxes),
        "lines": [off(line.taxes) for line in invoice.lines.data],
        "line discounts": [off(line.discount_amounts) for line in invoice.lines.data],
        **{name: invoice[name] for name in ("subtotal", "total", "total_excluding_tax")},
    }
    assert {name: shown[name] for name in example.expected} == example.expected, example.page
    assert sum(shown["discounts"]) == sum(sum(line) for line in shown["line discounts"])
    assert sum(shown["taxes"]) == sum(sum(line) for line in shown["lines"])


@pytest.mark.parametrize(("mode", "total"), [("classic", -250), ("flexible", -417)])
@pytest.mark.parametrize("shows", ["included", "itemized"])
def test_a_credit_of_one_of_two_items_with_an_amount_off(shop: Shop, mode: str, total: int, shows: str) -> None:
    """https://docs.stripe.com/billing/subscriptions/prorations#credit-prorations"""
    flexible = {"flexible": {"proration_discounts": shows}} if mode == "flexible" else {}
    cheap, dear = shop.price(1000), shop.price(2000)
    discounts = [{"coupon": shop.coupon(amount=500)}]
    made = shop.subscribe(cheap, dear, discounts=discounts, billing_mode={"type": mode, **flexible})
    item = next(item for item in made.items.data if item.price.id == cheap)
    shop.server.clock(set=moment("2027-02-15"))
    shop.v1.subscription_items.delete(item.id, {"proration_date": moment("2027-02-15")})
    (credit,) = shop.v1.invoice_items.list({"pending": True, "customer": made.customer}).data
    itemized = mode == "flexible" and shows == "itemized"
    assert (credit.net_amount, credit.amount, credit.discountable) == (total, -500 if itemized else total, False)
    assert off(credit.proration_details.discount_amounts) == ([-83] if itemized else [0])
    preview = shop.preview(subscription=made.id)
    line = next(line for line in preview.lines.data if line.amount < 0)
    assert off(line.discount_amounts) == ([-83] if itemized else [0])
    assert preview.total == total + 2000 - 500


def test_a_coupon_that_came_after_the_charge_is_not_in_the_credit(shop: Shop) -> None:
    """https://groups.google.com/a/lists.stripe.com/g/api-discuss/c/C7yM2sNZhjU"""
    price = shop.price(10000)
    made = shop.subscribe({"price": price, "quantity": 2}, billing_mode={"type": "classic"})
    shop.server.clock(set=moment("2027-02-15"))
    shop.update(made, discounts=[{"coupon": shop.coupon(50)}])
    assert shop.v1.invoice_items.list({"pending": True}).data == [], "a discount alone makes no proration"
    item = {"id": made.items.data[0].id, "quantity": 3}
    shop.update(made, items=[item], proration_date=moment("2027-02-15"))
    assert sorted(one.amount for one in shop.v1.invoice_items.list({"pending": True}).data) == [-10000, 7500]


def test_a_recorded_invoice(shop: Shop) -> None:
    """Recorded for 2026-08-26.dahlia: pay-rails/pay, sync_stripe_invoice_discounts_and_coupons. 50% off 19.00."""
    customer = shop.customer(name="Stripe User", email="stripe@example.org")
    method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer}).id
    shop.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": method}})
    id = shop.v1.invoices.create({"customer": customer}).id
    half: Any = [{"coupon": shop.coupon(50)}]
    item = shop.v1.invoice_items.create({"customer": customer, "invoice": id, "amount": 1900, "discounts": half})
    assert (item.amount, item.currency, item.discountable, item.frozen_fields, item.parent) == (1900, "usd", True, [], None)
    paid = shop.v1.invoices.pay(str(id)).to_dict()
    sums = ("amount_due", "amount_paid", "subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax")
    assert {name: paid[name] for name in sums} == dict.fromkeys(sums, 950)
    off = {"amount": 950, "discount": item.discounts[0]}
    assert (paid["status"], paid["discounts"], paid["total_taxes"]) == ("paid", [], [])
    assert (paid["total_discount_amounts"], paid["total_pretax_credit_amounts"]) == ([off], [{**off, "type": "discount"}])
    (line,) = paid["lines"]["data"]
    shown = {name: line[name] for name in ("amount", "subtotal", "description", "discountable", "quantity", "discounts", "taxes")}
    assert shown == {
        "amount": 1900,
        "subtotal": 1900,
        "description": None,
        "discountable": True,
        "quantity": 1,
        "discounts": item.discounts,
        "taxes": [],
    }


def test_an_item_s_own_discount(shop: Shop) -> None:
    """Recorded for an item of 19.00 with 50% off: pay-rails/pay, sync_stripe_invoice_discounts_and_coupons."""
    made = shop.subscribe({"price": shop.price(1900), "discounts": [{"coupon": shop.coupon(50)}]})
    (item,) = made.items.data
    invoice = shop.invoice(made)
    (line,) = invoice.lines.data
    assert (line.amount, line.subtotal, off(line.discount_amounts), line.discounts) == (1900, 1900, [950], item.discounts)
    assert [(one.amount, one.type, one.discount) for one in line.pretax_credit_amounts] == [(950, "discount", item.discounts[0])]
    assert (invoice.discounts, off(invoice.total_discount_amounts), invoice.subtotal, invoice.total) == ([], [950], 950, 950)


def test_the_order_of_discounts(shop: Shop) -> None:
    percent, amount = shop.coupon(10), shop.coupon(amount=500)
    totals = []
    for order in ((percent, amount), (amount, percent)):
        made = shop.subscribe(shop.price(10000), discounts=[{"coupon": coupon} for coupon in order])
        totals.append(shop.invoice(made).total)
    assert totals == [8500, 8550]
    both = shop.subscribe({"price": shop.price(10000), "discounts": [{"coupon": amount}]}, discounts=[{"coupon": percent}])
    invoice = shop.invoice(both)
    assert (off(invoice.total_discount_amounts), invoice.subtotal, invoice.total) == ([950, 500], 9500, 8550)


# What is metered


def test_tiers_credits_discounts_and_taxes(shop: Shop) -> None:
    meter = shop.v1.billing.meters.create(METER)
    tiers: Any = [{"up_to": 10, "unit_amount": 100}, {"up_to": "inf", "unit_amount": 50, "flat_amount": 300}]
    recurring = {"interval": "month", "usage_type": "metered", "meter": meter.id}
    params: Any = {
        "currency": "usd",
        "product": shop.product,
        "billing_scheme": "tiered",
        "tiers_mode": "graduated",
        "tiers": tiers,
        "recurring": recurring,
    }
    price = shop.v1.prices.create(params).id
    rate = shop.rate(20)
    made = shop.subscribe({"price": price, "tax_rates": [rate]}, discounts=[{"coupon": shop.coupon(amount=100)}])
    shop.v1.billing.meter_events.create(
        {"event_name": METER["event_name"], "payload": {"stripe_customer_id": made.customer, "value": "14"}}
    )
    shop.v1.billing.credit_grants.create(
        {
            "customer": made.customer,
            "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 400}},
            "applicability_config": {"scope": {"price_type": "metered"}},
        }
    )
    preview = shop.preview(subscription=made.id)
    assert [line.amount for line in preview.lines.data] == [1000, 200, 300]
    # 100 off 1,500 by weight, cut down: 66, 13, and the rest.
    assert [off(line.discount_amounts) for line in preview.lines.data] == [[66], [13], [21]]
    assert [[(one.type, one.amount) for one in line.pretax_credit_amounts] for line in preview.lines.data] == [
        [("discount", 66), ("credit_balance_transaction", 400)],
        [("discount", 13)],
        [("discount", 21)],
    ]
    # 20% of 534, 187 and 279.
    assert [off(line.taxes) for line in preview.lines.data] == [[107], [37], [56]]
    assert (preview.subtotal, preview.total_excluding_tax, preview.total) == (1500, 1000, 1200)
    assert [(tax.amount, tax.taxable_amount, tax.taxability_reason) for tax in preview.total_taxes] == [
        (200, 1000, "not_available")
    ]
    shop.server.clock(set=moment("2027-03-01") + 2 * HOUR)
    assert shop.invoice(made).total == 1200


# How long


def discounted(shop: Shop, made: Any, months: int) -> list[int]:
    """What each cycle's invoice takes off, the first one too."""
    for month in range(3, 3 + months):
        shop.server.clock(set=moment(f"2027-{month:02}-01") + 2 * HOUR)
    found = shop.v1.invoices.list({"subscription": made.id, "limit": 100}).data
    return [sum(off(invoice.total_discount_amounts)) for invoice in reversed(found)]


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ({"duration": "once"}, [500, 0, 0, 0]),
        ({"duration": "repeating", "duration_in_months": 2}, [500, 500, 0, 0]),
        ({"duration": "forever"}, [500, 500, 500, 500]),
    ],
)
def test_durations(shop: Shop, duration: dict[str, Any], expected: list[int]) -> None:
    coupon = shop.coupon(amount=500, **duration)
    made = shop.subscribe(shop.price(1000), discounts=[{"coupon": coupon}])
    assert discounted(shop, made, 3) == expected
    again = shop.v1.subscriptions.retrieve(made.id)
    assert len(again.discounts) == (expected[-1] > 0)
    first = shop.v1.invoices.list({"subscription": made.id, "limit": 100, "expand": ["data.discounts.source.coupon"]}).data[-1]
    (kept,) = first.discounts
    assert (kept.source.coupon.id, kept.start, kept.subscription) == (coupon, moment("2027-02-01"), made.id)  # type: ignore[union-attr]
    assert kept.end == (moment("2027-04-01") if "duration_in_months" in duration else None)  # type: ignore[union-attr]


def test_months_before_a_backdated_start_are_used_up(shop: Shop) -> None:
    coupon = shop.coupon(50, duration="repeating", duration_in_months=2)
    more = {"backdate_start_date": moment("2027-01-01"), "discounts": [{"coupon": coupon}]}
    made = shop.subscribe(shop.price(1000), **more)
    assert discounted(shop, made, 2) == [1000, 0, 0]


def test_an_update_replaces_keeps_and_clears(shop: Shop) -> None:
    first, second = shop.coupon(10), shop.coupon(20)
    made = shop.subscribe(shop.price(1000), discounts=[{"coupon": first}])
    (kept,) = made.discounts
    assert shop.update(made, metadata={"a": "b"}).discounts == [kept]
    changed = shop.update(made, discounts=[{"coupon": second}, {"discount": kept}])
    assert changed.discounts[1] == kept
    assert shop.preview(subscription=made.id).total == 720
    assert shop.v1.coupons.retrieve(first).times_redeemed == 1
    gone: Any = shop.v1.subscriptions.delete_discount(made.id)
    assert (gone.id, gone.deleted, gone.object) == (changed.discounts[0], True, "discount")
    assert shop.v1.subscriptions.retrieve(made.id).discounts == []
    error = refusal(shop.v1.subscriptions.delete_discount, made.id)
    assert (error.http_status, error.code) == (404, "resource_missing")
    shop.update(made, discounts=[{"coupon": first}])
    assert shop.update(made, discounts="").discounts == []


def test_a_deleted_coupon_stays_with_who_has_it(shop: Shop) -> None:
    coupon = shop.coupon(10)
    made = shop.subscribe(shop.price(1000), discounts=[{"coupon": coupon}])
    shop.v1.coupons.delete(coupon)
    assert shop.preview(subscription=made.id).total == 900
    # "A coupon", not a deleted one: https://docs.stripe.com/api/discounts/object#discount_object-source-coupon
    shown: Any = shop.v1.subscriptions.retrieve(made.id, {"expand": ["discounts.source.coupon"]})
    assert (shown.discounts[0].source.coupon.percent_off, shown.discounts[0].source.coupon.valid) == (10, False)
    assert refusal(shop.v1.coupons.retrieve, coupon).http_status == 404
    assert [one.id for one in shop.v1.coupons.list().data] == []
    error = refusal(shop.update, made, discounts=[{"coupon": coupon}])
    assert (error.code, error.param) == ("resource_missing", "discounts[0][coupon]")
    assert shop.coupon(20, id=coupon) == coupon
    again: Any = shop.v1.coupons.retrieve(coupon)
    assert (again.percent_off, again.valid, shop.preview(subscription=made.id).total) == (20, True, 900)


def test_only_these_products(shop: Shop) -> None:
    other = shop.v1.products.create({"name": "Other"}).id
    coupon = shop.coupon(50, applies_to={"products": [other]})
    invoice = shop.invoice(shop.subscribe(shop.price(1000), shop.price(2000, product=other), discounts=[{"coupon": coupon}]))
    assert [(line.amount, off(line.discount_amounts)) for line in invoice.lines.data] == [(1000, []), (2000, [1000])]
    nothing = shop.invoice(shop.subscribe(shop.price(1000), discounts=[{"coupon": coupon}]))
    assert (nothing.total, off(nothing.total_discount_amounts)) == (1000, [0])


def test_a_customer_without_a_discount_has_none_to_remove(shop: Shop) -> None:
    customer = shop.customer()
    error = refusal(shop.v1.customers.delete_discount, customer)
    assert (error.http_status, error.code) == (404, "resource_missing")
    assert shop.server.http("GET", f"/v1/customers/{customer}/discount").status_code == 404


@pytest.mark.thorough
def test_a_customer_s_own_discount_counts_where_it_is_there(tmp_path: Path) -> None:
    """No parameter puts one there any more, so it is written into the file."""
    file = tmp_path / "stripe.db"
    with LocalStripe(file) as server:
        shop = Shop(server, server.client())
        customer, coupon = shop.customer(), shop.coupon(50, duration="once")
    discount = {
        "id": "di_of_before",
        "object": "discount",
        "checkout_session": None,
        "customer": customer,
        "customer_account": None,
        "end": None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": coupon, "type": "coupon"},
        "start": 1,
        "subscription": None,
        "subscription_item": None,
    }
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "UPDATE objects SET body = json_set(body, '$.discount', json(?)) WHERE id = ?", (json.dumps(discount), customer)
        )
    with LocalStripe(file) as server:
        shop = Shop(server, server.client())
        with_own = shop.subscribe(shop.price(1000), customer=customer, discounts=[{"coupon": shop.coupon(10)}])
        assert shop.invoice(with_own).total == 900, "they do not add up"
        preview = shop.preview(customer=customer, subscription_details={"items": [{"price": shop.price(1000)}]})
        assert preview.total == 500
        invoice = shop.invoice(shop.subscribe(shop.price(1000), customer=customer), "discounts")
        assert (invoice.total, invoice.discounts[0].source.coupon) == (500, coupon)
        server.clock(advance=7200)
        assert shop.v1.customers.retrieve(customer).discount is None, "it was for one invoice, which is final"


# Promotion codes


def test_a_promotion_code(shop: Shop) -> None:
    coupon = shop.coupon(25, redeem_by=moment("2027-06-01"))
    code = shop.code(coupon, max_redemptions=1)
    assert (code.active, code.expires_at) == (True, moment("2027-06-01"))
    made = shop.subscribe(shop.price(1000), discounts=[{"promotion_code": code.id}])
    shown: Any = shop.v1.subscriptions.retrieve(made.id, {"expand": ["discounts.promotion_code"]})
    assert shown.discounts[0].promotion_code.code == code.code
    assert shop.invoice(made).total == 750
    used = shop.v1.promotion_codes.retrieve(code.id)
    assert (used.active, used.times_redeemed) == (False, 1)
    assert [one.id for one in shop.v1.promotion_codes.list({"active": False}).data] == [code.id]
    assert refusal(shop.v1.promotion_codes.update, code.id, {"active": True}).param == "active"
    error = refusal(shop.subscribe, shop.price(1000), discounts=[{"promotion_code": code.id}])
    assert (error.http_status, error.param) == (400, "discounts[0][promotion_code]")


def test_restrictions(shop: Shop) -> None:
    coupon = shop.coupon(25)
    least = {"restrictions": {"minimum_amount": 2000, "minimum_amount_currency": "usd"}}
    big, new, own = shop.code(coupon, **least), shop.code(coupon, restrictions={"first_time_transaction": True}), shop.customer()
    hers = shop.code(coupon, customer=own)

    def refused(code: Any, amount: int = 1000, **more: Any) -> str | None:
        error = refusal(shop.subscribe, shop.price(amount), discounts=[{"promotion_code": code.id}], **more)
        assert (error.http_status, error.param) == (400, "discounts[0][promotion_code]")
        return error.user_message

    assert "minimum amount" in str(refused(big))
    made = shop.subscribe(shop.price(2000), discounts=[{"promotion_code": big.id}])
    error = refusal(shop.update, made, discounts=[{"promotion_code": big.id}])
    assert "on a subscription update because it uses the `minimum_amount` restriction" in str(error.user_message)
    item = {"id": made.items.data[0].id, "discounts": [{"promotion_code": big.id}]}
    assert refusal(shop.update, made, items=[item]).param == "items[0][discounts][0][promotion_code]"
    assert "prior transactions" in str(refused(new, customer=made.customer))
    shop.subscribe(shop.price(1000), discounts=[{"promotion_code": new.id}])
    refused(hers)
    shop.subscribe(shop.price(1000), discounts=[{"promotion_code": hers.id}], customer=own)


@pytest.mark.parametrize(
    ("discounts", "param", "code"),
    [
        ([{"coupon": "none"}], "discounts[0][coupon]", "resource_missing"),
        ([{"promotion_code": "promo_none"}], "discounts[0][promotion_code]", "resource_missing"),
        ([{"discount": "di_none"}], "discounts[0][discount]", "resource_missing"),
        ([{"coupon": "A", "promotion_code": "B"}], "discounts[0][coupon]", None),
        ([{"coupon": "ten"}, {"coupon": "ten"}], "discounts[1]", None),
        ([{"coupon": "used"}], "discounts[0][coupon]", "coupon_expired"),
        ([{"coupon": "euros"}], "discounts[0][coupon]", None),
        ([{"coupon": "ten"}] * 21, "discounts", None),
    ],
)
def test_what_cannot_be_given(shop: Shop, discounts: Any, param: str, code: str | None) -> None:
    shop.coupon(10, id="ten")
    shop.coupon(10, id="used", max_redemptions=1)
    shop.coupon(amount=100, id="euros", currency="eur")
    shop.subscribe(shop.price(1000), discounts=[{"coupon": "used"}])
    assert shop.v1.coupons.retrieve("used").valid is False
    error = refusal(shop.subscribe, shop.price(1000), discounts=discounts)
    assert (error.http_status, error.param, error.code) == (400, param, code)
    assert shop.v1.coupons.retrieve("ten").times_redeemed == 0


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"default_tax_rates": ["txr_none"]}, "default_tax_rates[0]"),
        ({"default_tax_rates": ["old"]}, "default_tax_rates[0]"),
        ({"items": [{"tax_rates": ["txr_none"]}]}, "items[0][tax_rates][0]"),
        ({"default_tax_rates": ["txr_none"] * 11}, "default_tax_rates"),
    ],
)
def test_rates_that_cannot_be_used(shop: Shop, more: Any, param: str) -> None:
    old = shop.rate(5)
    shop.v1.tax_rates.update(old, {"active": False})
    wanted = {"items": [{}], **more}
    items = [{"price": shop.price(1000), **wanted.pop("items")[0]}]
    rates = {name: [old if id == "old" else id for id in ids] for name, ids in wanted.items()}
    error = refusal(shop.subscribe, *items, **rates)
    assert (error.http_status, error.param) == (400, param)


# Previews


def test_previews_say_what_the_invoice_will(shop: Shop) -> None:
    rate, coupon = shop.rate(19), shop.coupon(33.33)
    customer, items = shop.customer(), [{"price": shop.price(1999), "tax_rates": [rate]}, {"price": shop.price(777)}]
    more: Any = {"discounts": [{"coupon": coupon}]}
    preview = shop.preview(customer=customer, subscription_details={"items": items, "default_tax_rates": [shop.rate(7)]}, **more)
    made = shop.subscribe(*items, customer=customer, default_tax_rates=[shop.rate(7)], **more)
    invoice = shop.invoice(made)
    names = ("subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax", "amount_due")
    assert {name: preview[name] for name in names} == {name: invoice[name] for name in names}
    assert shop.v1.coupons.retrieve(coupon).times_redeemed == 1
    again: Any = shop.v1.invoices.retrieve(str(preview.id), {"expand": ["discounts.source.coupon"]})
    assert again.discounts[0].source.coupon.id == coupon
    next_one = shop.preview(subscription=made.id)
    assert (next_one.discounts, next_one.total) == (made.discounts, invoice.total)
    assert off(shop.preview(subscription=made.id, discounts="").total_discount_amounts) == []
    other = shop.preview(subscription=made.id, discounts=[{"coupon": shop.coupon(amount=1)}])
    assert off(other.total_discount_amounts) == [1]
    assert shop.v1.subscriptions.retrieve(made.id).discounts == made.discounts


def test_things_charged_once(shop: Shop) -> None:
    made = shop.subscribe(shop.price(1000), discounts=[{"coupon": shop.coupon(50)}])
    thing: dict[str, Any] = {"currency": "usd", "unit_amount": 400, "product": shop.product}
    own = {"price_data": thing, "discounts": [{"coupon": shop.coupon(amount=100)}], "tax_rates": [shop.rate(10)]}
    credit = {"price_data": {**thing, "unit_amount": -50}}
    shop.update(made, add_invoice_items=[own, credit])
    kept = shop.v1.invoice_items.list({"customer": made.customer, "expand": ["data.discounts"]}).data
    assert [(one.amount, one.discountable, len(one.discounts)) for one in reversed(kept)] == [(400, True, 1), (-50, False, 0)]
    assert kept[-1].discounts[0].invoice_item == kept[-1].id  # type: ignore[union-attr]
    preview = shop.preview(subscription=made.id)
    assert [(line.amount, off(line.discount_amounts), off(line.taxes)) for line in preview.lines.data] == [
        (400, [150, 100], [15]),
        (-50, [], []),
        (1000, [500], []),
    ]
    assert preview.total == 150 + 15 - 50 + 500
    params: Any = {"amount": 1000, "currency": "usd", "discountable": False, "tax_rates": [shop.rate(5)]}
    extra = shop.preview(subscription=made.id, invoice_items=[params]).lines.data[-1]
    assert (extra.amount, off(extra.discount_amounts), off(extra.taxes)) == (1000, [], [50])


# Checkout


def test_checkout(shop: Shop) -> None:
    coupon, rate = shop.coupon(amount=500), shop.rate(10, inclusive=True)
    prices: Any = [{"price": shop.price(1000), "quantity": 1, "tax_rates": [rate]}, {"price": shop.price(2000), "quantity": 1}]
    page: Any = {"mode": "subscription", "success_url": "https://example.com", "line_items": prices}
    expand = ["line_items.data.discounts", "line_items.data.taxes", "total_details.breakdown", "discounts.coupon"]
    session: Any = shop.v1.checkout.sessions.create({**page, "discounts": [{"coupon": coupon}], "expand": expand})
    assert (session.amount_subtotal, session.amount_total) == (3000, 2500)
    assert (session.total_details.amount_discount, session.total_details.amount_tax) == (500, 76)
    assert session.discounts[0].coupon.id == coupon
    first, second = session.line_items.data
    assert (first.amount_subtotal, first.amount_discount, first.amount_tax, first.amount_total) == (1000, 166, 76, 834)
    assert (second.amount_discount, second.amount_total) == (334, 1666)
    # Not present for subscription mode: https://docs.stripe.com/api/discounts/object
    assert (first.discounts[0].discount.checkout_session, first.discounts[0].discount.subscription) == (None, None)
    assert session.total_details.breakdown.taxes[0].rate.id == first.taxes[0].rate.id == rate
    assert shop.v1.coupons.retrieve(coupon).times_redeemed == 0
    shop.server.http(
        "POST", f"/_local/checkout/{session.id}", key=None, json={"email": "a@example.com", "payment_method": "pm_card_visa"}
    )
    done: Any = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["invoice", "subscription"]})
    assert (done.invoice.total, len(done.subscription.discounts)) == (2500, 1)
    assert shop.v1.coupons.retrieve(coupon).times_redeemed == 1


def test_a_code_typed_at_checkout(shop: Shop) -> None:
    prices: Any = [{"price": shop.price(1000), "quantity": 1}]
    page: Any = {"mode": "subscription", "success_url": "https://example.com", "line_items": prices}
    session = shop.v1.checkout.sessions.create({**page, "allow_promotion_codes": True})
    code = shop.code(shop.coupon(25), code="Spring")
    there = f"/_local/checkout/{session.id}/promotion_code"
    wrong = shop.server.http("POST", there, key=None, json={"promotion_code": "AUTUMN"})
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "promotion_code")
    shown = shop.server.http("POST", there, key=None, json={"promotion_code": "SPRING"}).json()
    assert (shown["code"], shown["off"], shown["due_now"]) == ("Spring", "2.50 USD", "7.50 USD")
    now = shop.v1.checkout.sessions.retrieve(session.id)
    assert (now.amount_total, now.discounts[0].promotion_code) == (750, code.id)  # type: ignore[index]
    assert shop.server.http("POST", there, key=None, json={}).json()["due_now"] == "10.00 USD"


@pytest.mark.parametrize(
    ("more", "param", "code"),
    [
        ({"discounts": [{"coupon": "other"}]}, "discounts[0][coupon]", "coupon_applies_to_nothing"),
        ({"discounts": [{"coupon": "none"}]}, "discounts[0][coupon]", "resource_missing"),
        ({"discounts": [{"coupon": "other"}, {"coupon": "other"}]}, "discounts", None),
        ({"discounts": [{"coupon": "other"}], "allow_promotion_codes": True}, "allow_promotion_codes", None),
        (
            {"subscription_data": {"default_tax_rates": ["txr_none"]}},
            "subscription_data[default_tax_rates][0]",
            "resource_missing",
        ),
    ],
)
def test_what_checkout_refuses(shop: Shop, more: Any, param: str, code: str | None) -> None:
    shop.coupon(50, id="other", applies_to={"products": [shop.v1.products.create({"name": "Other"}).id]})
    prices: Any = [{"price": shop.price(1000), "quantity": 1}]
    page: Any = {"mode": "subscription", "success_url": "https://example.com", "line_items": prices}
    error = refusal(shop.v1.checkout.sessions.create, {**page, **more})
    assert (error.http_status, error.param, error.code) == (400, param, code)


# What an invoice says of its customer


@pytest.mark.parametrize("by", ["hand", "subscription"])
def test_a_draft_says_what_its_customer_is_now(shop: Shop, by: str) -> None:
    """ "Until the invoice is finalized, this field will equal `customer.tax_exempt`": https://docs.stripe.com/api/invoices/object"""
    customer, rates = shop.customer(name="Jane Roe", balance=-100), [shop.rate(10, inclusive=True)]
    if by == "hand":
        params: Any = {
            "customer": customer,
            "collection_method": "send_invoice",
            "days_until_due": 30,
            "default_tax_rates": rates,
        }
        id = shop.v1.invoices.create(params).id
        shop.v1.invoice_items.create({"customer": customer, "invoice": id, "amount": 1100, "currency": "usd"})
    else:
        id = shop.invoice(shop.subscribe(shop.price(1100), customer=customer, default_tax_rates=rates)).id
    address = {"line1": "Main Street 1", "city": "Cork", "country": "IE", "state": "", "line2": "", "postal_code": ""}
    more: Any = {"name": "Jane Doe", "email": "jane@example.com", "phone": "1", "address": address, "tax_exempt": "reverse"}
    shop.v1.customers.update(customer, {**more, "shipping": {"name": "Jane", "address": address}})
    shop.v1.customers.balance_transactions.create(customer, {"amount": -50, "currency": "usd"})

    def said() -> tuple[Any, ...]:
        invoice: Any = shop.v1.invoices.retrieve(id)
        whose = (invoice.customer_name, invoice.customer_email, invoice.customer_phone)
        places = (invoice.customer_address.city, invoice.customer_shipping.name)
        return (*whose, *places, invoice.customer_tax_exempt, invoice.starting_balance, invoice.total)

    now = ("Jane Doe", "jane@example.com", "1", "Cork", "Jane", "reverse", -150, 1000)
    assert said() == now
    shop.v1.invoices.finalize_invoice(id)
    shop.v1.customers.update(customer, {"name": "Jane", "email": "", "tax_exempt": "none"})
    assert said() == now, "a final invoice stays as it is"


# Discounts that are there already


def test_a_part_takes_a_discount_of_what_it_belongs_to(shop: Shop) -> None:
    """ "One of its ancestors": https://docs.stripe.com/api/invoiceitems/create#create_invoiceitem-discounts-discount"""
    made = shop.subscribe(shop.price(1000), discounts=[{"coupon": shop.coupon(10)}])
    other = shop.subscribe(shop.price(1000), discounts=[{"coupon": shop.coupon(20)}])
    invoice = shop.v1.invoices.create({"customer": made.customer, "discounts": [{"coupon": shop.coupon(30)}]})

    def item(discount: Any, **more: Any) -> Any:
        params: Any = {
            "customer": made.customer,
            "amount": 1000,
            "currency": "usd",
            "discounts": [{"discount": discount}],
            **more,
        }
        return shop.v1.invoice_items.create({**params, "expand": ["discounts"]})

    of_subscription = item(made.discounts[0], subscription=made.id)
    of_invoice = item(invoice.discounts[0], invoice=invoice.id)
    for one in (of_subscription, of_invoice):
        (discount,) = one.discounts
        assert (discount.invoice_item, discount.subscription, discount.invoice) == (one.id, None, None)
    # 30% off 1000 as an item, and 30% off what is left of it.
    assert off(shop.v1.invoices.retrieve(str(invoice.id)).total_discount_amounts) == [210, 300]
    for wrong in (other.discounts[0], made.discounts[0]):
        error = refusal(item, wrong, invoice=invoice.id)
        assert (error.http_status, error.code, error.param) == (400, "resource_missing", "discounts[0][discount]")


def test_what_is_left_of_a_removed_discount(shop: Shop) -> None:
    """A deleted discount has no `end`: https://docs.stripe.com/api/discounts/subscription_delete"""
    made = shop.subscribe(shop.price(1000), discounts=[{"coupon": shop.coupon(10)}])
    gone = shop.v1.subscriptions.delete_discount(made.id).to_dict()
    assert (gone["deleted"], gone["subscription"], gone["source"]["type"], "end" in gone) == (True, made.id, "coupon", False)


@pytest.mark.parametrize("shows", ["included", "itemized"])
def test_what_a_proration_shows_of_its_discounts(shop: Shop, shows: str) -> None:
    """A debit of 10.00, 10% off the item and 2.00 off the whole, which leaves 7.00.

    https://docs.stripe.com/changelog/clover/2025-09-30/itemize-proration-discount-amounts
    """
    mode: Any = {"type": "flexible", "flexible": {"proration_discounts": shows}}
    free = {"price": shop.price(0), "discounts": [{"coupon": shop.coupon(10)}]}
    made = shop.subscribe(free, billing_mode=mode, discounts=[{"coupon": shop.coupon(amount=400)}])
    half = moment("2027-02-15")
    shop.server.clock(set=half)
    change = {"id": made.items.data[0].id, "price": shop.price(2000)}
    shop.update(made, items=[change], proration_date=half, billing_cycle_anchor={"type": "unchanged"})
    invoice = shop.invoice(made)
    line, itemized = invoice.lines.data[-1], shows == "itemized"
    # 1000 of 2000 for 14 of 28 days; 200 of 10%, of which half; 400 off the whole, of which half.
    assert (line.amount, off(line.discount_amounts)) == ((1000, [200, 100]) if itemized else (700, [0]))
    assert len(line.discounts) == itemized, "that of the item is missing where it is included"
    assert (invoice.subtotal, invoice.total) == (900 if itemized else 700, 700)
    assert off(invoice.total_discount_amounts) == ([200, 100] if itemized else [0])
    item = shop.v1.invoice_items.retrieve(line.parent.invoice_item_details.invoice_item).to_dict()
    assert (item["amount"], item["net_amount"]) == (line.amount, 700)
    assert [entry["amount"] for entry in item["proration_details"]["discount_amounts"]] == ([100, 200] if itemized else [0, 0])
    # Recorded without either of an item that is discountable: pay-rails/pay, sync_stripe_invoice_discounts_and_coupons.
    plain = shop.v1.invoice_items.create({"customer": made.customer, "amount": 100, "currency": "usd"}).to_dict()
    assert (plain["discountable"], {"net_amount", "proration_details"} & plain.keys()) == (True, set())
