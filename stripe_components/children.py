"""From a plan's arguments to those of its resources. Pure: ids that are not known yet are passed on as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pulumi

from .declarations import ENTITLEMENT

RECURRING = ("interval", "interval_count")
"""The arguments of a price that are a part of Stripe's `recurring`."""


def entitlements_of(args: Mapping[str, Any]) -> dict[str, Any]:
    """The entitlements as the product's metadata carries them."""
    return {ENTITLEMENT + key: _text(value) for key, value in (args.get("entitlements") or {}).items()}


def _text(value: Any) -> Any:
    """An entitlement as metadata has it."""
    if isinstance(value, pulumi.Output):
        return value.apply(_text)
    if isinstance(value, bool):
        return str(value).lower()
    # Engines carry whole numbers as doubles; the check says of any other that it is none.
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return str(int(value)) if whole else value


def product_args(args: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the plan's `Product`."""
    product = args["product"]
    common = {**(args.get("metadata") or {}), **entitlements_of(args)}
    return _with_metadata(product, common)


def price_args(args: Mapping[str, Any], name: str, product: Any, meters: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of one of the plan's `Price`s; `meters` are the ids of the plan's own meters, by name."""
    price = {k: v for k, v in args["prices"][name].items() if v is not None}
    tiered = "tiers" in price or "tiers_mode" in price
    recurring = {"interval": args["interval"], **{k: price.pop(k) for k in RECURRING if k in price}}
    meter = price.pop("meter", None)
    if meter is not None:
        own = meters.get(meter) if isinstance(meter, str) else None
        recurring |= {"usage_type": "metered", "meter": meter if own is None else own}
    filled: dict[str, Any] = {
        "product": product,
        "currency": args["currency"],
        "billing_scheme": "tiered" if tiered else "per_unit",
        "recurring": recurring,
        "lookup_key": lookup_key(name),
    }
    behavior = price.get("tax_behavior", args.get("tax_behavior"))
    if behavior is not None:
        filled["tax_behavior"] = behavior
        options = price.get("currency_options")
        if isinstance(options, Mapping):
            price["currency_options"] = {c: _taxed(option, behavior) for c, option in options.items()}
    return _with_metadata({**filled, **price}, args.get("metadata") or {})


def lookup_key(name: str) -> str:
    """The lookup key of a price without one of its own: "team-tokens" is "team_tokens"."""
    return re.sub(r"[-.]", "_", name)


def _taxed(option: Any, behavior: Any) -> Any:
    """An option in another currency, taxed as the price is unless it says otherwise."""
    if isinstance(option, pulumi.Output):
        return option.apply(lambda known: _taxed(known, behavior))
    return {"tax_behavior": behavior, **option} if isinstance(option, Mapping) else option


def _with_metadata(args: Mapping[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    own = args.get("metadata") or {}
    if isinstance(own, Mapping):
        return {**args, "metadata": {**common, **own}} if common or own else dict(args)
    both = pulumi.Output.all(dict(common), own)
    return {**args, "metadata": both.apply(lambda parts: {**parts[0], **parts[1]})}
