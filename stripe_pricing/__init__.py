"""What a price charges: exact amounts for a quantity, and both in words. Pure: no I/O.

An example:

    terms = stripe_pricing.terms({"currency": "usd", "unit_amount": 4, "transform_quantity": {"divide_by": 100, "round": "up"}})
    stripe_pricing.formula(terms, "token")       # 0.04 USD per 100 tokens
    charge = stripe_pricing.charge(terms, Decimal(3025))
    charge.amount                         # 124, minor currency units
    stripe_pricing.arithmetic(charge, "token")   # 3,025 tokens → 31 packages of 100 × 0.04 USD = 1.24 USD
"""

from .amounts import Charge, Part, charge, rounded
from .currencies import MINIMUM_CHARGE, cannot_be_charged, charged, decimal_places, money, signed
from .terms import NoTerms, Terms, Tier, is_metered, meter_of, terms
from .words import arithmetic, counted, formula, interval, number, package_note, plural

__all__ = [
    "MINIMUM_CHARGE",
    "Charge",
    "NoTerms",
    "Part",
    "Terms",
    "Tier",
    "arithmetic",
    "cannot_be_charged",
    "charge",
    "charged",
    "counted",
    "decimal_places",
    "formula",
    "interval",
    "is_metered",
    "meter_of",
    "money",
    "number",
    "package_note",
    "plural",
    "rounded",
    "signed",
    "terms",
]
