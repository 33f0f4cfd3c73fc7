"""TaxRate: a tax that invoices add or include. https://docs.stripe.com/api/tax_rates"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Required, TypedDict, Unpack

import pulumi

from stripe_resources.declare import ARCHIVED, ENFORCED, IMMUTABLE, Between, Default, Form, Input, Length, Unset
from stripe_resources.fields import COUNTRY, Adopt, Metadata
from stripe_resources.resource import StripeResource
from stripe_resources.rules import Places
from stripe_resources.vocabulary import TaxType


class TaxRateArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/tax_rates/create"""

    display_name: Required[Annotated[Input[str], Length(50)]]
    """What invoices call it, such as VAT."""
    inclusive: Required[Annotated[Input[bool], IMMUTABLE]]
    """Whether prices include the tax."""
    percentage: Required[Annotated[Input[float], IMMUTABLE, Between(0, 100)]]
    """Up to 4 decimal places."""
    active: Annotated[Input[bool] | None, Default(True), ENFORCED]
    """Whether it can be given to anything new."""
    adopt: Adopt
    """The id of an existing tax rate to begin with."""
    country: Annotated[Input[str] | None, COUNTRY]
    """Where it is levied."""
    description: Annotated[Input[str] | None, Length(5000)]
    """For yourself: customers do not see it."""
    jurisdiction: Annotated[Input[str] | None, Length(50)]
    """Whose tax it is, as invoices show it."""
    metadata: Input[Metadata] | None
    """For yourself, by keys of your own; up to 48."""
    state: Annotated[Input[str] | None, Form("[A-Z0-9]{1,3}", "an ISO 3166-2 code without the country's, such as NY")]
    """Where in the country it is levied."""
    tax_type: Annotated[Input[TaxType] | None, Unset.KEEP]
    """What kind of tax it is."""


class TaxRate(StripeResource, path="/v1/tax_rates", arguments=TaxRateArgs, lifecycle=ARCHIVED, rules=(Places("percentage", 4),)):
    """A tax that is set by hand. Deleting it archives it: subscriptions and invoices that have it keep it.

    An example:

        TaxRate("vat", display_name="VAT", percentage=23, inclusive=False, country="IE")
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    display_name: pulumi.Output[str]
    inclusive: pulumi.Output[bool]
    percentage: pulumi.Output[float]
    active: pulumi.Output[bool]
    adopt: pulumi.Output[bool | str]
    country: pulumi.Output[str]
    description: pulumi.Output[str]
    jurisdiction: pulumi.Output[str]
    metadata: pulumi.Output[Mapping[str, str]]
    state: pulumi.Output[str]
    tax_type: pulumi.Output[TaxType]
    # arguments: end
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[TaxRateArgs]) -> None:
        super().__init__(resource_name, args, opts)
