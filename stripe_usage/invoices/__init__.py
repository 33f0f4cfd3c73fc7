"""What an invoice preview says, line by line, with the arithmetic in words, compared with Stripe's amounts. Pure."""
