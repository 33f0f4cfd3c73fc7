"""`policy:approvedPriceChanges`: which changes of production's prices somebody has agreed to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import PolicyResource, ResourceValidationArgs

from ._stack import settings

APPROVALS = "policy:approvedPriceChanges"
"""A list of {price: the resource's name, from: what it charges, to: what it is to charge, or retired}."""

RETIRED = "retired"


def is_approved(resource: ResourceValidationArgs | PolicyResource, price: str, before: str, after: str) -> bool:
    """Whether an entry names this price and this very change. White space does not matter."""
    wanted = [price, _folded(before), _folded(after)]
    return any(
        [entry.get("price"), _folded(entry.get("from")), _folded(entry.get("to"))] == wanted for entry in _entries(resource)
    )


def approval(price: str, before: str, after: str) -> str:
    """The remedy: the entry that approves a change."""
    return f'Approve it in the stack\'s configuration, {APPROVALS}: - {{price: {price}, from: "{before}", to: "{after}"}}'


def _entries(resource: ResourceValidationArgs | PolicyResource) -> Iterator[Mapping[str, Any]]:
    for value in settings(resource, APPROVALS):
        try:
            entries = json.loads(value) if isinstance(value, str) else None
        except ValueError:
            continue
        if isinstance(entries, list):
            yield from (entry for entry in entries if isinstance(entry, Mapping))


def _folded(text: Any) -> str:
    return " ".join(str(text).split())
