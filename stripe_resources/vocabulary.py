"""The values that Stripe lists. Written by `python -m scripts.vocabulary` from the types of Stripe's SDK: do not edit.

Payment settings: https://docs.stripe.com/api/subscriptions/create#create_subscription-payment_settings
"""

from __future__ import annotations

from typing import Annotated, Literal, Required, TypedDict

from stripe_resources.declare import Default, Input, List, Unset

ApiVersion = Literal[
    "2011-01-01",
    "2011-06-21",
    "2011-06-28",
    "2011-08-01",
    "2011-09-15",
    "2011-11-17",
    "2012-02-23",
    "2012-03-25",
    "2012-06-18",
    "2012-06-28",
    "2012-07-09",
    "2012-09-24",
    "2012-10-26",
    "2012-11-07",
    "2013-02-11",
    "2013-02-13",
    "2013-07-05",
    "2013-08-12",
    "2013-08-13",
    "2013-10-29",
    "2013-12-03",
    "2014-01-31",
    "2014-03-13",
    "2014-03-28",
    "2014-05-19",
    "2014-06-13",
    "2014-06-17",
    "2014-07-22",
    "2014-07-26",
    "2014-08-04",
    "2014-08-20",
    "2014-09-08",
    "2014-10-07",
    "2014-11-05",
    "2014-11-20",
    "2014-12-08",
    "2014-12-17",
    "2014-12-22",
    "2015-01-11",
    "2015-01-26",
    "2015-02-10",
    "2015-02-16",
    "2015-02-18",
    "2015-03-24",
    "2015-04-07",
    "2015-06-15",
    "2015-07-07",
    "2015-07-13",
    "2015-07-28",
    "2015-08-07",
    "2015-08-19",
    "2015-09-03",
    "2015-09-08",
    "2015-09-23",
    "2015-10-01",
    "2015-10-12",
    "2015-10-16",
    "2016-02-03",
    "2016-02-19",
    "2016-02-22",
    "2016-02-23",
    "2016-02-29",
    "2016-03-07",
    "2016-06-15",
    "2016-07-06",
    "2016-10-19",
    "2017-01-27",
    "2017-02-14",
    "2017-04-06",
    "2017-05-25",
    "2017-06-05",
    "2017-08-15",
    "2017-12-14",
    "2018-01-23",
    "2018-02-05",
    "2018-02-06",
    "2018-02-28",
    "2018-05-21",
    "2018-07-27",
    "2018-08-23",
    "2018-09-06",
    "2018-09-24",
    "2018-10-31",
    "2018-11-08",
    "2019-02-11",
    "2019-02-19",
    "2019-03-14",
    "2019-05-16",
    "2019-08-14",
    "2019-09-09",
    "2019-10-08",
    "2019-10-17",
    "2019-11-05",
    "2019-12-03",
    "2020-03-02",
    "2020-08-27",
    "2022-08-01",
    "2022-11-15",
    "2023-08-16",
    "2023-10-16",
    "2024-04-10",
    "2024-06-20",
    "2024-09-30.acacia",
    "2024-10-28.acacia",
    "2024-11-20.acacia",
    "2024-12-18.acacia",
    "2025-01-27.acacia",
    "2025-02-24.acacia",
    "2025-03-01.dashboard",
    "2025-03-31.basil",
    "2025-04-30.basil",
    "2025-05-28.basil",
    "2025-06-30.basil",
    "2025-07-30.basil",
    "2025-08-27.basil",
    "2025-09-30.clover",
    "2025-10-29.clover",
    "2025-11-17.clover",
    "2025-12-15.clover",
    "2026-01-28.clover",
    "2026-02-25.clover",
    "2026-03-25.dahlia",
    "2026-04-22.dahlia",
    "2026-05-27.dahlia",
    "2026-06-24.dahlia",
    "2026-07-29.dahlia",
    "2026-08-26.dahlia",
    "2026-09-30.endive",
    "2026-10-28.endive",
]
"""The versions that events can be written in. https://docs.stripe.com/api/versioning"""

