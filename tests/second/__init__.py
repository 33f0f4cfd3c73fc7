"""A second calculation of invoices, from Stripe's pages alone, and random histories of which the local Stripe makes the same."""
