"""An amount in the wrong unit is a valid request: 400 instead of 4, cents instead of dollars, a sign that slipped in.

Limits are in minor units of each currency. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
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

from stripe_pricing import MINIMUM_CHARGE, is_metered

from ._amounts import FIELDS, Amount, amounts, decimal, money
from ._judging import because, needs
from ._resources import price_of, report
from ._settings import settings, texts

_CURRENCIES = {
    "type": "object",
    "propertyNames": {"pattern": r"^([a-z]{3}|\*)$"},
    "additionalProperties": {"type": "number", "minimum": 0},
}
SCHEMA = PolicyConfigSchema(
    {
        "minimumCharge": {
            **_CURRENCIES,
            "default": dict(MINIMUM_CHARGE),
            "description": "Minor units by currency: the least that a one-time or licensed price charges, unless it is free.",
        },
        "minimumPerUnit": {
            "type": "string",
            "pattern": r"^[0-9]+(\.[0-9]+)?$",
            "default": "0.000000001",
            "description": "Minor units of any currency: the least that a unit of usage costs, unless it is free.",
        },
        "maximum": {
            **_CURRENCIES,
            "default": {"*": 1000000},
            "description": 'Minor units by currency ("*": any other): the most that any amount may be.',
        },
        "mayBeFree": texts("Names of prices that may be free.", []),
    }
)
DECIMAL_PLACES = 12
"""https://docs.stripe.com/api/prices/create#create_price-unit_amount_decimal"""


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each amount of a price, or of the price that a product makes itself, that is negative, not a number, finer than
    Stripe bills, below the minimum or above the maximum; and a price that costs nothing in one of its currencies."""
    if (price := price_of(args)) is None:
        return
    props, prefix = price
    needs(args, props, *FIELDS, prefix=prefix)
    limits = settings(args, SCHEMA)
    found = list(amounts(props, prefix))
    for amount in found:
        for value, remedy in _problems(amount, props, limits):
            report(report_violation, args, amount.path, value, remedy)
        because(
            args, f"{amount.path} is {_said(amount)}: not too little by `minimumCharge` or `minimumPerUnit`, nor above `maximum`"
        )
    for field in () if args.name in limits["mayBeFree"] else _free(found):
        remedy = "Give the amount; or, if it is meant to be free, name the price in this rule's setting `mayBeFree`."
        report(report_violation, args, field, "0, and so is every other amount in its currency", remedy)


def _free(found: list[Amount]) -> Iterator[str]:
    """Where a price costs nothing: for customers of one currency it may."""
    charged = [amount for amount in found if "custom_unit_amount" not in amount.path]
    for currency in dict.fromkeys(amount.currency for amount in charged):
        own = [amount for amount in charged if amount.currency == currency]
        if all(amount.value == 0 for amount in own):
            yield own[0].path


def _problems(amount: Amount, props: Mapping[str, Any], limits: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    value = amount.value
    if value is None:
        yield "not a number", 'Give an amount in minor units, such as 4, or "0.004" in a field that ends in _decimal.'
        return
    said = f"{_said(amount)} ({_digits(value)} in minor units)"
    if value < 0:
        yield said, "Give what is charged, 0 or more; what customers get back is a coupon or a credit note."
        return
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > DECIMAL_PLACES:
        yield said, f"Stripe bills {DECIMAL_PLACES} decimal places at most: round it."
    check = "Amounts are in minor units: check the unit; or, if it is meant,"
    maximum = _limit(limits["maximum"], amount.currency)
    if maximum is not None and value > maximum:
        remedy = f"That is more than {money(maximum, amount.currency)}. {check} raise this rule's setting `maximum`."
        yield said, remedy
    minimum, setting = _minimum(amount, props, limits)
    if minimum is not None and 0 < value < minimum:
        remedy = f"That is less than {money(minimum, amount.currency)}. {check} lower this rule's setting `{setting}`."
        yield said, remedy


def _said(amount: Amount) -> str:
    return "no amount" if amount.value is None else money(amount.value, amount.currency)


def _digits(value: Decimal) -> str:
    """Without the exponent and the zeros at the end: what the user wrote, not what the wire made of it."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _minimum(amount: Amount, props: Mapping[str, Any], limits: Mapping[str, Any]) -> tuple[Decimal | None, str]:
    if is_metered(props):
        return (decimal(limits["minimumPerUnit"]) if amount.field == "unit_amount" else None), "minimumPerUnit"
    # What a tier costs is part of the charge.
    return (None if amount.in_tiers else _limit(limits["minimumCharge"], amount.currency)), "minimumCharge"


def _limit(by_currency: Mapping[str, Any], currency: str) -> Decimal | None:
    return decimal(by_currency.get(currency, by_currency.get("*")))


policy = ResourceValidationPolicy(
    name="amounts-are-sane",
    description="No amount is negative, below the minimum, or absurd.",
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=SCHEMA,
    validate=validate,
)
