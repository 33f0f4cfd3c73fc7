"""Tiers cover every quantity once, and the more somebody uses, the less a unit costs.

A tier that costs more per unit than the one before is a valid request, and mostly a typo.
https://docs.stripe.com/products-prices/pricing-models#tiered-pricing
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

from ._amounts import amount_of, decimal, money, options
from ._judging import because, needs
from ._resources import PRICE, UNKNOWN, plain, report, shown
from ._settings import settings, texts

SCHEMA = PolicyConfigSchema({"mayRise": texts("Names of prices whose units may cost more in a later tier.", [])})


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports tiers that leave out a quantity, overlap, or cost more per unit than the tier before."""
    if args.resource_type != PRICE:
        return
    may_rise = args.name in settings(args, SCHEMA)["mayRise"]
    for path, currency, option in options(plain(args.props)):
        tiers = option.get("tiers")
        needs(args, option, "tiers", prefix=path)
        if not isinstance(tiers, list):
            because(args, f"{path}tiers is not set")
            continue
        later = "`mayRise` names the price" if may_rise else "no unit costs more later"
        because(args, f"{path}tiers cover every quantity once, and {later}")
        for field, value, remedy in _incomplete(tiers, path):
            report(report_violation, args, field, value, remedy)
        for field, value in () if may_rise else _rising(tiers, path, currency):
            remedy = "Let later tiers cost no more; or, if it is meant, name the price in this rule's setting `mayRise`."
            report(report_violation, args, field, value, remedy)


def _incomplete(tiers: list[Any], path: str) -> Iterator[tuple[str, str, str]]:
    before = Decimal(0)
    for i, tier in enumerate(tiers):
        if not isinstance(tier, Mapping) or tier.get("up_to") is UNKNOWN:
            continue
        field, up_to, last = f"{path}tiers[{i}].up_to", tier.get("up_to"), i == len(tiers) - 1
        number = decimal(up_to)
        if last and up_to != "inf":
            yield field, f"{shown(up_to)} in the last tier", 'What is used beyond that has no price: end with "up_to": "inf".'
        elif not last and number is None:
            value = "inf" if up_to == "inf" else shown(up_to)
            yield field, f"{value} in a tier that is not the last", "Give the number of units that it ends with."
        if number is not None:
            if number <= before:
                value = f"{shown(up_to)}, not above {shown(float(before))}, where it begins"
                yield field, value, "Let each tier end above the one before."
            before = number
    if not tiers:
        yield f"{path}tiers", "empty", 'Give at least one tier, the last with "up_to": "inf".'


def _rising(tiers: list[Any], path: str, currency: str) -> Iterator[tuple[str, str]]:
    before: Decimal | None = None
    for i, tier in enumerate(tiers):
        unit = amount_of(tier, "unit_amount", Decimal(0)) if isinstance(tier, Mapping) else None
        # Units that only a flat amount pays for, or that are free, come before those that cost something.
        if unit and before and unit > before:
            yield f"{path}tiers[{i}]", f"{money(unit, currency)} per unit, more than {money(before, currency)} in the tier before"
        before = unit or before


policy = ResourceValidationPolicy(
    name="tiers-are-complete-and-falling",
    description="Tiers cover every quantity, and a unit never costs more in a later one.",
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=SCHEMA,
    validate=validate,
)
