"""What the page at `/` shows: the store in words for people who have never seen the code, read past Stripe's API."""
