"""Whether Stripe has the customers of a file: asked once for each, and remembered in the checkpoint.

The stream silently drops events of customers that it does not know, and a dry run sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_usage.checkpoint import Checkpoint

REMEMBERED_SECONDS = 86400
"""Customers are deleted now and then."""

_AT_ONCE = 16


class Customers:
    """The customers asked for so far. Missing ones are asked for in every import: they may have been made since."""

    def __init__(self, client: Client, checkpoint: Checkpoint, now: int) -> None:
        self._client, self._checkpoint, self._now = client, checkpoint, now
        self._known: set[str] = set()
        self._problems: dict[str, str] = {}

    def learn(self, ids: Iterable[str]) -> None:
        """Asks for those that are not known yet. Raises `StripeError` where Stripe does not answer."""
        unknown = [id for id in dict.fromkeys(ids) if id not in self._known and id not in self._problems]
        asked = [id for id in unknown if not self._checkpoint.known_customer(id, self._now - REMEMBERED_SECONDS)]
        self._known.update(set(unknown).difference(asked))
        if not asked:
            return
        with ThreadPoolExecutor(min(_AT_ONCE, len(asked))) as pool:
            problems = list(pool.map(self._ask, asked))
        for id, problem in zip(asked, problems, strict=True):
            if problem:
                self._problems[id] = problem
            else:
                self._known.add(id)
                self._checkpoint.remember_customer(id, self._now)

    def problem(self, id: str) -> str:
        """What is wrong with the customer; usually nothing."""
        return self._problems.get(id, "")

    def _ask(self, id: str) -> str:
        try:
            found = self._client.get(f"/v1/customers/{quote(id, safe='')}", kind="customer")
        except Refused as e:
            if e.status != 404:
                raise
            return f'"{id}" is not a customer of this account'
        return f'"{id}" was deleted' if found.get("deleted") else ""
