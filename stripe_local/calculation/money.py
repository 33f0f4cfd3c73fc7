"""Amounts of minor currency units as people write them. https://docs.stripe.com/currencies"""

from __future__ import annotations

from decimal import Decimal

# Without a minor unit, or with a thousand of them. ISK and UGX have two decimals in the API.
_WHOLE = frozenset(["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"])
_THOUSANDTHS = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])

_SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def places(currency: str) -> int:
    """How many decimals an amount has."""
    return 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2


def major(minor: Decimal | int | str, currency: str, *, thousands: str = "") -> str:
    """An amount of minor units in major ones, with as many decimals as it needs: 124 usd is "1.24", 3.6 usd "0.036"."""
    sign, digits, exponent = Decimal(minor).as_tuple()
    assert isinstance(exponent, int)
    whole, _, decimals = format(Decimal((sign, digits, exponent - places(currency))), f"{thousands}f").partition(".")
    kept = decimals.rstrip("0").ljust(places(currency), "0")
    return f"{whole}{'.' if kept else ''}{kept}"


def with_symbol(minor: Decimal | int | str, currency: str) -> str:
    """As Stripe writes it: "$1.24"; where a currency's symbol is not known here, "CHF 1.24"."""
    return f"{_SYMBOLS.get(currency, f'{currency.upper()} ')}{major(minor, currency)}"
