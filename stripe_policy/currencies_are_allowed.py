"""The company invoices in the currencies it has bank accounts, tax registrations and accounting for, and in no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

from ._judging import because, needs
from ._resources import listed, price_of, report, shown
from ._settings import settings, texts

SCHEMA = PolicyConfigSchema({"currencies": texts("Three-letter codes in lower case.", ["usd", "eur", "gbp"])})


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each currency of a price, or of the price that a product makes itself, that is not allowed."""
    allowed = settings(args, SCHEMA)["currencies"]
    if (found := price_of(args)) is None:
        return
    props, prefix = found
    needs(args, props, "currency", "currency_options", prefix=prefix, deep=False)
    for field, currency in _currencies(props, prefix):
        if currency in allowed:
            because(args, f"{field} is {shown(currency)}, one of `currencies`")
        else:
            remedy = f"Use one of {listed(allowed)}; or add the currency to this rule's setting `currencies`."
            report(report_violation, args, field, shown(currency), remedy)


def _currencies(price: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    if isinstance(price.get("currency"), str):
        yield f"{prefix}currency", price["currency"]
    further = price.get("currency_options")
    for currency in further if isinstance(further, Mapping) else ():
        yield f"{prefix}currency_options", currency


policy = ResourceValidationPolicy(
    name="currencies-are-allowed",
    description="Prices are in currencies that the company invoices in.",
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=SCHEMA,
    validate=validate,
)
