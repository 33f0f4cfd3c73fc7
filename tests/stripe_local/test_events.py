"""Events of a life: what Stripe tells when, in which order, and what was before.

Which events come of what: https://docs.stripe.com/billing/subscriptions/webhooks, https://docs.stripe.com/invoicing/overview,
https://docs.stripe.com/billing/subscriptions/trials, https://docs.stripe.com/api/events/types.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from stripe_local.wire.differences import previous_attributes
from tests.stripe_local.guide import METER, Guide, make_guide, price_params, refusal
from tests.stripe_local.server import LIVE_KEY, LocalStripe
from tests.stripe_local.shapes import check, plain

DAY = 86400
CARD: Any = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
PAID = ["invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded"]


class Told:
    """The events since the last time they were asked for, oldest first."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client
        self._seen: set[str] = set()

    def events(self) -> list[dict[str, Any]]:
        found = [plain(event) for event in self._client.v1.events.list({"limit": 100}).auto_paging_iter()][::-1]
        new = [event for event in found if event["id"] not in self._seen]
        self._seen |= {event["id"] for event in new}
        return new

    def types(self) -> list[str]:
        return [event["type"] for event in self.events() if event["type"] not in _PAYMENTS]


# What pays an invoice is told besides.
_PAYMENTS = ("charge.succeeded", "payment_intent.created", "payment_intent.succeeded", "invoice_payment.paid")


@pytest.fixture
def told(client: stripe.StripeClient) -> Told:
    return Told(client)


@pytest.fixture
def price(client: stripe.StripeClient) -> Any:
    return client.v1.prices.create(price_params("", 1000, transform_quantity=None, recurring={"interval": "month"}))


def subscribe(client: stripe.StripeClient, price: Any, customer: Any = CARD, **more: Any) -> Any:
    made = client.v1.customers.create(customer)
    return client.v1.subscriptions.create({"customer": made.id, "items": [{"price": price.id}], **more})


# What makes which


