"""In production, what a price charges changes only in a way that somebody has approved.

The approval is an entry in the stack's configuration, so it is part of the same pull request:

    policy:approvedPriceChanges:
      - price: tokens-monthly
        from: 0.04 USD per 100 units rounded up, metered, every month
        to: 0.05 USD per 100 units rounded up, metered, every month

It covers exactly that change: it does no harm if it stays, and approves nothing else later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from ._approvals import approval, is_approved
from ._past import past
from ._resources import PRICE, UNKNOWN, plain, report
from ._stack import is_production
from ._terms import text


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each price of a production stack that is replaced, or that charges something else in place, unapproved."""
    if args.resource_type != PRICE or not is_production(args):
        return
    old = past().of(args, "lookup_key")
    if old is None:
        return
    before, after = text(old.props), terms(old.props, plain(args.props))
    if before != after and not is_approved(args, args.name, before, after):
        report(report_violation, args, "the price", f"{after}, and was {before}", approval(args.name, before, after))


def terms(olds: Mapping[str, Any], news: Mapping[str, Any]) -> str:
    """What the price is to charge, and whether it is another one at Stripe for a reason other than its amounts."""
    parts = [text(news)]
    if (olds.get("tax_behavior") or "unspecified") != "unspecified" and (
        news.get("tax_behavior") or "unspecified"
    ) == "unspecified":
        parts.append("tax not specified")
    if olds.get("product") != news.get("product") or olds.get("product_data") != news.get("product_data"):
        parts.append("of another product")
    if _meter(olds) != _meter(news):
        parts.append("by another meter")
    if olds.get("custom_unit_amount") != news.get("custom_unit_amount"):
        parts.append("with other limits for what the customer decides")
    return ", ".join(parts)


def _meter(props: Mapping[str, Any]) -> Any:
    recurring = props.get("recurring")
    return recurring.get("meter") if isinstance(recurring, Mapping) else UNKNOWN if recurring is UNKNOWN else None


policy = ResourceValidationPolicy(
    name="price-changes-are-approved",
    description="In production, no price is replaced or charges something else without an approval.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
