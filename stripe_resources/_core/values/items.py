"""Which subscription item becomes which. Pure.

Stripe changes an item that is sent with its `id`, adds one that is sent without, removes one that is sent with `deleted`, and
leaves alone what is not sent; so a list of wished items has to be turned into a list of changes.
https://docs.stripe.com/api/subscriptions/update#update_subscription-items
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from .compare import alters, referenced, same
from .outputs import project
from .parameters import cleared, updated
from .schema import UNKNOWN, Object, Text

Item = Mapping[str, Any]


def plain(items: Any) -> list[dict[str, Any]]:
    """The items of Stripe's list object, or of a plain list, each with the id of its price in `price`."""
    found = items["data"] if isinstance(items, Mapping) else items or []
    return [{**item, "price": referenced(Text(), item.get("price"))} for item in found]


def matched(wished: Sequence[Item], existing: Sequence[Item]) -> tuple[list[Item | None], list[Item]]:
    """For each wished item the existing one that it is, or None; and the existing ones that are no longer wished.

    An item is known by its price. What is left over on both sides is paired in order: that is an item whose price changed.
    """
    free = list(existing)
    partners: list[Item | None] = []
    for item in wished:
        partner = next(
            (e for e in free if item.get("price") is not UNKNOWN and e.get("price") == item.get("price")),
            None,
        )
        partners.append(partner)
        if partner is not None:
            free.remove(partner)
    for i, partner in enumerate(partners):
        if partner is None and free:
            partners[i] = free.pop(0)
    return partners, free


def changes(type_: Object, wished: Sequence[Item], existing: Sequence[Item]) -> list[dict[str, Any]]:
    """The `items` parameter of an update that turns the existing items (with ids) into the wished ones; [] if they are."""
    partners, removed = matched(wished, existing)
    result: list[dict[str, Any]] = []
    for item, partner in zip(wished, partners, strict=True):
        if partner is None:
            result.append(dict(item))
            continue
        before = {k: v for k, v in partner.items() if k != "id"}
        if alters(type_, before, item):
            result.append({"id": partner["id"], **_change(type_, before, item)})
    return result + [{"id": item["id"], "deleted": True} for item in removed]


def _change(type_: Object, before: Item, item: Item) -> dict[str, Any]:
    changed = {k: v for k, v in item.items() if not same(type_.fields[k].type, before.get(k), v)}
    values = {k: updated(type_.fields[k].type, before.get(k), v) for k, v in changed.items()}
    gone = cleared(type_, before, item)
    if "price" in changed:
        # Stripe sets the quantity to 1 together with another price, unless one is sent; a metered price takes none.
        gone.pop("quantity", None)
        values.update({"quantity": item["quantity"]} if "quantity" in item else {})
    return {**values, **gone}


def seen(type_: Object, wished: Sequence[Item], live: Sequence[Item]) -> list[dict[str, Any]]:
    """Stripe's items with their ids, cut to what is wished, in the order of the wishes; further ones at the end.

    What Stripe does not give back of an item is as it was wished.
    `live` items have the id of their price in `price`.
    """
    partners, others = matched(wished, live)
    result = [{"id": p["id"], **project(type_, w, p)} for w, p in zip(wished, partners, strict=True) if p is not None]
    return result + [{"id": o["id"], "price": o["price"]} for o in others]


def present(type_: Object, wished: Sequence[Item], known: Sequence[Item], live: Sequence[Item]) -> list[Item]:
    """The items that a change has to do with, as they are now: those known before, and others that are what is wished.

    A run that died may have changed them already; what somebody else added is left out. `live` items have the id of their price
    in `price`.
    """
    by_id = {i["id"]: i for i in live}
    wishes = {w["price"]: w for w in wished}
    ours = [(k, by_id[k["id"]]) for k in known if k["id"] in by_id]
    taken = {k["id"] for k in known}
    others: list[tuple[Item, Item]] = [({}, i) for i in live if i["id"] not in taken and i["price"] in wishes]
    return [
        before
        if before.get("price") == now["price"]
        else {"id": now["id"], **project(type_, wishes.get(now["price"], before), now)}
        for before, now in ours + others
    ]


def leaving(changes: Sequence[Item], live: Sequence[Item]) -> list[Item]:
    """The live items that a list of changes takes away from their price: removed, or given another one."""
    by_id = {i["id"]: i for i in live}
    going = (by_id[c["id"]] for c in changes if c.get("id") in by_id and ("price" in c or c.get("deleted")))
    return list(going)


def with_quantities(
    changes: Sequence[Item], live: Sequence[Item], is_metered: Callable[[str], bool], declared: Collection[str] = ()
) -> list[dict[str, Any]]:
    """The changes, so that an item whose price changes keeps a quantity that nobody declared: Stripe would make it 1.

    `is_metered` tells whether a price takes no quantity; `declared` are the ids of items whose quantity the program had, and left
    out since.
    """
    quantities = {i["id"]: i.get("quantity") for i in live}
    result = []
    for change in changes:
        quantity = quantities.get(change.get("id"))
        undeclared = "quantity" not in change and change.get("id") not in declared
        keeps = "price" in change and undeclared and quantity not in (None, 1) and not is_metered(change["price"])
        result.append({**change, "quantity": quantity} if keeps else dict(change))
    return result