def test_the_catalogue(client: stripe.StripeClient, told: Told) -> None:
    meter = client.v1.billing.meters.create(METER)  # type: ignore[arg-type]
    price: Any = {"currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}}
    product = client.v1.products.create({"name": "Team", "default_price_data": price})
    first = told.events()
    assert [event["type"] for event in first] == ["billing.meter.created", "product.created", "plan.created", "price.created"]
    assert first[1]["data"]["object"] == plain(client.v1.products.retrieve(product.id))
    assert first[1]["data"]["object"]["default_price"] == first[3]["data"]["object"]["id"] == first[2]["data"]["object"]["id"]
    client.v1.prices.create({"currency": "usd", "unit_amount": 5, "product": product.id, "lookup_key": "a"})
    assert told.types() == ["price.created"], "what is charged once is no plan"
    client.v1.prices.create(
        {"currency": "usd", "unit_amount": 6, "product": product.id, "lookup_key": "a", "transfer_lookup_key": True}
    )
    moved, made = told.events()
    assert (moved["type"], moved["data"]["previous_attributes"]) == ("price.updated", {"lookup_key": "a"})
    assert (made["type"], made["data"]["object"]["lookup_key"]) == ("price.created", "a")
    client.v1.products.update(product.id, {"metadata": {"a": "b"}, "description": "new"})
    client.v1.products.update(product.id, {"metadata": {"a": "b"}, "description": "new"})
    (changed,) = told.events()
    before = changed["data"]["previous_attributes"]
    assert {name: before[name] for name in ("metadata", "description")} == {"metadata": {"a": None}, "description": None}
    client.v1.billing.meters.update(meter.id, {"display_name": "Other"})
    client.v1.billing.meters.deactivate(meter.id)
    client.v1.billing.meters.reactivate(meter.id)
    assert told.types() == ["billing.meter.updated", "billing.meter.deactivated", "billing.meter.reactivated"]


def test_what_is_deleted_is_told_whole(client: stripe.StripeClient, told: Told) -> None:
    product = client.v1.products.create({"name": "Team"})
    coupon = client.v1.coupons.create({"percent_off": 10, "name": "Ten"})
    customer = client.v1.customers.create({"name": "Jane"})
    told.events()
    client.v1.products.delete(product.id)
    client.v1.coupons.delete(coupon.id)
    client.v1.customers.delete(customer.id)
    found = told.events()
    assert [event["type"] for event in found] == ["product.deleted", "coupon.deleted", "customer.deleted"]
    for event, made, off in zip(found, (product, coupon, customer), ({"active": False}, {"valid": False}, {}), strict=True):
        assert event["data"] == {"object": {**plain(made), **off}}


def test_discounts_and_taxes(client: stripe.StripeClient, told: Told, price: Any) -> None:
    rate = client.v1.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": False})
    client.v1.tax_rates.update(rate.id, {"active": False})
    coupon = client.v1.coupons.create({"percent_off": 10, "duration": "forever"})
    client.v1.coupons.update(coupon.id, {"name": "Ten"})
    client.v1.promotion_codes.create({"code": "TEN", "promotion": {"type": "coupon", "coupon": coupon.id}})
    assert told.types() == [
        *("product.created", "plan.created", "price.created"),
        *("tax_rate.created", "tax_rate.updated", "coupon.created", "coupon.updated", "promotion_code.created"),
    ]
    subscribe(client, price, discounts=[{"coupon": coupon.id}])
    assert "customer.discount.created" in told.types()


def test_a_subscription_that_is_paid(client: stripe.StripeClient, told: Told, price: Any) -> None:
    told.events()
    subscription = subscribe(client, price)
    found = told.events()
    assert [event["type"] for event in found if event["type"] not in _PAYMENTS] == [
        *("payment_method.attached", "customer.created", "customer.updated", *PAID, "customer.subscription.created"),
    ]
    by_type = {event["type"]: event for event in found}
    assert by_type["customer.updated"]["data"]["previous_attributes"] == {"currency": None}
    assert by_type["customer.subscription.created"]["data"]["object"] == plain(subscription)
    invoice = client.v1.invoices.retrieve(subscription.latest_invoice)  # type: ignore[arg-type]
    assert by_type["invoice.paid"]["data"] == {"object": plain(invoice)}
    assert {event["request"]["id"] for event in found[2:]} == {subscription.last_response.request_id}  # type: ignore[union-attr]


def test_a_change_of_quantity(client: stripe.StripeClient, told: Told, price: Any) -> None:
    subscription = subscribe(client, price)
    item = plain(subscription)["items"]["data"][0]
    told.events()
    client.v1.subscriptions.update(subscription.id, {"items": [{"id": item["id"], "quantity": 3}]})
    *pending, update = told.events()
    assert [event["type"] for event in pending] == ["invoiceitem.created"] * 2
    assert update["type"] == "customer.subscription.updated"
    assert update["data"]["previous_attributes"] == {"items": {"data": [item]}}, "a list shows its old elements, whole"
    client.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item["id"], "quantity": 4}], "proration_behavior": "always_invoice"}
    )
    assert told.types() == ["invoiceitem.created", "invoiceitem.created", *PAID, "customer.subscription.updated"]


def test_the_end_of_a_subscription(client: stripe.StripeClient, server: LocalStripe, told: Told, price: Any) -> None:
    subscription = subscribe(client, price)
    told.events()
    client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    (update,) = told.events()
    assert update["data"]["previous_attributes"] == {
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"reason": None},
    }
    server.clock(advance=32 * DAY)
    (end,) = told.events()
    assert (end["type"], end["request"]) == ("customer.subscription.deleted", {"id": None, "idempotency_key": None})
    assert end["data"]["object"]["status"] == "canceled"
    assert end["created"] == end["data"]["object"]["ended_at"], "it happened when it was due"
    other = subscribe(client, price)
    told.events()
    client.v1.subscriptions.cancel(other.id)
    assert told.types() == ["customer.subscription.deleted"], "canceled at once, nothing else is told"
    client.v1.subscriptions.update(other.id, {"metadata": {"a": "b"}})
    assert told.types() == ["customer.subscription.updated"]


