"""The kinds of change to a price or a subscription, and whose subscription each is about: a table that
`test_kinds.py` deploys as one program, at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

Values = dict[str, Any]

MONTH: Values = {"interval": "month"}
YEAR: Values = {"interval": "year"}
METERED: Values = {**MONTH, "usage_type": "metered", "meter": "tokens"}
DAYS = 86400
LATER, MUCH_LATER = "in 20 days", "in 25 days"
"""Times that the test fills in, reckoned from the deployment of what is there before."""

SEATS: Values = {"currency": "usd", "unit_amount": 1000, "recurring": MONTH}
YEARLY: Values = {**SEATS, "unit_amount": 10000, "recurring": YEAR}
QUARTERLY: Values = {**SEATS, "unit_amount": 2700, "recurring": {**MONTH, "interval_count": 3}}
PACKAGES: Values = {
    "currency": "usd",
    "unit_amount": 4,
    "transform_quantity": {"divide_by": 100, "round": "up"},
    "recurring": METERED,
}
UNITS: Values = {"currency": "usd", "unit_amount_decimal": "0.35", "recurring": METERED}
STEPS: list[Values] = [{"up_to": 1000, "unit_amount_decimal": "2.5"}, {"up_to": "inf", "unit_amount": 2}]
GRADUATED: Values = {
    "currency": "usd",
    "billing_scheme": "tiered",
    "tiers_mode": "graduated",
    "tiers": STEPS,
    "recurring": METERED,
}
VOLUME: Values = {**GRADUATED, "tiers_mode": "volume"}
SEAT_STEPS: list[Values] = [
    {"up_to": 2, "unit_amount": 1000, "flat_amount": 500},
    {"up_to": "inf", "unit_amount_decimal": "833.5"},
]
TIERED_SEATS: Values = {**GRADUATED, "tiers": SEAT_STEPS, "recurring": MONTH}
EUROS: Values = {**SEATS, "currency_options": {"eur": {"unit_amount": 900}}}
WINDOW: Values = {"event_time_window": "day"}
OWN: Values = {**PACKAGES, "recurring": {**METERED, "meter": "own"}}
YEARS_OF_USAGE: Values = {**METERED, "interval": "year"}

SEATS_TAKEN = 3
USED = {"tokens": 3025, "images": 500, "own": 3025}
"""What each meter counts in a period."""


What = tuple[str, str, str]
"""What the report says of the declared one, of one that is migrated, and of one that is grandfathered; "" where it has none of
it, since nothing that it pays changes."""

ALL_BUT_GRANDFATHERED: What = ("moves", "moves", "stays")
ONLY_DECLARED: What = ("moves", "stays", "stays")
NOBODY: What = ("stays", "stays", "stays")
NOT_ABOUT_BILLS: What = ("", "", "")


@dataclass(frozen=True)
class Kind:
    """Prices (by name), items and options of a subscription, and meters of its own, each before and after.

    `what` must come of it. With `prorated`, what the declared one has on the invoice of the present period depends on the day
    of the deployment.
    """

    before: Values
    after: Values
    what: What = ALL_BUT_GRANDFATHERED
    prorated: bool = False
    items: tuple[Any, Any] = (None, None)
    subscription: tuple[Values, Values] = ({}, {})
    meters: tuple[Values, Values] = ({}, {})
    currency: str = "usd"
    stops: bool = False
    """Whether the deployment ends with an error where the price is to be migrated, and so is tried by itself."""

    def prices(self, new: bool) -> dict[str, Values]:
        side = self.after if new else self.before
        return side if "currency" not in side else {"price": side}

    def meters_of(self, new: bool) -> set[str]:
        return {price["recurring"]["meter"] for price in self.prices(new).values() if metered(price)}

    def wanted(self, new: bool) -> list[Values]:
        """The items of the subscription, each with the name of its price."""
        prices, given = self.prices(new), self.items[new]
        names = {name: {} for name in list(prices)[:1]} if given is None else given
        return [{"price": n, **({} if metered(prices[n]) else {"quantity": SEATS_TAKEN}), **more} for n, more in names.items()]


def metered(price: Values) -> bool:
    return (price.get("recurring") or {}).get("usage_type") == "metered"


def without(price: Values, *names: str) -> Values:
    return {k: v for k, v in price.items() if k not in names}


def one(price: Values, **changes: Any) -> tuple[Values, Values]:
    """A price, and the same with changes."""
    return price, {**price, **changes}


TWO = {"price": SEATS, "other": {**SEATS, "unit_amount": 700}}
MIXED = {"price": SEATS, "other": UNITS}
OF_USAGE = {"price": PACKAGES, "other": UNITS}
BOTH: Values = {"price": {}, "other": {}}
FIVE = ({"price": {}}, {"price": {"quantity": 5}})
NO_PRORATIONS: Values = {"proration_behavior": "none"}
TRIAL: Values = {"trial_end": LATER}
LEAVES: Values = {"cancel_at_period_end": True}
OPTION: Values = {"currency_options": {"eur": {"unit_amount": 950}}}


def subscribed(
    *options: Values, of: Values = SEATS, items: tuple[Any, Any] = (None, None), what: str = "changes", prorated: bool = False
) -> Kind:
    """A change to the declared subscription alone."""
    before, after = options or ({}, {})
    return Kind(of, of, (what, "", ""), prorated, items, (before, after))


KINDS: dict[str, dict[str, Kind]] = {
    "amounts": {
        "usage-up": Kind(*one(PACKAGES, unit_amount=5)),
        "usage-down": Kind(*one(PACKAGES, unit_amount=3)),
        "usage-decimals": Kind(*one(UNITS, unit_amount_decimal="0.4567")),
        "usage-free": Kind(*one(PACKAGES, unit_amount=0)),
        "seats-up": Kind(*one(SEATS, unit_amount=1200), prorated=True),
        "seats-down": Kind(*one(SEATS, unit_amount=900), prorated=True),
        "seats-decimals": Kind(SEATS, {**without(SEATS, "unit_amount"), "unit_amount_decimal": "1033.35"}, prorated=True),
        "seats-unprorated": Kind(*one(SEATS, unit_amount=1200), subscription=(NO_PRORATIONS, NO_PRORATIONS)),
        "seats-invoiced-at-once": Kind(
            *one(SEATS, unit_amount=1200), subscription=({}, {"proration_behavior": "always_invoice"}), prorated=True
        ),
        "in-trial": Kind(*one(SEATS, unit_amount=1200), subscription=(TRIAL, TRIAL)),
        "usage-in-trial": Kind(*one(PACKAGES, unit_amount=5), subscription=(TRIAL, TRIAL)),
        "leaving": Kind(*one(SEATS, unit_amount=1200), subscription=(LEAVES, LEAVES), prorated=True),
        "flat-fee-leaving": Kind(
            *one(GRADUATED, tiers=[{**STEPS[0], "flat_amount": 300}, STEPS[1]]), subscription=(LEAVES, LEAVES)
        ),
        "usage-leaving": Kind(*one(PACKAGES, unit_amount=5), subscription=(LEAVES, LEAVES)),
    },
    "schemes": {
        "units-to-graduated": Kind(UNITS, GRADUATED),
        "units-to-volume": Kind(UNITS, VOLUME),
        "graduated-to-units": Kind(GRADUATED, UNITS),
        "graduated-to-volume": Kind(GRADUATED, VOLUME),
        "packages-to-graduated": Kind(PACKAGES, GRADUATED),
        "seats-to-tiers": Kind(SEATS, TIERED_SEATS, prorated=True),
        "tiers-to-seats": Kind(TIERED_SEATS, SEATS, prorated=True),
        "limits": Kind(*one(GRADUATED, tiers=[{**STEPS[0], "up_to": 2000}, STEPS[1]])),
        "limits-volume": Kind(*one(VOLUME, tiers=[{**STEPS[0], "up_to": 4000}, STEPS[1]])),
        "one-more-tier": Kind(*one(GRADUATED, tiers=[STEPS[0], {"up_to": 3000, "unit_amount": 1}, STEPS[1]])),
        "flat-fee": Kind(*one(GRADUATED, tiers=[{**STEPS[0], "flat_amount": 300}, STEPS[1]])),
        "flat-fee-gone": Kind({**GRADUATED, "tiers": [{**STEPS[0], "flat_amount": 300}, STEPS[1]]}, GRADUATED),
        "flat-fee-volume": Kind(*one(VOLUME, tiers=[STEPS[0], {**STEPS[1], "flat_amount_decimal": "250.5"}])),
        "package-size": Kind(*one(PACKAGES, transform_quantity={"divide_by": 1000, "round": "up"})),
        "package-rounding": Kind(*one(PACKAGES, transform_quantity={"divide_by": 100, "round": "down"})),
        "packages-of-seats": Kind(*one(SEATS, transform_quantity={"divide_by": 2, "round": "up"}), prorated=True),
    },
    "terms": {
        "to-seats": Kind(PACKAGES, {**SEATS, "unit_amount": 900}, ONLY_DECLARED, prorated=True),
        "to-usage": Kind(SEATS, PACKAGES, ONLY_DECLARED, prorated=True),
        "meter": Kind(*one(PACKAGES, recurring={**METERED, "meter": "images"})),
        "meter-of-its-own": Kind(*one(PACKAGES, recurring={**METERED, "meter": "own"}), meters=({}, {"own": {}})),
        "meter-renamed": Kind(OWN, OWN, meters=({"own": {}}, {"own": {"event_name": "renamed"}})),
        "meter-replaced": Kind(OWN, OWN, ONLY_DECLARED, meters=({"own": {}}, {"own": WINDOW}), stops=True),
        "month-to-year": Kind(SEATS, YEARLY, ONLY_DECLARED, prorated=True),
        "year-to-month": Kind(YEARLY, SEATS, ONLY_DECLARED, prorated=True),
        "month-to-quarter": Kind(SEATS, QUARTERLY, ONLY_DECLARED, prorated=True),
        "usage-month-to-year": Kind(*one(PACKAGES, recurring=YEARS_OF_USAGE), ONLY_DECLARED, prorated=True),
        "currency": Kind(*one(SEATS, currency="eur"), NOBODY),
        "option": Kind(EUROS, {**EUROS, **OPTION}, ("changes", "changes", "changes"), currency="eur"),
        "option-of-others": Kind(EUROS, {**EUROS, **OPTION}, NOBODY),
        "option-added": Kind(SEATS, EUROS, NOBODY),
        "product": Kind(*one(SEATS, product="other")),
        "tax-behavior": Kind(*one(SEATS, tax_behavior="exclusive"), NOT_ABOUT_BILLS),
        "tax-behavior-replaced": Kind({**SEATS, "tax_behavior": "exclusive"}, {**SEATS, "tax_behavior": "inclusive"}),
    },
    "subscriptions": {
        "nickname": Kind(*one(SEATS, nickname="Seats"), NOT_ABOUT_BILLS),
        "metadata": Kind(*one(SEATS, metadata={"plan": "team"}), NOT_ABOUT_BILLS),
        "lookup-key": Kind(*one(SEATS, lookup_key="renamed"), NOT_ABOUT_BILLS),
        "archived": Kind(*one(SEATS, active=False), NOBODY),
        "quantity": subscribed(items=FIVE, prorated=True),
        "quantity-unprorated": subscribed({}, NO_PRORATIONS, items=FIVE),
        "swap": subscribed(of=TWO, items=({"price": {}}, {"other": {}}), what="moves", prorated=True),
        "swap-of-usage": subscribed(of=OF_USAGE, items=({"price": {}}, {"other": {}}), what="moves"),
        "item-added": subscribed(of=TWO, items=({"price": {}}, BOTH), what="moves", prorated=True),
        "usage-added": subscribed(of=MIXED, items=({"price": {}}, BOTH), what="moves"),
        "item-removed": subscribed(of=TWO, items=(BOTH, {"price": {}}), what="moves", prorated=True),
        "usage-removed": subscribed(of=MIXED, items=(BOTH, {"price": {}}), what="moves"),
        "trial-begins": subscribed({}, TRIAL, prorated=True),
        "trial-of-usage-begins": subscribed({}, TRIAL, of=PACKAGES),
        "trial-ends": subscribed(TRIAL, {"trial_end": "now"}),
        "trial-of-usage-ends": subscribed(TRIAL, {"trial_end": "now"}, of=PACKAGES),
        "trial-longer": subscribed(TRIAL, {"trial_end": MUCH_LATER}),
        "leaves": subscribed({}, LEAVES, what="ends"),
        "usage-leaves": subscribed({}, LEAVES, of=PACKAGES, what="ends"),
        "leaves-at": subscribed({}, {"cancel_at": LATER}, what="ends", prorated=True),
        "usage-leaves-at": subscribed({}, {"cancel_at": LATER}, of=PACKAGES, what="ends"),
        "comes-back": subscribed(LEAVES, {"cancel_at_period_end": False}),
        "usage-comes-back": subscribed(LEAVES, {}, of=PACKAGES),
        "proration-behavior": subscribed({}, NO_PRORATIONS, what=""),
        "description": subscribed({}, {"description": "Seats"}, what=""),
        "subscription-metadata": subscribed({}, {"metadata": {"plan": "team"}}, what=""),
    },
}
ALL: dict[str, Kind] = {name: kind for some in KINDS.values() for name, kind in some.items()}
A_FEW = ("usage-up", "seats-up", "flat-fee", "meter-renamed", "leaves")
WHOSE = ("declared", "migrate", "grandfather")


class Cell(NamedTuple):
    """A kind of change, and whose subscription it is about: one that the program declares, or one of nobody's that a replaced
    price migrates or grandfathers."""

    kind: str
    whose: str

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.whose}"

    @property
    def of(self) -> Kind:
        return ALL[self.kind]

    def inputs(self, new: bool, times: dict[str, int]) -> Values:
        """What the program declares, before or after."""
        kind = self.of
        migrate = "migrate" if self.whose == "migrate" else "grandfather"
        prices = {
            name: {
                "lookup_key": f"{self.name}-{name}",
                **price,
                **({"lookup_key": f"{self.name}-renamed"} if "lookup_key" in price else {}),
                "existing_subscriptions": migrate,
            }
            for name, price in kind.prices(new).items()
        }
        subscription = {k: times.get(v, v) if isinstance(v, str) else v for k, v in kind.subscription[new].items()}
        return {
            "meters": {
                name: {**meter, "event_name": f"{self.name}-{meter.get('event_name', name)}"}
                for name, meter in kind.meters[new].items()
            },
            "prices": prices,
            "declared": self.whose == "declared",
            "items": kind.wanted(new),
            "subscription": {"currency": kind.currency, **subscription},
        }

    @property
    def what(self) -> str:
        return self.of.what[WHOSE.index(self.whose)]


def cells(kinds: Iterable[str]) -> list[Cell]:
    """Each of the kinds, for everybody, but for those that stop the deployment of the others."""
    return [Cell(kind, whose) for kind in kinds for whose in WHOSE if not (ALL[kind].stops and whose == "migrate")]


STOPPING = [Cell(name, "migrate") for name, kind in ALL.items() if kind.stops]
