"""What is read: the preview, what of it can change a bill, and who is billed by that, from Stripe or from a file."""
