"""What products and prices have in common: a price can bring its product, and a product its first price."""

from __future__ import annotations

from typing import Any

from stripe_local.resources.shared import copy, merge_metadata
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import PRODUCT
from stripe_local.store.objects import Body
from stripe_local.wire.errors import invalid
from stripe_local.wire.operation import Context

_PLAIN = (
    "active",
    "description",
    "package_dimensions",
    "shippable",
    "statement_descriptor",
    "tax_code",
    "unit_label",
    "url",
)


def create_product(context: Context, params: dict[str, Any]) -> Body:
    """Store a new product from the parameters of a product, or of a price's `product_data`."""
    id = params.get("id") or new_id("prod")
    if context.objects.get(PRODUCT, id) is not None:
        raise invalid(f"Product already exists: {id}", "id", "resource_already_exists")
    body: Body = {
        "id": id,
        "object": PRODUCT,
        "active": True,
        "created": context.now,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": context.livemode,
        "marketing_features": [],
        "metadata": {},
        "name": params["name"],
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "tax_details": None,
        "type": params.get("type", "service"),
        "unit_label": None,
        "updated": context.now,
        "url": None,
    }
    apply(body, params)
    return context.objects.insert(PRODUCT, body)


def apply(body: Body, params: dict[str, Any]) -> None:
    """Sets what a create or update request says about a product."""
    copy(body, params, "name", *_PLAIN)
    for name in ("images", "marketing_features"):
        if name in params:
            body[name] = params[name] or []
    if "tax_details" in params:
        details = params["tax_details"]
        body["tax_details"] = details and {
            "performance_location": details.get("performance_location"),
            "tax_code": details.get("tax_code"),
        }
    merge_metadata(body, params)
