"""Tax rate: a tax set by hand. https://docs.stripe.com/api/tax_rates"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from stripe_local.calculation.taxes import Rate
from stripe_local.resources.shared import CREATED, copy, existing, merge_metadata
from stripe_local.store.ids import new_id
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import invalid
from stripe_local.wire.expand import register
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import PAGE, list_object, page, range_conditions
from stripe_local.wire.params import Bool, Enum, Metadata, Number, Param, Str

KIND = "tax_rate"

_TYPES = """
    admissions_tax amusement_tax attendance_tax communications_tax digital_excise_tax entertainment_tax
    get_fund gross_receipts_tax gst hospitality_tax hst igst jct lease_tax luxury_tax mass_transit_parking_tax
    nhil parking_tax pst qst resort_tax retail_delivery_fee rst sales_tax service_tax tourism_tax
    utility_users_tax vat
"""
_MUTABLE: dict[str, Param] = {
    "active": Bool(),
    "country": Str(2),
    "description": Str(),
    "jurisdiction": Str(50),
    "metadata": Metadata(),
    "state": Str(3),
    "tax_type": Enum(*_TYPES.split()),
}
CREATE: dict[str, Param] = {
    **_MUTABLE,
    "display_name": Str(50, required=True),
    "inclusive": Bool(required=True),
    "percentage": Number(required=True, places=4, minimum=0, maximum=100),
}
UPDATE: dict[str, Param] = {**_MUTABLE, "display_name": Str(50, clearable=False)}
LIST: dict[str, Param] = {"active": Bool(), "created": CREATED, "inclusive": Bool(), **PAGE}

_PLAIN = ("active", "country", "description", "display_name", "jurisdiction", "state", "tax_type")


def _existing(context: Context) -> Body:
    return existing(context, KIND, "tax rate", context.path["tax_rate"], "tax_rate", in_path=True)


def render(context: Context, id: str) -> Body:
    """The tax rate with this id."""
    return public(existing(context, KIND, "tax rate", id, "tax_rate", in_path=True))


def shown(context: Context, ids: Sequence[str]) -> list[Body]:
    """Whole tax rates, as Stripe shows those of a subscription, an item and an invoice."""
    return [render(context, id) for id in ids]


def rate(context: Context, id: str) -> Rate:
    """What a stored tax rate takes."""
    body = context.objects.get(KIND, id)
    assert body is not None, id
    return Rate(id, Decimal(str(body["percentage"])), body["inclusive"])


def given(context: Context, ids: Sequence[str] | None, param: str) -> list[str]:
    """The tax rates that a parameter names; None clears them. Raises StripeError."""
    for index, id in enumerate(ids or ()):
        if not existing(context, KIND, "tax rate", id, f"{param}[{index}]")["active"]:
            raise invalid(f"The tax rate {id} is inactive; only active tax rates can be used.", f"{param}[{index}]")
    return list(dict.fromkeys(ids or ()))


def create(context: Context) -> Body:
    """`POST /v1/tax_rates`."""
    params = context.params
    body: Body = {
        "id": new_id("txr"),
        "object": KIND,
        "active": True,
        "country": None,
        "created": context.now,
        "description": None,
        "display_name": params["display_name"],
        "effective_percentage": params["percentage"],
        "flat_amount": None,
        "inclusive": params["inclusive"],
        "jurisdiction": None,
        "jurisdiction_level": None,
        "livemode": context.livemode,
        "metadata": {},
        "percentage": params["percentage"],
        "rate_type": "percentage",
        "state": None,
        "tax_type": None,
    }
    copy(body, params, *_PLAIN)
    merge_metadata(body, params)
    return public(context.objects.insert(KIND, body))


def retrieve(context: Context) -> Body:
    """`GET /v1/tax_rates/{tax_rate}`."""
    return public(_existing(context))


def update(context: Context) -> Body:
    """`POST /v1/tax_rates/{tax_rate}`: all but the rate itself."""
    body = _existing(context)
    copy(body, context.params, *_PLAIN)
    merge_metadata(body, context.params)
    return public(context.objects.put(KIND, body))


def list_(context: Context) -> Body:
    """`GET /v1/tax_rates`."""
    params = context.params
    conditions = [equal(name, params[name]) for name in ("active", "inclusive") if name in params]
    conditions += range_conditions("created", params.get("created"))
    found, more = page(context.objects, KIND, "tax rate", params, conditions)
    return {**list_object("/v1/tax_rates", [public(body) for body in found], more), "_type": KIND}


register(KIND, {}, render)

OPERATIONS = [
    post("/v1/tax_rates", create, CREATE),
    get("/v1/tax_rates", list_, LIST),
    get("/v1/tax_rates/{tax_rate}", retrieve),
    post("/v1/tax_rates/{tax_rate}", update, UPDATE),
]
