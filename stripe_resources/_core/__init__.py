"""The one implementation of check, diff, create, read, update and delete, in plain Python.

Nothing here knows Pulumi: a front (see `stripe_resources.provider`) translates. The modules, from pure to not:

- `values`: what fields, inputs and outputs are, and pure functions over them and Stripe's objects
- `behaviour`: where one kind of resource differs from the rest
- `objects`, `reads`, `existing`, `adoption`: what Stripe has; `ledger`: what this process has seen
- `creation`: how a new resource comes by its object
- `handler`: the six verbs
"""