def test_a_renewal(client: stripe.StripeClient, server: LocalStripe, told: Told, price: Any) -> None:
    subscription = subscribe(client, price)
    end = plain(subscription)["items"]["data"][0]["current_period_end"]
    told.events()
    server.clock(set=end - 7 * DAY)
    (upcoming,) = told.events()
    draft = upcoming["data"]["object"]
    assert (upcoming["type"], upcoming["created"]) == ("invoice.upcoming", end - 7 * DAY)
    assert "id" not in draft
    assert (draft["status"], draft["billing_reason"], draft["created"], draft["total"]) == ("draft", "upcoming", end, 1000)
    assert draft["next_payment_attempt"] == end + 3600
    server.clock(set=end)
    made, renewed = told.events()
    assert (made["type"], made["data"]["object"]["status"], made["created"]) == ("invoice.created", "draft", end)
    assert (renewed["type"], set(renewed["data"]["previous_attributes"])) == (
        "customer.subscription.updated",
        {"items", "latest_invoice"},
    )
    server.clock(set=end + 3600)
    found = [event for event in told.events() if event["type"] not in _PAYMENTS]
    assert [event["type"] for event in found] == [
        *("invoice.updated", "invoice.finalized", "invoice.updated", "invoice.paid", "invoice.payment_succeeded")
    ]
    final, paid = found[0]["data"]["previous_attributes"], found[2]["data"]["previous_attributes"]
    assert (final["status"], final["number"], final["status_transitions"]) == ("draft", None, {"finalized_at": None})
    assert (paid["status"], paid["amount_paid"], paid["status_transitions"]) == ("open", 0, {"paid_at": None})
    assert {event["created"] for event in found} == {end + 3600}
    assert all(event["request"]["id"] is None for event in [made, renewed, *found])


def test_an_invoice_that_is_sent(client: stripe.StripeClient, server: LocalStripe, told: Told, price: Any) -> None:
    told.events()
    subscribe(client, price, {}, collection_method="send_invoice", days_until_due=7)
    found = told.types()
    assert found[-2:] == ["invoice.created", "customer.subscription.created"]
    server.clock(advance=3601)
    assert told.types() == ["invoice.updated", "invoice.finalized", "invoice.sent"]


def test_an_invoice_is_sent_again_and_again(client: stripe.StripeClient, told: Told) -> None:
    """api/invoices/send, api/events/types: no mail is sent in test mode, and each time it is told as if."""
    customer = client.v1.customers.create(CARD).id
    for more in ({}, {"auto_advance": True}):
        wanted: Any = {"customer": customer, "collection_method": "send_invoice", "days_until_due": 3, **more}
        made = client.v1.invoices.create(wanted)
        item: Any = {"customer": customer, "invoice": made.id, "amount": 1000, "currency": "usd"}
        client.v1.invoice_items.create(item)
        told.events()
        for before in (["invoice.updated", "invoice.finalized"], []):
            sent = client.v1.invoices.send_invoice(str(made.id))
            found = told.events()
            assert [event["type"] for event in found if event["type"] not in _PAYMENTS] == [*before, "invoice.sent"]
            assert found[-1]["data"] == {"object": plain(sent)}
            assert found[-1]["request"]["id"] == sent.last_response.request_id  # type: ignore[union-attr]


FINAL = {"status", "number", "effective_at", "ending_balance", "hosted_invoice_url", "invoice_pdf", "status_transitions"}
CHARGED = {"status", "amount_paid", "amount_remaining", "attempt_count", "attempted", "status_transitions"}
FINALIZED = ["payment_intent.created", "invoice.updated", "invoice.finalized"]
CHARGES = ["charge.succeeded", "payment_intent.succeeded", "invoice.updated", "invoice.paid", "invoice.payment_succeeded"]


