"""A shop that sells tokens by subscription: a small web application, as Stripe's guides tell to write one.

- Subscribing, by Checkout, and provision: https://docs.stripe.com/billing/subscriptions/build-subscriptions and
  https://docs.stripe.com/checkout/fulfillment
- Webhooks, their signatures, events that come twice or late: https://docs.stripe.com/webhooks
- Usage: https://docs.stripe.com/billing/subscriptions/usage-based/implementation-guide
- Customers who change their card or cancel: https://docs.stripe.com/customer-management/integrate-customer-portal

It reads its settings from the environment: `STRIPE_API_KEY`, `STRIPE_WEBHOOK_SECRET` (of the webhook endpoint `/webhook`),
`DATABASE` (an SQLite file) and `PORT`. `STRIPE_API_BASE` is for a local Stripe; without it, the shop talks to Stripe.

    python app.py
"""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from html import escape
from typing import Any
from urllib.parse import parse_qsl

import stripe
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

FEE, TOKENS, EVENT_NAME = "shop_fee", "shop_tokens", "shop_tokens"
"""The lookup keys of the two prices that a customer subscribes to, and what the meter of the second one counts."""

HAS_ACCESS = ("active", "trialing")

WEBHOOK_SECRET = os.environ["STRIPE_WEBHOOK_SECRET"]
client = stripe.StripeClient(
    os.environ["STRIPE_API_KEY"], base_addresses={"api": os.environ.get("STRIPE_API_BASE", "https://api.stripe.com")}
)

# What the shop knows


SCHEMA = """
CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS accounts (customer TEXT PRIMARY KEY, user TEXT, subscription TEXT, status TEXT);
CREATE TABLE IF NOT EXISTS invoices (id TEXT PRIMARY KEY, customer TEXT, total INTEGER);
CREATE TABLE IF NOT EXISTS messages (about TEXT PRIMARY KEY, customer TEXT, text TEXT);
"""

