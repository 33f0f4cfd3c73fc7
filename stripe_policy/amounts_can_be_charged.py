"""Stripe charges ISK and UGX in whole units, and currencies of three decimal places without the last of them.

A quantity, or another line of an invoice, may make a total whole that one unit does not, so this only advises.
https://docs.stripe.com/currencies#special-cases
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from stripe_pricing import cannot_be_charged, is_metered

from ._amounts import Amount, amounts
from ._resources import PRICE, PRODUCT, plain, report


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each amount of a price, or of the price that a product makes itself, that cannot be charged as it is."""
    for amount in _amounts(args):
        if amount.value is not None and (why := cannot_be_charged(amount.value, amount.currency)):
            remedy = "Give an amount that fits, unless quantities or other lines make totals whole."
            report(report_violation, args, amount.path, why, remedy)


def _amounts(args: ResourceValidationArgs) -> Iterator[Amount]:
    """What a unit of usage costs is never charged alone."""
    props, prefix = plain(args.props), ""
    if args.resource_type == PRODUCT and isinstance(props.get("default_price_data"), Mapping):
        found: Mapping[str, Any] = props["default_price_data"]
        prefix = "default_price_data."
    elif args.resource_type == PRICE:
        found = props
    else:
        return
    yield from (a for a in amounts(found, prefix) if not (is_metered(found) and a.field == "unit_amount"))


policy = ResourceValidationPolicy(
    name="amounts-can-be-charged",
    description="Amounts are such as Stripe can charge in their currency.",
    enforcement_level=EnforcementLevel.ADVISORY,
    validate=validate,
)
