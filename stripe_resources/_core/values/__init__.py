"""What inputs, outputs and Stripe's objects are, and how one becomes another: types, checks, differences, parameters. Pure."""
