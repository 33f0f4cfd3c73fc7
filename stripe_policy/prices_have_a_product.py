"""A price is sold as a product, from the same stack.

A product's id written out by hand belongs to one account and one mode. A product made by `product_data` is
managed by nobody: its name on the invoice can never be corrected here. https://docs.stripe.com/api/prices/create
"""

from pulumi_policy import EnforcementLevel, ReportViolation, StackValidationArgs, StackValidationPolicy

from ._judging import because
from ._resources import PRICE, PRODUCT, UNKNOWN, comes_from, is_set, listed, of_type, plain, report, shown

REMEDY = "Declare a Product in this stack and pass its id: product=product.id."


def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each price whose `product` does not come from a product in the stack."""
    for price in of_type(args, PRICE):
        props = plain(price.props)
        if props.get("product_data"):
            report(report_violation, price, "product_data", "set, which makes a product that no stack manages", REMEDY)
        elif not is_set(price.props, "product"):
            report(report_violation, price, "product", "not set", REMEDY)
        elif products := comes_from(price, "product", PRODUCT):
            because(price, f"product comes from {listed(product.name for product in products)}")
        else:
            product = "not known yet" if props["product"] is UNKNOWN else shown(props["product"])
            report(
                report_violation, price, "product", f"{product} and does not come from a product declared in this stack", REMEDY
            )


policy = StackValidationPolicy(
    name="prices-have-a-product",
    description="Every price is of a product declared in the same stack.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
