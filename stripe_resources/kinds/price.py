"""Price: what a product costs, and how often. https://docs.stripe.com/api/prices"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Literal, Required, TypedDict, Unpack

import pulumi

from stripe_client.client import Client
from stripe_client.errors import Refused, StripeError
from stripe_resources._core.behaviour import Behaviour, Recovery, Refusal, Retirement, Update, Values
from stripe_resources._core.finding import find
from stripe_resources._core.values.ownership import owner_of, owners_of, stack_of, tag_of, title
from stripe_resources._core.values.schema import UNKNOWN, Difference, Failure, Inputs
from stripe_resources.charging import warn
from stripe_resources.declare import (
    ARCHIVED,
    DECIMAL,
    ENFORCED,
    EXPAND,
    IMMUTABLE,
    OPTION,
    RETIRE_OPTION,
    UNREADABLE,
    VALUE,
    Between,
    Default,
    Input,
    Key,
    Length,
    List,
    Unique,
    Unset,
)
from stripe_resources.fields import (
    STATEMENT_DESCRIPTOR,
    TAX_CODE,
    Adopt,
    Amount,
    Currency,
    CurrencyOptions,
    CustomUnitAmount,
    Interval,
    Metadata,
    TaxBehavior,
    Tier,
    TransformQuantity,
)
from stripe_resources.moves.rules import is_metered
from stripe_resources.moves.run import Migration, stays, subscribers
from stripe_resources.resource import StripeResource
from stripe_resources.rules import AtMostOne, ExactlyOne, Needs, NotOver, NotWith, OnlyWith, OtherCurrencies, Rule, When


class PriceRecurring(TypedDict, total=False):
    """How often the price is billed; absent for a one-time price. A `metered` one bills what its `meter` counted."""

    interval: Required[Input[Interval]]
    interval_count: Annotated[Input[int] | None, Between(1), Default(1)]
    """At most three years in all."""
    meter: Input[str] | None
    trial_period_days: Annotated[Input[int] | None, Between(1, 730)]
    usage_type: Annotated[Input[Literal["licensed", "metered"]] | None, Default("licensed")]


class PriceProductTaxDetails(TypedDict, total=False):
    """How an inline product is taxed."""

    performance_location: Input[str] | None
    tax_code: Annotated[Input[str] | None, TAX_CODE]


class ProductData(TypedDict, total=False):
    """A product made together with the price; it is not managed afterwards: declare a Product instead."""

    name: Required[Annotated[Input[str], Length(5000)]]
    active: Input[bool] | None
    id: Input[str] | None
    metadata: Input[Metadata] | None
    statement_descriptor: Annotated[Input[str] | None, Length(22), STATEMENT_DESCRIPTOR]
    tax_code: Annotated[Input[str] | None, TAX_CODE]
    tax_details: Input[PriceProductTaxDetails] | None
    unit_label: Annotated[Input[str] | None, Length(12)]


class PriceArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/prices/create"""

    currency: Required[Annotated[Input[Currency], IMMUTABLE]]
    """Of the amounts; further ones are in `currency_options`."""
    active: Annotated[Input[bool] | None, Default(True), ENFORCED]
    """Whether it can be sold."""
    adopt: Adopt
    """The id of an existing price to begin with, or True for the one with this `lookup_key`, if there is one."""
    billing_scheme: Annotated[Input[Literal["per_unit", "tiered"]] | None, IMMUTABLE, Default("per_unit")]
    """One amount for all units, or `tiers`."""
    currency_options: Annotated[Input[CurrencyOptions] | None, EXPAND]
    """The price in further currencies, by currency. Stripe cannot take a currency away again: that replaces the price."""
    custom_unit_amount: Annotated[Input[CustomUnitAmount] | None, IMMUTABLE]
    """Lets customers decide on the amount."""
    existing_subscriptions: Annotated[Input[Literal["grandfather", "migrate"]] | None, Default("grandfather"), RETIRE_OPTION]
    """What becomes of the subscriptions that no stack declares when the price is replaced: they stay on the archived price, or
    are moved to the new one first. See [Replacing a price](replacement.md). Not a parameter of Stripe's."""
    lookup_key: Annotated[Input[str] | None, Length(200)]
    """A name of your own for the price, by which applications find it. A replacement takes it over."""
    metadata: Input[Metadata] | None
    """For yourself, by keys of your own; up to 48."""
    nickname: Annotated[Input[str] | None, Length(5000)]
    """For yourself: customers do not see it."""
    product: Annotated[Input[str] | None, IMMUTABLE]
    """The id of the product."""
    product_data: Annotated[Input[ProductData] | None, IMMUTABLE, UNREADABLE]
    """A product made together with the price, instead of `product`."""
    recurring: Annotated[Input[PriceRecurring] | None, IMMUTABLE]
    """How often it is billed; a price without it is billed once."""
    tax_behavior: Annotated[Input[TaxBehavior] | None, Default("unspecified"), Unset.KEEP]
    """Can be set once; any later change replaces the price."""
    tiers: Annotated[Input[List[Input[Tier]]] | None, IMMUTABLE, EXPAND]
    """Amounts by quantity; needs `tiers_mode`."""
    tiers_mode: Annotated[Input[Literal["graduated", "volume"]] | None, IMMUTABLE]
    """Each unit at its own tier's amount, or all units at that of the tier reached."""
    transfer_lookup_key: Annotated[Input[bool] | None, OPTION]
    """Take the lookup key from whichever price has it. Not needed when a price of this stack is replaced."""
    transform_quantity: Annotated[Input[TransformQuantity] | None, IMMUTABLE]
    """Bills packages of units instead of units."""
    unit_amount: Annotated[Input[Amount] | None, IMMUTABLE, Between(0)]
    """Minor currency units per unit (or per package, see `transform_quantity`)."""
    unit_amount_decimal: Annotated[Input[str | Decimal] | None, IMMUTABLE, DECIMAL]
    """The same with up to 12 decimal places, as a string or a Decimal: "0.0004"."""


