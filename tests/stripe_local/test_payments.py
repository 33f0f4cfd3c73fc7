"""Payments that fail, what becomes of the invoice and its subscription, and balances. Pages are below docs.stripe.com."""

from __future__ import annotations

from typing import Any

import pytest
from stripe import StripeClient

from tests.stripe_local.guide import make_guide, refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shop import DAY, Shop

HOUR = 3600
NO_FUNDS = "Your card has insufficient funds."
FAILS, ASKS = "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"


@pytest.fixture
def shop(server: LocalStripe, client: StripeClient) -> Shop:
    return Shop(server, client)


def subscribed(shop: Shop, card: str, **more: Any) -> Any:
    """A subscription of 10.00 a month, to be charged to that card, with its latest invoice."""
    customer = shop.customer(card=False)
    method = shop.v1.payment_methods.attach(card, {"customer": customer}).id
    wanted: Any = {"customer": customer, "items": [{"price": shop.price(1000)}], "default_payment_method": method, **more}
    return shop.v1.subscriptions.create({**wanted, "expand": ["latest_invoice.payments"]})


def intent_of(shop: Shop, invoice: Any) -> Any:
    (payment,) = invoice.payments.data
    return shop.v1.payment_intents.retrieve(payment.payment.payment_intent)


def state(shop: Shop, subscription: Any) -> tuple[str, str]:
    found = shop.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    return found.status, str(found.latest_invoice.status)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("card", "code", "decline", "words"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline", "Your card was declined."),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
            "Your card has insufficient funds.",
        ),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card", "Your card was declined."),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card", "Your card was declined."),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card", "Your card has expired."),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."),
        ("pm_card_chargeDeclined", "card_declined", "generic_decline", "Your card was declined."),
    ],
)
def test_cards_that_cannot_be_attached(shop: Shop, card: str, code: str, decline: str, words: str) -> None:
    """testing#declined-payments, testing?testing-method=payment-methods"""
    customer = shop.customer(card=False)
    error = refusal(shop.v1.payment_methods.attach, card, {"customer": customer})
    body: Any = error.json_body
    assert (error.http_status, error.code, error.user_message) == (402, code, words)
    assert (body["error"]["type"], body["error"]["decline_code"]) == ("card_error", decline)
    assert shop.v1.payment_methods.list({"customer": customer}).data == []


def test_what_an_error_says_of_a_card_that_is_declined(shop: Shop) -> None:
    """api/errors, declines#retrying-issuer-declines, and recorded: what to do next, the charge, the card and the payment."""
    made = subscribed(shop, FAILS)
    error: Any = refusal(shop.v1.invoices.pay, made.latest_invoice.id).json_body
    shown = error["error"]
    intent = intent_of(shop, made.latest_invoice).to_dict()
    assert (shown["advice_code"], shown["decline_code"], shown["network_decline_code"]) == (
        "try_again_later",
        "generic_decline",
        "01",
    )
    assert (shown["charge"], shown["payment_method"]["card"]["last4"]) == (intent["latest_charge"], "0341")
    assert shown["payment_intent"] == intent
    told = intent["last_payment_error"]
    assert {name: told[name] for name in told if name != "payment_method_type"} == {
        name: shown[name] for name in shown if name != "payment_intent"
    }
    outcome: Any = shop.v1.charges.retrieve(shown["charge"]).outcome
    assert (outcome.type, outcome.advice_code, outcome.network_decline_code) == ("issuer_declined", "try_again_later", "01")
    again: Any = refusal(shop.v1.payment_intents.confirm, intent["id"], {"payment_method": FAILS}).json_body
    assert again["error"].keys() == shown.keys()
    attached: Any = refusal(shop.v1.payment_methods.attach, "pm_card_visa_chargeDeclined", {"customer": made.customer}).json_body
    assert (attached["error"]["param"], attached["error"]["advice_code"]) == ("", "try_again_later")
    strict = refusal(subscribed, shop, FAILS, payment_behavior="error_if_incomplete")
    assert {"charge", "payment_intent", "payment_method"}.isdisjoint(strict.json_body["error"]), "nothing of it is kept"  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("wrong", "code", "param", "words"),
    [
        ({"exp_month": 13}, "invalid_expiry_month", "exp_month", "Your card's expiration month is invalid."),
        ({"exp_year": 1976}, "invalid_expiry_year", "exp_year", "Your card's expiration year is invalid."),
        ({"cvc": "99"}, "invalid_cvc", "cvc", "Your card's security code is invalid."),
        ({"number": "4242424242424241"}, "incorrect_number", "number", "Your card number is incorrect."),
    ],
)
def test_details_that_no_card_has(shop: Shop, wrong: dict[str, Any], code: str, param: str, words: str) -> None:
    """testing#invalid-data"""
    card: Any = {"number": "4242424242424242", "exp_month": 12, "exp_year": 34, "cvc": "314"}
    made = shop.v1.payment_methods.create({"type": "card", "card": card})
    assert (made.card.exp_year, made.card.checks.cvc_check) == (2034, "unchecked")  # type: ignore[union-attr]
    error = refusal(shop.v1.payment_methods.create, {"type": "card", "card": {**card, **wrong}})
    assert (error.http_status, error.code, error.user_message) == (402, code, words)
    assert (error.json_body["error"]["type"], error.param) == ("card_error", param)  # type: ignore[index,call-overload]


