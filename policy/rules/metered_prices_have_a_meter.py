"""A price that bills by usage needs the meter that counts it, from the same stack.

A meter's id written out by hand belongs to one account and one mode: in the next environment the same program
bills by another meter, or by none. And nobody sees what hangs on a meter that no stack declares when it is
deactivated. https://docs.stripe.com/billing/subscriptions/usage-based/implementation-guide
"""

from collections.abc import Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyResource,
    ReportViolation,
    StackValidationArgs,
    StackValidationPolicy,
)

from ._resources import METER, PRICE, is_set, known, report


def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each metered price whose `recurring` does not come from a meter in the stack.

    Policies never see a resource's id, and the preview that creates a meter does not know it either. What
    counts is where the value comes from: the property dependencies that the engine records.
    """
    for price in args.resources:
        recurring = known(price.props, "recurring")
        if price.resource_type != PRICE or not _is_metered(recurring) or _comes_from_a_meter(price, recurring):
            continue
        report(
            report_violation,
            price,
            "recurring.meter",
            _describe(recurring),
            'Declare a Meter in this stack and pass its id: recurring={..., "meter": meter.id}.',
        )


def _is_metered(recurring: Any) -> bool:
    return isinstance(recurring, Mapping) and known(recurring, "usage_type") == "metered"


def _comes_from_a_meter(price: PolicyResource, recurring: Mapping[str, Any]) -> bool:
    sources = price.property_dependencies.get("recurring", [])
    return is_set(recurring, "meter") and any(source.resource_type == METER for source in sources)


def _describe(recurring: Mapping[str, Any]) -> str:
    if not is_set(recurring, "meter"):
        return "not set"
    meter = known(recurring, "meter")
    value = "not known yet" if meter is None else repr(meter)
    return f"{value} and does not come from a meter declared in this stack"


policy = StackValidationPolicy(
    name="metered-prices-have-a-meter",
    description="A metered price is backed by a meter declared in the same stack.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
