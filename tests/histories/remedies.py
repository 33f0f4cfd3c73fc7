"""What a user does who reads why an `up` was refused."""

from __future__ import annotations

import re
from collections.abc import Callable

import stripe

from tests.histories.programs import Program

_NAMED = re.compile(r"(Meter|Product|Price|Customer|Subscription)\W+(?:resource\W+)?(\w)\b")


def follow(failure: str, wishes: Program, client: stripe.StripeClient) -> bool:
    """Does what the message asks for; False where it asks for nothing that is known."""
    failure = failure.replace("-renamed", "")
    for pattern, remedy in REMEDIES.items():
        if found := re.search(pattern, failure):
            # The last one that is named before: one resource may tell of another one, which it waits for.
            named = _NAMED.findall(failure[: found.start()])[-1:] or _NAMED.findall(failure)[:1]
            remedy(wishes, "/".join(named[0] if named else ()), found, client)
            return True
    return False


Remedy = Callable[[Program, str, "re.Match[str]", stripe.StripeClient], None]


def _declare(**more: object) -> Remedy:
    def declare(wishes: Program, slot: str, *_: object) -> None:
        if slot in wishes:
            wishes[slot] = {**wishes[slot], **more}

    return declare


def _leave_out(name: str) -> Remedy:
    def leave_out(wishes: Program, slot: str, *_: object) -> None:
        if slot in wishes:
            wishes[slot] = {k: v for k, v in wishes[slot].items() if k != name}

    return leave_out


def _end(_: Program, slot: str, found: re.Match[str], client: stripe.StripeClient) -> None:
    for id_ in re.findall(r"sub_\w+", found[1]):
        client.v1.subscriptions.cancel(id_, {"invoice_now": True})


def _retire(_: Program, slot: str, found: re.Match[str], client: stripe.StripeClient) -> None:
    id_ = found[1]
    if id_.startswith("mtr_"):
        client.v1.billing.meters.deactivate(id_)
    elif id_.startswith("sub_"):
        client.v1.subscriptions.cancel(id_, {"invoice_now": True})
    else:
        client.v1.products.update(id_, {"active": False})


REMEDIES: dict[str, Remedy] = {
    r"take the meter over with adopt=True": _declare(adopt=True),
    r"counted by (\w+) already.* or deactivate that meter": _retire,
    r"retire (\w+) first": _retire,
    r"an earlier run left (\w+), .*retire it by hand first": _retire,
    r'declare billing_mode=\{"type": "flexible"\}': _declare(billing_mode={"type": "flexible"}),
    r"there is no new price to move to: (.*)\. existing_subscriptions": _end,
    r'or declare "grandfather"': _declare(existing_subscriptions="grandfather"),
    r"leave out `adopt` to make": _leave_out("adopt"),
    r"two resources cannot have one object; declare it once": _leave_out("adopt"),
    r"Product already exists: own-|product_id: 'own-\w' (is that of|belongs to)": _leave_out("product_id"),
    r"transfer_lookup_key=True": _declare(transfer_lookup_key=True),
    r"lookup_key: '\w+' is that of": _leave_out("lookup_key"),
}
