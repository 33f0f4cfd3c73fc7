"""Stripe's test cards, and what comes of charging each. https://docs.stripe.com/testing"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stripe_local.wire.errors import CARD, StripeError


@dataclass(frozen=True)
class Decline:
    """Why a card is declined: Stripe's `code`, where that is `card_declined` the `decline_code`, and what the bank says.

    `advice` and `network` are Stripe's `advice_code` and `network_decline_code`, where they are known of a card:
    https://docs.stripe.com/declines#retrying-issuer-declines
    """

    code: str
    message: str
    decline_code: str | None = None
    advice: str | None = None
    network: str | None = None

    @property
    def is_hard(self) -> bool:
        """Whether Stripe does not charge the card again by itself. https://docs.stripe.com/billing/revenue-recovery/smart-retries"""
        return self.decline_code in _HARD or self.code == "incorrect_number"

    @property
    def fields(self) -> dict[str, str]:
        """What an error shows of it."""
        found = {"advice_code": self.advice, "decline_code": self.decline_code, "network_decline_code": self.network}
        return {name: value for name, value in found.items() if value is not None}

    def error(self, *, keeps: bool = False) -> StripeError:
        """The 402 that the decline is answered with."""
        return StripeError(self.message, status=402, type=CARD, code=self.code, more=self.fields, keeps=keeps)


_HARD = frozenset(
    ["highest_risk_level", "lost_card", "pickup_card", "stolen_card", "transaction_not_allowed", "authentication_required"]
)


def _declined(reason: str, message: str = "Your card was declined.", **bank: str) -> Decline:
    return Decline("card_declined", message, reason, **bank)


_GENERIC = _declined("generic_decline", advice="try_again_later", network="01")
_NO_FUNDS = _declined("insufficient_funds", "Your card has insufficient funds.", advice="try_again_later", network="51")
_ERROR = Decline(
    "processing_error", "An error occurred while processing your card. Try again in a little bit.", "processing_error"
)

AUTHENTICATION_FAILED = Decline(
    "payment_intent_authentication_failure",
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
)


@dataclass(frozen=True)
class Card:
    """A test card. `attaches`: whether it can be given to a customer though it is declined.

    `authenticates`: whether the customer is asked at every payment (`always`), until they were once (`once`), or only on the
    page (`on_session`).
    """

    number: str
    brand: str = "visa"
    decline: Decline | None = None
    attaches: bool = True
    authenticates: str | None = None
    funding: str = "credit"
    country: str = "US"


def _bad(number: str, decline: Decline) -> Card:
    return Card(number, decline=decline, attaches=False)


