"""A price that bills by usage needs the meter that counts it, from the same stack.

A meter's id written out by hand belongs to one account and one mode: in the next environment the same program
bills by another meter, or by none. And nobody sees what depends on a meter that no stack declares when it is
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

from stripe_pricing import is_metered

from ._judging import because, needs
from ._resources import METER, PRICE, comes_from, is_set, known, listed, of_type, plain, report, shown


def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each metered price whose `recurring` does not come from a meter in the stack.

    What counts is where the value comes from, see `comes_from`.
    """
    for price in of_type(args, PRICE):
        recurring, props = known(price.props, "recurring"), plain(price.props)
        needs(price, props, "recurring", deep=False)
        if not is_metered(props):
            because(price, "it does not bill usage")
            continue
        if _comes_from_a_meter(price, recurring):
            because(price, f"recurring.meter comes from {listed(m.name for m in comes_from(price, 'recurring', METER))}")
            continue
        report(
            report_violation,
            price,
            "recurring.meter",
            _describe(recurring),
            'Declare a Meter in this stack and pass its id: recurring={..., "meter": meter.id}.',
        )


def _comes_from_a_meter(price: PolicyResource, recurring: Mapping[str, Any]) -> bool:
    return is_set(recurring, "meter") and bool(comes_from(price, "recurring", METER))


def _describe(recurring: Mapping[str, Any]) -> str:
    if not is_set(recurring, "meter"):
        return "not set"
    value = shown(plain(recurring)["meter"])
    return f"{value} and does not come from a meter declared in this stack"


policy = StackValidationPolicy(
    name="metered-prices-have-a-meter",
    description="A metered price is backed by a meter declared in the same stack.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
