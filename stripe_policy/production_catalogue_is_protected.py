"""What customers pay for does not disappear by accident.

A protected resource is updated, but neither deleted nor replaced, until somebody deliberately takes the protection
off. https://www.pulumi.com/docs/iac/concepts/resources/options/protect/
"""

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from ._judging import because
from ._resources import CATALOGUE, report
from ._stack import is_production


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each meter, product and price of a production stack that is not protected."""
    if args.resource_type not in CATALOGUE:
        return
    if not is_production(args) or args.opts.protect:
        because(args, "protect is true" if args.opts.protect else "the stack is not production")
    else:
        remedy = "Declare it with opts=pulumi.ResourceOptions(protect=True)."
        report(report_violation, args, "protect", "false in a production stack", remedy)


policy = ResourceValidationPolicy(
    name="production-catalogue-is-protected",
    description="Meters, products and prices of a production stack are protected.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
