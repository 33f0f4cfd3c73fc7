"""In production, customers and subscriptions come from the application, not from a stack.

A stack that declares a paying customer can delete them: one line removed, or a `destroy`, cancels what they
pay for. https://docs.stripe.com/api/customers/delete
"""

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from ._judging import because
from ._resources import CUSTOMER, SUBSCRIPTION, report
from ._stack import is_production


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each customer and each subscription of a production stack."""
    if args.resource_type not in (CUSTOMER, SUBSCRIPTION):
        return
    if not is_production(args):
        because(args, "the stack is not production")
    else:
        remedy = "Declare test customers in dev or staging only; the application makes the real ones."
        report(report_violation, args, "the stack", "production", remedy)


policy = ResourceValidationPolicy(
    name="production-has-no-customers",
    description="A production stack declares no customers and no subscriptions.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
