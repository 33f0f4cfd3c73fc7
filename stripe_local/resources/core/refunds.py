"""Refund: a payment, or a part of it, that is given back. https://docs.stripe.com/api/refunds"""

from __future__ import annotations

from stripe_local.resources.billing import card_charges, payments
from stripe_local.resources.shared import CREATED, NO_CONNECT, existing, merge_metadata
from stripe_local.store.kinds import PAYMENT_INTENT
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import exclusive_params, invalid
from stripe_local.wire.expand import Ref, register, unavailable
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import PAGE, list_object, page, range_conditions
from stripe_local.wire.params import Enum, Int, Metadata, Param, Refused, Str

KIND = payments.REFUND

_NO_CASH = Refused("customers have no cash balance here.")
CREATE: dict[str, Param] = {
    "amount": Int(minimum=1),
    "charge": Str(clearable=False),
    "currency": _NO_CASH,
    "customer": _NO_CASH,
    "instructions_email": Refused("only cards are charged here, which need no instructions."),
    "metadata": Metadata(),
    "origin": _NO_CASH,
    "payment_intent": Str(clearable=False),
    "reason": Enum("duplicate", "fraudulent", "requested_by_customer"),
    "refund_application_fee": NO_CONNECT,
    "reverse_transfer": NO_CONNECT,
}
UPDATE: dict[str, Param] = {"metadata": Metadata()}
LIST: dict[str, Param] = {"charge": Str(), "created": CREATED, "payment_intent": Str(), **PAGE}


def _existing(context: Context) -> Body:
    return existing(context, KIND, "refund", context.path["refund"], "refund", in_path=True)


def create(context: Context) -> Body:
    """`POST /v1/refunds`: of a payment intent that has succeeded, at once."""
    params = context.params
    intent = _intent(context)
    left = payments.refundable(context, intent)
    body = payments.refund(context, intent, params.get("amount", left), params.get("reason"))
    merge_metadata(body, params)
    return public(context.objects.put(KIND, body))


def _intent(context: Context) -> Body:
    """The payment that is given back, by itself or by its charge. Raises StripeError."""
    params = context.params
    id = params.get("payment_intent")
    if params.get("charge") is not None:
        if id is not None:
            raise exclusive_params("charge", "payment_intent")
        charge = existing(context, card_charges.KIND, "charge", params["charge"], "charge")
        id = charge["payment_intent"]
    if id is None:
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    return existing(context, PAYMENT_INTENT, "payment_intent", id, "payment_intent")


def render(context: Context, id: str) -> Body:
    """The refund with this id."""
    return public(existing(context, KIND, "refund", id, "refund", in_path=True))


def retrieve(context: Context) -> Body:
    """`GET /v1/refunds/{refund}`."""
    return public(_existing(context))


def update(context: Context) -> Body:
    """`POST /v1/refunds/{refund}`: its metadata."""
    body = _existing(context)
    merge_metadata(body, context.params)
    return public(context.objects.put(KIND, body))


def list_(context: Context) -> Body:
    """`GET /v1/refunds`."""
    params = context.params
    conditions = [equal(name, params[name]) for name in ("charge", "payment_intent") if params.get(name)]
    conditions += range_conditions("created", params.get("created"))
    found, more = page(context.objects, KIND, "refund", params, conditions)
    return {**list_object("/v1/refunds", [public(body) for body in found], more), "_type": KIND}


def cancel(context: Context) -> Body:
    """`POST /v1/refunds/{refund}/cancel`: only what requires an action can be canceled, which no refund of a card does."""
    body = _existing(context)
    raise invalid(f"The refund {body['id']} cannot be canceled: it has a status of {body['status']}.")


register(
    KIND,
    {
        "charge": Ref(card_charges.KIND),
        "customer": Ref("customer"),
        "payment_intent": Ref(PAYMENT_INTENT),
        "payment_method": Ref("payment_method"),
        **unavailable("balance_transaction", "failure_balance_transaction", "source_transfer_reversal", "transfer_reversal"),
    },
    render,
)

OPERATIONS = [
    post("/v1/refunds", create, CREATE),
    get("/v1/refunds", list_, LIST),
    get("/v1/refunds/{refund}", retrieve),
    post("/v1/refunds/{refund}", update, UPDATE),
    post("/v1/refunds/{refund}/cancel", cancel),
]
