"""Kinds of stored objects that resources other than their own look for: what Stripe calls `object` in its answers."""

CUSTOMER = "customer"
PRICE = "price"
PRODUCT = "product"
PROMOTION_CODE = "promotion_code"
SUBSCRIPTION_ITEM = "subscription_item"
