"""From events to Stripe: who goes first, at which pace, and what becomes of what fails."""
