"""Requests to Stripe: the meter, what it counted, what it will bill."""
