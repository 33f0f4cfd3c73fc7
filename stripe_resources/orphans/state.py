"""What a state has. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stripe_client.errors import ConfigurationError
from stripe_client.reading import parsed
from stripe_resources._core.values import ownership

TYPE = "pulumi-python:dynamic/"
"""What comes before a kind's token in the type of a resource; the types of its parents, each with a `$`, come before that."""


@dataclass(frozen=True)
class Held:
    """A resource in a state."""

    token: str
    id: str
    outputs: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """Token and id."""
        return self.token, self.id

    @property
    def owner(self) -> str:
        """project/stack/Kind/name; "" where the resource was only imported."""
        return ownership.owner_of(self.outputs)

    @property
    def label(self) -> str:
        """Its kind and id."""
        return f"{self.token.rpartition(':')[2]} {self.id}"


def held(exported: str, source: str) -> list[Held]:
    """Every resource in what `pulumi stack export` wrote, those that are still to be deleted too.

    Raises `ConfigurationError`, naming the source, for what is not such a document.
    """
    try:
        document = parsed(exported)
        # A stack that was never deployed has no resources at all.
        resources = document["deployment"].get("resources") or []
        return [_held(resource) for resource in resources if TYPE in resource["type"] and resource.get("id")]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigurationError(f"{source} is not the state of a stack; give what `pulumi stack export` writes") from None


def _held(resource: dict[str, Any]) -> Held:
    token = str(resource["type"]).rpartition(TYPE)[2]
    return Held(token, str(resource["id"]), dict(resource.get("outputs") or {}))