def test_what_is_final_is_told_before_it_is_paid(
    client: stripe.StripeClient, server: LocalStripe, told: Told, price: Any
) -> None:
    """invoicing/overview#workflow-overview, and recorded: the same at once, in two steps and by itself."""
    customer = client.v1.customers.create(CARD).id

    def draft() -> str:
        made = client.v1.invoices.create({"customer": customer})
        item: Any = {"customer": customer, "invoice": made.id, "amount": 1000, "currency": "usd"}
        client.v1.invoice_items.create(item)
        told.events()
        return str(made.id)

    def types(events: list[dict[str, Any]]) -> list[str]:
        return [event["type"] for event in events if event["type"] != "invoice_payment.paid"]

    at_once, slowly = draft(), draft()
    client.v1.invoices.finalize_invoice(slowly)
    final = told.events()
    client.v1.invoices.pay(slowly)
    paid = told.events()
    client.v1.invoices.pay(at_once)
    assert (types(final), types(paid), types(told.events())) == (FINALIZED, CHARGES, [*FINALIZED, *CHARGES])
    assert final[0]["data"]["object"]["status"] == "requires_confirmation"
    assert set(final[1]["data"]["previous_attributes"]) == FINAL
    assert set(paid[2]["data"]["previous_attributes"]) == CHARGED
    subscription = subscribe(client, price)
    server.clock(set=plain(subscription)["items"]["data"][0]["current_period_end"] + 60)
    told.events()
    server.clock(advance=3600)
    assert types(told.events()) == [*FINALIZED, *CHARGES]


def test_a_payment_that_fails(client: stripe.StripeClient, server: LocalStripe, told: Told, price: Any) -> None:
    subscription = subscribe(client, price)
    client.v1.customers.update(subscription.customer, {"invoice_settings": {"default_payment_method": ""}})  # type: ignore[arg-type]
    told.events()
    server.clock(advance=31 * DAY + 3600)
    found = told.events()
    types = [event["type"] for event in found]
    assert types.index("invoice.finalized") < types.index("invoice.payment_failed")
    assert (types[-1], found[-1]["data"]["previous_attributes"]["status"]) == ("customer.subscription.updated", "active")
    assert found[-1]["data"]["object"]["status"] == "past_due"


def test_what_is_paid_late_is_told_of_as_anything_else(
    client: stripe.StripeClient, server: LocalStripe, told: Told, price: Any
) -> None:
    subscription = subscribe(client, price, payment_behavior="default_incomplete")
    assert subscription.status == "incomplete"
    client.v1.invoices.pay(str(subscription.latest_invoice))
    end = plain(subscription)["items"]["data"][0]["current_period_end"]
    told.events()
    server.clock(set=end - 7 * DAY)
    assert told.types() == ["invoice.upcoming"]


def test_a_trial(client: stripe.StripeClient, server: LocalStripe, told: Told, price: Any) -> None:
    told.events()
    subscription = subscribe(client, price, trial_period_days=14)
    assert told.types()[-4:] == ["invoice.created", "invoice.finalized", "invoice.paid", "customer.subscription.created"]
    server.clock(set=subscription.trial_end - 3 * DAY)  # type: ignore[operator]
    upcoming, soon = told.events()
    assert (upcoming["type"], soon["type"]) == ("invoice.upcoming", "customer.subscription.trial_will_end")
    assert (soon["created"], soon["data"]["object"]["status"]) == (subscription.trial_end - 3 * DAY, "trialing")  # type: ignore[operator]
    server.clock(set=subscription.trial_end)
    made, update = told.events()
    assert (made["type"], update["type"]) == ("invoice.created", "customer.subscription.updated")
    assert {"status", "items", "latest_invoice"} == set(update["data"]["previous_attributes"])
    assert update["data"]["previous_attributes"]["status"] == "trialing"