EventType = Literal[
    "*",
    "account.application.authorized",
    "account.application.deauthorized",
    "account.external_account.created",
    "account.external_account.deleted",
    "account.external_account.updated",
    "account.updated",
    "application_fee.created",
    "application_fee.refund.updated",
    "application_fee.refunded",
    "apps.install.created",
    "apps.install.deleted",
    "apps.install.updated",
    "balance.available",
    "balance_settings.updated",
    "billing.alert.triggered",
    "billing.credit_balance_transaction.created",
    "billing.credit_grant.created",
    "billing.credit_grant.updated",
    "billing.meter.created",
    "billing.meter.deactivated",
    "billing.meter.reactivated",
    "billing.meter.updated",
    "billing_portal.configuration.created",
    "billing_portal.configuration.updated",
    "billing_portal.session.created",
    "capability.updated",
    "cash_balance.funds_available",
    "charge.captured",
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.expired",
    "charge.failed",
    "charge.pending",
    "charge.refund.updated",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "climate.order.canceled",
    "climate.order.created",
    "climate.order.delayed",
    "climate.order.delivered",
    "climate.order.product_substituted",
    "climate.product.created",
    "climate.product.pricing_updated",
    "coupon.created",
    "coupon.deleted",
    "coupon.updated",
    "credit_note.created",
    "credit_note.updated",
    "credit_note.voided",
    "customer.created",
    "customer.deleted",
    "customer.discount.created",
    "customer.discount.deleted",
    "customer.discount.updated",
    "customer.source.created",
    "customer.source.deleted",
    "customer.source.expiring",
    "customer.source.updated",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.pending_update_applied",
    "customer.subscription.pending_update_expired",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "customer.subscription.updated",
    "customer.tax_id.created",
    "customer.tax_id.deleted",
    "customer.tax_id.updated",
    "customer.updated",
    "customer_cash_balance_transaction.created",
    "entitlements.active_entitlement_summary.updated",
    "file.created",
    "financial_connections.account.account_numbers_updated",
    "financial_connections.account.created",
    "financial_connections.account.deactivated",
    "financial_connections.account.disconnected",
    "financial_connections.account.expected_deactivation_date_updated",
    "financial_connections.account.reactivated",
    "financial_connections.account.refreshed_balance",
    "financial_connections.account.refreshed_ownership",
    "financial_connections.account.refreshed_transactions",
    "financial_connections.account.supported_payment_method_types_updated",
    "financial_connections.account.upcoming_account_number_expiry",
    "financial_connections.account.upcoming_deactivation",
    "financial_connections.authorization.expected_deactivation_date_updated",
    "financial_connections.authorization.upcoming_deactivation",
    "identity.verification_session.canceled",
    "identity.verification_session.created",
    "identity.verification_session.processing",
    "identity.verification_session.redacted",
    "identity.verification_session.requires_input",
    "identity.verification_session.verified",
    "invoice.created",
    "invoice.deleted",
    "invoice.finalization_failed",
    "invoice.finalized",
    "invoice.marked_uncollectible",
    "invoice.overdue",
    "invoice.overpaid",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_attempt_required",
    "invoice.payment_failed",
    "invoice.payment_succeeded",
    "invoice.sent",
    "invoice.upcoming",
    "invoice.updated",
    "invoice.voided",
    "invoice.will_be_due",
    "invoice_payment.paid",
    "invoiceitem.created",
    "invoiceitem.deleted",
    "issuing_authorization.created",
    "issuing_authorization.request",
    "issuing_authorization.updated",
    "issuing_card.created",
    "issuing_card.updated",
    "issuing_cardholder.created",
    "issuing_cardholder.updated",
    "issuing_dispute.closed",
    "issuing_dispute.created",
    "issuing_dispute.funds_reinstated",
    "issuing_dispute.funds_rescinded",
    "issuing_dispute.submitted",
    "issuing_dispute.updated",
    "issuing_personalization_design.activated",
    "issuing_personalization_design.deactivated",
    "issuing_personalization_design.rejected",
    "issuing_personalization_design.updated",
    "issuing_token.created",
    "issuing_token.updated",
    "issuing_transaction.created",
    "issuing_transaction.purchase_details_receipt_updated",
    "issuing_transaction.updated",
    "mandate.updated",
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.created",
    "payment_intent.partially_funded",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "payment_link.created",
    "payment_link.updated",
    "payment_method.attached",
    "payment_method.automatically_updated",
    "payment_method.detached",
    "payment_method.updated",
    "payout.canceled",
    "payout.created",
    "payout.failed",
    "payout.paid",
    "payout.reconciliation_completed",
    "payout.updated",
    "person.created",
    "person.deleted",
    "person.updated",
    "plan.created",
    "plan.deleted",
    "plan.updated",
    "price.created",
    "price.deleted",
    "price.updated",
    "product.created",
    "product.deleted",
    "product.updated",
    "promotion_code.created",
    "promotion_code.updated",
    "quote.accepted",
    "quote.canceled",
    "quote.created",
    "quote.finalized",
    "radar.early_fraud_warning.created",
    "radar.early_fraud_warning.updated",
    "refund.created",
    "refund.failed",
    "refund.updated",
    "reporting.report_run.failed",
    "reporting.report_run.succeeded",
    "reporting.report_type.updated",
    "reserve.hold.created",
    "reserve.hold.updated",
    "reserve.plan.created",
    "reserve.plan.disabled",
    "reserve.plan.expired",
    "reserve.plan.updated",
    "reserve.release.created",
    "review.closed",
    "review.opened",
    "setup_intent.canceled",
    "setup_intent.created",
    "setup_intent.requires_action",
    "setup_intent.setup_failed",
    "setup_intent.succeeded",
    "sigma.scheduled_query_run.created",
    "source.canceled",
    "source.chargeable",
    "source.failed",
    "source.mandate_notification",
    "source.refund_attributes_required",
    "source.transaction.created",
    "source.transaction.updated",
    "subscription_schedule.aborted",
    "subscription_schedule.canceled",
    "subscription_schedule.completed",
    "subscription_schedule.created",
    "subscription_schedule.expiring",
    "subscription_schedule.released",
    "subscription_schedule.updated",
    "tax.settings.updated",
    "tax_rate.created",
    "tax_rate.updated",
    "terminal.reader.action_failed",
    "terminal.reader.action_succeeded",
    "terminal.reader.action_updated",
    "test_helpers.test_clock.advancing",
    "test_helpers.test_clock.created",
    "test_helpers.test_clock.deleted",
    "test_helpers.test_clock.internal_failure",
    "test_helpers.test_clock.ready",
    "three_d_secure.authentication.canceled",
    "three_d_secure.authentication.challenge_started",
    "three_d_secure.authentication.errored",
    "three_d_secure.authentication.failed",
    "three_d_secure.authentication.requires_challenge",
    "three_d_secure.authentication.requires_submission",
    "three_d_secure.authentication.succeeded",
    "topup.canceled",
    "topup.created",
    "topup.failed",
    "topup.reversed",
    "topup.succeeded",
    "transfer.created",
    "transfer.reversed",
    "transfer.updated",
    "treasury.credit_reversal.created",
    "treasury.credit_reversal.posted",
    "treasury.debit_reversal.completed",
    "treasury.debit_reversal.created",
    "treasury.debit_reversal.initial_credit_granted",
    "treasury.financial_account.closed",
    "treasury.financial_account.created",
    "treasury.financial_account.features_status_updated",
    "treasury.inbound_transfer.canceled",
    "treasury.inbound_transfer.created",
    "treasury.inbound_transfer.failed",
    "treasury.inbound_transfer.succeeded",
    "treasury.outbound_payment.canceled",
    "treasury.outbound_payment.created",
    "treasury.outbound_payment.expected_arrival_date_updated",
    "treasury.outbound_payment.failed",
    "treasury.outbound_payment.posted",
    "treasury.outbound_payment.returned",
    "treasury.outbound_payment.tracking_details_updated",
    "treasury.outbound_transfer.canceled",
    "treasury.outbound_transfer.created",
    "treasury.outbound_transfer.expected_arrival_date_updated",
    "treasury.outbound_transfer.failed",
    "treasury.outbound_transfer.posted",
    "treasury.outbound_transfer.returned",
    "treasury.outbound_transfer.tracking_details_updated",
    "treasury.received_credit.created",
    "treasury.received_credit.failed",
    "treasury.received_credit.succeeded",
    "treasury.received_debit.created",
]
"""The events that a webhook endpoint can be sent. https://docs.stripe.com/api/events/types"""

