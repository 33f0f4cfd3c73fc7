"""The file for `pulumi import --file`. Pure.

The engine has no way to read an object that is not in its state yet, since a dynamic provider is part of the state. Where inputs
and outputs are given it need not. https://www.pulumi.com/docs/iac/cli/commands/pulumi_import/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi.dynamic.dynamic import serialize_provider

from stripe_resources._core.behaviour import Behaviour
from stripe_resources._core.values import ownership
from stripe_resources.provider import PROVIDER_KEY, StripeProvider

from .declaring import outputs_if_made
from .names import Named


def import_file(resources: Sequence[Named], behaviours: Mapping[str, Behaviour], project: str, stack: str) -> dict[str, Any]:
    """The file's content, for a stack whose program declares the resources under these names."""
    return {"resources": [_resource(r, behaviours[r.found.schema.token], project, stack) for r in resources]}


def _resource(resource: Named, behaviour: Behaviour, project: str, stack: str) -> dict[str, Any]:
    found, schema = resource.found, resource.found.schema
    inputs = {**found.inputs, ownership.OWNER: ownership.owner(project, stack, schema.kind, resource.name)}
    provider = {PROVIDER_KEY: serialize_provider(StripeProvider(schema.token))}
    return {
        "type": f"pulumi-python:dynamic/{schema.token}",
        "name": resource.name,
        "id": found.id,
        "inputs": {**inputs, **provider},
        "outputs": {**outputs_if_made(schema, behaviour, inputs, found.live), **provider},
    }