_ALL = {
    "visa": Card("4242424242424242"),
    "visa_debit": Card("4000056655665556", funding="debit"),
    "mastercard": Card("5555555555554444", "mastercard"),
    "mastercard_debit": Card("5200828282828210", "mastercard", funding="debit"),
    "mastercard_prepaid": Card("5105105105105100", "mastercard", funding="prepaid"),
    "amex": Card("378282246310005", "amex"),
    "discover": Card("6011111111111117", "discover"),
    "diners": Card("3056930009020004", "diners"),
    "jcb": Card("3566002020360505", "jcb"),
    "unionpay": Card("6200000000000005", "unionpay"),
    "us": Card("4242424242424242"),
    "gb": Card("4000008260000000", country="GB"),
    "de": Card("4000002760000016", country="DE"),
    "fr": Card("4000002500000003", country="FR"),
    "visa_chargeDeclined": _bad("4000000000000002", _GENERIC),
    "visa_chargeDeclinedInsufficientFunds": _bad("4000000000009995", _NO_FUNDS),
    "visa_chargeDeclinedLostCard": _bad("4000000000009987", _declined("lost_card")),
    "visa_chargeDeclinedStolenCard": _bad("4000000000009979", _declined("stolen_card")),
    "chargeDeclinedExpiredCard": _bad("4000000000000069", Decline("expired_card", "Your card has expired.", "expired_card")),
    "chargeDeclinedIncorrectCvc": _bad(
        "4000000000000127", Decline("incorrect_cvc", "Your card's security code is incorrect.", "incorrect_cvc")
    ),
    "chargeDeclinedProcessingError": _bad("4000000000000119", _ERROR),
    "visa_chargeDeclinedVelocityLimitExceeded": _bad(
        "4000000000006975",
        _declined(
            "card_velocity_exceeded",
            "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
        ),
    ),
    "chargeCustomerFail": Card("4000000000000341", decline=_GENERIC),
    "radarBlock": Card("4100000000000019", decline=_declined("fraudulent")),
    "riskLevelHighest": Card("4000000000004954", decline=_declined("fraudulent")),
    "riskLevelElevated": Card("4000000000009235"),
    "authenticationRequired": Card("4000002760003184", authenticates="always"),
    "authenticationRequiredOnSetup": Card("4000002500003155", authenticates="once"),
    "authenticationRequiredSetupForOffSession": Card("4000003800000446", authenticates="on_session"),
    "authenticationRequiredChargeDeclinedInsufficientFunds": Card("4000008260003178", decline=_NO_FUNDS, authenticates="always"),
    "threeDSecure2Required": Card("4000000000003220", authenticates="always", country="IE"),
    "threeDSecureRequired": Card("4000000000003063", authenticates="always"),
    "threeDSecureRequiredChargeDeclined": Card("4000008400001629", decline=_GENERIC, authenticates="always"),
    "threeDSecureRequiredProcessingError": Card("4000008400001280", decline=_ERROR, authenticates="always"),
    "threeDSecureOptional": Card("4000000000003055"),
}


def _found(name: str) -> Card | None:
    return _ALL.get(name) or (_ALL.get(f"visa_{name}") if name.startswith("chargeDeclined") else None)


def named(id: str) -> Card | None:
    """The test card of an id such as `pm_card_visa`, or of a token such as `tok_visa`; None where there is none."""
    for prefix in ("pm_card_", "tok_"):
        if id.startswith(prefix):
            return _found(id.removeprefix(prefix))
    return None


# What is wrong with a card before any bank is asked: https://docs.stripe.com/testing#invalid-data


def _invalid(code: str, param: str, what: str) -> StripeError:
    return StripeError(f"Your card's {what} is invalid.", status=402, type=CARD, code=code, param=param)


def full_year(year: int) -> int:
    """A year of two digits is one of this century."""
    return year + 2000 if 0 <= year < 100 else year


def check_details(card: Mapping[str, Any], now: int) -> None:
    """Refuse a card with details that no card has. Raises StripeError (402)."""
    if not 1 <= card.get("exp_month", 1) <= 12:
        raise _invalid("invalid_expiry_month", "exp_month", "expiration month")
    this_year = time.gmtime(now).tm_year
    if not this_year <= full_year(card.get("exp_year", this_year)) < 10000:
        raise _invalid("invalid_expiry_year", "exp_year", "expiration year")
    if card.get("cvc") and not (card["cvc"].isdecimal() and len(card["cvc"]) in (3, 4)):
        raise _invalid("invalid_cvc", "cvc", "security code")


def unknown(number: str) -> StripeError:
    """Why a number that no test card has is refused: its last digit is not the check digit, or it is a real card's."""
    digits = [int(digit) for digit in reversed("".join(number.split())) if digit.isdecimal()]
    doubled = [digit if index % 2 == 0 else sum(divmod(2 * digit, 10)) for index, digit in enumerate(digits)]
    if len(digits) < 12 or sum(doubled) % 10:
        return StripeError("Your card number is incorrect.", status=402, type=CARD, code="incorrect_number", param="number")
    # https://docs.stripe.com/declines/codes
    return _declined(
        "test_mode_live_card",
        "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid test cards, "
        "visit: https://stripe.com/docs/testing.",
    ).error()


def numbered(number: str) -> str | None:
    """The id of the test card with that number."""
    digits = "".join(number.split())
    return next((f"pm_card_{name}" for name, card in _ALL.items() if card.number == digits), None)
