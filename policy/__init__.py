"""The policy pack: what a Stripe billing stack must and must not declare. Manual: `docs/policies.md`."""
