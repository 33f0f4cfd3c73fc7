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

from ._approvals import APPROVALS, change_of
from ._judging import because
from ._past import past
from ._resources import PRICE, plain, report
from ._stack import is_production
from ._terms import text


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each price of a production stack that is replaced, or that charges something else in place, unapproved."""
    if args.resource_type != PRICE:
        return
    if not is_production(args):
        because(args, "the stack is not production")
        return
    before = past()
    if before.problem:
        return
    if before.is_new(args):
        because(args, "it is new: the state before has no such price")
        return
    change = change_of(args, before)
    if change is None:
        because(args, f"it charges what it did: {text(plain(args.props))}")
    elif change.is_approved(args):
        because(args, f"an entry of {APPROVALS} approves it: from {change.before} to {change.after}")
    else:
        report(report_violation, args, "the price", f"{change.after}, and was {change.before}", change.remedy)


policy = ResourceValidationPolicy(
    name="price-changes-are-approved",
    description="In production, no price is replaced or charges something else without an approval.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
