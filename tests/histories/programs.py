"""Programs as data: what is declared under which name, and how a program comes to be by edits.

A program is a mapping from "Kind/name" to arguments, in which `Ref("Kind/name")` stands for the id of another resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Ref:
    """The id of another resource of the program."""

    slot: str


Args = dict[str, Any]
Program = dict[str, Args]


@dataclass(frozen=True)
class Place:
    """Where a resource is declared."""

    name: str
    inside: bool = False
    """In a component."""


Names = Mapping[str, tuple[Place, ...]]
"""By "Kind/name": the places that it was declared in, the present one last; a program has aliases for the others."""

METERS, PRODUCTS, PRICES = ("Meter/m", "Meter/n"), ("Product/p", "Product/q"), ("Price/a", "Price/b", "Price/c")
CUSTOMERS, SUBSCRIPTIONS = ("Customer/c", "Customer/d"), ("Subscription/s", "Subscription/t")
SLOTS = (*METERS, *PRODUCTS, *PRICES, *CUSTOMERS, *SUBSCRIPTIONS)
"""In an order in which nothing refers to what comes later."""

BILLABLE = ("Price/a", "Price/b")
"""Prices that are recurring and in one currency, so that subscriptions can have any of them."""

KEYS = ("event_name", "product_id", "lookup_key")
"""What one object of an account can have at a time."""

OPTIONS = "options"
"""Beside the arguments: Pulumi's options of the resource, with references; Stripe never sees them."""

MAY_BE_IGNORED = {"Meter": "display_name", "Product": "description", "Price": "nickname", "Customer": "email"}
"""By kind: a field that `ignore_changes` may name; else "description"."""


def options(args: Args) -> Args:
    """Pulumi's options among the arguments."""
    found: Args = args.get(OPTIONS, {})
    return found


def plain(args: Args) -> Args:
    """The arguments without them."""
    return {k: v for k, v in args.items() if k != OPTIONS}


def refs(value: Any) -> set[str]:
    """The resources that a value refers to."""
    if isinstance(value, Ref):
        return {value.slot}
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return {slot for part in parts for slot in refs(part)}


def resolved(value: Any, ids: Mapping[str, Any]) -> Any:
    """The value with ids in place of references."""
    if isinstance(value, Ref):
        return ids[value.slot]
    if isinstance(value, Mapping):
        return {k: resolved(v, ids) for k, v in value.items()}
    return [resolved(v, ids) for v in value] if isinstance(value, list) else value


def closed(wishes: Program) -> Program:
    """The program that wishes make: what refers to something that is not there is left out, so is what makes no sense then, and
    what has the key of another one."""
    program: Program = {}
    keys: set[tuple[str, str]] = set()
    for slot in SLOTS:
        args = wishes.get(slot)
        if args is None:
            continue
        if slot in SUBSCRIPTIONS:
            args = {**args, "items": [_item(item, program) for item in args["items"] if item["price"].slot in program]}
            if not args["items"]:
                continue
        own = {(name, args[name]) for name in KEYS if name in args}
        if refs(args) <= program.keys() and not own & keys:
            program[slot] = args
            keys |= own
    return program


def _item(item: Args, program: Program) -> Args:
    metered = program[item["price"].slot]["recurring"].get("usage_type") == "metered"
    return {k: v for k, v in item.items() if not (metered and k == "quantity")}


# -- arguments

texts = st.sampled_from(["one", "two"])
metadata = st.dictionaries(st.sampled_from(["a", "b"]), texts, max_size=2)
decimals = st.sampled_from(["0.5", "0.25", "7"])


def optionally(required: Mapping[str, st.SearchStrategy[Any]], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Args]:
    return st.fixed_dictionaries(dict(required), optional=optional)


def meter(slot: str) -> st.SearchStrategy[Args]:
    name = slot[-1]
    return optionally(
        {
            "display_name": texts,
            "event_name": st.sampled_from([f"{name}1", f"{name}2"]),
            "default_aggregation": st.fixed_dictionaries({"formula": st.sampled_from(["sum", "count"])}),
        },
        value_settings=st.just({"event_payload_key": "tokens"}),
    )


