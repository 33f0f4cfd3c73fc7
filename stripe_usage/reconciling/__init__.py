"""What was sent, against what Stripe counted and will bill."""
