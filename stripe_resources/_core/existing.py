"""What Stripe already has of a resource that is not in the state.

A run can die between Stripe's answer and the state file, and a state file can be lost. The objects themselves then say whose they
are: their metadata carry the name of the resource that made them (`ownership.TAG`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
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

    def __init__(self, schema: Schema, client: Client) -> None:
        self._schema, self._client = schema, client
        self._lock = threading.Lock()
        self._by_owner: dict[str, list[Mapping[str, Any]]] | None = None

    def of(self, owner: str, *, afresh: bool = False) -> list[Mapping[str, Any]]:
        """The objects in use that carry this name, oldest first; [] for a kind that has no metadata.

        They are asked for once per process, a list request for each hundred of the account's objects; `afresh` asks again.
        """
        if not self._schema.tagged or not owner:
            return []
        with self._lock:
            if self._by_owner is None or afresh:
                self._by_owner = self._load()
            return self._by_owner.get(owner, [])

    def _load(self) -> dict[str, list[Mapping[str, Any]]]:
        found: dict[str, Mapping[str, Any]] = {}
        for live in self._all():
            if not self._schema.lifecycle.over(live):
                found.setdefault(str(live["id"]), live)
        by_owner: dict[str, list[Mapping[str, Any]]] = {}
        for live in sorted(found.values(), key=lambda o: (o.get("created", 0), o["id"])):
            if tag := tag_of(live):
                by_owner.setdefault(tag, []).append(live)
        return by_owner

    def _all(self) -> Iterator[Mapping[str, Any]]:
        pages = self._client.pages(self._schema.path, self._schema.lifecycle.in_use)
        for number, page in enumerate(pages, 1):
            yield from page
            if number == LISTED_PAGES:
                break
        else:
            return
        try:
            yield from self._searched()
        except Refused:  # not every account has search: then it is the whole list
            for page in pages:
                yield from page

    def _searched(self) -> Iterator[Mapping[str, Any]]:
        """All objects that carry any resource's name. https://docs.stripe.com/search"""
        params: dict[str, Any] = {"query": f'-metadata["{ownership.TAG}"]:null', "limit": 100}
        while True:
            result = self._client.get(f"{self._schema.path}/search", params)
            yield from result["data"]
            if not result["has_more"]:
                return
            params["page"] = result["next_page"]
