"""What is read: the preview, what in it can change a bill, and who is billed by that, from Stripe or from a file."""
