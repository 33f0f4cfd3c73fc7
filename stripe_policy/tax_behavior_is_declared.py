"""Whether tax comes on top or is included is part of what a price says; Stripe can set it once, and never change it.

https://docs.stripe.com/tax/products-prices-tax-codes-tax-behavior#tax-behavior
"""

from __future__ import annotations

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from ._amounts import options
from ._judging import because, needs
from ._resources import UNKNOWN, price_of, report, shown


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports a price, each further currency of it, and the price that a product makes itself, without tax behavior."""
    for path, _, option in options(*found) if (found := price_of(args)) else ():
        value = option.get("tax_behavior")
        needs(args, option, "tax_behavior", prefix=path)
        if value in ("exclusive", "inclusive"):
            because(args, f"{path}tax_behavior is {shown(value)}")
        elif value is not UNKNOWN:
            remedy = 'Say tax_behavior="exclusive" (tax comes on top) or "inclusive".'
            report(report_violation, args, f"{path}tax_behavior", "unspecified" if value else "not set", remedy)


policy = ResourceValidationPolicy(
    name="tax-behavior-is-declared",
    description="Every price says whether tax is included.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
