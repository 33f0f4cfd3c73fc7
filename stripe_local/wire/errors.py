"""Stripe's error envelope. https://docs.stripe.com/api/errors"""

from __future__ import annotations

from typing import Any

INVALID_REQUEST = "invalid_request_error"
IDEMPOTENCY = "idempotency_error"
API = "api_error"
CARD = "card_error"

NOT_SUPPORTED = "not_supported_here"
"""The code of what Stripe would take; it is not one of Stripe's."""

# Recorded: Stripe has no page about the second one.
_WITHOUT_PAGE = (NOT_SUPPORTED, "subscription_payment_intent_requires_action")


class StripeError(Exception):
    """An answer other than success.

    `status` is the HTTP status; `type`, `code` and `param` are Stripe's, and absent from the body when None. `more` are further
    fields, such as the `decline_code` of a card. What was done before is undone, unless the error `keeps` it: a payment that
    failed is an attempt all the same.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = INVALID_REQUEST,
        code: str | None = None,
        param: str | None = None,
        headers: dict[str, str] | None = None,
        more: dict[str, Any] | None = None,
        keeps: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type
        self.code = code
        self.param = param
        self.headers = headers or {}
        self.more = more or {}
        self.keeps = keeps

    def body(self, version: int = 1) -> dict[str, Any]:
        """The envelope `{"error": {...}}`; version 2 of the API has neither `doc_url` nor `param` in it."""
        error: dict[str, Any] = {}
        if version == 2:
            code = "not_found" if self.status == 404 else self.code
            return {"error": {**({} if code is None else {"code": code}), "message": self.message, "type": self.type}}
        if self.code is not None:
            error["code"] = self.code
            if self.code not in _WITHOUT_PAGE:
                error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        error["message"] = self.message
        if self.param is not None:
            error["param"] = self.param
        error["type"] = self.type
        error.update(self.more)
        return {"error": error}


def invalid(message: str, param: str | None = None, code: str | None = None) -> StripeError:
    """400 for a request that Stripe would refuse."""
    return StripeError(message, code=code, param=param)


def missing_param(param: str) -> StripeError:
    """400 for a required parameter that was not sent."""
    return invalid(f"Missing required param: {param}.", param, "parameter_missing")


def unknown_params(params: list[str]) -> StripeError:
    """400 for parameters that the operation does not have."""
    word = "parameter" if len(params) == 1 else "parameters"
    return invalid(f"Received unknown {word}: {', '.join(params)}", params[0], "parameter_unknown")


def empty_param(param: str) -> StripeError:
    """400 for an empty string where a value cannot be unset."""
    return invalid(
        f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; "
        f"however '{param}' cannot be unset. You should remove '{param}' from your request or supply a "
        "non-empty value.",
        param,
        "parameter_invalid_empty",
    )


def exclusive_params(*params: str) -> StripeError:
    """400 for parameters of which only one may be sent."""
    return invalid(f"You may only specify one of these parameters: {', '.join(params)}.", params[0])


def no_such(noun: str, id: str, param: str, *, status: int = 400) -> StripeError:
    """An id that does not exist: 404 when the path names it, 400 when a parameter does."""
    return StripeError(f"No such {noun}: '{id}'", status=status, code="resource_missing", param=param)


def not_supported(param: str, reason: str) -> StripeError:
    """400 for what Stripe accepts and this emulator does not; the words and the code are ours."""
    return invalid(f"The parameter '{param}' is not supported here: {reason}", param, NOT_SUPPORTED)


def missing_endpoint(method: str, path: str, base_url: str) -> StripeError:
    """404 for a URL that Stripe serves and this emulator does not; the words are ours."""
    return StripeError(
        f"The local Stripe does not have {method} {path} yet; Stripe has it. {base_url}/_local/endpoints lists what is here.",
        status=404,
    )


def unrecognized_url(method: str, path: str) -> StripeError:
    """404 for a URL that Stripe does not serve, such as that of an object whose id is empty."""
    empty = (
        " If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make sure you "
        "passed a valid (non-empty) identifier in your code."
    )
    return StripeError(
        f"Unrecognized request URL ({method}: {path}).{empty if path.endswith('/') else ''} Please see "
        "https://stripe.com/docs or we can help at https://support.stripe.com/.",
        status=404,
    )


def unauthorized(message: str) -> StripeError:
    """401."""
    return StripeError(message, status=401, headers={"WWW-Authenticate": 'Basic realm="Stripe"'})


def key_in_use(key: str) -> StripeError:
    """409 while another request with the same idempotency key is being worked on."""
    return StripeError(
        "There is currently another in-progress request using this Idempotent Key (that probably means you "
        f"submitted twice, and the other request is still going through): {key}. Please try again later.",
        status=409,
        type=IDEMPOTENCY,
        code="idempotency_key_in_use",
    )


def key_reused(key: str) -> StripeError:
    """400 when an idempotency key comes back with other parameters."""
    return StripeError(
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try "
        f"using a key other than '{key}' if you meant to execute a different request.",
        type=IDEMPOTENCY,
    )


def rate_limited() -> StripeError:
    """429."""
    return StripeError(
        "Request rate limit exceeded. Learn more about rate limits here: https://docs.stripe.com/rate-limits.",
        status=429,
        code="rate_limit",
        headers={"Retry-After": "1"},
    )