TaxIdType = Literal[
    "ad_nrt",
    "ae_trn",
    "al_tin",
    "am_tin",
    "ao_tin",
    "ar_cuit",
    "au_abn",
    "au_acn",
    "au_arn",
    "au_wpn",
    "aw_tin",
    "az_tin",
    "ba_tin",
    "bb_tin",
    "bd_bin",
    "bf_ifu",
    "bg_uic",
    "bh_vat",
    "bj_ifu",
    "bo_tin",
    "br_cnpj",
    "br_cpf",
    "bs_tin",
    "bw_vat",
    "by_tin",
    "ca_bn",
    "ca_gst_hst",
    "ca_pst_bc",
    "ca_pst_mb",
    "ca_pst_sk",
    "ca_qst",
    "cd_nif",
    "ch_uid",
    "ch_vat",
    "ci_vat",
    "cl_tin",
    "cm_niu",
    "cn_tin",
    "co_nit",
    "cr_tin",
    "cv_nif",
    "cz_dic",
    "de_stn",
    "do_rcn",
    "ec_ruc",
    "eg_tin",
    "es_cif",
    "et_tin",
    "eu_oss_vat",
    "eu_vat",
    "fo_vat",
    "fr_siren",
    "fr_siret",
    "fr_spi",
    "gb_vat",
    "ge_vat",
    "gh_tin",
    "gi_tin",
    "gn_nif",
    "hk_br",
    "hr_oib",
    "hu_tin",
    "ic_nif",
    "id_npwp",
    "il_vat",
    "in_gst",
    "is_kt",
    "is_vat",
    "it_cf",
    "jp_cn",
    "jp_rn",
    "jp_trn",
    "ke_pin",
    "kg_tin",
    "kh_tin",
    "kr_brn",
    "kz_bin",
    "la_tin",
    "li_uid",
    "li_vat",
    "lk_vat",
    "ma_vat",
    "md_cf",
    "md_vat",
    "me_pib",
    "mk_vat",
    "mr_nif",
    "mu_vat",
    "mx_rfc",
    "my_frp",
    "my_itn",
    "my_sst",
    "mz_nuit",
    "ng_tin",
    "no_vat",
    "no_voec",
    "np_pan",
    "nz_bn",
    "nz_gst",
    "om_vat",
    "pe_ruc",
    "ph_tin",
    "pl_nip",
    "pt_nif",
    "py_ruc",
    "ro_tin",
    "rs_pib",
    "ru_inn",
    "ru_kpp",
    "sa_vat",
    "sg_gst",
    "sg_uen",
    "si_tin",
    "sm_coe",
    "sn_ninea",
    "sr_fin",
    "sv_nit",
    "th_vat",
    "tj_tin",
    "tr_tin",
    "tt_bir",
    "tt_vat",
    "tw_vat",
    "tz_vat",
    "ua_vat",
    "ug_tin",
    "us_ein",
    "uy_ruc",
    "uz_tin",
    "uz_vat",
    "ve_rif",
    "vn_tin",
    "za_vat",
    "zm_tin",
    "zw_tin",
]
"""https://docs.stripe.com/api/customers/create#create_customer-tax_id_data-type"""