def test_a_trial_that_is_short_or_cut(client: stripe.StripeClient, told: Told, price: Any) -> None:
    subscription = subscribe(client, price, trial_period_days=2)
    assert told.types()[-1] == "customer.subscription.trial_will_end", "it ends within three days"
    long = subscribe(client, price, trial_period_days=30)
    assert told.types()[-1] == "customer.subscription.created"
    client.v1.subscriptions.update(long.id, {"trial_end": "now"})
    assert told.types()[-2:] == ["customer.subscription.updated", "customer.subscription.trial_will_end"]
    client.v1.subscriptions.update(subscription.id, {"metadata": {"a": "b"}})
    assert told.types() == ["customer.subscription.updated"]


@pytest.mark.parametrize(("missing", "word"), [("pause", "paused"), ("cancel", "deleted")])
def test_a_trial_without_a_card(server: LocalStripe, told: Told, price: Any, missing: str, word: str) -> None:
    client = server.client()
    ends: Any = {"end_behavior": {"missing_payment_method": missing}}
    subscription = subscribe(client, price, {}, trial_period_days=2, trial_settings=ends)
    told.events()
    server.clock(advance=2 * DAY)
    besides = ["customer.subscription.updated"] if word == "paused" else []
    assert told.types() == [f"customer.subscription.{word}", *besides]
    if word == "paused":
        waits = client.v1.subscriptions.resume(subscription.id)
        assert (waits.status, told.types()[-1]) == ("paused", "customer.subscription.updated")
        client.v1.invoices.pay(waits.latest_invoice, {"paid_out_of_band": True})
        assert told.types()[-2:] == ["customer.subscription.resumed", "customer.subscription.updated"]


def test_checkout(client: stripe.StripeClient, server: LocalStripe, told: Told, price: Any) -> None:
    """https://docs.stripe.com/billing/subscriptions/build-subscriptions"""
    items: Any = [{"price": price.id, "quantity": 1}]
    session = client.v1.checkout.sessions.create(
        {"mode": "subscription", "line_items": items, "success_url": "https://example.com/"}
    )
    told.events()
    answer = {"email": "jane@example.com", "name": "Jane", "payment_method": "pm_card_visa"}
    assert server.http("POST", f"/_local/checkout/{session.id}", json=answer, key=None).status_code == 200
    found = told.events()
    types = [event["type"] for event in found if event["type"] not in _PAYMENTS]
    assert set(types) - {"payment_method.attached", "customer.updated"} == {
        *("customer.created", *PAID, "customer.subscription.created", "checkout.session.completed")
    }
    assert types[-2:] == ["customer.subscription.created", "checkout.session.completed"]
    last = found[-1]["data"]["object"] if found[-1]["type"] == "checkout.session.completed" else None
    last = last or next(event for event in found if event["type"] == "checkout.session.completed")["data"]["object"]
    assert last == plain(client.v1.checkout.sessions.retrieve(session.id))


def test_credits_links_and_portals(client: stripe.StripeClient, told: Told, price: Any) -> None:
    customer = client.v1.customers.create({})
    told.events()
    amount: Any = {"type": "monetary", "monetary": {"currency": "usd", "value": 1000}}
    scope: Any = {"scope": {"price_type": "metered"}}
    grant = client.v1.billing.credit_grants.create(
        {"customer": customer.id, "amount": amount, "applicability_config": scope, "category": "paid"}
    )
    assert told.types()[0] == "billing.credit_grant.created"
    client.v1.billing.credit_grants.expire(grant.id)
    assert told.types()[0] == "billing.credit_grant.updated"
    link = client.v1.payment_links.create({"line_items": [{"price": price.id, "quantity": 1}]})
    client.v1.payment_links.update(link.id, {"active": False})
    assert told.types() == ["payment_link.created", "payment_link.updated"]
    client.v1.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
    assert told.types() == ["billing_portal.configuration.created"]
    session = client.v1.billing_portal.sessions.create({"customer": customer.id})
    configured, opened = told.events()
    # As `stripe listen` shows it: the first session of an account makes its configuration, too.
    assert (configured["type"], configured["data"]["object"]["id"]) == (
        "billing_portal.configuration.created",
        session.configuration,
    )
    assert (opened["type"], opened["data"]) == ("billing_portal.session.created", {"object": plain(session)})
    client.v1.billing_portal.sessions.create({"customer": customer.id})
    assert told.types() == ["billing_portal.session.created"]


