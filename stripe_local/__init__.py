"""A local, stateful Stripe for billing, over HTTP.

`python -m stripe_local` serves what usage-based billing needs of Stripe's API (meters, meter events, products,
prices, customers, subscriptions, invoice previews) from one SQLite file on loopback. Listing the folder explains it:

- `serving/`: a request from its arrival to its answer; faults, the list of requests, the delivery of events.
- `resources/`: one file per resource: its parameters, its rules, its shape.
- `wire/`: HTTP as Stripe speaks it: parameters, validation, errors, keys, expansion, pagination.
- `store/`: SQLite: objects, meter events, saved answers, the clock.
- `calculation/`: arithmetic without I/O: what usage costs, when periods end, which credits pay.
- `control/`: `/_local/`: recorded requests, faults, the clock, reset.
- `overview/`, `checkout/`: the page at `/`, and the page of a Checkout session.

`docs/local-stripe.md` is the manual.
"""
