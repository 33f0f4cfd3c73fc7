"""The endpoints of invoice payments. https://docs.stripe.com/api/invoice-payment"""

from __future__ import annotations

from stripe_local.resources.shared import CREATED, existing
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import missing_param
from stripe_local.wire.expand import Ref, register, unavailable
from stripe_local.wire.operation import Context, get
from stripe_local.wire.pagination import PAGE, list_object, page, range_conditions
from stripe_local.wire.params import Enum, Obj, Param, Refused, Str

from .payments import KIND

_NOT_REPORTED = "payments are not reported here."
LIST: dict[str, Param] = {
    "created": CREATED,
    "invoice": Str(),
    "payment": Obj(
        {
            "payment_intent": Str(),
            "payment_record": Refused(_NOT_REPORTED),
            "type": Enum("payment_intent", "payment_record", required=True, refused={"payment_record": _NOT_REPORTED}),
        }
    ),
    "status": Enum("canceled", "open", "paid"),
    **PAGE,
}


def render(context: Context, id: str) -> Body:
    """The invoice payment with this id."""
    return public(existing(context, KIND, "invoice_payment", id, "invoice_payment", in_path=True))


def retrieve(context: Context) -> Body:
    """`GET /v1/invoice_payments/{invoice_payment}`."""
    return render(context, context.path["invoice_payment"])


def list_(context: Context) -> Body:
    """`GET /v1/invoice_payments`."""
    params = context.params
    conditions = [equal(name, params[name]) for name in ("invoice", "status") if params.get(name)]
    payment = params.get("payment")
    if payment is not None:
        if not payment.get("payment_intent"):
            raise missing_param("payment[payment_intent]")
        conditions.append(equal("payment.payment_intent", payment["payment_intent"]))
    conditions += range_conditions("created", params.get("created"))
    found, more = page(context.objects, KIND, "invoice_payment", params, conditions)
    return {**list_object("/v1/invoice_payments", [public(body) for body in found], more), "_type": KIND}


register(
    KIND,
    {
        "invoice": Ref("invoice"),
        "payment.payment_intent": Ref("payment_intent"),
        **unavailable("payment.charge", "payment.payment_record"),
    },
    render,
)

OPERATIONS = [
    get("/v1/invoice_payments", list_, LIST),
    get("/v1/invoice_payments/{invoice_payment}", retrieve),
]
