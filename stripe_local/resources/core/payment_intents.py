"""Payment intent: one payment, here always of an invoice. https://docs.stripe.com/api/payment_intents"""

from __future__ import annotations

from stripe_local.resources.billing import invoice_collection, invoice_effects, payments
from stripe_local.resources.payment_methods import payment_methods
from stripe_local.resources.shared import CREATED, NO_CUSTOMER_ACCOUNTS, existing
from stripe_local.store.kinds import INVOICE, PAYMENT_INTENT, SUBSCRIPTION
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import StripeError, invalid
from stripe_local.wire.expand import Nested, Ref, register, unavailable
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import PAGE, list_object, page, range_conditions
from stripe_local.wire.params import Bool, Enum, Int, OneOf, Param, Refused, Str

_OF_AN_INVOICE = Refused("the payment intent of an invoice is what the invoice says.")
_NO_OPTIONS = Refused("only test cards are emulated, and they have no options.")
CONFIRM: dict[str, Param] = {
    "allowed_payment_method_types": _NO_OPTIONS,
    "amount_details": _OF_AN_INVOICE,
    "amount_to_confirm": Int(),
    "capture_method": _OF_AN_INVOICE,
    "confirmation_token": Refused("there are no confirmation tokens here; use 'payment_method'."),
    "error_on_requires_action": Bool(),
    "excluded_payment_method_types": _NO_OPTIONS,
    "hooks": _OF_AN_INVOICE,
    "mandate": Refused("there are no mandates here."),
    "mandate_data": Refused("there are no mandates here.", clearable=True),
    "off_session": OneOf(Enum("one_off", "recurring"), Bool()),
    "payment_details": _OF_AN_INVOICE,
    "payment_method": Str(clearable=False),
    "payment_method_data": Refused("make a payment method, and name it as 'payment_method'."),
    "payment_method_options": _NO_OPTIONS,
    "radar_options": Refused("there is no Radar here."),
    "receipt_email": Refused("no mail is sent here."),
    "return_url": Str(clearable=False),
    "setup_future_usage": Enum("off_session", "on_session", clearable=True),
    "shipping": Refused("nothing is shipped here.", clearable=True),
    "use_stripe_sdk": Bool(),
}
RETRIEVE: dict[str, Param] = {"client_secret": Str(clearable=False)}
LIST: dict[str, Param] = {"created": CREATED, "customer": Str(), "customer_account": NO_CUSTOMER_ACCOUNTS, **PAGE}


def _existing(context: Context) -> Body:
    return existing(context, PAYMENT_INTENT, "payment_intent", context.path["intent"], "intent", in_path=True)


def render(context: Context, id: str) -> Body:
    """The payment intent with this id."""
    return public(existing(context, PAYMENT_INTENT, "payment_intent", id, "intent", in_path=True))


def retrieve(context: Context) -> Body:
    """`GET /v1/payment_intents/{intent}`."""
    body = _existing(context)
    if context.params.get("client_secret") not in (None, body["client_secret"]):
        raise invalid("The client_secret provided does not match the client_secret associated with the PaymentIntent.")
    return public(body)


def list_(context: Context) -> Body:
    """`GET /v1/payment_intents`."""
    params = context.params
    conditions = [equal("customer", params["customer"])] if params.get("customer") else []
    conditions += range_conditions("created", params.get("created"))
    found, more = page(context.objects, PAYMENT_INTENT, "payment_intent", params, conditions)
    return {**list_object("/v1/payment_intents", [public(body) for body in found], more), "_type": PAYMENT_INTENT}


def confirm(context: Context) -> Body:
    """`POST /v1/payment_intents/{intent}/confirm`: a card that asks for it waits for the customer then (`authenticate`)."""
    params, intent = context.params, _existing(context)
    if intent["status"] not in payments.WAITING:
        raise _unexpected(f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}.", intent)
    if params.get("amount_to_confirm") not in (None, intent["amount"]):
        raise invalid("The amount to confirm does not match the amount of the PaymentIntent.", "amount_to_confirm")
    method = params.get("payment_method")
    if method is not None:
        method = payment_methods.attach(context, intent["customer"], method, "payment_method", joins=True)
    method = method or intent["payment_method"]
    if method is None:
        raise _unexpected(
            "You cannot confirm this PaymentIntent because it's missing a payment method. To confirm the PaymentIntent with "
            f"{intent['customer']}, specify a payment method attached to this customer along with the customer ID.",
            intent,
        )
    if "setup_future_usage" in params:
        intent["setup_future_usage"] = params["setup_future_usage"]
    absent = bool(params.get("off_session"))
    result = payments.charge(context, intent, method, off_session=absent, strict=absent)
    if result.acts and params.get("return_url") and not params.get("use_stripe_sdk"):
        address = f"{context.settings.base_url}/authenticate/{intent['id']}"
        intent["next_action"] = {
            "redirect_to_url": {"return_url": params["return_url"], "url": address},
            "type": "redirect_to_url",
        }
    failure = _conclude(context, intent, result)
    if result.acts and params.get("error_on_requires_action"):
        raise payments.AUTHENTICATION_REQUIRED.error(keeps=False)
    if failure is not None and not result.acts:
        raise failure
    return public(intent)


def _unexpected(message: str, intent: Body) -> StripeError:
    code, more = "payment_intent_unexpected_state", {"payment_intent": public(intent)}
    return StripeError(message, code=code, more=more)


def _conclude(context: Context, intent: Body, result: payments.Result) -> StripeError | None:
    """Bring the invoice, and its subscription, in line with what came of a charge."""
    invoice = existing(context, INVOICE, "invoice", intent["_invoice"], "invoice")
    id = invoice["_subscription"]
    subscription = None if id is None else context.objects.get(SUBSCRIPTION, id)
    stored = payments.stored(context, invoice)
    assert stored is not None
    payment = payments.Payment(intent, stored.joins)
    first = not invoice["attempted"]
    invoice["attempted"] = True
    failure = invoice_collection.conclude(
        context, invoice, subscription, result, payment, context.now, counts=first, automatic=False
    )
    payments.put(context, payment)
    if failure is None and subscription is not None:
        context.objects.put(SUBSCRIPTION, subscription)
    context.objects.put(INVOICE, invoice)
    invoice_effects.follow(context, invoice, context.now)
    return failure


def authenticate(context: Context, id: str, *, succeeds: bool) -> Body:
    """The customer proves to be the card's owner, or fails to. Raises StripeError where nobody asks for it."""
    intent = existing(context, PAYMENT_INTENT, "payment_intent", id, "intent", in_path=True)
    if intent["status"] != "requires_action":
        raise _unexpected(f"This PaymentIntent does not wait for the customer: it has a status of {intent['status']}.", intent)
    result = payments.charge(context, intent, intent["payment_method"], off_session=False, authenticated=succeeds)
    _conclude(context, intent, result)
    return public(intent)


register(
    PAYMENT_INTENT,
    {
        "customer": Ref("customer"),
        "last_payment_error.payment_method": Nested("payment_method"),
        "latest_charge": Ref("charge"),
        "payment_method": Ref("payment_method"),
        **unavailable(
            "amount_details.line_items",
            "application",
            "last_payment_error.setup_intent",
            "last_payment_error.source",
            "on_behalf_of",
            "review",
            "transfer_data.destination",
        ),
    },
    render,
)

OPERATIONS = [
    get("/v1/payment_intents", list_, LIST),
    get("/v1/payment_intents/{intent}", retrieve, RETRIEVE),
    post("/v1/payment_intents/{intent}/confirm", confirm, CONFIRM),
]
