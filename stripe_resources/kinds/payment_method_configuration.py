"""PaymentMethodConfiguration: which payment methods customers are shown. https://docs.stripe.com/api/payment_method_configurations"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Required, TypeAlias, TypedDict, Unpack

import pulumi

from stripe_resources.declare import ARCHIVED, ENFORCED, UPDATE_ONLY, Default, Input, Length
from stripe_resources.fields import Adopt
from stripe_resources.resource import StripeResource


class DisplayPreference(TypedDict, total=False):
    """`none` leaves it to Stripe's default, or to the parent configuration."""

    preference: Annotated[Input[Literal["none", "off", "on"]] | None, Default("none")]


class PaymentMethodDisplay(TypedDict, total=False):
    """Whether a payment method is shown."""

    display_preference: Annotated[Input[DisplayPreference] | None, Default({"preference": "none"})]


Method: TypeAlias = Annotated[Input[PaymentMethodDisplay] | None, Default({"display_preference": {"preference": "none"}})]


class PaymentMethodConfigurationArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/payment_method_configurations/create"""

    name: Required[Annotated[Input[str], Length(100)]]
    """What the Dashboard calls it."""
    active: Annotated[Input[bool] | None, Default(True), ENFORCED, UPDATE_ONLY]
    """Whether payments can have it."""
    adopt: Adopt
    """The id of an existing configuration to begin with. Only so can the account's default one be declared."""
    acss_debit: Method
    """Pre-authorised debit, in Canada."""
    affirm: Method
    """Affirm: pay later."""
    afterpay_clearpay: Method
    """Afterpay, or Clearpay: pay later."""
    alipay: Method
    """Alipay."""
    alma: Method
    """Alma: pay later."""
    amazon_pay: Method
    """Amazon Pay."""
    apple_pay: Method
    """Apple Pay."""
    au_becs_debit: Method
    """BECS direct debit, in Australia."""
    bacs_debit: Method
    """Bacs direct debit, in the UK."""
    bancontact: Method
    """Bancontact, in Belgium."""
    billie: Method
    """Billie: pay later, for businesses."""
    bizum: Method
    """Bizum, in Spain."""
    blik: Method
    """BLIK, in Poland."""
    boleto: Method
    """Boleto, in Brazil."""
    card: Method
    """Cards."""
    cartes_bancaires: Method
    """Cartes Bancaires, in France."""
    cashapp: Method
    """Cash App Pay."""
    crypto: Method
    """Stablecoins."""
    customer_balance: Method
    """Bank transfers, into the customer's cash balance."""
    eps: Method
    """EPS, in Austria."""
    fpx: Method
    """FPX, in Malaysia."""
    giropay: Method
    """giropay, in Germany."""
    google_pay: Method
    """Google Pay."""
    grabpay: Method
    """GrabPay."""
    ideal: Method
    """iDEAL, in the Netherlands."""
    jcb: Method
    """JCB cards."""
    kakao_pay: Method
    """Kakao Pay, in South Korea."""
    klarna: Method
    """Klarna: pay later."""
    konbini: Method
    """Konbini: cash in shops, in Japan."""
    kr_card: Method
    """Cards of South Korea."""
    link: Method
    """Link, Stripe's wallet."""
    mb_way: Method
    """MB WAY, in Portugal."""
    mobilepay: Method
    """MobilePay, in Denmark and Finland."""
    multibanco: Method
    """Multibanco, in Portugal."""
    naver_pay: Method
    """Naver Pay, in South Korea."""
    nz_bank_account: Method
    """BECS direct debit, in New Zealand."""
    oxxo: Method
    """OXXO: cash in shops, in Mexico."""
    p24: Method
    """Przelewy24, in Poland."""
    pay_by_bank: Method
    """Pay by Bank, in the UK."""
    payco: Method
    """PAYCO, in South Korea."""
    paynow: Method
    """PayNow, in Singapore."""
    paypal: Method
    """PayPal."""
    paypay: Method
    """PayPay, in Japan."""
    payto: Method
    """PayTo, in Australia."""
    pix: Method
    """Pix, in Brazil."""
    promptpay: Method
    """PromptPay, in Thailand."""
    revolut_pay: Method
    """Revolut Pay."""
    samsung_pay: Method
    """Samsung Pay, in South Korea."""
    satispay: Method
    """Satispay, in Italy."""
    scalapay: Method
    """Scalapay: pay later."""
    sepa_debit: Method
    """SEPA direct debit, in euros."""
    sequra: Method
    """seQura: pay later."""
    sofort: Method
    """Sofort, in Germany and around."""
    sunbit: Method
    """Sunbit: pay later."""
    swish: Method
    """Swish, in Sweden."""
    twint: Method
    """TWINT, in Switzerland."""
    upi: Method
    """UPI, in India."""
    us_bank_account: Method
    """ACH direct debit, in the USA."""
    wechat_pay: Method
    """WeChat Pay."""
    zip: Method
    """Zip: pay later."""


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
    """Which payment methods are shown to customers; Stripe chooses among the others. Deleting it deactivates it.

    An example:

        PaymentMethodConfiguration(
            "subscriptions",
            name="Subscriptions",
            card={"display_preference": {"preference": "on"}},
            klarna={"display_preference": {"preference": "off"}},
        )
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    name: pulumi.Output[str]
    active: pulumi.Output[bool]
    adopt: pulumi.Output[bool | str]
    acss_debit: pulumi.Output[Any]
    affirm: pulumi.Output[Any]
    afterpay_clearpay: pulumi.Output[Any]
    alipay: pulumi.Output[Any]
    alma: pulumi.Output[Any]
    amazon_pay: pulumi.Output[Any]
    apple_pay: pulumi.Output[Any]
    au_becs_debit: pulumi.Output[Any]
    bacs_debit: pulumi.Output[Any]
    bancontact: pulumi.Output[Any]
    billie: pulumi.Output[Any]
    bizum: pulumi.Output[Any]
    blik: pulumi.Output[Any]
    boleto: pulumi.Output[Any]
    card: pulumi.Output[Any]
    cartes_bancaires: pulumi.Output[Any]
    cashapp: pulumi.Output[Any]
    crypto: pulumi.Output[Any]
    customer_balance: pulumi.Output[Any]
    eps: pulumi.Output[Any]
    fpx: pulumi.Output[Any]
    giropay: pulumi.Output[Any]
    google_pay: pulumi.Output[Any]
    grabpay: pulumi.Output[Any]
    ideal: pulumi.Output[Any]
    jcb: pulumi.Output[Any]
    kakao_pay: pulumi.Output[Any]
    klarna: pulumi.Output[Any]
    konbini: pulumi.Output[Any]
    kr_card: pulumi.Output[Any]
    link: pulumi.Output[Any]
    mb_way: pulumi.Output[Any]
    mobilepay: pulumi.Output[Any]
    multibanco: pulumi.Output[Any]
    naver_pay: pulumi.Output[Any]
    nz_bank_account: pulumi.Output[Any]
    oxxo: pulumi.Output[Any]
    p24: pulumi.Output[Any]
    pay_by_bank: pulumi.Output[Any]
    payco: pulumi.Output[Any]
    paynow: pulumi.Output[Any]
    paypal: pulumi.Output[Any]
    paypay: pulumi.Output[Any]
    payto: pulumi.Output[Any]
    pix: pulumi.Output[Any]
    promptpay: pulumi.Output[Any]
    revolut_pay: pulumi.Output[Any]
    samsung_pay: pulumi.Output[Any]
    satispay: pulumi.Output[Any]
    scalapay: pulumi.Output[Any]
    sepa_debit: pulumi.Output[Any]
    sequra: pulumi.Output[Any]
    sofort: pulumi.Output[Any]
    sunbit: pulumi.Output[Any]
    swish: pulumi.Output[Any]
    twint: pulumi.Output[Any]
    upi: pulumi.Output[Any]
    us_bank_account: pulumi.Output[Any]
    wechat_pay: pulumi.Output[Any]
    zip: pulumi.Output[Any]
    # arguments: end
    is_default: pulumi.Output[bool]
    """Whether payments have this configuration unless they name another one."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[PaymentMethodConfigurationArgs]
    ) -> None:
        super().__init__(resource_name, args, opts)
