"""Doing what an operation does."""

from __future__ import annotations

from collections.abc import Callable

from stripe_local.store.objects import Body

from .errors import StripeError
from .expand import expand
from .operation import Context, Operation


def perform(
    operation: Operation, context: Context, record: Callable[[Context, Body | None], None] | None = None
) -> tuple[int, Body]:
    """Status and body of the answer; what the operation did before it failed is undone, unless the error keeps it.

    `record` is told the answer first, or None where the operation failed and what it did is kept.
    """
    connection = context.connection
    connection.execute("SAVEPOINT work")
    try:
        body = operation.handler(context)
        if record is not None:
            record(context, body)
        expand(context, body, context.params.get("expand") or [])
    except StripeError as error:
        if not error.keeps:
            connection.execute("ROLLBACK TO work")
        elif record is not None:
            record(context, None)
        return error.status, error.body(operation.version)
    return 200, {name: value for name, value in body.items() if name != "_type"}
