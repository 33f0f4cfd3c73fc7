"""Amounts in minor units as people write them. https://docs.stripe.com/currencies"""

from __future__ import annotations

from decimal import Decimal

from .exact import exactly

ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
"""One unit is the smallest. Not isk and ugx, which Stripe's API takes with two decimal places that are always 00."""

THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])


def decimal_places(currency: str) -> int:
    """How many decimal places Stripe's minor unit stands for: 2, save for the currencies that have 0 or 3."""
    code = currency.lower()
    return 0 if code in ZERO_DECIMAL else 3 if code in THREE_DECIMAL else 2


def money(amount: Decimal | int, currency: str) -> str:
    """An amount in minor units, exactly: `money(4, "usd")` is "0.04 USD", a 25th of a cent "0.0004 USD"."""
    places = decimal_places(currency)
    with exactly():
        major = Decimal(amount).scaleb(-places)
        whole, _, fraction = f"{abs(major):f}".partition(".")
    fraction = fraction.rstrip("0").ljust(places, "0")
    sign = "-" if major < 0 else ""
    return f"{sign}{int(whole):,}{'.' if fraction else ''}{fraction} {currency.upper()}"


def signed(amount: Decimal | int, currency: str) -> str:
    """As `money`, with a sign where it is not zero: a change."""
    return f"+{money(amount, currency)}" if amount > 0 else money(amount, currency)
