"""What kind of stack is being previewed or deployed, as far as its configuration says so."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi.runtime import get_config
from pulumi_policy import ResourceValidationArgs

from ._resources import PROVIDER, known

ENVIRONMENT = "hypernian:environment"
LIVEMODE = "stripe:livemode"


def is_production(args: ResourceValidationArgs) -> bool:
    """Whether a resource or a provider is part of production: `stripe:livemode` is true or
    `hypernian:environment` is prod.

    Either is enough, in the configuration of the stack or of the resource's own provider (an explicit
    provider has settings of its own). A stack that says neither is not production.
    """
    live = any(str(value).strip().lower() == "true" for value in _settings(args, LIVEMODE))
    return live or any(value == "prod" for value in _settings(args, ENVIRONMENT))


def _settings(args: ResourceValidationArgs, key: str) -> Iterator[object]:
    # `pulumi policy analyze` starts the pack without configuration; the provider in state has a copy of it.
    yield get_config(key)
    if args.resource_type == PROVIDER:
        yield known(args.props, key)
    elif args.provider is not None:
        yield known(args.provider.props, key)
