"""A request to Stripe's API from its arrival to its answer, and the parts of the server that work on it."""
