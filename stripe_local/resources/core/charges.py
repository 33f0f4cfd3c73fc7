"""The endpoints of charges, here always of the payment intent of an invoice. https://docs.stripe.com/api/charges"""

from __future__ import annotations

from stripe_local.resources.billing import payments
from stripe_local.resources.billing.card_charges import KIND
from stripe_local.resources.shared import CREATED, NO_CONNECT, existing
from stripe_local.store.kinds import PAYMENT_INTENT
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.expand import Included, Ref, register, unavailable
from stripe_local.wire.operation import Context, get
from stripe_local.wire.pagination import PAGE, list_object, page, range_conditions
from stripe_local.wire.params import Param, Str

LIST: dict[str, Param] = {
    "created": CREATED,
    "customer": Str(),
    "payment_intent": Str(),
    "transfer_group": NO_CONNECT,
    **PAGE,
}


def render(context: Context, id: str) -> Body:
    """The charge with this id."""
    return public(existing(context, KIND, "charge", id, "id", in_path=True))


def retrieve(context: Context) -> Body:
    """`GET /v1/charges/{charge}`."""
    return render(context, context.path["charge"])


def list_(context: Context) -> Body:
    """`GET /v1/charges`."""
    params = context.params
    conditions = [equal(name, params[name]) for name in ("customer", "payment_intent") if params.get(name)]
    conditions += range_conditions("created", params.get("created"))
    found, more = page(context.objects, KIND, "charge", params, conditions)
    return {**list_object("/v1/charges", [public(body) for body in found], more), "_type": KIND}


def _refunds(context: Context, id: str) -> Body:
    found = context.objects.find(payments.REFUND, [equal("charge", id)], newest_first=True)
    return list_object(f"/v1/charges/{id}/refunds", [public(body) for body in found], False)


register(
    KIND,
    {
        "customer": Ref("customer"),
        "payment_intent": Ref(PAYMENT_INTENT),
        "refunds": Included(_refunds, of=payments.REFUND),
        **unavailable(
            "application",
            "application_fee",
            "balance_transaction",
            "failure_balance_transaction",
            "on_behalf_of",
            "outcome.rule",
            *(
                f"payment_method_details.{name}.{part}"
                for name in ("bancontact", "ideal", "sofort")
                for part in ("generated_sepa_debit", "generated_sepa_debit_mandate")
            ),
            "payment_method_details.card.mandate",
            "payment_method_details.us_bank_account.mandate",
            "review",
            "source_transfer",
            "transfer",
            "transfer_data.destination",
        ),
    },
    render,
)

OPERATIONS = [
    get("/v1/charges", list_, LIST),
    get("/v1/charges/{charge}", retrieve),
]