def test_a_card_that_is_detached(client: stripe.StripeClient, told: Told) -> None:
    """Recorded: the one event besides updates that says what was."""
    customer = client.v1.customers.create(CARD)
    (card,) = client.v1.customers.payment_methods.list(customer.id).data
    told.events()
    client.v1.payment_methods.detach(card.id)
    lost, gone = told.events()
    assert lost["data"]["previous_attributes"] == {"invoice_settings": {"default_payment_method": card.id}}
    assert (gone["type"], gone["data"]["previous_attributes"]) == ("payment_method.detached", {"customer": customer.id})


def test_what_changes_nothing_tells_nothing(client: stripe.StripeClient, told: Told, price: Any) -> None:
    subscription = subscribe(client, price)
    told.events()
    client.v1.subscriptions.update(subscription.id, {"description": ""})
    client.v1.invoices.create_preview({"subscription": subscription.id})
    item = plain(subscription)["items"]["data"][0]["id"]
    details: Any = {"items": [{"id": item, "quantity": 5}], "proration_behavior": "always_invoice"}
    client.v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": details})
    refusal(client.v1.subscriptions.update, subscription.id, {"items": [{"price": "price_none"}]})
    refusal(client.v1.prices.create, {"currency": "usd", "unit_amount": 1, "product": "none"})
    assert told.types() == []


def test_an_event_names_its_request(client: stripe.StripeClient, server: LocalStripe, told: Told) -> None:
    made = client.v1.customers.create({"name": "A"}, {"idempotency_key": "once"})
    again = client.v1.customers.create({"name": "A"}, {"idempotency_key": "once"})
    assert again.id == made.id
    (event,) = told.events()
    assert event["request"] == {"id": made.last_response.request_id, "idempotency_key": "once"}  # type: ignore[union-attr]
    assert event["api_version"] == stripe.api_version
    assert (event["livemode"], event["pending_webhooks"], event["created"]) == (False, 0, made.created)
    check(event, stripe.Event, {"account", "context", "reason"})
    client.v1.customers.delete(made.id)
    (gone,) = told.events()
    assert gone["request"]["id"] is not None
    assert gone["request"]["idempotency_key"] is None
    assert server.client(LIVE_KEY).v1.events.list().data == []


# Lists


def test_events_are_listed(client: stripe.StripeClient, server: LocalStripe) -> None:
    start = server.clock(advance=0)
    made = [client.v1.customers.create({"name": str(number)}).id for number in range(5)]
    server.clock(advance=100)
    client.v1.customers.update(made[0], {"name": "new"})
    events = client.v1.events
    assert [event.data.object["id"] for event in events.list({"limit": 2}).auto_paging_iter()] == [made[0], *made[::-1]]
    first = events.list({"limit": 1}).data[0]
    assert [e.type for e in events.list({"starting_after": first.id, "limit": 1}).data] == ["customer.created"]
    assert [e.id for e in events.list({"ending_before": events.list({"limit": 2}).data[1].id}).data] == [first.id]
    assert [e.type for e in events.list({"type": "customer.updated"}).data] == ["customer.updated"]
    assert len(events.list({"type": "customer.*"}).data) == 6
    assert events.list({"type": "invoice.*"}).data == []
    assert len(events.list({"types": ["customer.created", "invoice.paid"]}).data) == 5
    assert [e.id for e in events.list({"created": {"gte": start + 100}}).data] == [first.id]
    assert len(events.list({"created": {"lt": start + 100}}).data) == 5
    assert len(events.list({"delivery_success": True}).data) == 6
    assert events.list({"delivery_success": False}).data == []
    assert "only specify one" in str(refusal(events.list, {"type": "customer.created", "types": ["customer.created"]}))
    assert refusal(events.list, {"types": ["customer.created"] * 21}).http_status == 400
    assert "No such event" in str(refusal(events.list, {"starting_after": "evt_none"}))
    assert refusal(events.retrieve, "evt_none").http_status == 404
    assert plain(events.retrieve(first.id)) == plain(first)
    server.clock(advance=31 * DAY)
    assert events.list().data == [], "they can be read for 30 days"
    assert refusal(events.retrieve, first.id).http_status == 404


