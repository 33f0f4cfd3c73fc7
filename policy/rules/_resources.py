"""Stripe's resources as policies see them: type tokens, values that a preview may not know yet, and messages.

`props` are Stripe's own parameters, secrets in plain text. In a preview, reading a value that is not known
yet raises `UnknownValueError`; where a policy lets that through, the SDK skips the policy with a warning, for
that resource or, if it is a stack policy, for the whole stack.
https://www.pulumi.com/docs/insights/policy/policy-packs/authoring/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_policy import PolicyResource, ReportViolation, ResourceValidationArgs
from pulumi_policy.proxy import UnknownValueError

METER = "pulumi-python:dynamic/stripe:Meter"
PRODUCT = "pulumi-python:dynamic/stripe:Product"
PRICE = "pulumi-python:dynamic/stripe:Price"
CUSTOMER = "pulumi-python:dynamic/stripe:Customer"
SUBSCRIPTION = "pulumi-python:dynamic/stripe:Subscription"

CATALOGUE = frozenset({METER, PRODUCT, PRICE})
"""What is sold. Customers and their subscriptions are who buys it."""

PROVIDER = "pulumi:providers:pulumi-python"
"""The provider of all dynamic resources written in Python. Its properties are the configuration it runs with,
secrets in plain text: for the default provider the whole configuration of the stack, under keys like
`stripe:apiKey`."""


def is_set(properties: Mapping[str, Any], key: str) -> bool:
    """Whether `key` has a value. A value that only the update will know counts; null and the empty text do
    not (with the empty text Stripe unsets a field)."""
    try:
        return properties[key] not in (None, "")
    except KeyError:
        return False
    except UnknownValueError:
        return True


def known(properties: Mapping[str, Any], key: str) -> Any:
    """The value of `key`; None where it is absent or not known yet."""
    try:
        return properties.get(key)
    except UnknownValueError:
        return None


def report(
    report_violation: ReportViolation,
    resource: ResourceValidationArgs | PolicyResource,
    field: str,
    value: str,
    remedy: str,
) -> None:
    """Reports that `field` of a resource is `value`, and what to do. The engine adds the rule's name and
    description.

    `value` is shown as it is: the caller sees to it that it is no secret.
    """
    kind = "Provider" if resource.resource_type == PROVIDER else resource.resource_type.rpartition(":")[2]
    report_violation(f'{kind} "{resource.name}": {field} is {value}. {remedy}', resource.urn)
