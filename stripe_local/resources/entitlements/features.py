"""Feature: what a customer may use, and which products entitle to it. https://docs.stripe.com/api/entitlements/feature"""

from __future__ import annotations

from stripe_local.resources.shared import copy, deleted, existing, merge_metadata
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import PRODUCT
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import invalid
from stripe_local.wire.expand import Nested, register
from stripe_local.wire.operation import Context, delete, get, post
from stripe_local.wire.pagination import PAGE, list_object, page
from stripe_local.wire.params import Bool, Metadata, Param, Str

KIND = "entitlements.feature"
ATTACHED = "product_feature"

CREATE: dict[str, Param] = {"lookup_key": Str(80, required=True), "metadata": Metadata(), "name": Str(80, required=True)}
UPDATE: dict[str, Param] = {"active": Bool(), "metadata": Metadata(), "name": Str(80, clearable=False)}
LIST: dict[str, Param] = {"archived": Bool(), "lookup_key": Str(80), **PAGE}
ATTACH: dict[str, Param] = {"entitlement_feature": Str(required=True)}


def _existing(context: Context) -> Body:
    return existing(context, KIND, "feature", context.path["id"], "id", in_path=True)


def create(context: Context) -> Body:
    """`POST /v1/entitlements/features`."""
    params = context.params
    holder = context.objects.first(KIND, equal("lookup_key", params["lookup_key"]))
    if holder is not None:
        # Whether an archived feature keeps its key is not published; a client has to be ready for it to.
        raise invalid(f"A feature (`{holder['id']}`) already uses that lookup key.", "lookup_key")
    body: Body = {
        "id": new_id("feat"),
        "object": KIND,
        "active": True,
        "livemode": context.livemode,
        "lookup_key": params["lookup_key"],
        "metadata": {},
        "name": params["name"],
    }
    merge_metadata(body, params)
    return public(context.objects.insert(KIND, body))


def render(context: Context, id: str) -> Body:
    """The feature with this id."""
    return public(existing(context, KIND, "feature", id, "id", in_path=True))


def retrieve(context: Context) -> Body:
    """`GET /v1/entitlements/features/{id}`."""
    return public(_existing(context))


def update(context: Context) -> Body:
    """`POST /v1/entitlements/features/{id}`."""
    body = _existing(context)
    copy(body, context.params, "active", "name")
    merge_metadata(body, context.params)
    return public(context.objects.put(KIND, body))


def list_(context: Context) -> Body:
    """`GET /v1/entitlements/features`: those in use, or with `archived` the others."""
    params = context.params
    conditions = [equal("active", not params.get("archived", False))]
    if params.get("lookup_key"):
        conditions.append(equal("lookup_key", params["lookup_key"]))
    found, more = page(context.objects, KIND, "feature", params, conditions)
    return {**list_object("/v1/entitlements/features", [public(body) for body in found], more), "_type": KIND}


# Attached to products


def _product(context: Context) -> str:
    return str(existing(context, PRODUCT, "product", context.path["product"], "product", in_path=True)["id"])


def _attached(context: Context) -> Body:
    product = _product(context)
    body = existing(context, ATTACHED, "product feature", context.path["id"], "id", in_path=True)
    if body["_product"] != product:
        raise invalid(f"The product feature {body['id']} does not belong to the product {product}.", "id")
    return body


def _shown(context: Context, body: Body) -> Body:
    feature = context.objects.get(KIND, body["_feature"])
    assert feature is not None
    return {**public(body), "entitlement_feature": public(feature)}


def attach(context: Context) -> Body:
    """`POST /v1/products/{product}/features`."""
    product = _product(context)
    feature = existing(context, KIND, "feature", context.params["entitlement_feature"], "entitlement_feature")
    # The wording of these two refusals is ours.
    if not feature["active"]:
        raise invalid(f"The feature {feature['id']} is archived, so it cannot be attached.", "entitlement_feature")
    if context.objects.exists(ATTACHED, equal("_product", product), equal("_feature", feature["id"])):
        raise invalid(f"The feature {feature['id']} is already attached to this product.", "entitlement_feature")
    body: Body = {
        "id": new_id("prodft"),
        "object": ATTACHED,
        "livemode": context.livemode,
        "_feature": feature["id"],
        "_product": product,
    }
    return _shown(context, context.objects.insert(ATTACHED, body))


def retrieve_attached(context: Context) -> Body:
    """`GET /v1/products/{product}/features/{id}`."""
    return _shown(context, _attached(context))


def detach(context: Context) -> Body:
    """`DELETE /v1/products/{product}/features/{id}`."""
    body = _attached(context)
    context.objects.remove(ATTACHED, body["id"])
    return deleted(ATTACHED, body["id"])


def list_attached(context: Context) -> Body:
    """`GET /v1/products/{product}/features`."""
    product = _product(context)
    found, more = page(context.objects, ATTACHED, "product feature", context.params, [equal("_product", product)])
    shown = [_shown(context, body) for body in found]
    return {**list_object(f"/v1/products/{product}/features", shown, more), "_type": ATTACHED}


register(KIND, {}, render)
register(ATTACHED, {"entitlement_feature": Nested(KIND)})

OPERATIONS = [
    post("/v1/entitlements/features", create, CREATE),
    get("/v1/entitlements/features", list_, LIST),
    get("/v1/entitlements/features/{id}", retrieve),
    post("/v1/entitlements/features/{id}", update, UPDATE),
    post("/v1/products/{product}/features", attach, ATTACH),
    get("/v1/products/{product}/features", list_attached, PAGE),
    get("/v1/products/{product}/features/{id}", retrieve_attached),
    delete("/v1/products/{product}/features/{id}", detach),
]
