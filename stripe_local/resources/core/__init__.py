"""The account, its customers, its events. https://docs.stripe.com/api/customers"""