Change = tuple[str, tuple[Any, ...]]
"""A statement and its values."""


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """A transaction: all that is written within is kept, or nothing."""
    with closing(sqlite3.connect(os.environ["DATABASE"], timeout=30, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")


def account_of(user: str) -> dict[str, Any] | None:
    """What the shop knows of a user who has subscribed."""
    with database() as connection:
        connection.row_factory = sqlite3.Row
        found = connection.execute("SELECT * FROM accounts WHERE user = ?", (user,)).fetchone()
        if found is None:
            return None
        of_customer = (found["customer"],)
        invoices = connection.execute("SELECT id, total FROM invoices WHERE customer = ? ORDER BY rowid", of_customer).fetchall()
        messages = connection.execute("SELECT text FROM messages WHERE customer = ? ORDER BY rowid", of_customer).fetchall()
        return {**found, "invoices": [dict(row) for row in invoices], "messages": [row["text"] for row in messages]}


def _account(customer: str, user: str | None, subscription: Any) -> Change:
    statement = (
        "INSERT INTO accounts VALUES (?, ?, ?, ?) ON CONFLICT (customer) DO UPDATE "
        "SET user = coalesce(excluded.user, user), subscription = excluded.subscription, status = excluded.status"
    )
    return statement, (customer, user, subscription.id, subscription.status)


def _says(about: str, customer: str, text: str) -> Change:
    return "INSERT OR IGNORE INTO messages VALUES (?, ?, ?)", (about, customer, text)


# What events change


def provision(session_id: str) -> list[Change]:
    """Give a customer what they subscribed to, however often, and by whomever, this is asked for."""
    session: Any = client.v1.checkout.sessions.retrieve(session_id, {"expand": ["line_items", "subscription"]})
    if session.payment_status == "unpaid":
        return []
    bought = ", ".join(item.description for item in session.line_items.data)
    return [
        _account(session.customer, session.client_reference_id, session.subscription),
        _says(session.id, session.customer, f"Welcome. You have: {bought}"),
    ]


def status_now(subscription_id: str) -> list[Change]:
    """Keep the status of a subscription. Events may come late, and in another order: what counts is what Stripe says now."""
    found: Any = client.v1.subscriptions.retrieve(subscription_id)
    # Whose it is, the checkout tells, maybe later than its invoice.
    return [_account(found.customer, None, found)]


def on_checkout(session: Any) -> list[Change]:
    """A customer has subscribed."""
    return provision(session.id)


def on_paid(invoice: Any) -> list[Change]:
    """A period is paid: the customer keeps access."""
    kept = ("INSERT OR IGNORE INTO invoices VALUES (?, ?, ?)", (invoice.id, invoice.customer, invoice.total))
    return [kept, *status_now(invoice.parent.subscription_details.subscription)]


def on_failed(invoice: Any) -> list[Change]:
    """A payment failed: the customer is told where another card can be given."""
    amount = f"{invoice.amount_remaining // 100}.{invoice.amount_remaining % 100:02d} {invoice.currency.upper()}"
    text = f"We could not charge {amount}. Please give another card, or pay here: {invoice.hosted_invoice_url}"
    says = _says(f"{invoice.id}, attempt {invoice.attempt_count}", invoice.customer, text)
    return [says, *status_now(invoice.parent.subscription_details.subscription)]


def on_subscription(subscription: Any) -> list[Change]:
    """A subscription has changed, or is over."""
    return status_now(subscription.id)


HANDLERS: dict[str, Callable[[Any], list[Change]]] = {
    "checkout.session.completed": on_checkout,
    "invoice.paid": on_paid,
    "invoice.payment_failed": on_failed,
    "customer.subscription.updated": on_subscription,
    "customer.subscription.deleted": on_subscription,
}


def handle(event: stripe.Event) -> None:
    """Do what an event asks for, once, though Stripe may send it several times.

    What it changes is kept together with its id, or not at all.
    """
    if event.type not in HANDLERS:
        return
    with database() as connection:
        if connection.execute("SELECT 1 FROM events WHERE id = ?", (event.id,)).fetchone():
            return
    changes = HANDLERS[event.type](event.data.object)
    with database() as connection:
        if connection.execute("INSERT OR IGNORE INTO events VALUES (?)", (event.id,)).rowcount:
            for change in changes:
                connection.execute(*change)


# Its pages


async def form(request: Request) -> dict[str, str]:
    """What was filled in."""
    return dict(parse_qsl((await request.body()).decode()))


async def home(request: Request) -> Response:
    """What is sold, and a button."""
    return HTMLResponse(
        "<h1>Tokens</h1><p>20 dollars a month, and 4 cents for each 100 tokens.</p>"
        '<form action="/create-checkout-session" method="post"><input name="user"><button>Subscribe</button></form>'
    )


async def create_checkout_session(request: Request) -> Response:
    """The button: on to the page where a customer subscribes."""
    user = (await form(request))["user"]

    def create() -> stripe.checkout.Session:
        found = client.v1.prices.list({"lookup_keys": [FEE, TOKENS], "active": True}).data
        ids = {price.lookup_key: price.id for price in found}
        return client.v1.checkout.sessions.create(
            {
                "mode": "subscription",
                "line_items": [{"price": ids[FEE], "quantity": 1}, {"price": ids[TOKENS]}],
                "client_reference_id": user,
                "success_url": f"{request.base_url}success?session_id={{CHECKOUT_SESSION_ID}}",
                "cancel_url": str(request.base_url),
            }
        )

    return RedirectResponse(str((await run_in_threadpool(create)).url), status_code=303)


async def success(request: Request) -> Response:
    """Where a customer comes back to, maybe before the webhook has come."""

    def provisioned() -> None:
        changes = provision(request.query_params["session_id"])
        with database() as connection:
            for change in changes:
                connection.execute(*change)

    await run_in_threadpool(provisioned)
    return HTMLResponse("<p>Thank you.</p>")


async def create_portal_session(request: Request) -> Response:
    """On to the page where a customer changes the card, or cancels."""
    account = await run_in_threadpool(account_of, (await form(request))["user"])
    if account is None:
        return PlainTextResponse("Subscribe first.", 402)
    params: Any = {"customer": account["customer"], "return_url": str(request.base_url)}
    session = await run_in_threadpool(client.v1.billing_portal.sessions.create, params)
    return RedirectResponse(session.url, status_code=303)


async def work(request: Request) -> Response:
    """What is sold: somebody's tokens are used, and reported to Stripe."""
    wanted = await form(request)
    account = await run_in_threadpool(account_of, wanted["user"])
    if account is None or account["status"] not in HAS_ACCESS:
        return PlainTextResponse("Subscribe first, or pay what is due.", 402)
    payload = {"stripe_customer_id": account["customer"], "value": wanted["tokens"]}
    # The identifier makes it count once, should the request be sent again.
    event: Any = {"event_name": EVENT_NAME, "identifier": str(uuid.uuid4()), "payload": payload}
    await run_in_threadpool(client.v1.billing.meter_events.create, event)
    return PlainTextResponse(f"Done: {escape(wanted['tokens'])} tokens.")


async def account(request: Request) -> Response:
    """What the shop knows of a user, as data."""
    return JSONResponse(await run_in_threadpool(account_of, request.query_params["user"]))


async def webhook(request: Request) -> Response:
    """Where Stripe sends events. Whatever is not answered with 2xx is sent again."""
    payload = await request.body()
    try:
        event = client.construct_event(payload, request.headers.get("Stripe-Signature"), WEBHOOK_SECRET)
    except (ValueError, stripe.SignatureVerificationError):
        return PlainTextResponse("This is not from Stripe.", 400)
    await run_in_threadpool(handle, event)
    return JSONResponse({"received": True})


PAGES: dict[str, tuple[str, Callable[[Request], Awaitable[Response]]]] = {
    "/": ("GET", home),
    "/create-checkout-session": ("POST", create_checkout_session),
    "/success": ("GET", success),
    "/create-portal-session": ("POST", create_portal_session),
    "/work": ("POST", work),
    "/account": ("GET", account),
    "/webhook": ("POST", webhook),
}


def main() -> None:
    """Serve."""
    with closing(sqlite3.connect(os.environ["DATABASE"])) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)
    app = Starlette(routes=[Route(path, page, methods=[method]) for path, (method, page) in PAGES.items()])
    listener = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "4242"))))
    sys.stdout.write(f"shop is ready on http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listener])


if __name__ == "__main__":
    main()
