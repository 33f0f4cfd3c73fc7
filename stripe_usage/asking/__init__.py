"""What Stripe is asked: for the meter, for what it counted, for what it will bill."""
