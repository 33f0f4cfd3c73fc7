"""What Stripe already has of a resource that is not in the state.

A run can die between Stripe's answer and the state file, and a state file can be lost. The objects themselves then say whose they
are: their metadata carry the name of the resource that made them (`ownership.TAG`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stripe_client.client import Client
from stripe_client.errors import Refused

from .values import ownership
from .values.ownership import tag_of
from .values.schema import Schema

LISTED_PAGES = 10
"""How many pages of a hundred are listed, newest first: more than one run can leave behind. Search finds older objects."""


class Existing:
    """The live objects of one kind at Stripe, by the resource that made them. Safe to use from several threads."""

    def __init__(self, schema: Schema, client: Client, hasty: Client) -> None:
        self._schema, self._client, self.hasty = schema, client, hasty
        """`hasty` is for what can be done without, see `Client.hasty`."""
        self._lock = threading.Lock()
        self._by_owner: dict[str, list[Mapping[str, Any]]] | None = None
        self._by_id: dict[str, Mapping[str, Any]] = {}

    def of(self, owners: Sequence[str], *, afresh: bool = False, hasty: bool = False) -> list[Mapping[str, Any]]:
        """The objects in use that carry one of these names, those with the first one first, and the oldest of them first; [] for
        a kind that has no metadata.

        They are asked for once per process, a list request for each hundred of the account's objects; `afresh` asks again,
        `hasty` asks without patience.
        """
        if not self._schema.tagged or not owners:
            return []
        by_owner = self._all_by_owner(afresh, hasty)
        return [live for owner in owners for live in by_owner.get(owner, [])]

    def seen(self, id_: str) -> Mapping[str, Any] | None:
        """The object, if this process has listed it as in use; nobody is asked."""
        with self._lock:
            return self._by_id.get(id_)

    def of_stack(self, stack: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """(resource, object) for all objects in use of one stack, see `ownership.stack_of`."""
        if self._schema.tagged:
            found = self._all_by_owner().items()
            yield from ((owner, live) for owner, objects in found for live in objects if owner.startswith(stack))

    def _all_by_owner(self, afresh: bool = False, hasty: bool = False) -> dict[str, list[Mapping[str, Any]]]:
        with self._lock:
            if self._by_owner is None or afresh:
                self._by_owner = self._load(self.hasty if hasty else self._client)
            return self._by_owner

    def _load(self, client: Client) -> dict[str, list[Mapping[str, Any]]]:
        found: dict[str, Mapping[str, Any]] = {}
        for live in self._all(client):
            if not self._schema.lifecycle.over(live):
                found.setdefault(str(live["id"]), live)
        self._by_id = found
        by_owner: dict[str, list[Mapping[str, Any]]] = {}
        for live in sorted(found.values(), key=lambda o: (o.get("created", 0), o["id"])):
            if tag := tag_of(live):
                by_owner.setdefault(tag, []).append(live)
        return by_owner

    def _all(self, client: Client) -> Iterator[Mapping[str, Any]]:
        included = self._schema.asking(self._schema.expand, listed=True)
        pages = client.pages(self._schema.path, {**self._schema.lifecycle.in_use, **included})
        for number, page in enumerate(pages, 1):
            yield from page
            if number == LISTED_PAGES:
                break
        else:
            return
        try:
            yield from self._searched(client, included)
        except Refused:  # not every account has search: then it is the whole list
            for page in pages:
                yield from page

    def _searched(self, client: Client, included: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """All objects that carry any resource's name. https://docs.stripe.com/search"""
        params: dict[str, Any] = {"query": f'-metadata["{ownership.TAG}"]:null', "limit": 100, **included}
        while True:
            result = client.page(f"{self._schema.path}/search", params)
            yield from result["data"]
            if not result["has_more"]:
                return
            params["page"] = result["next_page"]
