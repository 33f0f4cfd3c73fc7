"""Bodies of requests, as far as they are read at all."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from stripe_local.wire import jsontext
from stripe_local.wire.errors import StripeError, invalid

# A hundred events of the meter event stream, the most that Stripe takes in one request, are a tenth of it.
MOST_BYTES = 1024 * 1024


async def read(request: Request) -> bytes:
    """The body. Raises StripeError (413) once it is too long, however long it was going to be."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise StripeError(f"The body of a request can have up to {MOST_BYTES} bytes.", status=413)
    return bytes(body)


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object that was sent; nothing is an empty one. Raises StripeError."""
    if not body:
        return {}
    try:
        value = jsontext.loads(body)
    except ValueError:
        raise invalid("Invalid JSON in the request body.") from None
    if not isinstance(value, dict):
        raise invalid("The request body must be a JSON object.")
    return value
