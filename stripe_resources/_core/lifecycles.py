"""How objects of several kinds go out of use and come back: behaviours that resources share."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any, ClassVar

from stripe_client.client import Client
from stripe_client.errors import Refused

from .behaviour import Behaviour, History, Recovery, Retirement, Values
from .existing import tag_of
from .values import ownership
from .values.schema import Difference


class Archived(Behaviour):
    """Never deleted: `active: false` takes the object out of use, `active: true` back into it."""

    in_use: ClassVar[Values] = MappingProxyType({"active": True})

    def retire(self, client: Client, path: str, retirement: Retirement) -> None:
        """Archives it."""
        client.post(path, {"active": False})


class OneHolder(Behaviour):
    """Only one object can have a value of the natural key, which has to be free before it is given again."""

    def adjust(self, difference: Difference, olds: Values, news: Values) -> Difference:
        """A replacement that keeps the key deletes first."""
        same = self.natural_key in news and olds.get(self.natural_key) == news[self.natural_key]
        difference.delete_before_replace = bool(difference.replaces) and same
        return difference


class OwnId(Behaviour):
    """The object can have an id of one's own choosing."""

    def named(self, client: Client, value: Any) -> Iterable[Values]:
        """The object with this id, archived or not."""
        try:
            return [client.get(f"{self.schema.path}/{value}")]
        except Refused as e:
            if not e.missing:
                raise
            return []

    def recover(
        self,
        client: Client,
        params: Values,
        inputs: Values,
        history: History,
        refused: Refused,
    ) -> Recovery | None:
        """Goes on with the object that has the id, archived or not, if it is this resource's."""
        if "id" not in params or refused.code != "resource_already_exists":
            return None
        live = client.get(f"{self.schema.path}/{params['id']}")
        owner = ownership.owner_of(inputs)
        return Recovery(live=live) if owner and tag_of(live) == owner else None
