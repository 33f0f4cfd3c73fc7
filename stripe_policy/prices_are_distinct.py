"""Lookup keys distinguish prices for the same thing, or the application sells whichever it finds first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from pulumi_policy import EnforcementLevel, PolicyResource, ReportViolation, StackValidationArgs, StackValidationPolicy

from stripe_pricing import is_metered

from ._judging import because, needs
from ._resources import METER, PRICE, UNKNOWN, comes_from, listed, of_type, plain, report


def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    """Reports prices of the same meter, interval and currency that do not all have a lookup key of their own."""
    groups: dict[tuple[object, ...], list[PolicyResource]] = defaultdict(list)
    for price in of_type(args, PRICE):
        key = _sells(price)
        needs(price, plain(price.props), "currency", "lookup_key", "recurring", deep=False)
        if key is None:
            because(price, "it does not bill usage, or nobody can subscribe to it")
        else:
            because(price, "each price of the same meter, interval and currency has a lookup_key of its own")
            groups[key].append(price)
    for prices in groups.values():
        for price in prices:
            others = [other.name for other in prices if other is not price and not _told_apart(price, other)]
            if others:
                remedy = "Give each a lookup_key of its own, or remove all but one."
                value = f"not told apart from that of {listed(others)}: same meter, interval and currency"
                report(report_violation, price, "lookup_key", value, remedy)


def _sells(price: PolicyResource) -> tuple[object, ...] | None:
    props = plain(price.props)
    recurring = props.get("recurring")
    if not isinstance(recurring, Mapping) or not is_metered(props) or props.get("active") is False:
        return None
    meters = tuple(meter.urn for meter in comes_from(price, "recurring", METER)) or recurring.get("meter")
    known = (meters, recurring.get("interval"), recurring.get("interval_count") or 1, props.get("currency"))
    return None if UNKNOWN in known or None in known else known


def _told_apart(one: PolicyResource, other: PolicyResource) -> bool:
    first, second = plain(one.props).get("lookup_key"), plain(other.props).get("lookup_key")
    return bool(first and second) and (first != second or first is UNKNOWN)


policy = StackValidationPolicy(
    name="prices-are-distinct",
    description="Prices of the same meter, interval and currency have distinct lookup keys.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
