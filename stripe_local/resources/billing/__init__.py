"""Subscriptions, their invoices, and credits. https://docs.stripe.com/api/subscriptions"""
