"""Which customers Stripe does not have. https://docs.stripe.com/api/customers/list"""

from __future__ import annotations

from collections.abc import Iterable

from stripe_client.client import Client


def strangers(client: Client, ids: Iterable[str]) -> list[str]:
    """Those of the ids that are no customer's, or a deleted one's, sorted. Goes through the list until it has seen all others.

    Raises `StripeError`.
    """
    left = set(ids)
    for page in client.pages("/v1/customers") if left else ():
        left.difference_update(customer["id"] for customer in page)
        if not left:
            break
    return sorted(left)
