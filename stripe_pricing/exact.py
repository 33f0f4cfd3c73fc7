"""Decimal arithmetic that never rounds unasked."""

from __future__ import annotations

import decimal
from contextlib import AbstractContextManager

_DIGITS = 400
"""Far more than quantities of 15 digits and amounts with 12 decimal places need."""


def exactly() -> AbstractContextManager[decimal.Context]:
    """Within it, a result that would have to be rounded raises `decimal.Inexact` instead."""
    traps = [decimal.Inexact, decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow]
    return decimal.localcontext(decimal.Context(prec=_DIGITS, traps=traps))