def test_a_real_card_is_declined(shop: Shop) -> None:
    """declines/codes: `test_mode_live_card`."""
    card: Any = {"number": "4000000000000044", "exp_month": 12, "exp_year": 2034}
    error: Any = refusal(shop.v1.payment_methods.create, {"type": "card", "card": card})
    assert (error.http_status, error.code, error.json_body["error"]["decline_code"]) == (
        402,
        "card_declined",
        "test_mode_live_card",
    )


def test_payment_methods_of_nobody(shop: Shop) -> None:
    """Recorded, each with its status and parameter."""
    customer, other = shop.customer(), shop.customer(card=False)
    (card,) = shop.v1.customers.payment_methods.list(customer).data
    listed = shop.v1.customers.payment_methods
    for act, given, status, param, words in (
        (shop.v1.payment_methods.list, ({"customer": "cus_none"},), 400, "customer", "No such customer: 'cus_none'"),
        (listed.list, ("cus_none",), 404, "id", "No such customer: 'cus_none'"),
        (listed.retrieve, (other, card.id), 404, "customer", "Invalid request"),
    ):
        error = refusal(act, *given)
        assert (error.http_status, error.param, error.user_message) == (status, param, words)


def test_cards_by_number_and_token(shop: Shop) -> None:
    """testing#cards"""
    number: Any = {"type": "card", "card": {"number": "5555555555554444", "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
    made = shop.v1.payment_methods.create(number)
    assert (made.card.brand, made.card.last4, made.customer) == ("mastercard", "4444", None)  # type: ignore[union-attr]
    customer = shop.v1.customers.create({"payment_method": made.id}).id
    assert [one.id for one in shop.v1.customers.payment_methods.list(customer).data] == [made.id]
    assert shop.v1.payment_methods.detach(made.id).customer is None
    wrong: Any = {**number, "card": {**number["card"], "number": "4242424242424241"}}
    error = refusal(shop.v1.payment_methods.create, wrong)
    assert (error.http_status, error.code, error.user_message) == (402, "incorrect_number", "Your card number is incorrect.")
    token: Any = {"type": "card", "card": {"token": "tok_visa"}}
    assert shop.v1.payment_methods.create(token).card.last4 == "4242"  # type: ignore[union-attr]


def test_a_first_payment_that_fails(server: LocalStripe, shop: Shop) -> None:
    """billing/subscriptions/overview#payment-window: incomplete, paid within 23 hours, or expired with the invoice void."""
    made = subscribed(shop, FAILS)
    invoice = made.latest_invoice
    assert (made.status, invoice.status, invoice.attempt_count, invoice.auto_advance) == ("incomplete", "open", 1, False)
    intent = intent_of(shop, invoice)
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert (intent.last_payment_error.code, intent.last_payment_error.decline_code) == ("card_declined", "generic_decline")
    assert refusal(shop.update, made, items=[{"id": made.items.data[0].id, "quantity": 2}]).http_status == 400
    assert refusal(shop.v1.payment_intents.confirm, intent.id, {"payment_method": FAILS}).code == "card_declined"
    assert state(shop, made) == ("incomplete", "open")
    other = subscribed(shop, FAILS)
    assert shop.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).status == "succeeded"
    assert state(shop, made) == ("active", "paid")
    server.clock(advance=23 * HOUR + 60)
    assert (state(shop, made), state(shop, other)) == (("active", "paid"), ("incomplete_expired", "void"))
    assert intent_of(shop, shop.v1.invoices.retrieve(other.latest_invoice.id, {"expand": ["payments"]})).status == "canceled"


def test_default_incomplete(shop: Shop) -> None:
    """billing/subscriptions/build-subscriptions: a card is there, and still waits to be confirmed."""
    made = subscribed(shop, "pm_card_visa", payment_behavior="default_incomplete")
    invoice = shop.v1.invoices.retrieve(made.latest_invoice.id, {"expand": ["payments", "confirmation_secret"]})
    assert (made.status, invoice.attempted, invoice.attempt_count, invoice.auto_advance) == ("incomplete", False, 0, False)
    intent = intent_of(shop, invoice)
    assert intent.status == "requires_confirmation"
    assert invoice.confirmation_secret.client_secret == intent.client_secret  # type: ignore[union-attr]
    assert shop.v1.payment_intents.confirm(intent.id).status == "succeeded"
    assert state(shop, made) == ("active", "paid")
    again = refusal(shop.v1.payment_intents.confirm, intent.id)
    assert (again.http_status, again.code) == (400, "payment_intent_unexpected_state")
    assert again.json_body["error"]["payment_intent"]["status"] == "succeeded"  # type: ignore[index,call-overload]


@pytest.mark.parametrize(("card", "code"), [(FAILS, "card_declined"), (ASKS, "subscription_payment_intent_requires_action")])
def test_error_if_incomplete(shop: Shop, card: str, code: str) -> None:
    """api/subscriptions/create#create_subscription-payment_behavior: a 402, and nothing is kept."""
    error = refusal(subscribed, shop, card, payment_behavior="error_if_incomplete")
    assert (error.http_status, error.code) == (402, code)
    if card == ASKS:  # recorded
        assert "doesn't save the invoice or PaymentIntent" in str(error.user_message)
        assert "doc_url" not in error.json_body["error"]  # type: ignore[operator,index,call-overload]
    assert shop.v1.subscriptions.list({"status": "all"}).data == []
    assert shop.v1.invoices.list().data == []


def test_the_customer_has_to_act(server: LocalStripe, shop: Shop) -> None:
    """billing/subscriptions/overview#requires-action: 3-D Secure, which the customer passes or fails on a page."""
    made = subscribed(shop, ASKS)
    invoice = made.latest_invoice
    assert (made.status, invoice.attempted, invoice.attempt_count, invoice.auto_advance) == ("incomplete", True, 0, False)
    assert invoice.next_payment_attempt is None
    error = refusal(shop.v1.invoices.pay, invoice.id)
    assert (error.http_status, error.code) == (402, "invoice_payment_intent_requires_action")
    id = intent_of(shop, invoice).id
    strict = refusal(shop.v1.payment_intents.confirm, id, {"error_on_requires_action": True})
    assert (strict.http_status, strict.code) == (402, "authentication_required")
    absent = refusal(shop.v1.payment_intents.confirm, id, {"payment_method": ASKS, "off_session": True})
    assert (absent.http_status, absent.code) == (402, "authentication_required")
    shop.v1.payment_intents.confirm(id, {"payment_method": ASKS})
    asked = shop.v1.payment_intents.confirm(id, {"return_url": "https://example.com/back"})
    action: Any = asked.next_action
    assert (asked.status, action.type) == ("requires_action", "redirect_to_url")
    path = action.redirect_to_url.url.removeprefix(server.url)
    answer = server.http("POST", f"/_local/hosted{path}", key=None, json={"succeeds": False}).json()
    assert (answer["status"], answer["redirect"]) == ("requires_payment_method", "https://example.com/back")
    failed: Any = shop.v1.payment_intents.retrieve(id).last_payment_error
    assert failed.code == "payment_intent_authentication_failure"
    shop.v1.payment_intents.confirm(id, {"payment_method": ASKS, "return_url": "https://example.com/back"})
    assert server.http("POST", f"/_local/hosted{path}", key=None, json={"succeeds": True}).json()["status"] == "succeeded"
    assert state(shop, made) == ("active", "paid")


@pytest.mark.parametrize(("then", "ends"), [("leave_past_due", "past_due"), ("mark_unpaid", "unpaid"), ("cancel", "canceled")])
def test_renewals_that_fail(server: LocalStripe, shop: Shop, then: str, ends: str) -> None:
    """billing/revenue-recovery/smart-retries: charged again by schedule, and then as the account's settings say."""
    rules = {"retries": 3, "days": 9, "then": then}
    assert server.http("POST", "/_local/collection", key=None, json=rules).json() == rules
    made = shop.subscribe(shop.price(1000))
    shop.v1.payment_methods.attach(FAILS, {"customer": made.customer})
    shop.v1.customers.update(made.customer, {"invoice_settings": {"default_payment_method": FAILS}})
    due = made.items.data[0].current_period_end + HOUR
    for attempts in (1, 2, 3, 4):
        server.clock(set=due + (attempts - 1) * 3 * DAY + 60)
        found = shop.v1.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
        invoice: Any = found.latest_invoice
        following = due + attempts * 3 * DAY if attempts < 4 else None
        assert (invoice.status, invoice.attempt_count, invoice.next_payment_attempt) == ("open", attempts, following)
        assert shop.v1.customers.retrieve(made.customer).delinquent
        assert found.status == ("past_due" if attempts < 4 else ends)
    first = str(invoice.id)
    server.clock(advance=35 * DAY)
    if then == "cancel":
        gone = shop.v1.subscriptions.retrieve(made.id)
        assert gone.cancellation_details.reason == "payment_failed"  # type: ignore[union-attr]
        assert shop.v1.invoices.pay(first, {"payment_method": "pm_card_visa"}).status == "paid"
        assert shop.v1.subscriptions.retrieve(made.id).status == "canceled"
        return
    status, latest = state(shop, made)
    assert (status, latest) == (ends, "draft" if then == "mark_unpaid" else "open")
    newest = shop.v1.subscriptions.retrieve(made.id).latest_invoice
    assert shop.v1.invoices.pay(str(newest), {"payment_method": "pm_card_visa"}).status == "paid"
    assert (state(shop, made), shop.v1.customers.retrieve(made.customer).delinquent) == (("active", "paid"), False)


def test_what_ends_past_due(server: LocalStripe, shop: Shop) -> None:
    """billing/subscriptions/overview: the latest invoice is paid, given up, or void, whatever the others are."""
    for act in (shop.v1.invoices.pay, shop.v1.invoices.mark_uncollectible, shop.v1.invoices.void_invoice):
        made = shop.subscribe(shop.price(1000))
        shop.v1.payment_methods.attach(FAILS, {"customer": made.customer})
        shop.v1.customers.update(made.customer, {"invoice_settings": {"default_payment_method": FAILS}})
        server.clock(set=made.items.data[0].current_period_end + 2 * HOUR)
        assert state(shop, made) == ("past_due", "open")
        shop.v1.customers.update(made.customer, {"invoice_settings": {"default_payment_method": "pm_card_visa"}})
        act(str(shop.v1.subscriptions.retrieve(made.id).latest_invoice))
        assert state(shop, made)[0] == "active"


def test_a_card_that_was_stolen_is_not_asked_again(server: LocalStripe, shop: Shop) -> None:
    """billing/revenue-recovery/smart-retries#non-retryable: the counter climbs, and nothing is sent."""
    made = shop.subscribe(shop.price(1000))
    shop.v1.payment_methods.attach("pm_card_radarBlock", {"customer": made.customer})
    shop.v1.customers.update(made.customer, {"invoice_settings": {"default_payment_method": "pm_card_radarBlock"}})
    server.clock(set=made.items.data[0].current_period_end + 5 * DAY)
    invoice = shop.v1.invoices.retrieve(str(shop.v1.subscriptions.retrieve(made.id).latest_invoice))
    assert (invoice.status, invoice.attempt_count) == ("open", 3)


def test_a_retry_goes_to_the_card_that_the_subscription_has_by_then(server: LocalStripe, shop: Shop) -> None:
    """api/invoices/object#invoice_object-default_payment_method: where it is not set, the subscription's is charged."""
    made = subscribed(shop, "pm_card_visa")
    failing = shop.v1.payment_methods.attach(FAILS, {"customer": made.customer}).id
    shop.update(made, default_payment_method=failing)
    server.clock(set=made.items.data[0].current_period_end + 2 * HOUR)
    assert state(shop, made) == ("past_due", "open")
    (invoice,) = shop.invoices(made)
    assert invoice.default_payment_method is None
    shop.update(made, default_payment_method="pm_card_mastercard")
    server.clock(set=invoice.next_payment_attempt + 60)
    assert state(shop, made) == ("active", "paid")


def test_a_sent_invoice_is_overdue(server: LocalStripe, shop: Shop) -> None:
    """billing/collection-method#send-invoice: past due once its day has passed, active when it is paid."""
    made = shop.subscribe(shop.price(1000), card=False, collection_method="send_invoice", days_until_due=5)
    server.clock(advance=5 * DAY - HOUR)
    assert state(shop, made) == ("active", "open")
    server.clock(advance=2 * HOUR)
    assert state(shop, made) == ("past_due", "open")
    shop.v1.invoices.pay(str(made.latest_invoice), {"paid_out_of_band": True})
    assert state(shop, made) == ("active", "paid")


def test_saving_the_card_of_a_payment(shop: Shop) -> None:
    """api/subscriptions/create#create_subscription-payment_settings-save_default_payment_method"""
    settings = {"payment_settings": {"save_default_payment_method": "on_subscription"}}
    made = subscribed(shop, FAILS, **settings)
    intent = shop.v1.payment_intents.confirm(intent_of(shop, made.latest_invoice).id, {"payment_method": "pm_card_mastercard"})
    assert shop.v1.subscriptions.retrieve(made.id).default_payment_method == intent.payment_method


def test_failed_attempts_survive_a_kill(server: LocalStripe, shop: Shop) -> None:
    made = subscribed(shop, FAILS)
    assert refusal(shop.v1.invoices.pay, made.latest_invoice.id).http_status == 402
    before = intent_of(shop, made.latest_invoice).to_dict()
    server.kill()
    server.start()
    after = server.client().v1.payment_intents.retrieve(before["id"]).to_dict()
    assert (after, after["last_payment_error"]["decline_code"]) == (before, "generic_decline")


def test_an_update_waits_for_its_payment(server: LocalStripe, shop: Shop) -> None:
    """billing/subscriptions/pending-updates: nothing changes until the invoice is paid, for 23 hours at most."""
    made = shop.subscribe(shop.price(1000))
    dearer, item = shop.price(3000), made.items.data[0].id
    shop.v1.payment_methods.attach(FAILS, {"customer": made.customer})
    shop.v1.customers.update(made.customer, {"invoice_settings": {"default_payment_method": FAILS}})
    wanted: Any = {"items": [{"id": item, "price": dearer}], "proration_behavior": "always_invoice"}
    preview = shop.preview(made, **wanted)
    waits = shop.update(made, **wanted, payment_behavior="pending_if_incomplete")
    assert (waits.status, waits.items.data[0].price.unit_amount) == ("active", 1000)
    assert [one.price.unit_amount for one in waits.pending_update.subscription_items] == [3000]
    invoice = shop.v1.invoices.retrieve(waits.latest_invoice)
    assert (invoice.status, invoice.total, invoice.auto_advance) == ("open", preview.total, False)
    assert shop.pending(made) == []
    shop.v1.invoices.pay(waits.latest_invoice, {"payment_method": "pm_card_visa"})
    done = shop.v1.subscriptions.retrieve(made.id)
    assert (done.status, done.items.data[0].price.unit_amount, done.pending_update) == ("active", 3000, None)
    assert (shop.pending(made), len(shop.invoices(made))) == ([], 1)
    again: Any = {"items": [{"id": item, "quantity": 2}], "proration_behavior": "always_invoice"}
    late = shop.update(made, **again, payment_behavior="pending_if_incomplete")
    assert late.pending_update.expires_at - server.clock() in range(23 * HOUR - 5, 23 * HOUR + 1)
    server.clock(advance=23 * HOUR + 60)
    over = shop.v1.subscriptions.retrieve(made.id)
    assert (over.status, over.items.data[0].quantity, over.pending_update) == ("active", 1, None)
    assert shop.v1.invoices.retrieve(late.latest_invoice).status == "void"
    refused = refusal(shop.update, made, **again, payment_behavior="pending_if_incomplete", metadata={"a": "b"})
    assert (refused.http_status, refused.param) == (400, "metadata")


# Balances


def test_customer_balance_transactions(shop: Shop) -> None:
    """billing/customer/balance: credit of 5.00, an invoice of 8.00 uses it up; the description can be changed, no amount."""
    customer = shop.customer()
    credit = shop.v1.customers.balance_transactions.create(customer, {"amount": -500, "currency": "usd", "description": "Sorry"})
    assert (credit.type, credit.ending_balance, credit.description) == ("adjustment", -500, "Sorry")
    made = shop.v1.invoices.create({"customer": customer})
    shop.v1.invoice_items.create({"customer": customer, "invoice": made.id, "amount": 800, "currency": "usd"})
    paid = shop.v1.invoices.pay(str(made.id))
    assert (paid.amount_due, paid.amount_paid, paid.ending_balance) == (300, 300, 0)
    used, _ = shop.v1.customers.balance_transactions.list(customer).data
    assert (used.type, used.amount, used.ending_balance, used.invoice) == ("applied_to_invoice", 500, 0, made.id)
    assert shop.v1.customers.balance_transactions.update(customer, credit.id, {"description": "x"}).amount == -500
    shop.v1.customers.update(customer, {"balance": 250})
    assert shop.v1.customers.balance_transactions.list(customer).data[0].amount == 250
    other: Any = {"amount": 1, "currency": "eur"}
    assert refusal(shop.v1.customers.balance_transactions.create, customer, other).param == "currency"


def test_credit_balance_transactions(server: LocalStripe, client: StripeClient) -> None:
    """billing/subscriptions/usage-based/billing-credits: granted, applied, given back by a void, expired."""
    guide = make_guide(client)
    grants, ledger = client.v1.billing.credit_grants, client.v1.billing.credit_balance_transactions
    params: Any = {
        "customer": guide.customer.id,
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 50}},
        "applicability_config": {"scope": {"price_type": "metered"}},
    }
    grant = grants.create(params)
    guide.use(3000)
    server.clock(set=guide.item.current_period_end + 2 * HOUR)
    (invoice,) = guide.invoices()
    assert (invoice.subtotal, invoice.total) == (120, 70)

    def entries() -> list[tuple[str, int]]:
        found = []
        for one in reversed(ledger.list({"customer": guide.customer.id}).data):
            side: Any = one.credit or one.debit
            found.append((side.type, side.amount.monetary.value))
        return found

    assert entries() == [("credits_granted", 50), ("credits_applied", 50)]
    (named,) = invoice.total_pretax_credit_amounts or []
    assert (named.amount, named.credit_balance_transaction) == (50, ledger.list({"customer": guide.customer.id}).data[0].id)
    client.v1.invoices.void_invoice(str(invoice.id))
    assert entries()[2:] == [("credits_application_invoice_voided", 50)]
    grants.expire(grant.id)
    assert entries()[3:] == [("credits_expired", 50)]
    other = grants.create(params)
    grants.void_grant(other.id)
    assert entries()[4:] == [("credits_granted", 50), ("credits_voided", 50)]


