"""Subscribe, change within a period, try, end a trial, cancel: Stripe's Python client, against the URL in STRIPE_LOCAL_URL."""

import json
import os

import stripe

address = os.environ["STRIPE_LOCAL_URL"]
client = stripe.StripeClient(os.environ["STRIPE_API_KEY"], base_addresses={"api": address}, max_network_retries=0)
v1 = client.v1
CARD = "pm_card_visa"
EXPAND = ["latest_invoice"]


def prorated(line):
    return (line.parent.subscription_item_details or line.parent.invoice_item_details).proration


def billed(invoice):
    lines = [[line.amount, prorated(line)] for line in invoice.lines.data]
    return {"status": invoice.status, "total": invoice.total, "lines": lines}


def shown(subscription):
    return {"status": subscription.status, "invoice": billed(subscription.latest_invoice)}


def days(subscription):
    return (subscription.trial_end - subscription.trial_start) // 86400


def price(unit_amount):
    recurring = {"interval": "month"}
    return v1.prices.create({"currency": "usd", "unit_amount": unit_amount, "product": product.id, "recurring": recurring}).id


def refusal(subscription):
    try:
        v1.subscriptions.update(subscription.id, {"items": [{"price": "price_none"}]})
    except stripe.InvalidRequestError as error:
        return {"status": error.http_status, "code": error.code, "param": error.param}


product = v1.products.create({"name": "Seats"})
basic, pro = price(3000), price(9000)
customer = v1.customers.create({"payment_method": CARD, "invoice_settings": {"default_payment_method": CARD}})

subscribed = v1.subscriptions.create({"customer": customer.id, "items": [{"price": basic}], "expand": EXPAND})
(item,) = subscribed.items.data
change = {
    "items": [{"id": item.id, "price": pro}],
    "proration_behavior": "always_invoice",
    "proration_date": (item.current_period_start + item.current_period_end) // 2,
}
preview = v1.invoices.create_preview({"subscription": subscribed.id, "subscription_details": change})
changed = v1.subscriptions.update(subscribed.id, {**change, "expand": EXPAND})
trial = v1.subscriptions.create({"customer": customer.id, "items": [{"price": basic}], "trial_period_days": 14, "expand": EXPAND})
ended = v1.subscriptions.update(trial.id, {"trial_end": "now", "expand": EXPAND})
canceled = v1.subscriptions.cancel(subscribed.id, {"invoice_now": True, "prorate": True, "expand": EXPAND})
print(
    json.dumps(
        {
            "subscribed": shown(subscribed),
            "preview": billed(preview),
            "changed": shown(changed),
            "trial": {**shown(trial), "days": days(trial)},
            "ended": shown(ended),
            "canceled": shown(canceled),
            "refused": refusal(trial),
        }
    )
)
