"""In production, what a price charges changes only in a way that somebody has approved.

The approval is an entry in the stack's configuration, so it is part of the same pull request:

    policy:approvedPriceChanges:
      - price: tokens-monthly
        from: 0.04 USD per 100 units rounded up, metered, every month
        to: 0.05 USD per 100 units rounded up, metered, every month

It covers exactly that change; once that is made, `approvals-are-current` asks to take it out.
"""

from __future__ import annotations

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from ._approvals import change_of
from ._past import past
from ._resources import PRICE, report
from ._stack import is_production


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each price of a production stack that is replaced, or that charges something else in place, unapproved."""
    if args.resource_type != PRICE or not is_production(args):
        return
    change = change_of(args, past())
    if change is not None and not change.is_approved(args):
        report(report_violation, args, "the price", f"{change.after}, and was {change.before}", change.remedy)


policy = ResourceValidationPolicy(
    name="price-changes-are-approved",
    description="In production, no price is replaced or charges something else without an approval.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
