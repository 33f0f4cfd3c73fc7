"""Customer: who pays. https://docs.stripe.com/api/customers"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, Required, TypedDict, Unpack

import pulumi

from stripe_resources._core.behaviour import Behaviour
from stripe_resources._core.values.schema import Failure, Inputs
from stripe_resources.declare import (
    IMMUTABLE,
    OPTION,
    UNREADABLE,
    UPDATE_ONLY,
    VALUE,
    Between,
    Default,
    Form,
    Input,
    Key,
    Length,
    Size,
    Unset,
)
from stripe_resources.fields import Adopt, Amount, Metadata
from stripe_resources.resource import StripeResource

from ._shared import Address, CustomField
from ._vocabulary import TaxIdType


class CashBalanceSettings(TypedDict, total=False):
    """How payments by bank transfer are matched with invoices."""

    reconciliation_mode: Annotated[Input[Literal["automatic", "manual", "merchant_default"]], Default("merchant_default")]


class CashBalance(TypedDict, total=False):
    """Settings of the cash balance (its amount cannot be declared)."""

    settings: Annotated[Input[CashBalanceSettings], Unset.INSIDE]


class RenderingOptions(TypedDict, total=False):
    """How invoices look."""

    amount_tax_display: Input[Literal["exclude_tax", "include_inclusive_tax"]]
    template: Input[str]


class CustomerInvoiceSettings(TypedDict, total=False):
    """What this customer's invoices have by default."""

    custom_fields: Annotated[Input[Sequence[Input[CustomField]]], Size(4)]
    default_payment_method: Input[str]
    footer: Annotated[Input[str], Length(5000)]
    rendering_options: Input[RenderingOptions]


class Shipping(TypedDict, total=False):
    """Where goods are sent."""

    address: Required[Input[Address]]
    name: Required[Input[str]]
    phone: Input[str]


class CustomerTax(TypedDict, total=False):
    """Where the customer is, for tax."""

    ip_address: Input[str]
    validate_location: Annotated[Input[Literal["auto", "deferred", "immediately"]], Unset.KEEP]


class TaxIdData(TypedDict, total=False):
    """One tax id."""

    type: Required[Input[TaxIdType]]
    value: Required[Input[str]]


class CustomerArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/customers/create"""

    address: Input[Address]
    adopt: Adopt
    """The id of an existing customer to begin with, or True for the one with this `email`, if there is one."""
    balance: Annotated[Input[Amount], UNREADABLE, Unset.KEEP]
    """In minor units of the customer's currency; negative is credit. Invoices use it up, so what Stripe has is never drift."""
    business_name: Annotated[Input[str], Length(150)]
    cash_balance: Annotated[Input[CashBalance], UNREADABLE, Unset.KEEP]
    default_source: Annotated[Input[str], UPDATE_ONLY, Unset.KEEP]
    description: Annotated[Input[str], Length(5000)]
    email: Annotated[Input[str], Length(512), Form(r"[^@\s]+@[^@\s]+", "an e-mail address")]
    individual_name: Annotated[Input[str], Length(150)]
    invoice_prefix: Annotated[Input[str], Unset.KEEP, Form("[A-Z0-9]{3,12}", "3 to 12 capital letters or digits")]
    invoice_settings: Annotated[Input[CustomerInvoiceSettings], Unset.INSIDE]
    metadata: Input[Metadata]
    name: Annotated[Input[str], Length(256)]
    next_invoice_sequence: Annotated[Input[int], Between(1), UNREADABLE, Unset.KEEP]
    payment_method: Annotated[Input[str], IMMUTABLE, UNREADABLE]
    phone: Annotated[Input[str], Length(20)]
    preferred_locales: Annotated[Input[Sequence[Input[str]]], Size(minimum=1), Unset.KEEP]
    shipping: Input[Shipping]
    source: Annotated[Input[str], UNREADABLE, Unset.KEEP]
    tax: Annotated[Input[CustomerTax], UNREADABLE, Unset.KEEP]
    tax_exempt: Annotated[Input[Literal["exempt", "none", "reverse"]], Default("none")]
    tax_id_data: Annotated[Input[Sequence[Input[TaxIdData]]], IMMUTABLE, UNREADABLE]
    test_clock: Annotated[Input[str], IMMUTABLE]
    validate: Annotated[Input[bool], OPTION]


class CustomerBehaviour(Behaviour):
    """A customer is not there yet when it is made."""

    def rules(self, inputs: Inputs, olds: Inputs | None) -> Iterable[Failure]:
        """A customer needs nothing; one value only comes later."""
        tax = inputs.get("tax")
        if olds is None and isinstance(tax, Mapping) and tax.get("validate_location") == "auto":
            yield Failure("tax.validate_location", '"auto" is for customers that exist; give deferred or immediately at first')


class Customer(
    StripeResource,
    path="/v1/customers",
    arguments=CustomerArgs,
    behaviour=CustomerBehaviour,
    key=Key("email", ({"email": VALUE},)),
    irreversible="deleting a customer is final, and cancels all of its subscriptions at once",
):
    """Who pays. Deleting it is final, and cancels its subscriptions at once."""

    name: pulumi.Output[str]
    email: pulumi.Output[str]
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[CustomerArgs]) -> None:
        super().__init__(resource_name, args, opts)
