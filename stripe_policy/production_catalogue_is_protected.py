"""What customers pay for does not disappear by accident.

A protected resource is updated, but neither deleted nor replaced, until somebody deliberately takes the protection
off. https://www.pulumi.com/docs/iac/concepts/resources/options/protect/
"""

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from ._resources import CATALOGUE, report
from ._stack import is_production


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each meter, product and price of a production stack that is not protected."""
    if args.resource_type in CATALOGUE and is_production(args) and not args.opts.protect:
        remedy = "Declare it with opts=pulumi.ResourceOptions(protect=True)."
        report(report_violation, args, "protect", "false in a production stack", remedy)


policy = ResourceValidationPolicy(
    name="production-catalogue-is-protected",
    description="Meters, products and prices of a production stack are protected.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