AMOUNTS = ("unit_amount", "unit_amount_decimal", "custom_unit_amount")


def custom_amount_rules(at: str = "") -> tuple[Rule, ...]:
    """What customers pay who decide on it, of the price at a path such as "default_price_data.": the limits are in order."""
    return tuple(
        NotOver(low, high, at=f"{at}{options}custom_unit_amount")
        for options in ("", "currency_options{}.")
        for low, high in (("minimum", "maximum"), ("minimum", "preset"), ("preset", "maximum"))
    )


MAX_INTERVALS = {"day": 1095, "week": 156, "month": 36, "year": 3}
"""Three years, the longest period that Stripe bills."""


TIERED = When("billing_scheme", "tiered", default="per_unit")
PER_UNIT = When("billing_scheme", "per_unit", default="per_unit")
METERED_USAGE = When("usage_type", "metered", default="licensed")
RULES = (
    ExactlyOne(("product", "product_data"), "a price belongs to one product", give="the id of a product"),
    ExactlyOne(
        AMOUNTS,
        "a price has one amount",
        give="unit_amount, unit_amount_decimal, or tiers (0 is an amount)",
        when=PER_UNIT,
    ),
    OnlyWith("tiers", TIERED),
    OnlyWith("tiers_mode", TIERED),
    Needs("tiers", "the tiers", TIERED),
    Needs("tiers_mode", "graduated or volume", TIERED),
    Needs("recurring", "an interval: Stripe has no one-time price with tiers", TIERED),
    *(NotWith(name, TIERED) for name in (*AMOUNTS, "transform_quantity")),
    Needs("meter", "the id of a meter", METERED_USAGE, at="recurring"),
    OnlyWith("meter", METERED_USAGE, at="recurring"),
    AtMostOne(("recurring", "custom_unit_amount"), "only a one-time price lets the customer decide"),
    OnlyWith("transfer_lookup_key", When("lookup_key")),
    OtherCurrencies(),
    *custom_amount_rules(),
)


