"""A local, stateful Stripe for billing, over HTTP.

`python -m stripe_local` serves what usage-based billing needs of Stripe's API (meters, meter events, products,
prices, customers, subscriptions, invoice previews) from one SQLite file on loopback. Listing the folder explains it:

- `wire/`: HTTP as Stripe speaks it: parameters, validation, errors, keys, expansion, pagination, idempotency.
- `store/`: SQLite: objects, meter events, saved answers, the clock.
- `billing/`: arithmetic without I/O: what usage costs, when periods end, how events are aggregated.
- `resources/`: one file per resource: its parameters, its rules, its shape.
- `control/`: `/_local/`: recorded requests, faults, the clock, reset.

`docs/local-stripe.md` is the manual.
"""
