"""The one implementation of check, diff, create, read, update and delete, in plain Python.

Nothing here knows Pulumi: a front (see `stripe_resources.provider`) translates. The modules, from pure to not:

- `schema`: what a resource's fields are, as data
- `check`, `compare`, `shape`, `items`: pure functions over inputs and Stripe's objects
- `settings`, `retry`, `pace`: what a request may be sent with, and how often
- `client`: the only module that talks HTTP
- `behaviour`: where one kind of resource differs from the rest
- `objects`, `reads`, `existing`, `adoption`: what Stripe has; `ledger`: what this process has seen
- `creation`: how a new resource comes by its object
- `handler`: the six verbs
"""