TaxType = Literal[
    "admissions_tax",
    "amusement_tax",
    "attendance_tax",
    "communications_tax",
    "digital_excise_tax",
    "entertainment_tax",
    "get_fund",
    "gross_receipts_tax",
    "gst",
    "hospitality_tax",
    "hst",
    "igst",
    "jct",
    "lease_tax",
    "luxury_tax",
    "mass_transit_parking_tax",
    "nhil",
    "parking_tax",
    "pst",
    "qst",
    "resort_tax",
    "retail_delivery_fee",
    "rst",
    "sales_tax",
    "service_tax",
    "tourism_tax",
    "utility_users_tax",
    "vat",
]
"""https://docs.stripe.com/api/tax_rates/create#create_tax_rate-tax_type"""


class PaymentSettings(TypedDict, total=False):
    """Which payment methods the subscription's invoices take, and how."""

    payment_method_options: Annotated[Input[PaymentMethodOptions] | None, Unset.INSIDE]
    payment_method_types: (
        Input[
            List[
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
        | None
    )
    save_default_payment_method: Annotated[Input[Literal["off", "on_subscription"]] | None, Default("off")]


class PaymentMethodOptions(TypedDict, total=False):
    """What is particular to each payment method."""

    acss_debit: Input[AcssDebit] | None
    bancontact: Input[Bancontact] | None
    billie: Input[Billie] | None
    blik: Input[Blik] | None
    card: Input[Card] | None
    customer_balance: Input[CustomerBalance] | None
    konbini: Input[Konbini] | None
    payto: Input[Payto] | None
    pix: Input[Pix] | None
    sepa_debit: Input[SepaDebit] | None
    upi: Input[Upi] | None
    us_bank_account: Input[UsBankAccount] | None


class AcssDebit(TypedDict, total=False):
    """How Canadian pre-authorised debit is used."""

    mandate_options: Annotated[Input[AcssDebitMandateOptions] | None, Unset.KEEP]
    verification_method: Annotated[Input[Literal["automatic", "instant", "microdeposits"]] | None, Unset.KEEP]


class AcssDebitMandateOptions(TypedDict, total=False):
    """For Canadian pre-authorised debit: `mandate_options`."""

    transaction_type: Annotated[Input[Literal["business", "personal"]] | None, Unset.KEEP]


class Bancontact(TypedDict, total=False):
    """How Bancontact is used."""

    preferred_language: Annotated[Input[Literal["de", "en", "fr", "nl"]] | None, Unset.KEEP]


class Billie(TypedDict, total=False):
    """How Billie is used."""

    company_details: Input[BillieCompanyDetails] | None


class BillieCompanyDetails(TypedDict, total=False):
    """For Billie: `company_details`."""

    registered_address: Input[BillieCompanyDetailsRegisteredAddress] | None
    registered_name: Input[str] | None
    registration_number: Input[str] | None
    registration_type: (
        Input[
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
        | None
    )
    vat: Input[str] | None


class BillieCompanyDetailsRegisteredAddress(TypedDict, total=False):
    """For Billie: `company_details.registered_address`."""

    city: Input[str] | None
    country: Input[str] | None
    line1: Input[str] | None
    line2: Input[str] | None
    postal_code: Input[str] | None
    state: Input[str] | None


class Blik(TypedDict, total=False):
    """How BLIK is used."""

    mandate_options: Annotated[Input[BlikMandateOptions] | None, Unset.KEEP]


class BlikMandateOptions(TypedDict, total=False):
    """For BLIK: `mandate_options`."""

    expires_at: Annotated[Input[int] | None, Unset.KEEP]


class Card(TypedDict, total=False):
    """How cards are used."""

    mandate_options: Annotated[Input[CardMandateOptions] | None, Unset.KEEP]
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
        ]
        | None,
        Unset.KEEP,
    ]
    request_three_d_secure: Annotated[Input[Literal["any", "automatic", "challenge"]] | None, Unset.KEEP]


class CardMandateOptions(TypedDict, total=False):
    """For cards: `mandate_options`."""

    amount: Annotated[Input[int] | None, Unset.KEEP]
    amount_type: Annotated[Input[Literal["fixed", "maximum"]] | None, Unset.KEEP]
    description: Input[str] | None


class CustomerBalance(TypedDict, total=False):
    """How the customer balance (bank transfers) is used."""

    bank_transfer: Annotated[Input[CustomerBalanceBankTransfer] | None, Unset.KEEP]
    funding_type: Input[str] | None


class CustomerBalanceBankTransfer(TypedDict, total=False):
    """For the customer balance (bank transfers): `bank_transfer`."""

    eu_bank_transfer: Annotated[Input[CustomerBalanceBankTransferEuBankTransfer] | None, Unset.KEEP]
    type: Input[str] | None


class CustomerBalanceBankTransferEuBankTransfer(TypedDict, total=False):
    """For the customer balance (bank transfers): `bank_transfer.eu_bank_transfer`."""

    country: Required[Input[str]]


class Konbini(TypedDict, total=False):
    """How Konbini is used."""


class Payto(TypedDict, total=False):
    """How PayTo is used."""

    mandate_options: Annotated[Input[PaytoMandateOptions] | None, Unset.KEEP]


class PaytoMandateOptions(TypedDict, total=False):
    """For PayTo: `mandate_options`."""

    amount: Annotated[Input[int] | None, Unset.KEEP]
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
        ]
        | None,
        Unset.KEEP,
    ]


