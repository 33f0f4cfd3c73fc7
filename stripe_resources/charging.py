"""Amounts that Stripe cannot charge as they are: in ISK, UGX and the currencies of three decimal places.

A quantity, or another line of an invoice, may make a total whole, so nothing is refused: the constructor warns.
https://docs.stripe.com/currencies#special-cases
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import pulumi

from stripe_pricing.currencies import cannot_be_charged

_UNIT, _FLAT = ("unit_amount", "unit_amount_decimal"), ("flat_amount", "flat_amount_decimal")


def warn(resource: pulumi.Resource, title: str, price: Mapping[str, Any] | None, prefix: str = "") -> None:
    """Logs a warning for each such amount, for the resource that declares the price; `title` is such as `Price "seats"`."""
    for warning in warnings(price, prefix) if isinstance(price, Mapping) else ():
        pulumi.log.warn(f"{title}: {warning}", resource)


def warnings(price: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """A line for each such amount of a declared price, by its field. What is not known yet, or secret, is not looked at."""
    recurring = price.get("recurring")
    metered = isinstance(recurring, Mapping) and recurring.get("usage_type") == "metered"
    names = _FLAT if metered else (*_UNIT, *_FLAT)  # what a unit of usage costs is never charged alone
    own, further = price.get("currency"), price.get("currency_options")
    yield from _of(price, names, own, prefix)
    for currency, option in further.items() if isinstance(further, Mapping) else ():
        if isinstance(option, Mapping):
            yield from _of(option, names, currency, f'{prefix}currency_options["{currency}"].')


def _of(option: Mapping[str, Any], names: Sequence[str], currency: object, prefix: str) -> Iterator[str]:
    tiers = option.get("tiers")
    holders = [(prefix, option)]
    for i, tier in enumerate(tiers if isinstance(tiers, Sequence) and not isinstance(tiers, str) else ()):
        if isinstance(tier, Mapping):
            holders.append((f"{prefix}tiers[{i}].", tier))
    for path, holder in holders:
        for name in names:
            amount = _amount(holder.get(name))
            if isinstance(currency, str) and amount is not None and (why := cannot_be_charged(amount, currency)):
                yield f"{path}{name}: {why}"


def _amount(raw: object) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, (int, str, Decimal)):
        return None
    try:
        amount = Decimal(raw)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None