def tier_rules(tiers: Any, path: str) -> Iterable[Failure]:
    """Tiers rise, end in "inf", and each costs something, said once."""
    if not isinstance(tiers, list):
        return
    if not tiers:
        yield Failure(path, 'is empty; give at least one tier, the last with `"up_to": "inf"`')
        return
    before = 0
    for i, tier in enumerate(tiers):
        if not isinstance(tier, Mapping):
            continue
        yield from _amounts_of(tier, f"{path}[{i}]")
        up_to, last = tier.get("up_to"), i == len(tiers) - 1
        if up_to is UNKNOWN or up_to is None:
            continue
        if last and up_to != "inf":
            yield Failure(f"{path}[{i}].up_to", f'{up_to} ends the tiers; the last one needs `"up_to": "inf"`')
        elif not last and up_to == "inf":
            yield Failure(f"{path}[{i}].up_to", '"inf" can only be the last tier; give a number of units')
        elif isinstance(up_to, int):
            if up_to <= before:
                yield Failure(f"{path}[{i}].up_to", f"{up_to} is not above the tier before ({before}); sort the tiers")
            before = up_to


def _amounts_of(tier: Mapping[str, Any], path: str) -> Iterable[Failure]:
    for a in ("unit_amount", "flat_amount"):
        if a in tier and f"{a}_decimal" in tier:
            yield Failure(f"{path}.{a}_decimal", f"cannot be given together with `{a}`; remove one of them")
    if not any(k in tier for k in ("unit_amount", "unit_amount_decimal", "flat_amount", "flat_amount_decimal")):
        yield Failure(path, "has no amount; give `unit_amount`, `unit_amount_decimal` or `flat_amount` (0 is one)")


def _interval_rules(recurring: Any) -> Iterable[Failure]:
    """Three years at most."""
    if not isinstance(recurring, Mapping):
        return
    most, count = MAX_INTERVALS.get(recurring.get("interval", "")), recurring.get("interval_count", 1)
    if most is not None and isinstance(count, int) and count > most:
        reason = f"{count} {recurring['interval']}s are more than three years; give {most} or less"
        yield Failure("recurring.interval_count", reason)


def _option_rules(options: Any, tiered: bool | None) -> Iterable[Failure]:
    """Each currency has one amount, or tiers where the price itself has them."""
    for currency, option in options.items() if isinstance(options, Mapping) else ():
        path = f'currency_options["{currency}"]'
        if not isinstance(option, Mapping):
            continue
        given = [k for k in (*AMOUNTS, "tiers") if k in option]
        if tiered is not None and (len(given) != 1 or tiered != (given == ["tiers"])):
            wanted = "tiers, as the price itself has them" if tiered else f"exactly one of {', '.join(AMOUNTS)}"
            yield Failure(path, f"gives {' and '.join(given) or 'no amount'}; give {wanted}")
        yield from tier_rules(option.get("tiers"), f"{path}.tiers")


