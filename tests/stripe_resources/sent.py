"""What a kind makes of the parameters of an update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from stripe_client.client import Client
from stripe_resources._core.behaviour import Update
from stripe_resources.register import Behaviour

Values = Mapping[str, Any]


class Looks:
    """A client for what an update looks at first: the object."""

    def __init__(self, live: Values) -> None:
        self._live = live

    def get(self, path: str) -> Values:
        """The object."""
        return self._live


def sent(behaviour: Behaviour, olds: Values, news: Values, params: Values, live: Values | None = None) -> Values:
    """The parameters that are sent; {} for none. `live` is the object before."""
    found: list[Values] = []

    def send(params: Values) -> Values:
        found.append(params)
        return {}

    behaviour.update(Update(cast(Client, Looks(live or {})), f"{behaviour.schema.path}/id_1", olds, news, params, send))
    assert len(found) == 1
    return found[0]
