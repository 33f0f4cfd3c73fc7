"""`usage invoice`: what the next invoice will say."""

from __future__ import annotations

import argparse
import sys

from stripe_usage.asking.billed import Billing, NothingToBill
from stripe_usage.errors import UsageError
from stripe_usage.invoices.invoice import Invoice
from stripe_usage.invoices.written import json_text, text
from stripe_usage.naming import target
from stripe_usage.showing.summary import freshness

DOES_NOT_ADD_UP = 3

DESCRIPTION = """\
Shows the next invoice of a subscription, or of all of a customer's: every line with its arithmetic in words, then discounts,
credits, tax and the total. It is a preview: it changes with every event, and bills nothing.

  python -m stripe_usage invoice --stack dev --subscription sub_…

Exit code 3: an amount of Stripe's differs from what the price gives; the line says so. More: docs/usage.md
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "invoice",
        help="show the next invoice, with its arithmetic",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("--subscription", metavar="ID", help="default: the stack's output subscription_id")
    whose.add_argument("--customer", metavar="ID", help="all subscriptions of this customer, an invoice for each")
    target.add_account_to(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Shows and returns the exit code. Raises `UsageError`, `StripeError`."""
    account = target.account_of(arguments)
    now, billing = account.now(), Billing(account.client)
    subscription = arguments.subscription or ("" if arguments.customer else account.output("subscription_id"))
    if subscription:
        invoices = [billing.preview(subscription)]
    else:
        customer = arguments.customer or account.output("customer_id")
        if not customer:
            raise UsageError(
                "whose invoice? Give --subscription or --customer; there is no output subscription_id or customer_id"
            )
        invoices = _all_of(billing, customer)
    if arguments.format == "json":
        sys.stdout.write(json_text(invoices, now))
    else:
        sys.stdout.write("\n".join(map(text, invoices)))
        sys.stdout.write(f"\nA preview. {freshness(now)}\n")
    return DOES_NOT_ADD_UP if any(invoice.problems for invoice in invoices) else 0


def _all_of(billing: Billing, customer: str) -> list[Invoice]:
    """The next invoices of a customer's subscriptions, soonest first. Raises `UsageError` where there is none."""
    found, none = [], []
    for subscription in billing.subscriptions(customer):
        try:
            found.append(billing.preview(subscription["id"]))
        except NothingToBill as e:
            none.append(str(e))
    if not found:
        raise UsageError("; ".join(none) or f"customer {customer} has no subscription, so nothing is billed")
    return sorted(found, key=lambda invoice: invoice.due)
