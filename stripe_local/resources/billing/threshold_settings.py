"""What the billing thresholds of a subscription and its items are set to, and cannot be.

https://docs.stripe.com/billing/subscriptions/usage-based/thresholds, https://docs.stripe.com/api/subscriptions/object
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from stripe_local.calculation.money import with_symbol
from stripe_local.resources.usage import threshold_watch
from stripe_local.store.objects import Body
from stripe_local.wire.errors import invalid
from stripe_local.wire.operation import Context

from . import charges


def merged(there: Body | None, wanted: dict[str, Any] | None) -> Body | None:
    """A subscription's thresholds after what was sent; what is not sent stays."""
    return wanted and {"amount_gte": None, "reset_billing_cycle_anchor": False, **(there or {}), **wanted}


def of_item(price: Body, there: Body | None, wanted: dict[str, Any], param: str) -> Body | None:
    """An item's threshold after what was sent of the item. Raises StripeError for a price of which no usage is counted."""
    given: Body | None = wanted.get("billing_thresholds", there)
    if given is None or charges.is_metered(price):
        return given
    if "billing_thresholds" not in wanted:  # another price took the place of a metered one
        return None
    # That thresholds count usage is published; what Stripe says of a licensed price is not.
    place = f"{param}[billing_thresholds]" if param else "billing_thresholds"
    raise invalid("`billing_thresholds` can only be set on a subscription item with a metered price.", place)


def check(context: Context, thresholds: Body | None, items: Sequence[Body], currency: str) -> None:
    """Raise StripeError for an amount that the flat fees of metered items reach by themselves.

    https://docs.stripe.com/billing/subscriptions/usage-based/thresholds#limitations
    """
    amount = (thresholds or {}).get("amount_gte")
    if amount is None:
        return
    metered = [price for item in items if charges.is_metered(price := charges.stored_price(context, item["price"]))]
    tiers = [tier for price in metered for tier in charges.terms(price, currency).tiers]
    fees = sum((tier.flat_amount or Decimal(0) for tier in tiers), Decimal(0))
    if fees and amount <= fees:
        raise invalid(
            "A monetary threshold must be greater than the sum of the flat fees of the subscription's metered prices, which is "
            f"{with_symbol(fees, currency)}.",
            "billing_thresholds[amount_gte]",
        )


def note(context: Context, body: Body, items: Sequence[Body]) -> None:
    """Have the subscription looked at if its thresholds are other ones than before; the body is the caller's to store."""
    found = [body["billing_thresholds"], *(item["billing_thresholds"] for item in items)]
    wanted = found if any(found) else None
    if wanted != body.get("_thresholds"):
        body["_thresholds"] = wanted
        if wanted is not None:
            threshold_watch.of_subscription(context, body["id"])
