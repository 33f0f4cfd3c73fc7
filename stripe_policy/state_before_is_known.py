"""The rules about changes need the state before the change; this one says so where it is missing.

No policy is given it; see docs/decisions/0011-policies-that-need-the-past.md. Without it, `approvals-are-current`,
`meter-formulas-are-kept`, `price-changes-are-approved`, `price-increases-are-capped` and `price-retirements-are-approved` report
nothing.
"""

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from ._judging import because
from ._past import BASELINE, past
from ._resources import STACK, report
from ._stack import is_deployment

JUDGES = (
    "approvals-are-current",
    "meter-formulas-are-kept",
    "price-changes-are-approved",
    "price-increases-are-capped",
    "price-retirements-are-approved",
)
"""The rules that need the state before."""


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports, once per deployment and before anything else, that the state before is not given. A state that is only analyzed
    (`pulumi policy analyze`) has no before."""
    if args.resource_type != STACK or not is_deployment():
        return
    problem = past().problem
    if not problem:
        because(args, f"{BASELINE} is the state of this stack")
    else:
        remedy = (
            "Nothing judges what this change does to prices and meters. Run `pulumi stack export --file before.json`, and set "
            f"{BASELINE} to the path of before.json; `stripe-project policy` does both."
        )
        report(report_violation, args, BASELINE, problem, remedy)


policy = ResourceValidationPolicy(
    name="state-before-is-known",
    description="The rules about changes are given the state before the change.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
