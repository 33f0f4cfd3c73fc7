"""Stacks that violate a rule, and stacks that satisfy it, as data.

`test_pack_process.py` plays them to the pack's own process. `program` renders them as Pulumi programs, for engines: a preview
must report exactly the violations (an `up` that skips its preview stops at the first). `together` makes one stack of many cases.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

TEST_KEY = "sk_test_Case"
LIVE_KEY = "sk_live_Case"

DEV = {"hypernian:environment": "dev", "stripe:livemode": "false"}
STAGING = {"hypernian:environment": "staging", "stripe:livemode": "false"}
PROD = {"hypernian:environment": "prod", "stripe:livemode": "true"}

STACK = "the stack"
"""The resource of a violation that is of the stack as a whole."""


@dataclass(frozen=True)
class Id:
    """The id of another resource of the stack."""

    of: str


@dataclass(frozen=True)
class Resource:
    """One declared resource: Stripe's create parameters, any value of which may be (or hold) an `Id`."""

    kind: Literal["Meter", "Product", "Price", "Customer", "Subscription"]
    name: str
    props: Mapping[str, Any]
    protect: bool = False


@dataclass(frozen=True)
class Case:
    """One stack, and what the pack must say about it."""

    rule: str
    about: str
    resources: tuple[Resource, ...]
    config: Mapping[str, str]
    """The stack's configuration. The API key is given separately."""
    key: str = TEST_KEY
    """What STRIPE_API_KEY is set to; with `key_in_config`, the secret stripe:apiKey instead."""
    key_in_config: bool = False
    before: tuple[Resource, ...] | None = ()
    """What the stack was before, as POLICY_BASELINE tells; None: nobody tells."""
    besides: str = ""
    """A rule that the stack violates as well, which is not what this is about."""
    refused: bool = False
    """The resources refuse it themselves, so that no engine comes to the rule."""
    violations: tuple[tuple[str, str], ...] = field(default=())
    """(name of the resource, message without the rule's description); empty: the stack satisfies the rule."""

    @property
    def id(self) -> str:
        return f"{self.rule}: {self.about}"


def _metadata(config: Mapping[str, str]) -> dict[str, str]:
    return {"owner": "billing", "environment": config["hypernian:environment"]}


def meter(name: str = "tokens-meter", **changes: Any) -> Resource:
    """A meter; a parameter that is None is left out."""
    props = {
        "display_name": "Tokens",
        "event_name": name.replace("-", "_"),
        "default_aggregation": {"formula": "sum"},
        "customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"},
        "value_settings": {"event_payload_key": "value"},
    }
    return Resource("Meter", name, _changed(props, changes))


def product(config: Mapping[str, str], name: str = "tokens-product", **changes: Any) -> Resource:
    return Resource("Product", name, _changed({"name": "Tokens", "metadata": _metadata(config)}, changes))


def price(config: Mapping[str, str], name: str = "tokens-price", **changes: Any) -> Resource:
    """A metered price of `tokens-product` and `tokens-meter`: 0.04 USD per 100."""
    props = {
        "currency": "usd",
        "product": Id("tokens-product"),
        "unit_amount": 4,
        "recurring": {"interval": "month", "usage_type": "metered", "meter": Id("tokens-meter")},
        "transform_quantity": {"divide_by": 100, "round": "up"},
        "lookup_key": name.replace("-", "_"),
        "tax_behavior": "exclusive",
        "metadata": _metadata(config),
    }
    return Resource("Price", name, _changed(props, changes))


def licensed(config: Mapping[str, str], name: str, **changes: Any) -> Resource:
    """A price of 20 USD a month."""
    defaults = {"unit_amount": 2000, "recurring": {"interval": "month"}, "transform_quantity": None}
    return price(config, name, **{**defaults, **changes})


def tiered(config: Mapping[str, str], name: str, tiers: list[dict[str, Any]], **changes: Any) -> Resource:
    defaults = {"unit_amount": None, "transform_quantity": None, "billing_scheme": "tiered", "tiers_mode": "graduated"}
    return price(config, name, tiers=tiers, **{**defaults, **changes})


def _changed(props: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**props, **changes}.items() if value is not None}


def catalogue(config: Mapping[str, str]) -> tuple[Resource, ...]:
    return meter(), product(config), price(config)


