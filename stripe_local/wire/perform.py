"""Doing what an operation does."""

from __future__ import annotations

from stripe_local.store.objects import Body

from .errors import StripeError
from .expand import expand
from .operation import Context, Operation


def perform(operation: Operation, context: Context) -> tuple[int, Body]:
    """Status and body of the answer; what the operation did before it failed is undone."""
    connection = context.connection
    connection.execute("SAVEPOINT work")
    try:
        body = operation.handler(context)
        expand(context, body, context.params.get("expand") or [])
    except StripeError as error:
        connection.execute("ROLLBACK TO work")
        return error.status, error.body(operation.version)
    return 200, {name: value for name, value in body.items() if name != "_type"}
