"""Stripe's resources as policies see them: type tokens, values that a preview may not know yet, and messages.

`props` are Stripe's own parameters, secrets in plain text and indistinguishable from the rest. In a preview, reading a value that
is not known yet raises `UnknownValueError`; where a policy lets that through, the SDK skips the policy with a warning, for that
resource or, if it is a stack policy, for the whole stack.
https://www.pulumi.com/docs/insights/policy/policy-packs/authoring/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Final

from pulumi_policy import PolicyResource, ReportViolation, ResourceValidationArgs, StackValidationArgs
from pulumi_policy.proxy import UnknownValueError

METER = "pulumi-python:dynamic/stripe:Meter"
PRODUCT = "pulumi-python:dynamic/stripe:Product"
PRICE = "pulumi-python:dynamic/stripe:Price"
CUSTOMER = "pulumi-python:dynamic/stripe:Customer"
SUBSCRIPTION = "pulumi-python:dynamic/stripe:Subscription"

CATALOGUE = frozenset({METER, PRODUCT, PRICE})
"""What is sold; customers and their subscriptions are who buys it."""

STACK = "pulumi:pulumi:Stack"
"""The stack itself: the first resource that a deployment registers."""

PROVIDER = "pulumi:providers:pulumi-python"
"""The provider of all dynamic resources written in Python. Its properties are the configuration it runs with,
secrets in plain text: for the default provider the whole configuration of the stack, under keys like
`stripe:apiKey`."""


class _Unknown(Enum):
    UNKNOWN = "not known yet"


UNKNOWN: Final = _Unknown.UNKNOWN
"""What `plain` gives for a value that is not known yet."""


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


def price_of(args: ResourceValidationArgs) -> tuple[Mapping[str, Any], str] | None:
    """The price that a resource declares, and what comes before the names of its fields: a price itself, or the one that a
    product makes. None for all else, and for one that is not known yet."""
    props = plain(args.props)
    if args.resource_type == PRICE:
        return props, ""
    data = props.get("default_price_data") if args.resource_type == PRODUCT else None
    return (data, "default_price_data.") if isinstance(data, Mapping) else None


def plain(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties as plain dicts and lists, with `UNKNOWN` for each value that is not known yet."""
    return {key: _plain(properties, key) for key in properties}


def _plain(container: Any, key: Any) -> Any:
    try:
        value = container[key]
    except UnknownValueError:
        return UNKNOWN
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(value, index) for index in range(len(value))]
    return value


# -- what is declared together


def comes_from(resource: PolicyResource, field: str, resource_type: str) -> list[PolicyResource]:
    """The resources of a type that the value of `field` comes from.

    Policies never see a resource's id, and the preview that creates one does not know it either: what counts are the property
    dependencies that the engine records.
    """
    return [source for source in resource.property_dependencies.get(field, []) if source.resource_type == resource_type]


def of_type(args: StackValidationArgs, resource_type: str) -> list[PolicyResource]:
    """The resources of a type, by name: engines give them in no particular order."""
    return sorted((r for r in args.resources if r.resource_type == resource_type), key=lambda r: (r.name, r.urn))


# -- messages


def report(
    report_violation: ReportViolation,
    resource: ResourceValidationArgs | PolicyResource,
    field: str,
    value: str,
    remedy: str,
) -> None:
    """Reports that `field` of a resource is `value`, and what to do. The engine adds the rule's name and
    description.

    `value` is shown as it is: the caller makes sure that it is not a secret, see `shown`.
    """
    report_violation(f'{kind_of(resource)} "{resource.name}": {field} is {value}. {remedy}', resource.urn)


def kind_of(resource: ResourceValidationArgs | PolicyResource) -> str:
    """What a resource is, in a word: Price, Provider."""
    return "Provider" if resource.resource_type == PROVIDER else resource.resource_type.rpartition(":")[2]


_HARMLESS = re.compile(r"[a-z]{3}|(mtr|prod|price)_\w{1,100}|day|week|month|year|true|false|inclusive|exclusive|unspecified")


def shown(value: Any) -> str:
    """A value of a property for a message: numbers, currency codes, ids and Stripe's own words as they are. Any other text may be
    a secret (policies cannot tell), and is not shown."""
    if value is UNKNOWN or value is None:
        return "not known yet" if value is UNKNOWN else "not set"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
    return repr(str(value)) if is_harmless(value) else "another value"


def is_harmless(value: Any) -> bool:
    """Whether a text can be shown: a currency code, an id, one of Stripe's own words."""
    return _HARMLESS.fullmatch(str(value)) is not None


def listed(names: Iterable[str]) -> str:
    """Names for a message: `a`, `b`."""
    return ", ".join(f"`{name}`" for name in names)