def product(slot: str) -> st.SearchStrategy[Args]:
    return optionally(
        {"name": texts},
        description=texts,
        unit_label=texts,
        metadata=metadata,
        images=st.lists(st.sampled_from(["https://example.com/1.png", "https://example.com/2.png"]), max_size=2, unique=True),
        marketing_features=st.lists(st.fixed_dictionaries({"name": texts}), max_size=2),
        statement_descriptor=st.sampled_from(["HYPERNIAN", "TOKENS"]),
        url=st.just("https://example.com"),
        shippable=st.booleans(),
        product_id=st.just(f"own-{slot[-1]}"),
    )


def _tiers() -> st.SearchStrategy[list[Args]]:
    amounts: st.SearchStrategy[Args] = st.one_of(
        st.fixed_dictionaries({"unit_amount": st.integers(0, 3)}),
        st.fixed_dictionaries({"unit_amount_decimal": decimals}),
        st.fixed_dictionaries({"unit_amount": st.integers(0, 3), "flat_amount": st.integers(0, 3)}),
    )

    def ending(bounds: list[int], parts: list[Args]) -> list[Args]:
        return [{"up_to": up_to, **part} for up_to, part in zip([*sorted(bounds), "inf"], parts, strict=False)]

    bounds = st.lists(st.sampled_from([10, 20]), max_size=2, unique=True)
    return bounds.flatmap(lambda b: st.lists(amounts, min_size=len(b) + 1, max_size=len(b) + 1).map(lambda p: ending(b, p)))


def _plain_amount() -> st.SearchStrategy[Args]:
    options = st.dictionaries(
        st.sampled_from(["eur", "jpy"]),
        st.one_of(
            st.fixed_dictionaries({"unit_amount": st.integers(0, 3)}),
            st.fixed_dictionaries({"unit_amount_decimal": decimals}),
            st.fixed_dictionaries({"unit_amount": st.integers(0, 3), "tax_behavior": st.sampled_from(["exclusive"])}),
        ),
        max_size=2,
    )
    packages = st.fixed_dictionaries({"divide_by": st.just(100), "round": st.sampled_from(["up", "down"])})
    return st.one_of(
        optionally({"unit_amount": st.integers(0, 3)}, transform_quantity=packages, currency_options=options),
        optionally({"unit_amount_decimal": decimals}, currency_options=options),
    )


def _tiered_amount() -> st.SearchStrategy[Args]:
    options = st.dictionaries(st.sampled_from(["eur"]), st.fixed_dictionaries({"tiers": _tiers()}))
    return optionally(
        {"billing_scheme": st.just("tiered"), "tiers_mode": st.sampled_from(["graduated", "volume"]), "tiers": _tiers()},
        currency_options=options,
    )


def _recurring() -> st.SearchStrategy[Args]:
    metered = st.fixed_dictionaries(
        {
            "interval": st.just("month"),
            "usage_type": st.just("metered"),
            "meter": st.sampled_from(METERS).map(Ref),
        }
    )
    return st.one_of(st.just({"interval": "month"}), metered)


def price(slot: str) -> st.SearchStrategy[Args]:
    name = slot[-1]
    common = optionally(
        {"currency": st.just("usd"), "product": st.sampled_from(PRODUCTS).map(Ref)},
        nickname=texts,
        metadata=metadata,
        lookup_key=st.sampled_from([f"key_{name}", f"key_{name}2"]),
        tax_behavior=st.sampled_from(["unspecified", "exclusive"]),
        existing_subscriptions=st.sampled_from(["grandfather", "migrate"]),
    )
    recurring = st.fixed_dictionaries({"recurring": _recurring()})
    billable = st.tuples(common, recurring, st.one_of(_plain_amount(), _tiered_amount()))
    if slot in BILLABLE:
        return billable.map(_merged)
    once = st.tuples(common, st.fixed_dictionaries({}, optional={"active": st.booleans()}), _plain_amount())
    return st.one_of(once, billable).map(_merged)


