"""How many decimal places an amount has at Stripe, what can be charged, and amounts as people write them.

https://docs.stripe.com/currencies

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


MULTIPLES = {"isk": 100, "ugx": 100, **dict.fromkeys(THREE_DECIMAL, 10)}
"""Only multiples of so many minor units can be charged; any amount, of the currencies that are not here.

What Stripe does with another total is documented for UGX alone: it is rounded to the nearest 100, and the difference goes to the
customer's balance. The others are taken to be the same. https://docs.stripe.com/currencies#special-cases
"""

MINIMUM_CHARGE = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400,
    "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300,
    "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
"""The least that is charged, by the currency that the account settles in, in minor units. An invoice below it is paid without a
charge, and goes to the customer's balance. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
"""


def charged(amount: int, currency: str) -> int:
    """What Stripe charges of an invoice's total: the nearest amount that it can, a half up, and nothing below the minimum.

    The rest goes to the customer's balance, and so to the next invoice. For accounts that settle in the invoice's own currency.
    """
    code = currency.lower()
    multiple = MULTIPLES.get(code, 1)
    nearest = (2 * amount + multiple) // (2 * multiple) * multiple
    return nearest if nearest >= MINIMUM_CHARGE.get(code, 0) else 0


def cannot_be_charged(amount: Decimal | int, currency: str) -> str:
    """Why one unit at that amount cannot be charged as it is, with what can; "" where it can. A quantity or another line of an
    invoice may make it whole."""
    multiple = MULTIPLES.get(currency.lower(), 1)
    with exactly():
        if multiple == 1 or Decimal(amount) % multiple == 0:
            return ""
        whole = int(Decimal(amount) // multiple) * multiple
        text = f"{Decimal(amount):f}"
    digits = text.rstrip("0").rstrip(".") if "." in text else text
    fits = " or ".join(money(one, currency) for one in (whole, whole + multiple) if one)
    return (
        f"{money(amount, currency)} ({digits} in minor units) cannot be charged as it is: Stripe charges {currency.upper()} in "
        f"multiples of {multiple} minor units, such as {fits}, and rounds a total"
    )


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
