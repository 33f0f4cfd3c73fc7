"""What Stripe has. Only GET requests are sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stripe_client.client import Client
from stripe_client.errors import Refused, StripeError
from stripe_resources._core.behaviour import Behaviour, Values
from stripe_resources._core.values.schema import Schema

from .declaring import Kinds, Seen
from .exportable import PRICE, PRODUCT
from .references import targets


def everything(client: Client, kinds: Kinds, archived: bool = False) -> Seen:
    """All objects of these kinds; of those that a list may leave out, the ones out of use only with `archived`. Raises
    `StripeError`."""
    by_path: dict[str, dict[str, Values]] = {}
    for schema, behaviour in kinds.values():
        if schema.path not in by_path:
            apart = archived and "archived" in schema.lifecycle.in_use  # the others are listed with those in use
            lists = [{}, {"archived": True}] if apart else [{}]
            by_path[schema.path] = {live["id"]: live for params in lists for live in _listed(client, schema, behaviour, params)}
    return {token: list(by_path[schema.path].values()) for token, (schema, _) in kinds.items()}


def chosen(client: Client, kinds: Kinds, known: Kinds, products: Sequence[str], prices: Sequence[str]) -> Seen:
    """These products with all their prices, these prices, and what all of them refer to; of it, what is of these kinds.

    `known` are all kinds there are. Raises `StripeError`, also for an id that Stripe does not know.
    """
    seen: dict[tuple[str, str], Values] = {}
    for token, ids in ((PRODUCT, products), (PRICE, prices)):
        for id_ in ids:
            live = _one(client, *known[token], id_)
            if live is None:
                raise StripeError(f"this account has no {known[token][0].kind} {id_}; check the id, and whose key it is")
            seen[token, id_] = live
    for product in products:
        seen.update({(PRICE, str(p["id"])): p for p in _listed(client, *known[PRICE], {"product": product})})
    waiting = list(seen)
    while waiting:
        token, id_ = waiting.pop()
        schema, behaviour = known[token]
        for target in targets(schema, behaviour.seen(seen[token, id_]), kinds):
            live = seen.get(target) or _one(client, *kinds[target[0]], target[1])
            if live is not None and target not in seen:
                seen[target] = live
                waiting.append(target)
    paths = {token: schema.path for token, (schema, _) in known.items()}
    return {kind: [live for (token, _), live in seen.items() if paths[token] == paths[kind]] for kind in kinds}


def _listed(client: Client, schema: Schema, behaviour: Behaviour, params: Mapping[str, Any]) -> Iterator[Values]:
    for page in client.pages(schema.path, {**params, **schema.asking(schema.expand, listed=True)}):
        for live in page:
            yield complete(client, schema, behaviour, live)


def _one(client: Client, schema: Schema, behaviour: Behaviour, id_: str) -> Values | None:
    """The object, or None where it is gone."""
    try:
        live = _get(client, schema, id_, schema.expand)
    except Refused as e:
        if e.missing:
            return None
        raise
    return complete(client, schema, behaviour, live)


def complete(client: Client, schema: Schema, behaviour: Behaviour, live: Values) -> Values:
    """A listed object with what can only be asked for by a name that it has to be read for first. Raises `StripeError`."""
    expand = behaviour.expand(behaviour.seen(live))
    return _get(client, schema, str(live["id"]), expand) if set(expand) - set(schema.expand) else live


def _get(client: Client, schema: Schema, id_: str, expand: Sequence[str]) -> Values:
    return client.get(f"{schema.path}/{id_}", schema.asking(expand))
