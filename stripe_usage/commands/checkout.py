"""`usage checkout`: an address at which a customer subscribes to a metered price. https://docs.stripe.com/api/checkout/sessions"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any
from urllib.parse import urlsplit

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_pricing import is_metered
from stripe_usage.errors import UsageError
from stripe_usage.events.values import time_text
from stripe_usage.naming import target

DASHBOARD = "https://dashboard.stripe.com/test/subscriptions"
"""Where the new subscription shows in test mode."""

DESCRIPTION = """\
Makes a Checkout session and prints its address, at which a customer subscribes. A metered price is billed for what is used; any
other price is sold with a quantity of one.

  python -m stripe_usage checkout --stack dev
  python -m stripe_usage checkout --stack dev --price hypernian_tokens_monthly --customer cus_…
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "checkout",
        help="make an address at which a customer subscribes",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--price",
        action="append",
        metavar="ID|LOOKUP_KEY",
        help="the price to subscribe to; repeat for more (default: the stack's output price_id)",
    )
    parser.add_argument("--customer", metavar="ID", help="the customer who subscribes (default: Checkout makes a new one)")
    parser.add_argument(
        "--success-url",
        metavar="URL",
        help="where the customer is sent afterwards; {CHECKOUT_SESSION_ID} in it becomes the session's id "
        "(default: the Dashboard in test mode, the page of a local Stripe)",
    )
    parser.add_argument("--cancel-url", metavar="URL", help="where a customer who changes their mind is sent (default: nowhere)")
    target.add_account_to(parser)
    parser.add_argument("--format", choices=("url", "json"), default="url", help="default: url")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Makes the session and returns the exit code. Raises `UsageError`, `StripeError`."""
    problems = [
        f'{option}: "{url}" is not an address; give one such as https://example.com/done'
        for option, url in (("--success-url", arguments.success_url), ("--cancel-url", arguments.cancel_url))
        if url is not None and not _is_address(url)
    ]
    if problems:
        raise UsageError("; ".join(problems))
    account = target.account_of(arguments)
    success = arguments.success_url or _default_success(account)
    default = account.output("price_id")
    named: list[str] = arguments.price or ([default] if default else [])
    if not named:
        raise UsageError("which price? Give --price, by its id or lookup key; there is no output price_id")
    items = _items(account.client, list(dict.fromkeys(named)))
    params: dict[str, Any] = {"mode": "subscription", "line_items": items, "success_url": success}
    if arguments.customer:
        params["customer"] = arguments.customer
    if arguments.cancel_url:
        params["cancel_url"] = arguments.cancel_url
    try:
        session = account.client.post("/v1/checkout/sessions", params, kind="checkout.session").body
    except Refused as e:
        if e.param == "customer" and e.code == "resource_missing":
            raise UsageError(f'--customer: there is no customer "{arguments.customer}" in this account') from None
        raise
    if arguments.format == "json":
        shown = {name: session[name] for name in ("id", "url", "customer", "success_url", "cancel_url", "livemode")}
        sys.stdout.write(json.dumps({**shown, "expires_at": time_text(session["expires_at"])}, indent=2) + "\n")
        return 0
    sys.stdout.write(f"{session['url']}\n")
    sys.stderr.write(f"Open until {time_text(session['expires_at'])}.\n")
    return 0


def _default_success(account: target.Account) -> str:
    if account.local:
        return f"{account.settings.api_base}/#customers"
    if account.settings.livemode:
        raise UsageError("--success-url: is missing; in live mode say where your customers are sent after subscribing")
    return DASHBOARD


def _items(client: Client, named: list[str]) -> list[dict[str, Any]]:
    """The line items; a metered price has no quantity, which Stripe would refuse. Raises `UsageError` with all that is wrong."""
    prices, problems = [], []
    for name in named:
        price = _price(client, name)
        if price is None:
            problems.append(f'--price: there is no price with the id or lookup key "{name}" in this account')
        elif not price["active"]:
            problems.append(f'--price: "{name}" is archived, and cannot be subscribed to; give an active one')
        else:
            prices.append(price)
    if not problems and not any(price["recurring"] for price in prices):
        problems.append(f"--price: {', '.join(named)} is charged once; give a price that recurs")
    if problems:
        raise UsageError("; ".join(problems))
    return [{"price": price["id"], **({} if is_metered(price) else {"quantity": 1})} for price in prices]


def _price(client: Client, name: str) -> dict[str, Any] | None:
    """The price with that id, or else with that lookup key, which only one price has."""
    found = client.page("/v1/prices", {"lookup_keys": [name], "limit": 1})["data"]
    if found:
        return dict(found[0])
    try:
        return client.get(f"/v1/prices/{name}", kind="price")
    except Refused as e:
        if e.status != 404:
            raise
        return None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
