"""The list of orphans, for people and for machines. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from stripe_resources._core.behaviour import Values

from .finding import PRICE, SUBSCRIPTION, Object, Orphans


def text(found: Orphans, stack: str) -> str:
    """For people."""
    if not found.owned:
        lines = [f"Nothing at Stripe belongs to {stack} that is not in its state."]
    else:
        count = f"{len(found.owned)} object{'s belong' if len(found.owned) > 1 else ' belongs'}"
        lines = [f"{count} to {stack} and {'are' if len(found.owned) > 1 else 'is'} in no state:", ""]
        lines += _table((one.label, one.owner, f"since {since(one)}", bills(one, found)) for one in found.owned)
        lines += [
            "",
            "--retire takes them out of use, after you confirm; --adopt prints the lines that declare them again.",
        ]
    if found.perhaps:
        lines += ["", "May be anybody's, since Stripe keeps no metadata for it; --retire leaves it alone:", ""]
        lines += _table(
            (one.label, f"since {since(one)}", f"hangs together with {', '.join(o.label for o in linked)}")
            for one, linked in found.perhaps
        )
    if found.unknown:
        lines += ["", "Not looked for:", "", *(f"{kind}: {why}" for kind, why in found.unknown.items())]
    return "\n".join(lines)


def data(found: Orphans, stack: str) -> dict[str, Any]:
    """For machines: `owned` and `perhaps`, lists of objects with kind, id, since, and what is known besides; and `unknown`,
    why some kinds could not be looked for, by kind."""
    return {
        "stack": stack,
        "owned": [{**_plain(one), "resource": one.owner, "bills": bills(one, found)} for one in found.owned],
        "perhaps": [{**_plain(one), "with": [o.key[1] for o in linked]} for one, linked in found.perhaps],
        "unknown": dict(found.unknown),
    }


def _plain(one: Object) -> dict[str, Any]:
    return {"kind": one.kind.schema.kind, "id": one.key[1], "since": since(one)}


def since(one: Object) -> str:
    """The day on which it was made, in UTC."""
    created = one.live.get("created", 0)  # version 2 of the API writes it out
    return created[:10] if isinstance(created, str) else datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%d")


def bills(one: Object, found: Orphans) -> str:
    """What is billed because of the object, now; "" for nothing."""
    token, id_ = one.key
    if token == SUBSCRIPTION:
        items = one.live["items"]["data"]
        return f"{one.live['status']}, bills " + " + ".join(_item(item) for item in items) if items else ""
    count = found.billed.get(id_, 0)
    return f"billed to {count} subscription{'s' if count > 1 else ''}" if token == PRICE and count else ""


def _item(item: Values) -> str:
    price = item["price"]
    amount, recurring = price.get("unit_amount_decimal"), price.get("recurring") or {}
    count = recurring.get("interval_count", 1)
    every = f"{count} {recurring.get('interval')}s" if count > 1 else recurring.get("interval")
    cost = "tiers" if amount is None else f"{amount} {price['currency']} (minor units)"
    quantity = "" if recurring.get("usage_type") == "metered" else f"{item.get('quantity', 1)} × "
    return f"{quantity}{cost} a {every} of {price['id']}"


def _table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    found = list(rows)
    widths = [max(len(row[i]) for row in found) for i in range(len(found[0]))]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in found]
