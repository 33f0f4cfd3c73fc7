"""Whether tax comes on top or is included is part of what a price says; Stripe can set it once, and never change it.

https://docs.stripe.com/tax/products-prices-tax-codes-tax-behavior#tax-behavior
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from ._amounts import options
from ._resources import PRICE, PRODUCT, UNKNOWN, plain, report


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports a price, each further currency of it, and the price that a product makes itself, without tax behavior."""
    for field, value in _behaviors(args):
        if value is not UNKNOWN and value not in ("exclusive", "inclusive"):
            remedy = 'Say tax_behavior="exclusive" (tax comes on top) or "inclusive".'
            report(report_violation, args, field, "unspecified" if value else "not set", remedy)


def _behaviors(args: ResourceValidationArgs) -> Iterator[tuple[str, Any]]:
    props = plain(args.props)
    if args.resource_type == PRICE:
        yield from ((f"{path}tax_behavior", option.get("tax_behavior")) for path, _, option in options(props))
    elif args.resource_type == PRODUCT and isinstance(props.get("default_price_data"), Mapping):
        found = options(props["default_price_data"], "default_price_data.")
        yield from ((f"{path}tax_behavior", option.get("tax_behavior")) for path, _, option in found)


policy = ResourceValidationPolicy(
    name="tax-behavior-is-declared",
    description="Every price says whether tax is included.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
