"""Usage: meter events from where they are counted to Stripe. `python -m stripe_usage --help`."""