def repriced(args: Args, amount: int, existing_subscriptions: str) -> Args:
    """The price with another amount, of its last tier where it has tiers."""
    kept = {k: v for k, v in args.items() if k not in ("unit_amount", "unit_amount_decimal")}
    tiers = (
        {"tiers": [*args["tiers"][:-1], {"up_to": "inf", "unit_amount": amount}]} if "tiers" in args else {"unit_amount": amount}
    )
    return {**kept, **tiers, "existing_subscriptions": existing_subscriptions}


def _merged(parts: tuple[Args, ...]) -> Args:
    return {k: v for part in parts for k, v in part.items()}


def customer(slot: str) -> st.SearchStrategy[Args]:
    address = optionally({"city": texts}, country=st.sampled_from(["IE", "US"]), line1=texts)
    return optionally(
        {},
        name=texts,
        email=st.sampled_from(["one@example.com", "two@example.com"]),
        description=texts,
        metadata=metadata,
        phone=texts,
        address=address,
        shipping=st.fixed_dictionaries({"name": texts, "address": address}),
        invoice_settings=st.fixed_dictionaries({"footer": texts}),
        preferred_locales=st.lists(st.sampled_from(["en", "ga"]), min_size=1, max_size=2, unique=True),
        tax_exempt=st.sampled_from(["exempt", "none"]),
    )


def subscription(slot: str) -> st.SearchStrategy[Args]:
    item = optionally({"price": st.sampled_from(BILLABLE).map(Ref)}, quantity=st.integers(1, 3), metadata=metadata)
    return optionally(
        {
            "customer": st.sampled_from(CUSTOMERS).map(Ref),
            "items": st.lists(item, min_size=1, max_size=2, unique_by=lambda i: i["price"]),
            "collection_method": st.just("send_invoice"),
            "days_until_due": st.sampled_from([10, 30]),
        },
        description=texts,
        metadata=metadata,
        cancel_at_period_end=st.booleans(),
        pause_collection=st.just({"behavior": "keep_as_draft"}),  # sent after the subscription is made
        billing_mode=st.sampled_from([{"type": "classic"}, {"type": "flexible"}]),
    )


ARGUMENTS = {"Meter": meter, "Product": product, "Price": price, "Customer": customer, "Subscription": subscription}


def given(slot: str) -> st.SearchStrategy[Args]:
    """Some of Pulumi's options. What is retained would be billed on, or keep its key, so that is drawn where it does not."""
    kind = slot.partition("/")[0]
    drawn: dict[str, st.SearchStrategy[Any]] = {
        "ignore_changes": st.sampled_from([[MAY_BE_IGNORED.get(kind, "description")], ["metadata"]]),
        "protect": st.just(True),
    }
    if kind in ("Product", "Price"):
        drawn["retain_on_delete"] = st.just(True)
    if kind != "Customer":
        drawn["replacement_trigger"] = st.sampled_from(["1", "2"])
        drawn["delete_before_replace"] = st.just(True)
    if kind == "Price":
        drawn["replace_with"] = st.sampled_from(PRODUCTS).map(lambda other: [Ref(other)])
    if kind == "Subscription":  # which end with their customer, at Stripe too
        drawn["deleted_with"] = st.sampled_from(CUSTOMERS).map(Ref)
    return st.fixed_dictionaries({}, optional=drawn)


def arguments(slot: str) -> st.SearchStrategy[Args]:
    """Valid arguments for this resource, small at first; to one in three, some of Pulumi's options."""
    found = ARGUMENTS[slot.partition("/")[0]](slot)
    with_options = st.tuples(found, given(slot)).map(lambda both: {**both[0], OPTIONS: both[1]} if both[1] else both[0])
    return st.one_of(found, found, with_options)
