"""Billing arithmetic without I/O: prices, periods, prorations."""
