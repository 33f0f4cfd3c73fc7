"""The account and its customers. https://docs.stripe.com/api/customers"""
