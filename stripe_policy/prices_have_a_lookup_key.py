"""A price is found by its lookup key, never by its id.

Changing an amount makes a new price with a new id. The lookup key moves over to it, so an application that asks
for the key keeps working. https://docs.stripe.com/products-prices/manage-prices#lookup-keys
"""

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from ._judging import because
from ._resources import PRICE, PRODUCT, is_set, report


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each price without `lookup_key`, and each product that makes its own price, which cannot have
    one."""
    if args.resource_type == PRICE and is_set(args.props, "lookup_key"):
        because(args, "lookup_key is set")
    elif args.resource_type == PRICE:
        remedy = 'Set a name that outlives this price, for instance lookup_key="hypernian_tokens_monthly".'
        report(report_violation, args, "lookup_key", "not set", remedy)
    if args.resource_type == PRODUCT and is_set(args.props, "default_price_data"):
        remedy = "Stripe makes a price without a lookup key from it: declare a Price with a lookup_key instead."
        report(report_violation, args, "default_price_data", "set", remedy)


policy = ResourceValidationPolicy(
    name="prices-have-a-lookup-key",
    description="Every price has a lookup key.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
