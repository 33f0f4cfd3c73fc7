"""What kind of stack is being previewed or deployed, as far as its configuration says so."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi.runtime import get_config
from pulumi_policy import PolicyResource, ResourceValidationArgs, StackValidationArgs

from ._resources import PROVIDER, STACK, known, of_type

LIVEMODE = "stripe:livemode"


def is_production(args: ResourceValidationArgs | PolicyResource) -> bool:
    """Whether a resource or a provider is part of production: `stripe:livemode` is true or the project's setting
    `environment` is prod.

    Either is enough, in the configuration of the stack or of the resource's own provider (an explicit
    provider has settings of its own). A stack that says neither is not production.
    """
    live = any(_is_true(value) for value in settings(args, LIVEMODE))
    return live or any(value == "prod" for value in settings(args, environment_key(args)))


def environment(project: str, config: Mapping[str, Any]) -> str:
    """The environment that a stack's configuration says it is; prod wherever `is_production` would say so, "" where it does not
    say."""
    if _is_true(config.get(LIVEMODE)):
        return "prod"
    return str(config.get(f"{project}:environment") or "")


def environment_key(args: ResourceValidationArgs | PolicyResource) -> str:
    """The setting that says which environment a stack is, for instance `hypernian:environment`: the project's own."""
    return f"{args.urn.split('::')[1]}:environment"


def production(args: StackValidationArgs) -> PolicyResource | None:
    """The provider, or the stack itself, that says that a stack is production; None where nothing does."""
    return next((r for kind in (PROVIDER, STACK) for r in of_type(args, kind) if is_production(r)), None)


def is_preview() -> bool:
    """Whether the pack looks at a preview."""
    return os.environ.get("PULUMI_DRY_RUN") == "true"


def is_update() -> bool:
    """Whether the pack looks at an update, which knows the ids of what it has made."""
    return os.environ.get("PULUMI_DRY_RUN") == "false"


def is_deployment() -> bool:
    """Whether the pack looks at a preview or an update, not at an existing state (`pulumi policy analyze`)."""
    return "PULUMI_DRY_RUN" in os.environ


def settings(args: ResourceValidationArgs | PolicyResource, key: str) -> Iterator[object]:
    """The values of a configuration key: of the stack, and of the resource's own provider."""
    # `pulumi policy analyze` starts the pack without configuration; the provider in state has a copy of it.
    yield get_config(key)
    if args.resource_type == PROVIDER:
        yield known(args.props, key)
    elif args.provider is not None:
        yield known(args.provider.props, key)


def _is_true(value: object) -> bool:
    return str(value).strip().lower() == "true"
