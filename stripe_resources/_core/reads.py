"""Reads the objects of one kind: each by itself while they are few, from pages of Stripe's list when they are many."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from stripe_client.client import Client
from stripe_client.errors import Refused, StripeError

from .sweep import Alone, Live, Page, Sweep
from .values import ownership
from .values.schema import Schema


class Reads:
    """The reads of one kind of object in one process, from several threads.

    An object from a page is at most `sweep.FRESH_SECONDS` old, and this process has changed nothing since. What is on no page (a
    deleted customer, a cancelled subscription, what belongs to a test clock) is read by itself.
    """

    def __init__(
        self, schema: Schema, client: Client, clock: Callable[[], float] = time.monotonic, *, heeds_writes: bool = True
    ) -> None:
        """`heeds_writes`: what this process changes matters, so that what was read before is stale."""
        self._schema, self._client, self._clock, self._heeds_writes = schema, client, clock, heeds_writes
        self._lock = threading.Lock()
        self._writes = client.writes
        self._stack = ""
        self._sweep = Sweep(self._ours)

    def live(self, id_: str, outputs: Mapping[str, Any], expand: list[str], alone: Callable[[], Live | None]) -> Live | None:
        """Stripe's object; None where it is gone. `alone` reads it by itself, `expand` is what must be included."""
        created, owner = outputs.get("created"), ownership.owner_of(outputs)
        if not owner or not isinstance(created, int) or expand != list(self._schema.expand):
            return alone()
        with self._lock:  # a read that waits for a page may find its object on it
            self._stack = ownership.stack_of(owner)
            self._sweep.wish(id_)
            while True:
                if self._heeds_writes and self._client.writes != self._writes:
                    self._writes = self._client.writes
                    self._sweep.forget()
                step = self._sweep.find(id_, created, self._clock())
                left = self._sweep.left
                if isinstance(step, Page):
                    self._turn(step, id_)
                elif step is Alone.FIRST:
                    return self._seen(alone(), left)
                elif step is Alone.JUST:
                    break
                else:
                    return step
        live = alone()
        with self._lock:
            return self._seen(live, left)

    def _seen(self, live: Live | None, left: int) -> Live | None:
        self._sweep.saw(live, self._clock(), left)
        return live

    def _turn(self, page: Page, id_: str) -> None:
        asked = self._clock()
        params = {**page.params, **self._schema.asking(self._schema.expand, listed=True)}
        try:
            answer = self._client.page(self._schema.path, params)
        except StripeError as e:
            self._sweep.refused()
            if not isinstance(e, Refused):
                raise
            # The object that the page begins at is gone, or is not listed.
        else:
            self._sweep.turned(page, answer["data"], answer["has_more"], id_, asked)

    def _ours(self, live: Live) -> bool:
        tag = (live.get("metadata") or {}).get(ownership.TAG, "")
        return bool(self._stack) and str(tag).startswith(self._stack)
