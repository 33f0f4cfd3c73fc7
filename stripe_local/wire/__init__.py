"""HTTP as Stripe speaks it: parameters, validation, errors, keys, expansion, pagination."""