class PriceBehaviour(Behaviour):
    """A price is almost wholly immutable; its lookup key moves to the replacement."""

    def objection(self, client: Client, id_: str, values: Values, stack: str) -> str:
        """Subscriptions that the stack does not declare are billed by it, and nobody said what becomes of them."""
        if values.get("existing_subscriptions"):
            return ""
        for page in client.pages("/v1/subscriptions", {"price": id_}):
            for subscription in page:
                if not tag_of(subscription).startswith(stack):
                    return (
                        f"{id_} bills {subscription['id']}, which this stack does not declare (there may be more); say what "
                        'becomes of such subscriptions with existing_subscriptions="grandfather" or "migrate"'
                    )
        return ""

    def expand(self, values: Values) -> list[str]:
        """The tiers of each currency have to be asked for by its name."""
        options, tiered = values.get("currency_options"), values.get("billing_scheme") == "tiered"
        found = options.items() if isinstance(options, Mapping) else ()
        with_tiers = (c for c, option in found if tiered or (isinstance(option, Mapping) and "tiers" in option))
        return [*self.schema.expand, *(f"currency_options.{c}.tiers" for c in with_tiers)]

    def rules(self, inputs: Inputs, olds: Inputs | None) -> Iterable[Failure]:
        """Tiers rise, intervals are not too long, and further currencies have what the price itself has."""
        yield from tier_rules(inputs.get("tiers"), "tiers")
        yield from _interval_rules(inputs.get("recurring"))
        yield from _option_rules(inputs.get("currency_options"), TIERED.holds(inputs))

    def live(self, live: Values) -> Values:
        """Stripe leaves out `enabled` of a custom amount, and writes null for the last tier's "inf"."""
        result = dict(live)
        if result.get("custom_unit_amount"):
            result["custom_unit_amount"] = {"enabled": True, **result["custom_unit_amount"]}
        if result.get("tiers"):
            result["tiers"] = _ending_in_inf(result["tiers"])
        if result.get("currency_options"):
            result["currency_options"] = {k: self.live(v) for k, v in result["currency_options"].items()}
        return result

    def outputs(self, outputs: dict[str, Any], declared: Values, live: Values) -> dict[str, Any]:
        """Tiers are declared whole: an amount in one of them that nobody declared is billed all the same, so it shows."""
        result = dict(outputs)
        if "tiers" in result:
            result["tiers"] = _with_undeclared_amounts(result["tiers"], live["tiers"])
        if "currency_options" in result:
            stripes = live["currency_options"]
            result["currency_options"] = {
                c: {**option, "tiers": _with_undeclared_amounts(option["tiers"], stripes[c]["tiers"])}
                if "tiers" in option
                else option
                for c, option in result["currency_options"].items()
            }
        return result

    def adjust(self, difference: Difference, olds: Values, news: Values) -> Difference:
        """What Stripe cannot do in place."""
        declared = "tax_behavior" in news and "tax_behavior" in difference.changed
        once = declared and olds.get("tax_behavior", "unspecified") != "unspecified"
        before, after = olds.get("currency_options") or {}, news.get("currency_options") or {}
        other = "currency_options" in difference.changed and after is not UNKNOWN and not _can_become(before, after)
        difference.replaces += [n for n, must in (("tax_behavior", once), ("currency_options", other)) if must]
        return difference

    def notice(self, olds: Values, news: Values) -> str:
        """Of two prices that differ in a `meter` alone, one bills what was used and the other one what was ordered."""
        if UNKNOWN in (news.get("recurring"), olds.get("recurring")) or is_metered(olds) == is_metered(news):
            return ""
        if is_metered(news):
            return "it bills usage from now on, which its meter counts, and no longer the quantity of each subscription"
        return "it bills the quantity of each subscription from now on, and no longer usage: it has no meter"

    def taken(self, live: Values, inputs: Values) -> str:
        """A price can also take the key from another one."""
        problem = super().taken(live, inputs)
        return f"{problem}, or take this one with transfer_lookup_key=True" if problem else ""

    def recover(self, refusal: Refusal) -> Recovery | None:
        """With the lookup key from a price that this resource was before."""
        new = refusal.history.inputs is None
        params = self._with_lookup_key(refusal.client, refusal.params, refusal.inputs, refusal.refused, new)
        return Recovery(params=params) if params else None

    def update(self, update: Update) -> Values | None:
        """A lookup key is taken from another price only together with one that this price is to have."""
        params = update.params
        if "lookup_key" not in params:
            params = {k: v for k, v in params.items() if k != "transfer_lookup_key"}
        try:
            return update.send(params)
        except Refused as e:
            instead = self._with_lookup_key(update.client, params, update.news, e)
            if instead is None:
                raise
            return update.send(instead)

    def _with_lookup_key(
        self, client: Client, params: Values, inputs: Values, refused: Refused, new: bool = False
    ) -> Values | None:
        """The parameters that take the lookup key from a price that this resource was before; from nobody else unasked."""
        if refused.param != "lookup_key" or "transfer_lookup_key" in params:
            return None
        holder = next(iter(find(client, self.schema, params["lookup_key"])), None)
        if holder is None:
            return None
        tag = tag_of(holder)
        if tag in owners_of(inputs):
            return {**params, "transfer_lookup_key": True}
        if problem := self.taken(holder, inputs):
            raise StripeError(f"lookup_key: {problem}")
        state = "an active" if holder.get("active") else "an archived"
        raise StripeError(
            f'lookup_key: "{params["lookup_key"]}" belongs to {holder["id"]}, {state} price '
            + (f"of {tag}" if tag else "that no stack of this kind made")
            + "; choose another key, "
            + ("take the price over with adopt=True, or its key alone" if new else "or take this one")
            + " with transfer_lookup_key=True"
        )

    def retire(self, client: Client, path: str, retirement: Retirement) -> None:
        """Archives: subscriptions that have the price keep it, unless `existing_subscriptions` says otherwise; new ones cannot
        have it. A product whose default price it still is gets the new one, or none."""
        declared = retirement.outputs if retirement.wanted is None else retirement.wanted
        if declared.get("existing_subscriptions") == "migrate":
            _migrate(client, retirement)
        try:
            super().retire(client, path, retirement)
        except Refused as e:
            if e.status != 400 or not _no_default_any_more(client, retirement):
                raise
            super().retire(client, path, retirement)