def test_thin_events_are_listed(client: stripe.StripeClient, server: LocalStripe) -> None:
    made = [client.v1.customers.create({"name": str(number)}) for number in range(3)]
    server.clock(advance=100)
    client.v1.products.create({"name": "A"})
    thin, snapshots = client.v2.core.events, client.v1.events
    listed = list(thin.list({"limit": 2}).auto_paging_iter())
    assert [event.type for event in listed] == ["v1.product.created", *["v1.customer.created"] * 3]
    assert [event.snapshot_event for event in listed] == [event.id for event in snapshots.list().data]
    event: Any = thin.retrieve(listed[1].id)
    assert plain(event) == plain(listed[1])
    assert (event.reason.type, event.reason.request.id) == ("request", made[2].last_response.request_id)  # type: ignore[union-attr]
    assert plain(event)["related_object"] == {"id": made[2].id, "type": "customer", "url": f"/v1/customers/{made[2].id}"}
    assert event.fetch_related_object().id == made[2].id
    assert [e.type for e in thin.list({"types": ["v1.product.created"]}).data] == ["v1.product.created"]
    assert [e.id for e in thin.list({"object_id": made[0].id}).data] == [listed[3].id]
    assert [e.type for e in thin.list({"created": {"gt": listed[1].created}}).data] == ["v1.product.created"]
    paged: Any = thin.list({"limit": 1, "created": {"lte": listed[1].created}, "types": ["v1.customer.created"]})
    assert [e.id for e in paged.auto_paging_iter()] == [e.id for e in listed[1:]]
    assert refusal(thin.retrieve, snapshots.list().data[0].id).http_status == 404
    assert refusal(thin.list, {"created": {"gt": "yesterday"}}).http_status == 400
    assert server.client(LIVE_KEY).v2.core.events.list().data == []


# What is told of usage that is wrong


def reports(client: stripe.StripeClient, type: str = "v1.billing.meter.error_report_triggered") -> list[dict[str, Any]]:
    return [plain(event) for event in client.v2.core.events.list({"types": [type]}).data]


@pytest.fixture
def slow() -> Iterator[LocalStripe]:
    """A server that reports when its clock is moved."""
    with LocalStripe(report_lag=1000) as server:
        yield server