class Pix(TypedDict, total=False):
    """How Pix is used."""

    expires_after_seconds: Annotated[Input[int] | None, Unset.KEEP]
    mandate_options: Annotated[Input[PixMandateOptions] | None, Unset.KEEP]


class PixMandateOptions(TypedDict, total=False):
    """For Pix: `mandate_options`."""

    amount: Annotated[Input[int] | None, Unset.KEEP]
    amount_includes_iof: Annotated[Input[Literal["always", "never"]] | None, Unset.KEEP]
    end_date: Input[str] | None
    payment_schedule: Annotated[Input[Literal["halfyearly", "monthly", "quarterly", "weekly", "yearly"]] | None, Unset.KEEP]


class SepaDebit(TypedDict, total=False):
    """How SEPA direct debit is used."""


class Upi(TypedDict, total=False):
    """How UPI is used."""

    mandate_options: Annotated[Input[UpiMandateOptions] | None, Unset.KEEP]


class UpiMandateOptions(TypedDict, total=False):
    """For UPI: `mandate_options`."""

    amount: Annotated[Input[int] | None, Unset.KEEP]
    amount_type: Annotated[Input[Literal["fixed", "maximum"]] | None, Unset.KEEP]
    description: Input[str] | None
    end_date: Annotated[Input[int] | None, Unset.KEEP]


class UsBankAccount(TypedDict, total=False):
    """How US bank accounts are used."""

    financial_connections: Annotated[Input[UsBankAccountFinancialConnections] | None, Unset.KEEP]
    verification_method: Annotated[Input[Literal["automatic", "instant", "microdeposits"]] | None, Unset.KEEP]


class UsBankAccountFinancialConnections(TypedDict, total=False):
    """For US bank accounts: `financial_connections`."""

    filters: Annotated[Input[UsBankAccountFinancialConnectionsFilters] | None, Unset.KEEP]
    permissions: Annotated[
        Input[List[Input[Literal["balances", "ownership", "payment_method", "transactions"]]]] | None, Unset.KEEP
    ]
    prefetch: Annotated[Input[List[Input[Literal["balances", "ownership", "transactions"]]]] | None, Unset.KEEP]


class UsBankAccountFinancialConnectionsFilters(TypedDict, total=False):
    """For US bank accounts: `financial_connections.filters`."""

    account_subcategories: Annotated[Input[List[Input[Literal["checking", "savings"]]]] | None, Unset.KEEP]
