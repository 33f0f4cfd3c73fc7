"""What is not Stripe's: the endpoints under `/_local/`, and how pages are served."""
