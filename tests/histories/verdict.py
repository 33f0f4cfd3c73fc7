"""Whether Stripe has what a program declares: every field, and nothing besides that is ours."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from decimal import Decimal
from typing import Any

from tests.histories.programs import Args, Program, options, plain, resolved
from tests.stripe_local.server import LocalStripe

TAG = "pulumi_resource"
OURS = {TAG, "pulumi_lineage"}
"""The keys of metadata that the provider writes."""

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
    "Subscription": {"description": None, "cancel_at_period_end": False, "pause_collection": None},
}
"""What a field is that nobody ever set, or that left the program. (From `preferred_locales` Stripe has no way back.)"""


LISTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "Meter": ("/v1/billing/meters", {"status": "active"}),
    "Product": ("/v1/products", {"active": "true"}),
    "Price": ("/v1/prices", {"active": "true"}),
    "Customer": ("/v1/customers", {}),
    "Subscription": ("/v1/subscriptions", {}),
}

InUse = Mapping[str, Mapping[str, Args]]
"""Objects by kind and id."""


def in_use(server: LocalStripe) -> InUse:
    """All that is in use at Stripe, whoever made it."""
    return {kind: {o["id"]: o for o in listed(server, path, **params)} for kind, (path, params) in LISTS.items()}


def listed(server: LocalStripe, path: str, **params: Any) -> list[Args]:
    """A whole list."""
    found: list[Args] = []
    while True:
        after = {"starting_after": found[-1]["id"]} if found else {}
        answer = server.http("GET", path, params={"limit": 100, **params, **after}).json()
        found += answer["data"]
        if not answer["has_more"]:
            return found


def complaints(
    server: LocalStripe, program: Program, ids: Mapping[str, str], live: InUse, touched: set[tuple[str, str]]
) -> list[str]:
    """What is not as the program says. `touched` are fields that others have set, which stay where nobody declares them."""
    found = []
    for slot, args in program.items():
        kind = slot.partition("/")[0]
        one = _live(server, kind, ids[slot], live)
        if args.get("cancel_at_period_end") and one.get("status") == "canceled":
            continue  # its time has come
        if (ids[slot] in live[kind]) != (args.get("active") is not False):
            found.append(
                f"{slot}: {ids[slot]} is declared, and not in use" if ids[slot] not in live[kind] else f"{slot} is in use"
            )
        ignored = options(args).get("ignore_changes", ())
        wanted = {k: v for k, v in resolved(plain(args), ids).items() if k not in ignored}
        left = {f for s, f in touched if s == slot} | {*ignored}
        found += [f"{slot}.{complaint}" for complaint in _differences(kind, wanted, one, left)]
    return found


def on_archived_prices(
    program: Program, ids: Mapping[str, str], live: InUse, archived: Container[str], *, between: bool
) -> list[str]:
    """Declared subscriptions that are on a price of the stack's which it has put out of use; not those `archived` by hand.

    `between` two steps a metered price may be out of use: it goes before its meter does, where Stripe takes no second meter.
    """
    found = []
    for slot in program:
        subscription = live["Subscription"].get(ids.get(slot, ""), {"items": {"data": []}})
        for price in (item["price"] for item in subscription["items"]["data"]):
            gone = TAG in price["metadata"] and not price["active"] and price["id"] not in archived
            if gone and not (between and price["recurring"]["usage_type"] == "metered"):
                found.append(f"{slot} is on {price['id']}, which is archived")
    return found


def _differences(kind: str, wanted: Args, live: Args, touched: set[str]) -> Iterator[str]:
    for name, value in wanted.items():
        if name == "items":
            yield from _items(value, live["items"]["data"], "items" in touched)
        elif name not in ("metadata", "currency_options", "adopt", "existing_subscriptions", "transfer_lookup_key"):
            found = live["id" if name == "product_id" else name]
            if not _agree(name, value, found, whole=name in ("address", "shipping") and name not in touched):
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
    more = live.keys() - wanted.keys() - OURS
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


def _agree(name: str, wanted: Any, live: Any, *, whole: bool = False) -> bool:
    """`whole`: what nobody declares of it must be empty, as of an address; elsewhere Stripe fills in values of its own."""
    if isinstance(wanted, bool):
        return bool(live) == wanted
    if not wanted and wanted != 0:
        return not live or (isinstance(live, Mapping) and not any(live.values()))
    if name.endswith("_decimal"):
        return live is not None and Decimal(live) == Decimal(wanted)
    if name == "up_to" and wanted == "inf":
        return live is None
    if isinstance(wanted, Mapping):
        if not isinstance(live, Mapping) or not all(_agree(k, v, live.get(k), whole=whole) for k, v in wanted.items()):
            return False
        return not (whole and any(v for k, v in live.items() if k not in wanted))
    if isinstance(wanted, list):
        return isinstance(live, list) and len(wanted) == len(live) and all(map(_agree, [name] * len(wanted), wanted, live))
    return bool(wanted == live)


def _live(server: LocalStripe, kind: str, id_: str, live: InUse) -> Args:
    path, one = f"{LISTS[kind][0]}/{id_}", live[kind].get(id_)
    if one is None or kind == "Price":
        one = _one(server, path, ["tiers", "currency_options"] if kind == "Price" else [])
    if kind == "Price" and one["billing_scheme"] == "tiered":
        options = [f"currency_options.{currency}.tiers" for currency in one["currency_options"]]
        one = _one(server, path, ["tiers", "currency_options", *options])
    return one


def _one(server: LocalStripe, path: str, expand: list[str]) -> Args:
    found: Args = server.http("GET", path, params={"expand[]": expand}).json()
    return found
