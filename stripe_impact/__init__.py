"""What a change to the catalogue does to bills: from a preview, and what Stripe has, to a report for the people who decide."""
