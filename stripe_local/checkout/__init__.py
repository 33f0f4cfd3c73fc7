"""The page at a Checkout session's address: what is subscribed to, in words, and the button that does it."""
