"""What an invoice preview says, line by line, with the arithmetic in words and held against Stripe's amounts. Pure."""
