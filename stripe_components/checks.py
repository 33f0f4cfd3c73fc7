"""What is wrong with a plan's arguments: all of it at once, each with its place in the program. Pure.

Types, limits and Stripe's rules are those of the resources. This module adds the rules of the plan as a whole, and the way from a
field of a resource back to the argument that it comes from.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pulumi

from stripe_resources.checking import UNKNOWN, Failure, failures_of, misplaced_outputs, wrong_types

from . import children
from .declarations import PlanPrice, UsageBasedPlanArgs

FOLLOWS = {
    "billing_scheme": "follows from whether there are `tiers`; remove it",
    "currency": "is the plan's; remove it, and give further currencies in `currency_options`",
    "custom_unit_amount": "is for one-time prices, and those of a plan recur; give unit_amount",
    "product": "is the plan's; remove it",
    "product_data": "is the plan's; remove it",
    "recurring": "is put together by the plan; give `meter`, `interval` and `interval_count` themselves",
    "usage_type": "follows from whether there is a `meter`; remove it",
}
"""Parameters of a price that a plan's price lacks, and what to do instead."""


def failures_of_plan(args: Mapping[str, Any]) -> list[Failure]:
    """Everything that is wrong, in the order of the arguments; what Stripe's rules and the plan's both refuse is named once."""
    if misplaced := list(misplaced_outputs(args)):
        return misplaced
    known, found = _without_unknown_fields(args)
    found += _misplaced_resources(known)
    found += wrong_types(UsageBasedPlanArgs, known)
    misshapen = [path for path, value in _maps(known) if not isinstance(value, Mapping)]
    found += [Failure(p, "is not known yet; give a map, whose values may be outputs") for p in misshapen if not _said(p, found)]
    if not misshapen:
        found += _of_children(known)
        found += _of_the_whole(known)
    return sorted({str(f): f for f in found}.values(), key=lambda f: _position(f.path))