def customers(config: Mapping[str, str]) -> tuple[Resource, ...]:
    return (
        Resource("Customer", "john", {"name": "John Doe", "email": "john.doe@example.com", "metadata": _metadata(config)}),
        Resource(
            "Subscription",
            "johns",
            {
                "customer": Id("john"),
                "items": [{"price": Id("tokens-price")}],
                "collection_method": "send_invoice",
                "days_until_due": 30,
                "metadata": _metadata(config),
            },
        ),
    )


def protected(*resources: Resource) -> tuple[Resource, ...]:
    return tuple(replace(resource, protect=True) for resource in resources)


_NO_CUSTOMERS = "Declare test customers in dev or staging only; the application makes the real ones."
_PROTECT = "protect is false in a production stack. Declare it with opts=pulumi.ResourceOptions(protect=True)."
_TEST_KEY_REMEDY = "to a test key (sk_test_… or rk_test_…); or, if this is production, set stripe:livemode to true."
_LIVE_KEY_REMEDY = (
    "to a live key (sk_live_… or rk_live_…) and stripe:livemode to true; or, if this is not production, set "
    "stripe:livemode to false and hypernian:environment to dev or staging."
)
_CHECK = "Amounts are in minor units: check the unit; or, if it is meant,"
_METADATA = 'Declare metadata={"owner": ..., "environment": ...}; `owner` is a team that answers for it.'
_TAX = 'Say tax_behavior="exclusive" (tax comes on top) or "inclusive".'
_NEW_METER = "Declare another Meter with an event_name of its own, and its price; retire this one when nobody reports to it."
FOUR = "0.04 USD per 100 units rounded up, metered, every month, tax exclusive"
FIVE = "0.05 USD per 100 units rounded up, metered, every month, tax exclusive"
TWENTY = "20.00 USD per unit, every month, tax exclusive"


def approve(name: str, before: str, after: str) -> str:
    entry = f'{{price: {name}, from: "{before}", to: "{after}"}}'
    return f"Approve it in the stack's configuration, policy:approvedPriceChanges: - {entry}"


def approved(name: str, before: str, after: str) -> dict[str, str]:
    """Production, with one approval."""
    return {**PROD, "policy:approvedPriceChanges": json.dumps([{"price": name, "from": before, "to": after}])}


RAISED = approved("approved-price", FOUR, FIVE)

_LIVE = protected(*catalogue(PROD))
_RISING = [{"up_to": 1000, "unit_amount_decimal": "0.04"}, {"up_to": "inf", "unit_amount_decimal": "0.05"}]
_FALLING = [{"up_to": 1000, "unit_amount_decimal": "0.05"}, {"up_to": "inf", "unit_amount_decimal": "0.04"}]

