"""Object ids with Stripe's prefixes."""

from __future__ import annotations

import random
import time
from base64 import b64encode


def random_text(length: int) -> str:
    """`length` random letters and digits."""
    # Not secrets: ids need only differ, and there are many of them in most requests.
    return b64encode(random.randbytes(length), b"Zz")[:length].decode()


def new_id(prefix: str) -> str:
    """An id such as `price_1Rc0...`: products and customers have 14 characters after the prefix, others 24.

    Those 24 begin with the time, as at Stripe: what is made together is together in an index.
    """
    if prefix in ("prod", "cus", "si", "req"):
        return f"{prefix}_{random_text(14)}"
    return f"{prefix}_1{time.time_ns() // 1000:013x}{random.getrandbits(40):010x}"


def meter_id(livemode: bool) -> str:
    """`mtr_test_...` in test mode, `mtr_...` in live mode."""
    return f"mtr_{random_text(24)}" if livemode else f"mtr_test_{random_text(24)}"
