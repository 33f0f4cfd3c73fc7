"""What of an amount due can be charged. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts

Whole minor units throughout. What cannot be charged is left to the customer's balance, and so to the next invoice.
"""

from __future__ import annotations

# Where the local account settles in the invoice's own currency; other currencies have no minimum of their own.
_MINIMUM = {
    "aed": 200,
    "aud": 50,
    "bgn": 100,
    "brl": 50,
    "cad": 50,
    "chf": 50,
    "czk": 1500,
    "dkk": 250,
    "eur": 50,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "inr": 50,
    "jpy": 50,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "nzd": 50,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "sgd": 50,
    "thb": 1000,
    "usd": 50,
}

# Currencies without decimals that Stripe writes with two, and those with three of which the last is 0.
_STEP = {"isk": 100, "ugx": 100, "bhd": 10, "jod": 10, "kwd": 10, "omr": 10, "tnd": 10}


def chargeable(due: int, currency: str) -> int:
    """What can be charged of an amount due: the nearest that the currency allows, and nothing below its minimum."""
    step = _STEP.get(currency, 1)
    amount = (due + step // 2) // step * step
    return amount if amount >= max(_MINIMUM.get(currency, 1), 1) else 0
