"""Customer: who pays. https://docs.stripe.com/api/customers"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Required, TypedDict, Unpack

import pulumi

from stripe_resources._core.behaviour import Behaviour
from stripe_resources._core.values.schema import Failure, Inputs
from stripe_resources.declare import (
    FILLED,
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
    List,
    Size,
    Unset,
)
from stripe_resources.fields import Address, Adopt, Amount, CustomField, Metadata
from stripe_resources.resource import StripeResource
from stripe_resources.vocabulary import TaxIdType


class CashBalanceSettings(TypedDict, total=False):
    """How payments by bank transfer are matched with invoices."""

    reconciliation_mode: Annotated[Input[Literal["automatic", "manual", "merchant_default"]] | None, Default("merchant_default")]


class CashBalance(TypedDict, total=False):
    """Settings of the cash balance (its amount cannot be declared)."""

    settings: Annotated[Input[CashBalanceSettings] | None, Unset.INSIDE]


class RenderingOptions(TypedDict, total=False):
    """How invoices look."""

    amount_tax_display: Input[Literal["exclude_tax", "include_inclusive_tax"]] | None
    template: Input[str] | None


class CustomerInvoiceSettings(TypedDict, total=False):
    """What this customer's invoices have by default."""

    custom_fields: Annotated[Input[List[Input[CustomField]]] | None, Size(4)]
    default_payment_method: Input[str] | None
    footer: Annotated[Input[str] | None, Length(5000)]
    rendering_options: Input[RenderingOptions] | None


class Shipping(TypedDict, total=False):
    """Where goods are sent."""

    address: Required[Input[Address]]
    name: Required[Input[str]]
    phone: Input[str] | None


class CustomerTax(TypedDict, total=False):
    """Where the customer is, for tax."""

    ip_address: Annotated[Input[str] | None, Form("[0-9A-Fa-f.:]+", "an IP address")]
    validate_location: Annotated[Input[Literal["auto", "deferred", "immediately"]] | None, Unset.KEEP]


class TaxIdData(TypedDict, total=False):
    """One tax id."""

    type: Required[Input[TaxIdType]]
    value: Required[Input[str]]


class CustomerArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/customers/create"""

    address: Input[Address] | None
    """The customer's postal address."""
    adopt: Adopt
    """The id of an existing customer to begin with, or True for the one with this `email`, if there is one."""
    balance: Annotated[Input[Amount] | None, UNREADABLE, Unset.KEEP]
    """In minor units of the customer's currency; negative is credit. Invoices use it up, so what Stripe has is never drift."""
    business_name: Annotated[Input[str] | None, Length(150)]
    """The name of the business."""
    cash_balance: Annotated[Input[CashBalance] | None, UNREADABLE, Unset.KEEP]
    """How payments by bank transfer are matched."""
    default_source: Annotated[Input[str] | None, UPDATE_ONLY, Unset.KEEP]
    """The id of the card or bank account that is charged; of the old kind, before payment methods."""
    description: Annotated[Input[str] | None, Length(5000)]
    """For yourself: customers do not see it."""
    email: Annotated[Input[str] | None, Length(512), Form(r"[^@\s]+@[^@\s]+", "an e-mail address")]
    """Where invoices and receipts go."""
    individual_name: Annotated[Input[str] | None, Length(150)]
    """The full name of the person."""
    invoice_prefix: Annotated[Input[str] | None, FILLED, Unset.KEEP, Form("[A-Z0-9]{3,12}", "3 to 12 capital letters or digits")]
    """What the numbers of the customer's invoices begin with."""
    invoice_settings: Annotated[Input[CustomerInvoiceSettings] | None, Unset.INSIDE]
    """What the customer's invoices have by default."""
    metadata: Input[Metadata] | None
    """For yourself, by keys of your own; up to 48."""
    name: Annotated[Input[str] | None, Length(256)]
    """What invoices call the customer."""
    next_invoice_sequence: Annotated[Input[int] | None, Between(1), UNREADABLE, Unset.KEEP]
    """The number of the next invoice."""
    payment_method: Annotated[Input[str] | None, IMMUTABLE, UNREADABLE]
    """The id of a payment method that is attached."""
    phone: Annotated[Input[str] | None, Length(20)]
    """The customer's phone number."""
    preferred_locales: Annotated[Input[List[Input[str]]] | None, Size(minimum=1), Unset.KEEP]
    """Languages, the most preferred first, such as de or en-GB."""
    shipping: Input[Shipping] | None
    """Where goods are sent; shown on invoices."""
    source: Annotated[Input[str] | None, UNREADABLE, Unset.KEEP]
    """A token of a card or bank account that becomes the default one."""
    tax: Annotated[Input[CustomerTax] | None, UNREADABLE, Unset.KEEP]
    """Where the customer is, for tax."""
    tax_exempt: Annotated[Input[Literal["exempt", "none", "reverse"]] | None, Default("none")]
    """Whether the customer pays tax; `reverse` says so on invoices."""
    tax_id_data: Annotated[Input[List[Input[TaxIdData]]] | None, IMMUTABLE, UNREADABLE]
    """The customer's tax ids."""
    test_clock: Annotated[Input[str] | None, IMMUTABLE]
    """The id of the test clock by which the customer lives."""
    validate: Annotated[Input[bool] | None, OPTION]
    """Whether Stripe checks the payment method that is attached."""


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
    """Who pays. Deleting it is final, and cancels its subscriptions at once.

    An example:

        Customer(
            "acme",
            name="Acme",
            email="billing@example.com",
            address={"country": "IE"},
            metadata={"tier": "gold"},
        )
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    address: pulumi.Output[Any]
    adopt: pulumi.Output[bool | str]
    balance: pulumi.Output[int]
    business_name: pulumi.Output[str]
    cash_balance: pulumi.Output[Any]
    default_source: pulumi.Output[str]
    description: pulumi.Output[str]
    email: pulumi.Output[str]
    individual_name: pulumi.Output[str]
    invoice_prefix: pulumi.Output[str]
    invoice_settings: pulumi.Output[Any]
    metadata: pulumi.Output[Mapping[str, str]]
    name: pulumi.Output[str]
    next_invoice_sequence: pulumi.Output[int]
    payment_method: pulumi.Output[str]
    phone: pulumi.Output[str]
    preferred_locales: pulumi.Output[Sequence[str]]
    shipping: pulumi.Output[Any]
    source: pulumi.Output[str]
    tax: pulumi.Output[Any]
    tax_exempt: pulumi.Output[Literal["exempt", "none", "reverse"]]
    tax_id_data: pulumi.Output[Sequence[Any]]
    test_clock: pulumi.Output[str]
    validate: pulumi.Output[bool]
    # arguments: end
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[CustomerArgs]) -> None:
        super().__init__(resource_name, args, opts)
