"""Active entitlement: a feature that a customer may use now. https://docs.stripe.com/api/entitlements/active-entitlement

They follow from the subscriptions that a customer has, and the features of the products in them.
"""

from __future__ import annotations

from stripe_local.resources.shared import existing
from stripe_local.store.kinds import CUSTOMER, PRICE, SUBSCRIPTION, SUBSCRIPTION_ITEM
from stripe_local.store.objects import Body, Where, equal
from stripe_local.wire.errors import no_such
from stripe_local.wire.expand import Ref, register
from stripe_local.wire.operation import Context, get
from stripe_local.wire.pagination import PAGE, list_object, page_of
from stripe_local.wire.params import Param, Str

from . import features

KIND = "entitlements.active_entitlement"
_URL = "/v1/entitlements/active_entitlements"

LIST: dict[str, Param] = {"customer": Str(required=True), **PAGE}

_ENTITLE = ("active", "past_due", "trialing")
_CUSTOMER, _FEATURE, _PREFIX = "cus_", "feat_", "ent_"
_SEPARATOR = "0feat0"


def _of(context: Context, customer: str) -> list[Body]:
    """Each feature once, the one that was made last first."""
    held = context.objects.find(SUBSCRIPTION, [equal("customer", customer), Where("status", "in", _ENTITLE)])
    items = [item for one in held for item in context.objects.find(SUBSCRIPTION_ITEM, [equal("subscription", one["id"])])]
    prices = [context.objects.get(PRICE, item["price"]) for item in items]
    products = dict.fromkeys(price["product"] for price in prices if price is not None)
    found = [body for product in products for body in context.objects.find(features.ATTACHED, [equal("_product", product)])]
    ids = sorted({body["_feature"] for body in found}, reverse=True)
    return [_shown(customer, feature) for id in ids if (feature := context.objects.get(features.KIND, id)) is not None]


def _shown(customer: str, feature: Body) -> Body:
    place = customer.removeprefix(_CUSTOMER) + _SEPARATOR + feature["id"].removeprefix(_FEATURE)
    return {
        "id": _PREFIX + place,
        "object": KIND,
        "feature": feature["id"],
        "livemode": feature["livemode"],
        "lookup_key": feature["lookup_key"],
    }


def list_(context: Context) -> Body:
    """`GET /v1/entitlements/active_entitlements`: those of a customer."""
    params = context.params
    customer = existing(context, CUSTOMER, "customer", params["customer"], "customer")["id"]
    found, more = page_of(_of(context, customer), "active entitlement", params)
    return {**list_object(_URL, found, more), "_type": KIND}


def render(context: Context, id: str) -> Body:
    """The active entitlement with this id."""
    customer = _CUSTOMER + id.removeprefix(_PREFIX).partition(_SEPARATOR)[0]
    found = next((one for one in _of(context, customer) if one["id"] == id), None)
    if found is None:
        raise no_such("active entitlement", id, "id", status=404)
    return found


def retrieve(context: Context) -> Body:
    """`GET /v1/entitlements/active_entitlements/{id}`."""
    return render(context, context.path["id"])


register(KIND, {"feature": Ref(features.KIND)}, render)

OPERATIONS = [get(_URL, list_, LIST), get(f"{_URL}/{{id}}", retrieve)]
