"""Stripe charges ISK and UGX in whole units, and currencies of three decimal places without the last of them.

A quantity, or another line of an invoice, may make a total whole that one unit does not, so this only advises.
https://docs.stripe.com/currencies#special-cases
"""

from __future__ import annotations

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from stripe_pricing import cannot_be_charged, is_metered

from ._amounts import FIELDS, amounts
from ._judging import because, needs
from ._resources import price_of, report


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each amount of a price, or of the price that a product makes itself, that cannot be charged as it is."""
    if (found := price_of(args)) is None:
        return
    needs(args, found[0], *FIELDS, prefix=found[1])
    because(args, "each amount is one that Stripe charges as it is, or that of a unit of usage")
    for amount in amounts(*found):
        alone = not (is_metered(found[0]) and amount.field == "unit_amount")  # what a unit of usage costs never is
        if alone and amount.value is not None and (why := cannot_be_charged(amount.value, amount.currency)):
            remedy = "Give an amount that fits, unless quantities or other lines make totals whole."
            report(report_violation, args, amount.path, why, remedy)


policy = ResourceValidationPolicy(
    name="amounts-can-be-charged",
    description="Amounts are such as Stripe can charge in their currency.",
    enforcement_level=EnforcementLevel.ADVISORY,
    validate=validate,
)
