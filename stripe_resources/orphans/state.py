"""What a state has. Pure."""

from __future__ import annotations

import json
from typing import Any

from stripe_client.errors import ConfigurationError

TYPE = "pulumi-python:dynamic/"
"""What comes before a kind's token in the type of a resource; the types of its parents, each with a `$`, come before that."""


def ids(exported: str, source: str) -> set[tuple[str, str]]:
    """(token, id) of every resource in what `pulumi stack export` wrote, those that are still to be deleted too.

    Raises `ConfigurationError`, naming the source, for what is not such a document.
    """
    try:
        document = json.loads(exported)
        # A stack that was never deployed has no resources at all.
        resources = document["deployment"].get("resources") or []
        return {_key(resource) for resource in resources if TYPE in resource["type"] and resource.get("id")}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigurationError(f"{source} is not the state of a stack; give what `pulumi stack export` writes") from None


def _key(resource: dict[str, Any]) -> tuple[str, str]:
    return str(resource["type"]).rpartition(TYPE)[2], str(resource["id"])