CASES = (
    Case(
        "amounts-are-sane",
        "sensible ones in every field",
        (
            *catalogue(STAGING),
            licensed(STAGING, "seat", currency_options={"eur": {"unit_amount": 1800, "tax_behavior": "inclusive"}}),
            tiered(STAGING, "many", _FALLING),
        ),
        STAGING,
    ),
    Case(
        "amounts-are-sane",
        "too little, too much, nothing",
        (
            *catalogue(STAGING),
            licensed(STAGING, "cheap", unit_amount=20),
            licensed(STAGING, "dear", currency_options={"eur": {"unit_amount": 2500000, "tax_behavior": "inclusive"}}),
            price(STAGING, "free", unit_amount=0),
        ),
        STAGING,
        violations=(
            (
                "cheap",
                'Price "cheap": unit_amount is 0.20 USD (20 in minor units). That is less than 0.50 USD. '
                f"{_CHECK} lower this rule's setting `minimumCharge`.",
            ),
            (
                "dear",
                'Price "dear": currency_options["eur"].unit_amount is 25000.00 EUR (2500000 in minor units). That is more than '
                f"10000.00 EUR. {_CHECK} raise this rule's setting `maximum`.",
            ),
            (
                "free",
                'Price "free": unit_amount is 0, and so is every other amount in its currency. Give the amount; or, if it is meant to '
                "be free, name the price in this rule's setting `mayBeFree`.",
            ),
        ),
    ),
    Case(
        "amounts-can-be-charged",
        "whole units of a currency without fractions, and usage at a fraction of one",
        (
            *catalogue(STAGING),
            licensed(
                STAGING,
                "whole",
                currency="ugx",
                unit_amount=500,
                currency_options={"kwd": {"unit_amount": 5120, "tax_behavior": "inclusive"}},
            ),
            price(STAGING, "usage", currency="isk", unit_amount=5),
        ),
        STAGING,
        besides="currencies-are-allowed",
    ),
    Case(
        "amounts-can-be-charged",
        "fractions",
        (
            *catalogue(STAGING),
            licensed(STAGING, "seat", currency="ugx", unit_amount=550),
            licensed(STAGING, "dinar", currency_options={"kwd": {"unit_amount": 5125, "tax_behavior": "inclusive"}}),
        ),
        STAGING,
        besides="currencies-are-allowed",
        violations=(
            (
                "dinar",
                'Price "dinar": currency_options["kwd"].unit_amount is 5.125 KWD (5125 in minor units) cannot be charged as it is: Stripe charges KWD in multiples of 10 minor units, such as 5.120 KWD or 5.130 KWD, and rounds a total. '
                "Give an amount that fits, unless quantities or other lines make totals whole.",
            ),
            (
                "seat",
                'Price "seat": unit_amount is 5.50 UGX (550 in minor units) cannot be charged as it is: Stripe charges UGX in multiples of 100 minor units, such as 5.00 UGX or 6.00 UGX, and rounds a total. '
                "Give an amount that fits, unless quantities or other lines make totals whole.",
            ),
        ),
    ),
    Case(
        "approvals-are-current",
        "one of a change that is made",
        (*_LIVE, *protected(price(PROD, "approved-price", unit_amount=5))),
        RAISED,
        LIVE_KEY,
        before=(*_LIVE, *protected(price(PROD, "approved-price"))),
    ),
    Case(
        "approvals-are-current",
        "one of a change that was made before",
        (*_LIVE, *protected(price(PROD, "approved-price", unit_amount=5), licensed(PROD, "swiss", currency="chf"))),
        RAISED,
        LIVE_KEY,
        before=(*_LIVE, *protected(price(PROD, "approved-price", unit_amount=5), licensed(PROD, "swiss", currency="chf"))),
        besides="currencies-are-allowed",
        violations=(
            (
                STACK,
                'policy:approvedPriceChanges[0] (of the price "approved-price") approves no change of this deployment. Take it out '
                "of the stack's configuration: what it was for is done, or was never to be.",
            ),
        ),
    ),
    Case(
        "currencies-are-allowed",
        "US dollars and euros",
        (
            product(STAGING),
            licensed(STAGING, "seat", currency_options={"eur": {"unit_amount": 1800, "tax_behavior": "inclusive"}}),
        ),
        STAGING,
    ),
    Case(
        "currencies-are-allowed",
        "yen and Swiss francs",
        (
            product(STAGING),
            licensed(
                STAGING, "yen", currency="jpy", currency_options={"chf": {"unit_amount": 1800, "tax_behavior": "inclusive"}}
            ),
        ),
        STAGING,
        violations=tuple(
            (
                "yen",
                f"Price \"yen\": {field} is '{currency}'. Use one of `usd`, `eur`, `gbp`; or add the currency to this rule's setting "
                "`currencies`.",
            )
            for field, currency in (("currency", "jpy"), ("currency_options", "chf"))
        ),
    ),
    Case("metered-prices-have-a-meter", "the meter of the stack", catalogue(DEV), DEV),
    Case(
        "metered-prices-have-a-meter",
        "the id of a meter that the stack does not declare",
        (
            *catalogue(STAGING),
            price(STAGING, "foreign", recurring={"interval": "month", "usage_type": "metered", "meter": "mtr_test_elsewhere"}),
        ),
        STAGING,
        violations=(
            (
                "foreign",
                "Price \"foreign\": recurring.meter is 'mtr_test_elsewhere' and does not come from a meter declared in this stack. "
                'Declare a Meter in this stack and pass its id: recurring={..., "meter": meter.id}.',
            ),
        ),
    ),
    Case("meters-have-a-price", "a price for the meter", catalogue(STAGING), STAGING),
    Case(
        "meters-have-a-price",
        "no price for the meter",
        (*catalogue(STAGING), meter("unpriced")),
        STAGING,
        violations=(
            (
                "unpriced",
                'Meter "unpriced": price is not declared in this stack. Declare a Price with recurring={..., "usage_type": '
                '"metered", "meter": meter.id}; or, if it is only to count, name the meter in this rule\'s setting `mayBeUnpriced`.',
            ),
        ),
    ),
    Case("meter-formulas-are-kept", "the same formula", _LIVE, PROD, LIVE_KEY, before=_LIVE),
    Case(
        "meter-formulas-are-kept",
        "another formula under the same event name",
        (
            *_LIVE,
            *protected(
                meter("counted", default_aggregation={"formula": "count"}),
                price(PROD, "counts", recurring={"interval": "month", "usage_type": "metered", "meter": Id("counted")}),
            ),
        ),
        PROD,
        LIVE_KEY,
        before=(*_LIVE, *protected(meter("counted"))),
        violations=(
            (
                "counted",
                "Meter \"counted\": default_aggregation.formula is 'count' and was 'sum' under the same event_name. "
                f"{_NEW_METER}",
            ),
        ),
    ),
    Case("metadata-names-owner-and-environment", "both", (product(STAGING), licensed(STAGING, "seat")), STAGING),
    Case(
        "metadata-names-owner-and-environment",
        "neither, and those of another environment",
        (
            product(STAGING),
            licensed(STAGING, "anonymous", metadata={"team": "billing"}),
            licensed(STAGING, "strayed", metadata={"owner": "billing", "environment": "prod"}),
        ),
        STAGING,
        violations=(
            ("anonymous", f'Price "anonymous": metadata["owner"] is not set. {_METADATA}'),
            ("anonymous", f'Price "anonymous": metadata["environment"] is not set. {_METADATA}'),
            (
                "strayed",
                'Price "strayed": metadata["environment"] is not the stack\'s hypernian:environment. Take it from the '
                "configuration: hypernian:environment.",
            ),
        ),
    ),
    Case("names-follow-the-convention", "as the convention says", catalogue(STAGING), STAGING),
    Case(
        "names-follow-the-convention",
        "as somebody liked",
        (
            *catalogue(STAGING),
            licensed(STAGING, "Loud", lookup_key="Loud-Key"),
            meter("shouted", event_name="Tokens Used"),
            price(STAGING, "quiet", recurring={"interval": "month", "usage_type": "metered", "meter": Id("shouted")}),
        ),
        STAGING,
        violations=(
            (
                "Loud",
                "Price \"Loud\": the resource's name is not of the form [a-z][a-z0-9]*(-[a-z0-9]+)*. Rename it; or change this rule's "
                "setting `resourceNames`.",
            ),
            (
                "Loud",
                'Price "Loud": lookup_key is not of the form [a-z][a-z0-9]*(_[a-z0-9]+)*. Rename it; or change this rule\'s setting '
                "`lookupKeys`.",
            ),
            (
                "shouted",
                'Meter "shouted": event_name is not of the form [a-z][a-z0-9]*(_[a-z0-9]+)*. Rename it; or change this rule\'s '
                "setting `eventNames`.",
            ),
        ),
    ),
    Case(
        "price-changes-are-approved",
        "approved from 4 to 5",
        (*_LIVE, *protected(price(PROD, "approved-price", unit_amount=5))),
        RAISED,
        LIVE_KEY,
        before=(*_LIVE, *protected(price(PROD, "approved-price"))),
    ),
    Case(
        "price-changes-are-approved",
        "from 4 to 5",
        (*_LIVE, *protected(price(PROD, "raised", unit_amount=5))),
        PROD,
        LIVE_KEY,
        before=(*_LIVE, *protected(price(PROD, "raised"))),
        violations=(("raised", f'Price "raised": the price is {FIVE}, and was {FOUR}. {approve("raised", FOUR, FIVE)}'),),
    ),
    Case(
        "price-increases-are-capped",
        "from 4 to 5",
        (*catalogue(STAGING)[:2], price(STAGING, unit_amount=5)),
        STAGING,
        before=catalogue(STAGING),
    ),
    Case(
        "price-increases-are-capped",
        "from 4 to 40",
        (*catalogue(STAGING), price(STAGING, "tenfold", unit_amount=40)),
        STAGING,
        before=(*catalogue(STAGING), price(STAGING, "tenfold")),
        violations=(
            (
                "tenfold",
                f'Price "tenfold": the price is {FOUR.replace("0.04", "0.40")}, and was {FOUR}: for 1 in a period a bill in USD '
                "rises by 900 %. More than 50 % at once: check the amount, or raise it in steps; or, if it is meant, name the price "
                "in this rule's setting `exempt`.",
            ),
        ),
    ),
    Case(
        "price-retirements-are-approved",
        "an approved one",
        _LIVE,
        approved("approved-seat", TWENTY, "retired"),
        LIVE_KEY,
        before=(*_LIVE, *protected(licensed(PROD, "approved-seat"))),
    ),
    Case(
        "price-retirements-are-approved",
        "one that is removed, one that is archived",
        (*_LIVE, *protected(licensed(PROD, "archived", active=False))),
        PROD,
        LIVE_KEY,
        before=(*_LIVE, *protected(licensed(PROD, "removed"), licensed(PROD, "archived"))),
        violations=(
            (
                STACK,
                f'Price "removed": it is not declared any more, and was {TWENTY}. {approve("removed", TWENTY, "retired")}',
            ),
            (
                "archived",
                f'Price "archived": active is false, and the price was {TWENTY}. {approve("archived", TWENTY, "retired")}',
            ),
        ),
    ),
    Case(
        "prices-are-distinct",
        "distinct lookup keys",
        (*catalogue(STAGING), price(STAGING, "second")),
        STAGING,
    ),
    Case(
        "prices-are-distinct",
        "one lookup key for two",
        (*catalogue(STAGING), price(STAGING, "twin", lookup_key="same"), price(STAGING, "twin-too", lookup_key="same")),
        STAGING,
        violations=tuple(
            (
                name,
                f'Price "{name}": lookup_key is not told apart from that of `{other}`: same meter, interval and currency. Give each '
                "a lookup_key of its own, or remove all but one.",
            )
            for name, other in (("twin", "twin-too"), ("twin-too", "twin"))
        ),
        refused=True,
    ),
    Case("prices-have-a-lookup-key", "a lookup key", (product(STAGING), licensed(STAGING, "seat")), STAGING),
    Case(
        "prices-have-a-lookup-key",
        "no lookup key",
        (product(STAGING), licensed(STAGING, "keyless", lookup_key=None)),
        STAGING,
        violations=(
            (
                "keyless",
                'Price "keyless": lookup_key is not set. Set a name that outlives this price, for instance '
                'lookup_key="hypernian_tokens_monthly".',
            ),
        ),
    ),
    Case("prices-have-a-product", "the product of the stack", (product(STAGING), licensed(STAGING, "seat")), STAGING),
    Case(
        "prices-have-a-product",
        "a product of elsewhere, and one made on the side",
        (
            licensed(STAGING, "homeless", product="prod_elsewhere"),
            licensed(STAGING, "aside", product=None, product_data={"name": "Tokens"}),
        ),
        STAGING,
        violations=(
            (
                "aside",
                'Price "aside": product_data is set, which makes a product that no stack manages. Declare a Product in this stack and '
                "pass its id: product=product.id.",
            ),
            (
                "homeless",
                "Price \"homeless\": product is 'prod_elsewhere' and does not come from a product declared in this stack. Declare a "
                "Product in this stack and pass its id: product=product.id.",
            ),
        ),
    ),
    Case("production-has-no-customers", "a customer and a subscription in dev", (*catalogue(DEV), *customers(DEV)), DEV),
    Case(
        "production-has-no-customers",
        "a customer and a subscription in prod",
        (*_LIVE, *customers(PROD)),
        PROD,
        LIVE_KEY,
        violations=(
            ("john", f'Customer "john": the stack is production. {_NO_CUSTOMERS}'),
            ("johns", f'Subscription "johns": the stack is production. {_NO_CUSTOMERS}'),
        ),
    ),
    Case("live-keys-only-in-production", "a test key in staging", (product(STAGING),), STAGING, key_in_config=True),
    Case("live-keys-only-in-production", "a live key in prod", protected(product(PROD)), PROD, LIVE_KEY, key_in_config=True),
    Case(
        "live-keys-only-in-production",
        "a live key in dev",
        (product(DEV),),
        DEV,
        LIVE_KEY,
        violations=(
            (
                "default",
                'Provider "default": STRIPE_API_KEY is a live key (sk_live_…) in a stack that is not production. '
                f"Set STRIPE_API_KEY {_TEST_KEY_REMEDY}",
            ),
        ),
    ),
    Case(
        "live-keys-only-in-production",
        "a test key in prod",
        protected(product(PROD)),
        PROD,
        key_in_config=True,
        violations=(
            (
                "default",
                'Provider "default": stripe:apiKey is a test key (sk_test_…) in a stack that is production. '
                f"Set stripe:apiKey {_LIVE_KEY_REMEDY}",
            ),
        ),
    ),
    Case("production-catalogue-is-protected", "everything protected in prod", _LIVE, PROD, LIVE_KEY),
    Case(
        "production-catalogue-is-protected",
        "nothing protected in prod",
        (
            *_LIVE,
            meter("open-meter"),
            product(PROD, "open-product"),
            price(
                PROD,
                "open-price",
                product=Id("open-product"),
                recurring={"interval": "month", "usage_type": "metered", "meter": Id("open-meter")},
            ),
        ),
        PROD,
        LIVE_KEY,
        violations=(
            ("open-meter", f'Meter "open-meter": {_PROTECT}'),
            ("open-product", f'Product "open-product": {_PROTECT}'),
            ("open-price", f'Price "open-price": {_PROTECT}'),
        ),
    ),
    Case("state-before-is-known", "it is", _LIVE, PROD, LIVE_KEY, before=_LIVE),
    Case(
        "state-before-is-known",
        "it is not",
        _LIVE,
        PROD,
        LIVE_KEY,
        before=None,
        violations=(
            (
                STACK,
                'Stack "hypernian-test": POLICY_BASELINE is not set. Nothing judges what this change does to prices and meters. Run `pulumi stack export '
                "--file before.json`, and set POLICY_BASELINE to the path of before.json; `stripe-project policy` does both.",
            ),
        ),
    ),
    Case("tax-behavior-is-declared", "exclusive", (product(STAGING), licensed(STAGING, "seat")), STAGING),
    Case(
        "tax-behavior-is-declared",
        "in no currency",
        (
            product(STAGING),
            licensed(STAGING, "untaxed", tax_behavior=None, currency_options={"eur": {"unit_amount": 1800}}),
        ),
        STAGING,
        violations=(
            ("untaxed", f'Price "untaxed": tax_behavior is not set. {_TAX}'),
            ("untaxed", f'Price "untaxed": currency_options["eur"].tax_behavior is not set. {_TAX}'),
        ),
    ),
    Case(
        "tiers-are-complete-and-falling",
        "falling",
        (meter(), product(STAGING), tiered(STAGING, "tokens-price", _FALLING)),
        STAGING,
    ),
    Case(
        "tiers-are-complete-and-falling",
        "rising",
        (*catalogue(STAGING), tiered(STAGING, "rising", _RISING)),
        STAGING,
        violations=(
            (
                "rising",
                'Price "rising": tiers[1] is 0.0005 USD per unit, more than 0.0004 USD in the tier before. Let later tiers cost no '
                "more; or, if it is meant, name the price in this rule's setting `mayRise`.",
            ),
        ),
    ),
)


