"""In production, a price is retired only if somebody has approved it: nobody can subscribe to it from then on.

The approval is an entry in the stack's configuration, `policy:approvedPriceChanges`, with `to: retired`; see
price_changes_are_approved.py.
"""

from pulumi_policy import EnforcementLevel, ReportViolation, StackValidationArgs, StackValidationPolicy

from ._approvals import retirements
from ._judging import because
from ._past import past
from ._resources import PRICE, of_type, report
from ._stack import is_production, production


def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each price that existed and is no longer declared, and each that is declared `active=False` and was not before."""
    stack = production(args)
    before = past()
    for declared in of_type(args, PRICE):
        if not before.problem and is_production(declared) and not before.is_new(declared):
            because(declared, "it was declared before, and still is")
    for old, price, change in retirements(args, before):
        judged = price or stack
        if judged is None or not is_production(judged) or change.is_approved(judged):
            continue
        if price is None:
            was = f"it is not declared any more, and was {change.before}"
            report_violation(f'Price "{old.name}": {was}. {change.remedy}', old.urn)
        else:
            report(report_violation, price, "active", f"false, and the price was {change.before}", change.remedy)


policy = StackValidationPolicy(
    name="price-retirements-are-approved",
    description="In production, no price is retired without an approval.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
