"""What a rule is given, built as the SDK builds it, and what it then reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE as UNKNOWN
from pulumi_policy.proxy import unknown_checking_proxy

__all__ = ["PROVIDER", "UNKNOWN", "declared", "in_stack", "report_of", "token", "urn"]

PROVIDER = "pulumi:providers:pulumi-python"


def token(kind: str) -> str:
    """The type token of one of Stripe's resources ("Price"); other types are given as they are."""
    return kind if ":" in kind else f"pulumi-python:dynamic/stripe:{kind}"


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:test::hypernian::{token(kind)}::{name}"


def _options(protect: bool) -> PolicyResourceOptions:
    return PolicyResourceOptions(protect, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])


def _provider(config: Mapping[str, Any]) -> PolicyProviderResource:
    return PolicyProviderResource(PROVIDER, unknown_checking_proxy(dict(config)), urn(PROVIDER, "default"), "default")


def declared(
    kind: str,
    props: Mapping[str, Any],
    *,
    name: str = "it",
    protect: bool = False,
    config: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> ResourceValidationArgs:
    """One resource; `config` is its provider's configuration, None for a resource without provider; `settings` are the rule's."""
    return ResourceValidationArgs(
        token(kind),
        unknown_checking_proxy(dict(props)),
        urn(kind, name),
        name,
        _options(protect),
        None if config is None else _provider(config),
        settings,
    )


def in_stack(
    kind: str,
    props: Mapping[str, Any],
    *,
    name: str = "it",
    property_dependencies: Mapping[str, Sequence[PolicyResource]] | None = None,
) -> PolicyResource:
    """One resource of a whole stack."""
    sources = {key: list(resources) for key, resources in (property_dependencies or {}).items()}
    return PolicyResource(
        token(kind),
        unknown_checking_proxy(dict(props)),
        urn(kind, name),
        name,
        _options(False),
        _provider({}),
        None,
        [resource for resources in sources.values() for resource in resources],
        sources,
    )


def report_of(
    policy: ResourceValidationPolicy | StackValidationPolicy,
    *resources: ResourceValidationArgs | PolicyResource,
    settings: Mapping[str, Any] | None = None,
) -> list[str]:
    """The messages a policy reports, of each resource or of the stack that they make up."""
    messages: list[str] = []

    def report_violation(message: str, urn: str | None = None) -> None:
        messages.append(message)

    if isinstance(policy, StackValidationPolicy):
        policy.validate(StackValidationArgs(list(resources), settings), report_violation)
    else:
        for resource in resources:
            policy.validate(resource, report_violation)
    return messages
