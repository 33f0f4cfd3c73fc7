"""What was sent, compared with what Stripe counted and will bill."""
