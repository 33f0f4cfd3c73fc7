"""The usual prices in one line each: they return a `PlanPrice`'s fields, to be used as they are or added to.

    prices={
        "team-base": flat(2000, eur=1800),
        "team-tokens": graduated(tokens.id, [(1_000_000, "0.0003"), ("inf", "0.00025")], eur=[...]),
        "team-images": {**per_unit(images.id, 4, eur=4), "nickname": "Images"},
    }

The first amounts are in the plan's currency, further ones by currency. All are in minor units: an int for whole ones (2000 is
20.00 USD), a string or Decimal for parts of one ("0.0003" is 3.00 USD per million). https://docs.stripe.com/api/prices/create
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, TypeAlias, cast

import pulumi

from stripe_resources.declare import Input
from stripe_resources.fields import Tier

from .declarations import PlanPrice

Amount: TypeAlias = int | str | Decimal | pulumi.Output[int]
"""Minor currency units; never a float."""

Rate: TypeAlias = tuple[int | Literal["inf"], Amount] | Tier
"""One tier: up to which unit (the last: "inf") and what each costs; or a whole `Tier`, with a `flat_amount` for instance."""


def flat(amount: Amount, **currencies: Amount) -> PlanPrice:
    """An amount for each interval, whatever is used."""
    return _price(_amount(amount), {c: _amount(a) for c, a in currencies.items()})


def per_unit(meter: Input[str], amount: Amount, **currencies: Amount) -> PlanPrice:
    """An amount for each unit that `meter` counts (its id, or the name of one of the plan's own)."""
    return {"meter": meter, **flat(amount, **currencies)}


def packages(
    meter: Input[str], amount: Amount, *, of: Input[int], round: Literal["up", "down"] = "up", **currencies: Amount
) -> PlanPrice:
    """An amount for each package of `of` units; a part of one is billed as a whole one, or with `round="down"` not at all."""
    return {**per_unit(meter, amount, **currencies), "transform_quantity": {"divide_by": of, "round": round}}


def graduated(meter: Input[str], rates: Sequence[Rate], **currencies: Sequence[Rate]) -> PlanPrice:
    """Each unit at the amount of the tier it falls into."""
    return _tiered(meter, "graduated", rates, currencies)


def volume(meter: Input[str], rates: Sequence[Rate], **currencies: Sequence[Rate]) -> PlanPrice:
    """All units at the amount of the tier their number falls into."""
    return _tiered(meter, "volume", rates, currencies)


def _tiered(
    meter: Input[str], mode: Literal["graduated", "volume"], rates: Sequence[Rate], currencies: Mapping[str, Sequence[Rate]]
) -> PlanPrice:
    tiers = {c: {"tiers": _tiers(r)} for c, r in currencies.items()}
    return {"meter": meter, "tiers_mode": mode, **_price({"tiers": _tiers(rates)}, tiers)}


def _price(own: Mapping[str, Any], further: Mapping[str, Any]) -> PlanPrice:
    return cast(PlanPrice, {**own, **({"currency_options": dict(further)} if further else {})})


def _tiers(rates: Iterable[Rate]) -> list[Any]:
    """Tiers as Stripe has them; anything but a pair stays as it is, to be refused with its place in the plan."""
    return [{"up_to": r[0], **_amount(r[1])} if isinstance(r, tuple) and len(r) == 2 else r for r in rates]


def _amount(amount: Amount) -> dict[str, Any]:
    if isinstance(amount, (str, float)):  # a float is refused by the checks, which say what to write instead
        return {"unit_amount_decimal": amount}
    return {"unit_amount_decimal": format(amount, "f")} if isinstance(amount, Decimal) else {"unit_amount": amount}