def together(cases: Iterable[Case]) -> Iterator[Case]:
    """The cases as few stacks: one for each configuration, key, knowledge of the past, and what else it violates. What is declared in several is declared
    once; everything that they violate is violated."""
    stacks: dict[tuple[Any, ...], list[Case]] = {}
    for case in cases:
        key = (case.key_in_config, case.key, tuple(case.config.items()), case.before is None, case.besides, bool(case.violations))
        stacks.setdefault(key, []).append(case)
    for of_one in stacks.values():
        first = of_one[0]
        yield replace(
            first,
            rule=", ".join(dict.fromkeys(case.rule for case in of_one)),
            about="together",
            resources=_distinct(case.resources for case in of_one),
            before=None if first.before is None else _distinct(case.before or () for case in of_one),
            violations=tuple(violation for case in of_one for violation in case.violations),
        )


def _distinct(stacks: Iterable[tuple[Resource, ...]]) -> tuple[Resource, ...]:
    """Referred-to resources come before those that refer to them, in each case; the last declaration of a name counts."""
    found: dict[str, Resource] = {}
    for resource in (resource for stack in stacks for resource in stack):
        found[resource.name] = resource
    return tuple(sorted(found.values(), key=lambda r: ("Meter", "Product", "Price", "Customer", "Subscription").index(r.kind)))


def program(resources: Iterable[Resource]) -> str:
    """A stack as the text of a `__main__.py` that uses `stripe_resources`."""
    lines = ["import pulumi", "import stripe_resources as stripe", ""]
    for resource in _distinct([tuple(resources)]):
        arguments = [
            repr(resource.name),
            *(f"{key}={_source(value)}" for key, value in resource.props.items()),
        ]
        if resource.protect:
            arguments.append("opts=pulumi.ResourceOptions(protect=True)")
        lines.append(f"{_variable(resource.name)} = stripe.{resource.kind}({', '.join(arguments)})")
    return "\n".join(lines) + "\n"


def _source(value: Any) -> str:
    if isinstance(value, Id):
        return f"{_variable(value.of)}.id"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_source(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_source(item) for item in value) + "]"
    return repr(value)


def _variable(name: str) -> str:
    return name.replace("-", "_")
