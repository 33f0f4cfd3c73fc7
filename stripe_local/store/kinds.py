"""Kinds of stored objects that resources other than their own look for: what Stripe calls `object` in its answers."""

CUSTOMER = "customer"
PRICE = "price"
PRODUCT = "product"
