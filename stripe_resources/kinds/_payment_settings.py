"""`payment_settings` of a subscription: which payment methods its invoices take, and how.

https://docs.stripe.com/api/subscriptions/create#create_subscription-payment_settings
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from typing_extensions import Required, TypedDict

from stripe_resources.declare import Default, Input, Unset


class UsBankAccountFinancialConnectionsFilters(TypedDict, total=False):
    """For US bank accounts: financial connections filters."""

    account_subcategories: Annotated[Input[Sequence[Input[Literal["checking", "savings"]]]], Unset.KEEP]


class UsBankAccountFinancialConnections(TypedDict, total=False):
    """For US bank accounts: financial connections."""

    filters: Annotated[Input[UsBankAccountFinancialConnectionsFilters], Unset.KEEP]
    permissions: Annotated[Input[Sequence[Input[Literal["balances", "ownership", "payment_method", "transactions"]]]], Unset.KEEP]
    prefetch: Annotated[Input[Sequence[Input[Literal["balances", "ownership", "transactions"]]]], Unset.KEEP]


class UsBankAccount(TypedDict, total=False):
    """How US bank accounts are used."""

    financial_connections: Annotated[Input[UsBankAccountFinancialConnections], Unset.KEEP]
    verification_method: Annotated[Input[Literal["automatic", "instant", "microdeposits"]], Unset.KEEP]


class UpiMandateOptions(TypedDict, total=False):
    """For UPI: mandate options."""

    amount: Annotated[Input[int], Unset.KEEP]
    amount_type: Annotated[Input[Literal["fixed", "maximum"]], Unset.KEEP]
    description: Input[str]
    end_date: Annotated[Input[int], Unset.KEEP]


class Upi(TypedDict, total=False):
    """How UPI is used."""

    mandate_options: Annotated[Input[UpiMandateOptions], Unset.KEEP]


class SepaDebit(TypedDict, total=False):
    """How SEPA direct debit is used."""


class PixMandateOptions(TypedDict, total=False):
    """For Pix: mandate options."""

    amount: Annotated[Input[int], Unset.KEEP]
    amount_includes_iof: Annotated[Input[Literal["always", "never"]], Unset.KEEP]
    end_date: Input[str]
    payment_schedule: Annotated[Input[Literal["halfyearly", "monthly", "quarterly", "weekly", "yearly"]], Unset.KEEP]


class Pix(TypedDict, total=False):
    """How Pix is used."""

    expires_after_seconds: Annotated[Input[int], Unset.KEEP]
    mandate_options: Annotated[Input[PixMandateOptions], Unset.KEEP]


class PaytoMandateOptions(TypedDict, total=False):
    """For PayTo: mandate options."""

    amount: Annotated[Input[int], Unset.KEEP]
    purpose: Annotated[
        Input[
            Literal[
                "dependant_support",
                "government",
                "loan",
                "mortgage",
                "other",
                "pension",
                "personal",
                "retail",
                "salary",
                "tax",
                "utility",
            ]
        ],
        Unset.KEEP,
    ]


class Payto(TypedDict, total=False):
    """How PayTo is used."""

    mandate_options: Annotated[Input[PaytoMandateOptions], Unset.KEEP]


class Konbini(TypedDict, total=False):
    """How Konbini is used."""


class CustomerBalanceBankTransferEuBankTransfer(TypedDict, total=False):
    """For the customer balance (bank transfers): bank transfer eu bank transfer."""

    country: Required[Input[str]]


class CustomerBalanceBankTransfer(TypedDict, total=False):
    """For the customer balance (bank transfers): bank transfer."""

    eu_bank_transfer: Annotated[Input[CustomerBalanceBankTransferEuBankTransfer], Unset.KEEP]
    type: Input[str]


class CustomerBalance(TypedDict, total=False):
    """How the customer balance (bank transfers) is used."""

    bank_transfer: Annotated[Input[CustomerBalanceBankTransfer], Unset.KEEP]
    funding_type: Input[str]


class CardMandateOptions(TypedDict, total=False):
    """For cards: mandate options."""

    amount: Annotated[Input[int], Unset.KEEP]
    amount_type: Annotated[Input[Literal["fixed", "maximum"]], Unset.KEEP]
    description: Input[str]


class Card(TypedDict, total=False):
    """How cards are used."""

    mandate_options: Annotated[Input[CardMandateOptions], Unset.KEEP]
    network: Annotated[
        Input[
            Literal[
                "amex",
                "cartes_bancaires",
                "diners",
                "discover",
                "eftpos_au",
                "girocard",
                "interac",
                "jcb",
                "link",
                "mastercard",
                "unionpay",
                "unknown",
                "visa",
            ]
        ],
        Unset.KEEP,
    ]
    request_three_d_secure: Annotated[Input[Literal["any", "automatic", "challenge"]], Unset.KEEP]


class BlikMandateOptions(TypedDict, total=False):
    """For BLIK: mandate options."""

    expires_at: Annotated[Input[int], Unset.KEEP]


class Blik(TypedDict, total=False):
    """How BLIK is used."""

    mandate_options: Annotated[Input[BlikMandateOptions], Unset.KEEP]


class BillieCompanyDetailsRegisteredAddress(TypedDict, total=False):
    """For Billie: company details registered address."""

    city: Input[str]
    country: Input[str]
    line1: Input[str]
    line2: Input[str]
    postal_code: Input[str]
    state: Input[str]


class BillieCompanyDetails(TypedDict, total=False):
    """For Billie: company details."""

    registered_address: Input[BillieCompanyDetailsRegisteredAddress]
    registered_name: Input[str]
    registration_number: Input[str]
    registration_type: Input[
        Literal[
            "ch_ein",
            "de_hrb",
            "dk_cvr",
            "es_cif",
            "fi_tunnus",
            "fr_siren",
            "fr_siret",
            "it_rea",
            "nl_kvk",
            "no_org_number",
            "no_pno",
            "se_org_number",
            "se_pno",
            "uk_crn",
        ]
    ]
    vat: Input[str]


class Billie(TypedDict, total=False):
    """How Billie is used."""

    company_details: Input[BillieCompanyDetails]


class Bancontact(TypedDict, total=False):
    """How Bancontact is used."""

    preferred_language: Annotated[Input[Literal["de", "en", "fr", "nl"]], Unset.KEEP]


class AcssDebitMandateOptions(TypedDict, total=False):
    """For Canadian pre-authorised debit: mandate options."""

    transaction_type: Annotated[Input[Literal["business", "personal"]], Unset.KEEP]


class AcssDebit(TypedDict, total=False):
    """How Canadian pre-authorised debit is used."""

    mandate_options: Annotated[Input[AcssDebitMandateOptions], Unset.KEEP]
    verification_method: Annotated[Input[Literal["automatic", "instant", "microdeposits"]], Unset.KEEP]


class PaymentMethodOptions(TypedDict, total=False):
    """What is particular to each payment method."""

    acss_debit: Input[AcssDebit]
    bancontact: Input[Bancontact]
    billie: Input[Billie]
    blik: Input[Blik]
    card: Input[Card]
    customer_balance: Input[CustomerBalance]
    konbini: Input[Konbini]
    payto: Input[Payto]
    pix: Input[Pix]
    sepa_debit: Input[SepaDebit]
    upi: Input[Upi]
    us_bank_account: Input[UsBankAccount]


class PaymentSettings(TypedDict, total=False):
    """Which payment methods the subscription's invoices take, and how."""

    payment_method_options: Annotated[Input[PaymentMethodOptions], Unset.INSIDE]
    payment_method_types: Input[
        Sequence[
            Input[
                Literal[
                    "ach_credit_transfer",
                    "ach_debit",
                    "acss_debit",
                    "affirm",
                    "alipay",
                    "amazon_pay",
                    "au_becs_debit",
                    "bacs_debit",
                    "bancontact",
                    "billie",
                    "blik",
                    "boleto",
                    "card",
                    "cashapp",
                    "crypto",
                    "custom",
                    "customer_balance",
                    "eps",
                    "fpx",
                    "giropay",
                    "grabpay",
                    "ideal",
                    "jp_credit_transfer",
                    "kakao_pay",
                    "klarna",
                    "konbini",
                    "kr_card",
                    "link",
                    "mb_way",
                    "multibanco",
                    "naver_pay",
                    "nz_bank_account",
                    "p24",
                    "pay_by_bank",
                    "payco",
                    "paynow",
                    "paypal",
                    "payto",
                    "pix",
                    "promptpay",
                    "revolut_pay",
                    "satispay",
                    "sepa_credit_transfer",
                    "sepa_debit",
                    "sequra",
                    "sofort",
                    "swish",
                    "twint",
                    "upi",
                    "us_bank_account",
                    "wechat_pay",
                ]
            ]
        ]
    ]
    save_default_payment_method: Annotated[Input[Literal["off", "on_subscription"]], Default("off")]