# The portal


def test_the_portal(server: LocalStripe, shop: Shop) -> None:
    """customer-management, billing/subscriptions/billing-mode/compare: changing plan, canceling, seeing invoices."""
    cheap, dear = shop.price(1000), shop.price(2000)
    made = shop.subscribe(cheap)
    features: Any = {
        "invoice_history": {"enabled": True},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "products": [{"product": shop.product, "prices": [cheap, dear]}],
            "proration_behavior": "none",
        },
    }
    features = {name: {"enabled": False} for name in ("customer_update", "payment_method_update")} | features
    features["customer_update"]["allowed_updates"] = ["email"]
    configuration = shop.v1.billing_portal.configurations.create({"features": features}).id
    wanted: Any = {"customer": made.customer, "configuration": configuration, "return_url": "https://example.com"}
    session = shop.v1.billing_portal.sessions.create(wanted)
    path = session.url.removeprefix(server.url)
    assert server.http("GET", path, key=None).status_code == 200

    def press(**what: Any) -> Any:
        return server.http("POST", f"/_local/hosted{path}", key=None, json={"subscription": made.id, **what})

    page = server.http("GET", f"/_local/hosted{path}", key=None).json()
    assert [(bill["status"], bill["total"]) for bill in page["invoices"]] == [("paid", "10.00 USD")]
    assert [plan["id"] for plan in page["subscriptions"][0]["plans"]] == [cheap, dear]
    assert press(action="change", price=dear).status_code == 200
    assert shop.v1.subscriptions.retrieve(made.id).items.data[0].price.id == dear
    assert press(action="cancel").json()["subscriptions"][0]["ends"] == made.items.data[0].current_period_end
    after = shop.v1.subscriptions.retrieve(made.id)
    assert (after.cancel_at, after.cancel_at_period_end) == (made.items.data[0].current_period_end, False)
    assert press(action="keep").json()["subscriptions"][0]["ends"] is None
    for refused in (
        {"action": "card", "payment_method": "pm_card_visa"},
        {"action": "change", "quantity": 3},
        {"action": "details"},
    ):
        assert press(**refused).status_code == 400
    flow: Any = {"type": "payment_method_update"}
    assert refusal(shop.v1.billing_portal.sessions.create, {**wanted, "flow_data": flow}).param == "flow_data[type]"
    flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": made.id}}
    told: Any = shop.v1.billing_portal.sessions.create({**wanted, "flow_data": flow}).flow
    assert told.subscription_cancel.subscription == made.id


