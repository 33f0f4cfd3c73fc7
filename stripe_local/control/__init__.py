"""What is not Stripe's: recorded requests, faults, the clock and reset, under `/_local/`."""
