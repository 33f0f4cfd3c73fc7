"""The one implementation of check, diff, create, read, update and delete, in plain Python.

Nothing here knows Pulumi: a front (see `stripe_resources.provider`) translates. The modules, from pure to not:

- `schema`: what a resource's fields are, as data
- `check`, `compare`, `shape`, `items`: pure functions over inputs and Stripe's objects
- `settings`, `retry`, `pace`: what a request may be sent with, and how often
- `client`: the only module that talks HTTP
- `handler`: the six verbs
"""