def test_another_card_in_the_portal_pays_what_is_due(server: LocalStripe, shop: Shop) -> None:
    """billing/subscriptions/build-subscriptions: who could not pay is sent to the portal.

    A subscription that began at Checkout has a card of its own.
    """
    first, other = (subscribed(shop, "pm_card_visa") for _ in range(2))
    failing = shop.v1.payment_methods.attach(FAILS, {"customer": first.customer}).id
    shop.update(first, default_payment_method=failing)
    trial: Any = {"customer": first.customer, "items": [{"price": shop.price(500)}], "trial_period_days": 60}
    without = shop.v1.subscriptions.create(trial)
    server.clock(set=first.items.data[0].current_period_end + 2 * HOUR)
    assert state(shop, first) == ("past_due", "open")
    features: Any = {"payment_method_update": {"enabled": True}}
    configuration = shop.v1.billing_portal.configurations.create({"features": features}).id
    session = shop.v1.billing_portal.sessions.create({"customer": first.customer, "configuration": configuration})
    path = f"/_local/hosted{session.url.removeprefix(server.url)}"
    pressed = {"action": "card", "payment_method": "pm_card_mastercard"}
    assert server.http("POST", path, key=None, json=pressed).status_code == 200
    method = shop.v1.customers.retrieve(first.customer).invoice_settings.default_payment_method  # type: ignore[union-attr]
    kept = [shop.v1.subscriptions.retrieve(one.id).default_payment_method for one in (first, without, other)]
    assert kept == [method, None, other.default_payment_method]
    server.clock(advance=2 * DAY)
    assert state(shop, first) == ("active", "paid")
