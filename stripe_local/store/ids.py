"""Object ids with Stripe's prefixes."""

from __future__ import annotations

import secrets

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def random_text(length: int) -> str:
    """`length` random letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_id(prefix: str) -> str:
    """An id such as `price_1Rc0...`: products and customers have 14 characters after the prefix, others 24."""
    if prefix in ("prod", "cus", "si", "req"):
        return f"{prefix}_{random_text(14)}"
    return f"{prefix}_1{random_text(23)}"


def meter_id(livemode: bool) -> str:
    """`mtr_test_...` in test mode, `mtr_...` in live mode."""
    return f"mtr_{random_text(24)}" if livemode else f"mtr_test_{random_text(24)}"
