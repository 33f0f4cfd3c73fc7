"""How many decimal places an amount has at Stripe, and amounts as people write them. https://docs.stripe.com/currencies

ISK and UGX are zero-decimal currencies, or becoming so, and yet have two decimals in Stripe's API. Its special cases say of both:
it "transitioned to a zero-decimal currency, but backwards compatibility requires you to
represent it as a two-decimal value, where the decimal amount is always `00`. For example, to charge 5 UGX, provide an `amount`
value of `500`". https://docs.stripe.com/currencies#special-cases
"""

from __future__ import annotations

from decimal import Decimal

from .exact import exactly

ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
"""Their smallest unit is one whole unit. https://docs.stripe.com/currencies#zero-decimal"""

THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
"""https://docs.stripe.com/currencies#three-decimal"""


def decimal_places(currency: str) -> int:
    """How many decimal places Stripe's minor unit stands for: 2, except for the currencies that have 0 or 3."""
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
