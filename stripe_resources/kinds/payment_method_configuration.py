"""PaymentMethodConfiguration: which payment methods customers are shown. https://docs.stripe.com/api/payment_method_configurations"""

from __future__ import annotations

from typing import Annotated, Literal, Required, TypeAlias, TypedDict, Unpack

import pulumi

from stripe_resources.declare import ARCHIVED, ENFORCED, UPDATE_ONLY, Default, Input, Length
from stripe_resources.fields import Adopt
from stripe_resources.resource import StripeResource


class DisplayPreference(TypedDict, total=False):
    """`none` leaves it to Stripe's default, or to the parent configuration."""

    preference: Annotated[Input[Literal["none", "off", "on"]], Default("none")]


class PaymentMethodDisplay(TypedDict, total=False):
    """Whether a payment method is shown."""

    display_preference: Annotated[Input[DisplayPreference], Default({"preference": "none"})]


Method: TypeAlias = Annotated[Input[PaymentMethodDisplay], Default({"display_preference": {"preference": "none"}})]


class PaymentMethodConfigurationArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/payment_method_configurations/create"""

    name: Required[Annotated[Input[str], Length(100)]]
    active: Annotated[Input[bool], Default(True), ENFORCED, UPDATE_ONLY]
    adopt: Adopt
    """The id of an existing configuration to begin with. Only so can the account's default one be declared."""
    acss_debit: Method
    affirm: Method
    afterpay_clearpay: Method
    alipay: Method
    alma: Method
    amazon_pay: Method
    apple_pay: Method
    au_becs_debit: Method
    bacs_debit: Method
    bancontact: Method
    billie: Method
    bizum: Method
    blik: Method
    boleto: Method
    card: Method
    cartes_bancaires: Method
    cashapp: Method
    crypto: Method
    customer_balance: Method
    eps: Method
    fpx: Method
    giropay: Method
    google_pay: Method
    grabpay: Method
    ideal: Method
    jcb: Method
    kakao_pay: Method
    klarna: Method
    konbini: Method
    kr_card: Method
    link: Method
    mb_way: Method
    mobilepay: Method
    multibanco: Method
    naver_pay: Method
    nz_bank_account: Method
    oxxo: Method
    p24: Method
    pay_by_bank: Method
    payco: Method
    paynow: Method
    paypal: Method
    paypay: Method
    payto: Method
    pix: Method
    promptpay: Method
    revolut_pay: Method
    samsung_pay: Method
    satispay: Method
    scalapay: Method
    sepa_debit: Method
    sequra: Method
    sofort: Method
    sunbit: Method
    swish: Method
    twint: Method
    upi: Method
    us_bank_account: Method
    wechat_pay: Method
    zip: Method


class PaymentMethodConfiguration(
    StripeResource,
    path="/v1/payment_method_configurations",
    arguments=PaymentMethodConfigurationArgs,
    lifecycle=ARCHIVED,
    left_out={
        "parent": "concerns connected accounts",
        "apple_pay_later": "Apple ended it in 2024",
        "fr_meal_voucher_conecs": "Stripe's answers do not say it",
    },
):
    """Which payment methods are shown to customers; Stripe chooses among the others. Deleting it deactivates it."""

    is_default: pulumi.Output[bool]
    """Whether payments have this configuration unless they name another one."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[PaymentMethodConfigurationArgs]
    ) -> None:
        super().__init__(resource_name, args, opts)