def test_usage_of_an_unknown_customer_is_taken_and_reported(slow: LocalStripe) -> None:
    """https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api"""
    server = slow
    guide: Guide = make_guide(server.client())
    create = guide.client.v1.billing.meter_events.create
    guide.use(5)
    create({"event_name": METER["event_name"], "identifier": "a", "payload": {"stripe_customer_id": "cus_none", "value": "1"}})
    create({"event_name": METER["event_name"], "identifier": "b", "payload": {"value": "1"}})
    guide.client.v1.customers.delete(guide.customer.id)
    guide.use(7, identifier="c")
    assert reports(guide.client) == []
    server.clock(advance=1000)
    (event,) = reports(guide.client)
    assert event["reason"] is None
    assert event["related_object"] == {
        "id": guide.meter.id,
        "type": "billing.meter",
        "url": f"/v1/billing/meters/{guide.meter.id}",
    }
    data = event["data"]
    assert data["developer_message_summary"] == "There are 3 invalid events"
    assert data["reason"]["error_count"] == 3
    assert {found["code"]: found["error_count"] for found in data["reason"]["error_types"]} == {
        "meter_event_customer_not_found": 2,
        "meter_event_no_customer_defined": 1,
    }
    (nobody,) = data["reason"]["error_types"][1]["sample_errors"]
    assert nobody == {
        "error_message": "Customer mapping key stripe_customer_id not found in payload.",
        "request": {"identifier": "b"},
    }
    assert guide.client.v1.events.list({"type": "billing.meter.*"}).data[0].type == "billing.meter.created", "it is thin only"


def test_the_stream_reports_what_it_drops(slow: LocalStripe) -> None:
    server = slow
    guide = make_guide(server.client())
    session = guide.client.v2.billing.meter_event_session.create()
    good, payload = guide.customer.id, {"stripe_customer_id": guide.customer.id, "value": "1"}
    events = [
        {"event_name": METER["event_name"], "payload": payload, "identifier": "good"},
        {"event_name": METER["event_name"], "payload": payload, "identifier": "good"},
        {"event_name": METER["event_name"], "payload": {**payload, "value": "many"}, "identifier": "many"},
        {"event_name": METER["event_name"], "payload": payload, "timestamp": "2020-01-01T00:00:00Z", "identifier": "old"},
        {"event_name": "nothing", "payload": payload, "identifier": "nothing"},
    ]
    headers = {"Authorization": f"Bearer {session.authentication_token}"}
    answer = server.http("POST", "/v2/billing/meter_event_stream", json={"events": events}, headers=headers, key=None)
    assert (answer.status_code, answer.json()) == (200, {})
    server.clock(advance=1000)
    (event,) = reports(guide.client)
    found = event["data"]["reason"]["error_types"]
    assert {one["code"]: [s["request"]["identifier"] for s in one["sample_errors"]] for one in found} == {
        "meter_event_invalid_value": ["many"],
        "timestamp_too_far_in_past": ["old"],
    }
    (lost,) = reports(guide.client, "v1.billing.meter.no_meter_found")
    assert lost["data"]["reason"]["error_types"][0]["code"] == "no_meter"
    assert "related_object" not in lost
    assert guide.preview().lines.data[0].quantity == 1
    assert good


# What differs


@pytest.mark.parametrize(
    ("before", "after", "previous"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}, {}),
        ({"a": 1}, {"a": None}, {"a": 1}),
        ({"metadata": {"a": "1"}}, {"metadata": {"b": "2"}}, {"metadata": {"a": "1", "b": None}}),
        ({"pause": {"behavior": "void"}}, {"pause": None}, {"pause": {"behavior": "void"}}),
        ({"pause": None}, {"pause": {"behavior": "void"}}, {"pause": None}),
        ({"a": [1, 2]}, {"a": [1]}, {"a": [1, 2]}),
        (
            {"items": {"object": "list", "data": [{"id": "a", "quantity": 1}, {"id": "b"}]}},
            {"items": {"object": "list", "data": [{"id": "a", "quantity": 2}, {"id": "b"}]}},
            {"items": {"data": [{"id": "a", "quantity": 1}, {"id": "b"}]}},
        ),
        ({"a": {"b": {"c": 1, "d": 1}}}, {"a": {"b": {"c": 2, "d": 1}}}, {"a": {"b": {"c": 1}}}),
    ],
)
def test_previous_attributes(before: Any, after: Any, previous: Any) -> None:
    """Recorded: metadata that is added shows null, a list shows its old elements.

    https://docs.stripe.com/api/events/object#event_object-data-previous_attributes
    """
    assert previous_attributes(before, after) == previous