def _maps(args: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The maps whose keys the program itself has to know, by place: resources are made from them."""
    yield from ((k, args[k]) for k in ("product", "meters", "prices", "metadata", "entitlements") if k in args)
    for group in ("meters", "prices"):
        members = args.get(group)
        for name, member in members.items() if isinstance(members, Mapping) else ():
            yield f'{group}["{name}"]', member
            if group == "prices" and isinstance(member, Mapping) and member.get("metadata") is not None:
                yield f'{group}["{name}"].metadata', member["metadata"]


def _said(path: str, found: Iterable[Failure]) -> bool:
    return any(f.path == path for f in found)


def _position(path: str) -> int:
    """The argument's position in the declaration; unknown ones come last."""
    order = list(UsageBasedPlanArgs.__annotations__)
    first = path.partition("[")[0].partition(".")[0]
    return order.index(first) if first in order else len(order)


def _without_unknown_fields(args: Mapping[str, Any]) -> tuple[dict[str, Any], list[Failure]]:
    """The known arguments, and a failure for each unknown one."""
    known, found = _split(args, UsageBasedPlanArgs, "")
    if isinstance(known.get("prices"), Mapping):
        prices = {}
        for name, price in known["prices"].items():
            prices[name] = price
            if isinstance(price, Mapping):
                prices[name], wrong = _split(price, PlanPrice, f'prices["{name}"].')
                found += wrong
        known["prices"] = prices
    return known, found


def _split(given: Mapping[str, Any], declaration: type, path: str) -> tuple[dict[str, Any], list[Failure]]:
    there = list(declaration.__annotations__)
    wrong = [Failure(f"{path}{k}", _no_such(k, there)) for k in given if k not in there]
    return {k: v for k, v in given.items() if k in there and v is not None}, wrong


def _no_such(key: str, there: Iterable[str]) -> str:
    if key in FOLLOWS:
        return FOLLOWS[key]
    close = difflib.get_close_matches(key, list(there), n=1)
    return "there is no such argument; " + (f"did you mean `{close[0]}`?" if close else f"known here: {', '.join(there)}")


def _misplaced_resources(args: Mapping[str, Any]) -> Iterator[Failure]:
    """A resource where its id belongs; the argument then counts as not known, so nothing more is said about it."""
    prices = args.get("prices")
    for name, price in prices.items() if isinstance(prices, Mapping) else ():
        if isinstance(price, dict) and isinstance(price.get("meter"), pulumi.Resource):
            price["meter"] = UNKNOWN
            yield Failure(f'prices["{name}"].meter', "is a resource; give its id: add `.id`")


def _of_children(args: Mapping[str, Any]) -> Iterator[Failure]:
    """What is wrong with the plan's resources, named by the arguments they come from."""
    args = {"currency": UNKNOWN, "interval": UNKNOWN, "prices": {}, **args}
    if "product" in args:
        # Entitlements are checked where they are given.
        entitlements = {f'metadata["{key}"]' for key in children.entitlements_of(args)}
        for failure in failures_of("Product", children.product_args(args)):
            if failure.path in entitlements:
                continue
            yield Failure(_place(failure.path, "product", args["product"]), failure.reason)
    meters = args.get("meters") or {}
    for name, meter in meters.items():
        for failure in failures_of("Meter", meter):
            yield Failure(f'meters["{name}"].{failure.path}', failure.reason)
    for name, price in args["prices"].items():
        for failure in failures_of("Price", children.price_args(args, name, UNKNOWN, dict.fromkeys(meters, UNKNOWN))):
            yield Failure(_place(failure.path, f'prices["{name}"]', price), failure.reason)


def _place(path: str, resource: str, own: Mapping[str, Any]) -> str:
    """The place of a resource's field in the plan's arguments: in the resource's own, or in those of the whole plan."""
    path = path.removeprefix("recurring.")
    first = path.partition("[")[0].partition(".")[0]
    plans = first in ("currency", "interval", "tax_behavior", "metadata") and first not in own
    return path if plans else f"{resource}.{path}"


def _of_the_whole(args: Mapping[str, Any]) -> Iterator[Failure]:
    prices = args.get("prices") or {}
    if args.get("prices") == {}:
        yield Failure("prices", "is empty; give at least one price")
    yield from _meters(prices, args.get("meters") or {})
    yield from _currencies(prices)
    yield from _lookup_keys(prices)
    for key in children.entitlements_of(args):
        own = (args.get("metadata"), args["product"].get("metadata") if "product" in args else None)
        if any(isinstance(metadata, Mapping) and key in metadata for metadata in own):
            yield Failure("metadata", f'"{key}" is where an entitlement is kept; give it in `entitlements` only')


def _meters(prices: Mapping[str, Mapping[str, Any]], own: Mapping[str, Any]) -> Iterator[Failure]:
    for name, price in prices.items():
        meter = price.get("meter")
        if isinstance(meter, str) and meter not in own:
            which = f"give one of them ({', '.join(own)}), or" if own else "it declares none in `meters`; give"
            yield Failure(
                f'prices["{name}"].meter', f"{meter!r} is not a meter of this plan; {which} the id of another: meter.id"
            )


def _currencies(prices: Mapping[str, Mapping[str, Any]]) -> Iterator[Failure]:
    """A subscription is in one currency, so each price needs all currencies of the plan."""
    options = {n: p.get("currency_options", {}) for n, p in prices.items()}
    offered = {c: n for n, o in options.items() if isinstance(o, Mapping) for c in o}
    for name, option in options.items():
        lacking = [c for c in offered if isinstance(option, Mapping) and c not in option]
        for currency in lacking:
            yield Failure(
                f'prices["{name}"].currency_options',
                f'has no {currency}, in which "{offered[currency]}" is sold; a subscription in {currency} could not have both: '
                "give an amount, or leave the currency out of the plan",
            )


def _lookup_keys(prices: Mapping[str, Mapping[str, Any]]) -> Iterator[Failure]:
    """Only one price can have a lookup key."""
    taken: dict[str, str] = {}
    for name, price in prices.items():
        key = price.get("lookup_key") or children.lookup_key(name)
        if isinstance(key, str) and taken.setdefault(key, name) != name:
            yield Failure(f'prices["{name}"].lookup_key', f'{key!r} is also that of "{taken[key]}"; give each price its own')
