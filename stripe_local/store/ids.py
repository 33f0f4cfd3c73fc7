"""Object ids with Stripe's prefixes."""

from __future__ import annotations

import random
import string

_ALPHABET = string.ascii_letters + string.digits


def random_text(length: int) -> str:
    """`length` random letters and digits."""
    # Not secrets: ids need only differ, and there are two of them in most requests.
    return "".join(random.choices(_ALPHABET, k=length))


def new_id(prefix: str) -> str:
    """An id such as `price_1Rc0...`: products and customers have 14 characters after the prefix, others 24."""
    if prefix in ("prod", "cus", "si", "req"):
        return f"{prefix}_{random_text(14)}"
    return f"{prefix}_1{random_text(23)}"


def meter_id(livemode: bool) -> str:
    """`mtr_test_...` in test mode, `mtr_...` in live mode."""
    return f"mtr_{random_text(24)}" if livemode else f"mtr_test_{random_text(24)}"
