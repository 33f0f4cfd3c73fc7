"""A Stripe that does no work: it knows one meter and every customer, takes every event, and keeps nothing.

What is measured against it is the client alone. `python -m benchmarks.idle_server` prints its port.
"""

from __future__ import annotations

import asyncio
import json
import sys

METER = {
    "id": "mtr_idle",
    "object": "billing.meter",
    "event_name": "idle",
    "status": "active",
    "customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"},
    "value_settings": {"event_payload_key": "value"},
    "default_aggregation": {"formula": "sum"},
    "livemode": False,
}
SESSION = {"object": "v2.billing.meter_event_session", "authentication_token": "mes_idle", "livemode": False}


def _response(body: object) -> bytes:
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


ANSWERS = {
    b"/v1/billing/meters": _response({"object": "list", "data": [METER], "has_more": False}),
    b"/v1/billing/meters/mtr_idle": _response(METER),
    b"/v2/billing/meter_event_session": _response(SESSION),
    b"/v2/billing/meter_event_stream": _response({}),
    b"/v2/core/events": _response({"data": [], "next_page_url": None, "previous_page_url": None}),
}
ANYTHING = _response({"id": "cus_idle", "object": "customer"})


class Idle(asyncio.Protocol):
    """Reads requests to their end and answers them."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connects."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._received = transport, bytearray()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request, or of several."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._received[:end])
            _, _, rest = head.lower().partition(b"content-length:")
            size = end + 4 + int(rest.split(b"\r\n", 1)[0] or 0)
            if len(self._received) < size:
                return
            del self._received[:size]
            path = head.split(b" ", 2)[1].split(b"?")[0]
            self._transport.write(ANSWERS.get(path, ANYTHING))


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Idle, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
