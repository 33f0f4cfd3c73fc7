"""Whether what was sent is what Stripe counted and bills. Pure."""