def _title(retirement: Retirement) -> str:
    return title("Price", retirement.outputs)


def _migrate(client: Client, retirement: Retirement) -> None:
    """Moves the subscriptions that nobody declares to the new price. Raises StripeError where some would stay on the old one."""
    old = retirement.id
    if retirement.wanted is None:
        # What the stack declares it moves by itself, be it once the new price is there: the old one may have to go first.
        stack = stack_of(owner_of(retirement.outputs))
        others = (s for s in subscribers(client, old) if not tag_of(s).startswith(stack))
        left = {str(s["id"]): "there is no new price to move to" for s in others}
        if left:
            raise StripeError(stays(old, left))
    elif not retirement.successor:
        raise StripeError(
            f'existing_subscriptions: "migrate" needs the new price to be there before {old} goes; '
            'remove delete_before_replace from the price\'s options, or declare "grandfather" where its meter has to go first'
        )
    else:
        try:
            Migration(client, old, retirement.successor, _title(retirement), retirement.say).run()
        except Refused as e:
            if not e.missing:
                raise
            # Whatever it is that is gone, it is not the price that is to be archived, which would count as done.
            raise StripeError(str(e)) from None


def _no_default_any_more(client: Client, retirement: Retirement) -> bool:
    """Whether the price was its product's default, as nobody declared: then the new price is, or none."""
    old, successor = retirement.id, retirement.successor
    product = client.get(f"/v1/prices/{old}")["product"]
    try:
        default = client.get(f"/v1/products/{product}").get("default_price")
    except Refused as e:
        if not e.missing:
            raise
        return False
    if default != old:
        return False
    if successor:
        new = client.get(f"/v1/prices/{successor}")
        successor = successor if new["product"] == product and new["active"] else ""
    client.post(f"/v1/products/{product}", {"default_price": successor})
    retirement.say(f"{_title(retirement)}: {old} was the default price of {product}, which has {successor or 'none'} now")
    return True


