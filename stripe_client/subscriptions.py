"""What Stripe's API says of every subscription. https://docs.stripe.com/api/subscriptions/object"""

from __future__ import annotations

OVER = ("canceled", "incomplete_expired")
"""The states from which a subscription never returns: it is not billed again."""
