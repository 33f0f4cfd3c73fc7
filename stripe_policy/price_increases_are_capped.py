"""No single change makes anybody's bill explode: a zero too many is a valid amount.

Bills are compared as Stripe makes them (packages whole), for every quantity, in every currency that the price had before.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_UP, Decimal
from fractions import Fraction
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

from ._amounts import FIELDS, decimal
from ._judging import because, needs
from ._past import past
from ._resources import PRICE, plain, report
from ._settings import settings, texts
from ._terms import Increase, largest_increase, text

SCHEMA = PolicyConfigSchema(
    {
        "maximumPercent": {
            "type": "number",
            "minimum": 0,
            "default": 50,
            "description": "By how many percent one change may raise a bill.",
        },
        "exempt": texts("Names of prices that may rise by more.", []),
    }
)


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each price by which, for some quantity, a bill rises by more than the cap."""
    limits = settings(args, SCHEMA)
    if args.resource_type != PRICE:
        return
    if args.name in limits["exempt"]:
        because(args, "`exempt` names it")
        return
    before = past()
    old = before.of(args, "lookup_key")
    if old is None:
        if before.is_new(args):
            because(args, "it is new: the state before has no such price")
        return
    news = plain(args.props)
    _needs_what_it_charges(args, news)
    increase = largest_increase(old.props, news)
    cap = decimal(limits["maximumPercent"]) or Decimal(0)
    if increase is None:
        because(args, "no bill rises")
        return
    if increase.percent is not None and increase.percent <= Fraction(cap):
        because(args, f"no bill rises by more than {cap.normalize():f} %: {_described(increase)} at most")
        return
    value = f"{text(news)}, and was {text(old.props)}: {_described(increase)}"
    remedy = (
        f"More than {cap.normalize():f} % at once: check the amount, or raise it in steps; or, if it is meant, name the price "
        "in this rule's setting `exempt`."
    )
    report(report_violation, args, "the price", value, remedy)


def _needs_what_it_charges(args: ResourceValidationArgs, news: Mapping[str, Any]) -> None:
    needs(args, news, *FIELDS, "tiers_mode", "transform_quantity")
    recurring = news.get("recurring")
    if isinstance(recurring, Mapping):
        needs(args, recurring, "interval", "interval_count", "usage_type", prefix="recurring.")
    else:
        needs(args, news, "recurring")


def _described(increase: Increase) -> str:
    bill = f"a bill in {increase.currency.upper()}"
    if increase.quantity is None and increase.percent is None:
        return f"for large quantities {bill} has no limit any more"
    where = "for large quantities" if increase.quantity is None else f"for {increase.quantity} in a period"
    if increase.percent is None:
        return f"{where} {bill} was nothing before"
    percent = Decimal(increase.percent.numerator) / increase.percent.denominator
    return f"{where} {bill} rises by {percent.quantize(Decimal('0.1'), ROUND_UP).normalize():f} %"


policy = ResourceValidationPolicy(
    name="price-increases-are-capped",
    description="No change raises a price by more than the cap.",
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=SCHEMA,
    validate=validate,
)
