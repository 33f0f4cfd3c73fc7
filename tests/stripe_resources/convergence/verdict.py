"""Whether Stripe has what a program declares: every field, and nothing besides that is ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import stripe

from tests.stripe_resources.convergence.programs import Args, Program, resolved

TAG = "pulumi_resource"

UNSET: Mapping[str, Mapping[str, Any]] = {
    "Meter": {"value_settings": {"event_payload_key": "value"}},
    "Product": {
        "description": None,
        "unit_label": None,
        "images": [],
        "marketing_features": [],
        "statement_descriptor": None,
        "url": None,
        "shippable": False,
    },
    "Price": {"nickname": None, "lookup_key": None, "transform_quantity": None},
    "Customer": {
        "name": None,
        "email": None,
        "description": None,
        "phone": None,
        "address": None,
        "shipping": None,
        "tax_exempt": "none",
    },
    "Subscription": {"description": None, "cancel_at_period_end": False},
}
"""What a field is that nobody ever set, or that left the program. (From `preferred_locales` Stripe has no way back.)"""


def complaints(
    client: stripe.StripeClient, program: Program, ids: Mapping[str, str], owner: str, touched: set[tuple[str, str]]
) -> list[str]:
    """What is not as the program says. `touched` are fields that others have set, which stay where nobody declares them."""
    found = []
    for slot, args in program.items():
        kind = slot.partition("/")[0]
        live = _live(client, kind, ids[slot])
        wanted = resolved(args, ids)
        found += [f"{slot}.{complaint}" for complaint in _differences(kind, wanted, live, {f for s, f in touched if s == slot})]
    ours = {o["id"]: kind for kind, objects in _in_use(client).items() for o in objects if _is_ours(o, owner)}
    declared = {ids[slot] for slot, args in program.items() if args.get("active") is not False}
    found += [f"{ours[id_]} {id_} is in use, and nobody declares it" for id_ in ours.keys() - declared]
    found += [f"{id_} is declared, and not in use" for id_ in declared - ours.keys()]
    return found


def _is_ours(live: Args, owner: str) -> bool:
    tag = live.get("metadata", {}).get(TAG, "")
    return bool(tag.startswith(f"{owner}/") if "metadata" in live else not live["event_name"].startswith("theirs"))


def _differences(kind: str, wanted: Args, live: Args, touched: set[str]) -> Iterator[str]:
    for name, value in wanted.items():
        if name == "items":
            yield from _items(value, live["items"]["data"], "items" in touched)
        elif name not in ("metadata", "currency_options"):
            found = live["id" if name == "product_id" else name]
            if not _agree(name, value, found):
                yield f"{name} is {found!r}, not {value!r}"
    for name, value in UNSET[kind].items():
        if name not in wanted and name not in touched and (live[name] or None) != (value or None):
            yield f"{name} is {live[name]!r}, though nobody declares it"
    if "metadata" in live:
        yield from _metadata(wanted.get("metadata", {}), live["metadata"], "metadata" in touched)
    if kind == "Price":
        options = {k: v for k, v in live["currency_options"].items() if k != live["currency"]}
        if (
            not _agree("currency_options", wanted.get("currency_options", {}), options)
            or options.keys() != wanted.get("currency_options", {}).keys()
        ):
            yield f"currency_options is {options!r}, not {wanted.get('currency_options')!r}"


def _metadata(wanted: Args, live: Args, touched: bool) -> Iterator[str]:
    for key, value in wanted.items():
        if live.get(key) != value:
            yield f"metadata[{key}] is {live.get(key)!r}, not {value!r}"
    more = live.keys() - wanted.keys() - {TAG}
    if more and not touched:
        yield f"metadata has {sorted(more)}, which nobody declares"


def _items(wanted: list[Args], live: list[Args], touched: bool) -> Iterator[str]:
    # What others put into a subscription is theirs, and stays there.
    ours = [i for i in live if TAG in i["price"]["metadata"]]
    by_price = {i["price"]["id"]: i for i in ours}
    if by_price.keys() != {i["price"] for i in wanted} or len(ours) != len(wanted):
        yield f"items are {sorted(by_price)}, not {sorted(i['price'] for i in wanted)}"
        return
    for item in wanted:
        found = by_price[item["price"]]
        if "quantity" in found and found["quantity"] != item.get("quantity", found["quantity"] if touched else 1):
            yield f"items: the quantity of {item['price']} is {found['quantity']}, not {item.get('quantity')}"
        yield from (f"items: {c}" for c in _metadata(item.get("metadata", {}), found["metadata"], touched))


def _agree(name: str, wanted: Any, live: Any) -> bool:
    if isinstance(wanted, bool):
        return bool(live) == wanted
    if not wanted and wanted != 0:
        return not live or (isinstance(live, Mapping) and not any(live.values()))
    if name.endswith("_decimal"):
        return live is not None and Decimal(live) == Decimal(wanted)
    if name == "up_to" and wanted == "inf":
        return live is None
    if isinstance(wanted, Mapping):
        if not isinstance(live, Mapping) or not all(_agree(k, v, live.get(k)) for k, v in wanted.items()):
            return False
        # Of an address, what nobody declares must be empty; elsewhere Stripe fills in values of its own.
        return name not in ("address", "shipping") or not any(v for k, v in live.items() if k not in wanted)
    if isinstance(wanted, list):
        return isinstance(live, list) and len(wanted) == len(live) and all(map(_agree, [name] * len(wanted), wanted, live))
    return bool(wanted == live)


def _live(client: stripe.StripeClient, kind: str, id_: str) -> Args:
    v1 = client.v1
    if kind == "Meter":
        return v1.billing.meters.retrieve(id_).to_dict()
    if kind == "Product":
        return v1.products.retrieve(id_).to_dict()
    if kind == "Price":
        price = v1.prices.retrieve(id_, {"expand": ["tiers", "currency_options"]}).to_dict()
        tiered = [c for c in price["currency_options"] if price["billing_scheme"] == "tiered"]
        expand = ["tiers", "currency_options", *(f"currency_options.{c}.tiers" for c in tiered)]
        return v1.prices.retrieve(id_, {"expand": expand}).to_dict()
    if kind == "Customer":
        return v1.customers.retrieve(id_).to_dict()
    return v1.subscriptions.retrieve(id_).to_dict()


def _in_use(client: stripe.StripeClient) -> dict[str, list[Args]]:
    v1 = client.v1
    found: dict[str, list[Any]] = {
        "Meter": v1.billing.meters.list({"status": "active", "limit": 100}).data,
        "Product": v1.products.list({"active": True, "limit": 100}).data,
        "Price": v1.prices.list({"active": True, "limit": 100}).data,
        "Customer": v1.customers.list({"limit": 100}).data,
        "Subscription": v1.subscriptions.list({"limit": 100}).data,
    }
    return {kind: [o.to_dict() for o in objects] for kind, objects in found.items()}
