"""What all resources of this package are: a Pulumi dynamic resource over a declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi.dynamic

from ._core.schema import Schema
from ._core.shape import OWNER, owner
from .provider import StripeProvider


class StripeResource(pulumi.dynamic.Resource):
    """One object at Stripe. Arguments are Stripe's create parameters, verbatim; all take Pulumi inputs, at every depth.

    Every argument is also an output, with the value that Stripe has; one that is not declared is None.
    """

    def __init__(
        self,
        schema: Schema,
        resource_name: str,
        args: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
        internal: Mapping[str, Any] | None = None,
    ) -> None:
        if not isinstance(resource_name, str) or not resource_name:
            raise TypeError(f"a {schema.kind} needs a resource name as its first argument, a string")
        attributes = dict.fromkeys((*schema.fields, *schema.computed))
        props = {**attributes, **args, OWNER: _owner(schema.kind, resource_name, opts), **(internal or {})}
        super().__init__(StripeProvider(schema.token), resource_name, props, _protected(schema, opts))


def _protected(schema: Schema, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions | None:
    """In a live stack, what cannot be brought back is protected unless the program or `stripe:allowDelete` says otherwise.

    The engine then refuses to delete or replace it, which previews say already.
    https://www.pulumi.com/docs/iac/concepts/resources/options/protect/
    """
    config = pulumi.Config("stripe")
    allowed = [kind.strip() for kind in (config.get("allowDelete") or "").split(",")]
    said = opts is not None and opts.protect is not None
    if not schema.final or said or config.get("livemode") != "true" or schema.kind in allowed:
        return opts
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=True))


def _owner(kind: str, name: str, opts: pulumi.ResourceOptions | None) -> str:
    """Who an object at Stripe belongs to, see `shape.owner`."""
    parent = opts.parent if opts else None
    path = f"{parent.pulumi_resource_type}${kind}" if parent is not None else kind
    return owner(pulumi.get_project(), pulumi.get_stack(), path, name)