def _can_become(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether Stripe can turn currency options into others: it takes no currency away, and a tax behavior is set once."""
    if not before.keys() <= after.keys():
        return False
    options = ((before[c], after[c]) for c in before if isinstance(after[c], Mapping))
    behaviors = ((b.get("tax_behavior", "unspecified"), a.get("tax_behavior", "unspecified")) for b, a in options)
    return all(old in ("unspecified", new) for old, new in behaviors)


def _with_undeclared_amounts(tiers: Sequence[Mapping[str, Any]], live: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**tier, **_undeclared_amounts(tier, stripes)} for tier, stripes in zip(tiers, live, strict=True)]


def _undeclared_amounts(tier: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, str]:
    names = [f"{kind}_decimal" for kind in ("unit_amount", "flat_amount") if kind not in tier and f"{kind}_decimal" not in tier]
    return {name: str(live[name]) for name in names if live.get(name) is not None and Decimal(str(live[name]))}


def _ending_in_inf(tiers: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**t, "up_to": "inf" if t.get("up_to") is None else t["up_to"]} for t in tiers]


metered_prices: weakref.WeakSet[Any] = weakref.WeakSet()
"""The ids (outputs) of the metered prices of the running program: how an item knows them before they have a value."""

METERED = "__metered"
"""An internal input of what has items: the indices of those whose price, declared in this program, is metered."""


def metered_items(items: Any) -> list[int]:
    """The indices of the items whose price is a metered one of this program; an id, unknown in a preview, does not tell."""
    found = enumerate(items if isinstance(items, list) else ())
    return [i for i, item in found if isinstance(item, Mapping) and item.get("price") in metered_prices]


def metered_rules(items: Any, metered: Sequence[int], path: str) -> Iterable[Failure]:
    """A metered price has no quantity, nor one that customers choose."""
    for i in metered:
        item = items[i] if isinstance(items, Sequence) and i < len(items) else None
        for name in ("quantity", "adjustable_quantity"):
            if isinstance(item, Mapping) and name in item:
                yield Failure(f"{path}[{i}].{name}", f"the price is metered: its meter counts; remove the {name}")


class Price(
    StripeResource,
    path="/v1/prices",
    arguments=PriceArgs,
    behaviour=PriceBehaviour,
    # One that an earlier run left is retired: its subscriptions keep it, or are moved, as in any replacement.
    lifecycle=replace(ARCHIVED, one=True),
    key=Key("lookup_key", ({"lookup_keys": [VALUE]},), Unique.MOVES),
    rules=RULES,
):
    """What a product costs. A change that Stripe cannot make in place makes a new price, moves the lookup key and what is
    declared to use the price, and archives the old one last. Deleting it archives it.

    An example:

        product = Product("api", name="API")
        tokens = Meter(
            "tokens",
            display_name="Tokens",
            event_name="tokens",
            default_aggregation={"formula": "sum"},
        )
        Price(
            "tokens-monthly",
            product=product.id,
            currency="usd",
            unit_amount=4,
            transform_quantity={"divide_by": 100, "round": "up"},
            recurring={"interval": "month", "usage_type": "metered", "meter": tokens.id},
            lookup_key="tokens_monthly",
        )
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    currency: pulumi.Output[str]
    active: pulumi.Output[bool]
    adopt: pulumi.Output[bool | str]
    billing_scheme: pulumi.Output[Literal["per_unit", "tiered"]]
    currency_options: pulumi.Output[Mapping[str, Any]]
    custom_unit_amount: pulumi.Output[Any]
    existing_subscriptions: pulumi.Output[Literal["grandfather", "migrate"]]
    lookup_key: pulumi.Output[str]
    metadata: pulumi.Output[Mapping[str, str]]
    nickname: pulumi.Output[str]
    product: pulumi.Output[str]
    product_data: pulumi.Output[Any]
    recurring: pulumi.Output[Any]
    tax_behavior: pulumi.Output[TaxBehavior]
    tiers: pulumi.Output[Sequence[Any]]
    tiers_mode: pulumi.Output[Literal["graduated", "volume"]]
    transfer_lookup_key: pulumi.Output[bool]
    transform_quantity: pulumi.Output[Any]
    unit_amount: pulumi.Output[int]
    unit_amount_decimal: pulumi.Output[str]
    # arguments: end
    type: pulumi.Output[str]
    """one_time or recurring"""
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[PriceArgs]) -> None:
        super().__init__(resource_name, args, opts)
        warn(self, f'Price "{resource_name}"', args)
        if is_metered(args):
            metered_prices.add(self.id)
