"""Rules × mutations: a production stack that satisfies every rule is changed in one place, and exactly the rules that this is
about fire.

The rules are asked as the SDK asks them, in this process; `test_pack_process.py` shows that engines get the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pulumi.runtime
import pytest
from pulumi_policy import PolicyResource, ResourceValidationArgs, ResourceValidationPolicy, StackValidationPolicy

from stripe_policy import discover
from stripe_policy._past import BASELINE
from tests.stripe_policy.arguments import PROVIDER, declared, in_stack, report_of
from tests.stripe_policy.cases import (
    FIVE,
    FOUR,
    LIVE_KEY,
    PROD,
    TEST_KEY,
    Id,
    Resource,
    approved,
    catalogue,
    customers,
    licensed,
    meter,
    price,
    product,
    protected,
    tiered,
)
from tests.stripe_policy.pack_process import _ids, _resolve, write_baseline

Rule = ResourceValidationPolicy | StackValidationPolicy
RULES = {policy.name: policy for policy in discover() if isinstance(policy, Rule)}
FALLING = [{"up_to": 1000, "unit_amount_decimal": "0.05"}, {"up_to": "inf", "unit_amount_decimal": "0.04"}]
METERED = {"interval": "month", "usage_type": "metered", "meter": Id("tokens-meter")}
ORDER = ("Meter", "Product", "Price", "Customer", "Subscription")
EUR = {"unit_amount": 1800, "tax_behavior": "inclusive"}
USD = {"unit_amount": 2000, "tax_behavior": "exclusive"}
CUSTOM = {"enabled": True, "minimum": 100, "maximum": 900}


@dataclass(frozen=True)
class World:
    """A stack, what it was before, and how it is configured."""

    now: tuple[Resource, ...]
    before: tuple[Resource, ...] | None
    config: Mapping[str, str]
    key: str = LIVE_KEY
    stack: str = "test"

    def fires(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
        """The rules that are violated."""
        monkeypatch.setenv("STRIPE_API_KEY", self.key)
        monkeypatch.setenv("PULUMI_DRY_RUN", "true")
        monkeypatch.setenv("PULUMI_STACK", self.stack)
        monkeypatch.setenv("PULUMI_PROJECT", "hypernian")
        pulumi.runtime.set_all_config(dict(self.config))
        monkeypatch.delenv(BASELINE, raising=False)
        if self.before is not None:
            write_baseline(folder / "before.json", self.before)
            monkeypatch.setenv(BASELINE, str(folder / "before.json"))
        single, whole = self._single(), self._whole()
        return {name for name, rule in RULES.items() if report_of(rule, *self._asked(rule, single, whole))}

    def _asked(
        self, rule: Rule, single: Sequence[ResourceValidationArgs], whole: Sequence[PolicyResource]
    ) -> Sequence[ResourceValidationArgs | PolicyResource]:
        return whole if isinstance(rule, StackValidationPolicy) else single

    def _single(self) -> list[ResourceValidationArgs]:
        roots = [declared("pulumi:pulumi:Stack", {}, name="root"), declared(PROVIDER, self.config, name="default")]
        return roots + [
            declared(r.kind, _resolve(r.props, frozenset()), name=r.name, protect=r.protect, config=self.config) for r in self.now
        ]

    def _whole(self) -> list[PolicyResource]:
        found = {
            "root": in_stack("pulumi:pulumi:Stack", {}, name="root"),
            "default": in_stack(PROVIDER, self.config, name="default"),
        }
        for r in sorted(self.now, key=lambda r: ORDER.index(r.kind)):
            sources = {key: [found[name] for name in _ids(value)] for key, value in r.props.items()}
            found[r.name] = in_stack(r.kind, _resolve(r.props, frozenset()), name=r.name, property_dependencies=sources)
        return list(found.values())


_STAYS = protected(
    *catalogue(PROD),
    licensed(PROD, "seat", currency_options={"eur": EUR}),
    tiered(PROD, "many", FALLING),
    licensed(PROD, "gift", unit_amount=None, recurring=None, custom_unit_amount=CUSTOM),
)
BASE = World(
    (*_STAYS, *protected(price(PROD, "approved-price", unit_amount=5))),
    (*_STAYS, *protected(price(PROD, "approved-price"))),
    approved("approved-price", FOUR, FIVE),
)

Mutation = Callable[[World], World]


def _with(resources: tuple[Resource, ...], *changed: Resource) -> tuple[Resource, ...]:
    """With these in the place of those of the same names, or at the end."""
    return tuple({resource.name: resource for resource in (*resources, *changed)}.values())


def always(*changed: Resource) -> Mutation:
    """Now as before, so that it is no change."""
    return lambda world: replace(world, now=_with(world.now, *changed), before=_with(world.before or (), *changed))


def changed(*resources: Resource) -> Mutation:
    """Now, and not before."""
    return lambda world: replace(world, now=_with(world.now, *resources))


def without(name: str) -> Mutation:
    return lambda world: replace(world, now=tuple(resource for resource in world.now if resource.name != name))


def configured(**settings: str) -> Mutation:
    return lambda world: replace(world, config={**world.config, **{k.replace("__", ":"): v for k, v in settings.items()}})


def seat(**changes: Any) -> Resource:
    [it] = protected(licensed(PROD, "seat", **{"currency_options": {"eur": EUR}, **changes}))
    return it


def tokens(**changes: Any) -> Resource:
    [it] = protected(price(PROD, **changes))
    return it


def counter(**changes: Any) -> Resource:
    [it] = protected(meter(**changes))
    return it


def many(tiers: list[dict[str, Any]], **changes: Any) -> Resource:
    [it] = protected(tiered(PROD, "many", tiers, **changes))
    return it


def gift(**limits: Any) -> Resource:
    [it] = protected(licensed(PROD, "gift", unit_amount=None, recurring=None, custom_unit_amount={**CUSTOM, **limits}))
    return it


def eur(**changes: Any) -> dict[str, Any]:
    return {"currency_options": {"eur": {**EUR, **changes}}}


NO_TAX = {k: v for k, v in EUR.items() if k != "tax_behavior"}
TABLE: list[tuple[str, Mutation, str]] = [
    ("a seat for 10 cents", always(seat(unit_amount=10)), "amounts-are-sane"),
    ("a seat for 20,000", always(seat(unit_amount=2_000_000)), "amounts-are-sane"),
    ("a seat below nothing", always(seat(unit_amount=-5)), "amounts-are-sane"),
    ("a seat for far too much in euros", always(seat(**eur(unit_amount=2_000_000))), "amounts-are-sane"),
    ("a seat for nothing in euros", always(seat(**eur(unit_amount=0))), "amounts-are-sane"),
    ("tokens for nothing", always(tokens(unit_amount=0)), "amounts-are-sane"),
    (
        "tokens finer than Stripe bills",
        always(tokens(unit_amount=None, unit_amount_decimal="1.0000000000001")),
        "amounts-are-sane",
    ),
    ("a tier's flat amount below nothing", always(many([{**FALLING[0], "flat_amount": -1}, FALLING[1]])), "amounts-are-sane"),
    ("a gift below nothing", always(gift(minimum=-1)), "amounts-are-sane"),
    ("half a shilling", always(seat(currency="ugx", unit_amount=55000 + 50)), "amounts-can-be-charged currencies-are-allowed"),
    (
        "fils",
        always(seat(currency_options={"kwd": {"unit_amount": 5125, "tax_behavior": "inclusive"}})),
        "amounts-can-be-charged currencies-are-allowed",
    ),
    (
        "the approved change was made before",
        always(*protected(price(PROD, "approved-price", unit_amount=5))),
        "approvals-are-current",
    ),
    (
        "an approval of nothing",
        configured(policy__approvedPriceChanges="[1]"),
        "approvals-are-current price-changes-are-approved",
    ),
    ("Swiss francs", always(seat(currency="chf")), "currencies-are-allowed"),
    ("also Swiss francs", always(seat(currency_options={"chf": EUR})), "currencies-are-allowed"),
    ("a test key", lambda world: replace(world, key=TEST_KEY), "live-keys-only-in-production"),
    ("no key of Stripe's", lambda world: replace(world, key="secret"), "live-keys-only-in-production"),
    ("a test key in the settings", configured(stripe__apiKey=TEST_KEY), "live-keys-only-in-production"),
    ("no owner", always(seat(metadata={"environment": "prod"})), "metadata-names-owner-and-environment"),
    ("no metadata", always(seat(metadata=None)), "metadata-names-owner-and-environment"),
    (
        "staging's metadata",
        always(seat(metadata={"owner": "x", "environment": "staging"})),
        "metadata-names-owner-and-environment",
    ),
    ("counted otherwise", changed(counter(default_aggregation={"formula": "count"})), "meter-formulas-are-kept"),
    ("another value counted", changed(counter(value_settings={"event_payload_key": "n"})), "meter-formulas-are-kept"),
    (
        "another customer",
        changed(counter(customer_mapping={"event_payload_key": "c", "type": "by_id"})),
        "meter-formulas-are-kept",
    ),
    ("a window", changed(counter(event_time_window="day")), "meter-formulas-are-kept"),
    (
        "a meter of elsewhere",
        always(tokens(recurring={**METERED, "meter": "mtr_elsewhere"})),
        "metered-prices-have-a-meter",
    ),
    ("no meter", always(tokens(recurring={"interval": "month", "usage_type": "metered"})), "metered-prices-have-a-meter"),
    ("a meter too many", always(*protected(meter("spare"))), "meters-have-a-price"),
    ("a loud name", always(*protected(product(PROD, "Loud"))), "names-follow-the-convention"),
    ("a loud lookup key", always(seat(lookup_key="Loud-Key")), "names-follow-the-convention"),
    ("a loud event", always(counter(event_name="Tokens Used")), "names-follow-the-convention"),
    ("a dearer seat", changed(seat(unit_amount=2100)), "price-changes-are-approved"),
    ("a cheaper seat", changed(seat(unit_amount=1900)), "price-changes-are-approved"),
    ("dearer in euros", changed(seat(**eur(unit_amount=1900))), "price-changes-are-approved"),
    ("no longer in euros", changed(seat(currency_options=None)), "price-changes-are-approved"),
    (
        "in euros first, for the same",
        changed(
            seat(**{**EUR, "currency": "eur", "currency_options": {"usd": {"unit_amount": 2000, "tax_behavior": "exclusive"}}})
        ),
        "price-changes-are-approved",
    ),
    ("taxed otherwise", changed(seat(tax_behavior="inclusive")), "price-changes-are-approved"),
    ("taxed otherwise in euros", changed(seat(**eur(tax_behavior="exclusive"))), "price-changes-are-approved"),
    ("another product", changed(*protected(product(PROD, "other")), seat(product=Id("other"))), "price-changes-are-approved"),
    ("a trial", changed(seat(recurring={"interval": "month", "trial_period_days": 14})), "price-changes-are-approved"),
    ("every year, for less", changed(seat(recurring={"interval": "year"})), "price-changes-are-approved"),
    ("packages of 120", changed(tokens(transform_quantity={"divide_by": 120, "round": "up"})), "price-changes-are-approved"),
    ("a gift of more", changed(gift(minimum=200)), "price-changes-are-approved"),
    ("a gift of up to more", changed(gift(maximum=901)), "price-changes-are-approved"),
    ("a gift of something at first", changed(gift(preset=500)), "price-changes-are-approved"),
    ("a later tier", changed(many([{**FALLING[0], "up_to": 900}, FALLING[1]])), "price-changes-are-approved"),
    ("by volume", changed(many(FALLING, tiers_mode="volume")), "price-changes-are-approved"),
    (
        "another amount than was approved",
        changed(*protected(price(PROD, "approved-price", unit_amount=6))),
        "approvals-are-current price-changes-are-approved",
    ),
    ("double", changed(seat(unit_amount=4000)), "price-changes-are-approved price-increases-are-capped"),
    ("double in euros", changed(seat(**eur(unit_amount=3600))), "price-changes-are-approved price-increases-are-capped"),
    (
        "packages of 10",
        changed(tokens(transform_quantity={"divide_by": 10, "round": "up"})),
        "price-changes-are-approved price-increases-are-capped",
    ),
    (
        "without packages",
        changed(tokens(transform_quantity=None)),
        "price-changes-are-approved price-increases-are-capped",
    ),
    (
        "every week",
        changed(seat(recurring={"interval": "week"})),
        "price-changes-are-approved price-increases-are-capped",
    ),
    (
        "a flat amount",
        changed(many([{**FALLING[0], "flat_amount": 100}, FALLING[1]])),
        "price-changes-are-approved price-increases-are-capped",
    ),
    (
        "another name, and ten times as dear",
        lambda world: changed(
            *protected(licensed(PROD, "place", lookup_key="seat", currency_options={"eur": EUR}, unit_amount=20000))
        )(without("seat")(world)),
        "price-changes-are-approved price-increases-are-capped",
    ),
    ("removed", without("seat"), "price-retirements-are-approved"),
    ("archived", changed(seat(active=False)), "price-retirements-are-approved"),
    ("two of one kind", always(*protected(price(PROD, "twin", lookup_key="tokens_price"))), "prices-are-distinct"),
    (
        "two without a key",
        always(*protected(price(PROD, "twin", lookup_key=None))),
        "prices-are-distinct prices-have-a-lookup-key",
    ),
    ("no lookup key", always(seat(lookup_key=None)), "prices-have-a-lookup-key"),
    ("an empty lookup key", always(seat(lookup_key="")), "prices-have-a-lookup-key"),
    (
        "a price on the side",
        always(
            *protected(
                product(PROD, "aside", default_price_data={"currency": "usd", "unit_amount": 500, "tax_behavior": "exclusive"})
            )
        ),
        "prices-have-a-lookup-key",
    ),
    ("a product of elsewhere", always(seat(product="prod_elsewhere")), "prices-have-a-product"),
    ("a product on the side", always(seat(product=None, product_data={"name": "Seat"})), "prices-have-a-product"),
    ("a meter to delete", always(meter()), "production-catalogue-is-protected"),
    ("a product to delete", always(product(PROD)), "production-catalogue-is-protected"),
    ("a price to delete", always(price(PROD)), "production-catalogue-is-protected"),
    ("a customer", always(customers(PROD)[0]), "production-has-no-customers"),
    ("a subscription", always(*customers(PROD)), "production-has-no-customers"),
    ("nothing known of before", lambda world: replace(world, before=None), "state-before-is-known"),
    ("another stack's state", lambda world: replace(world, stack="other"), "state-before-is-known"),
    ("nothing said of tax", always(seat(tax_behavior=None)), "tax-behavior-is-declared"),
    ("tax unspecified", always(seat(tax_behavior="unspecified")), "tax-behavior-is-declared"),
    ("nothing said of tax in euros", always(seat(currency_options={"eur": NO_TAX})), "tax-behavior-is-declared"),
    ("dearer later", always(many([{**FALLING[0], "unit_amount_decimal": "0.03"}, FALLING[1]])), "tiers-are-complete-and-falling"),
    ("a last tier that ends", always(many([FALLING[0], {**FALLING[1], "up_to": 2000}])), "tiers-are-complete-and-falling"),
    ("no tier", always(many([])), "tiers-are-complete-and-falling"),
    (
        "a tier twice",
        always(many([FALLING[0], FALLING[0], FALLING[1]])),
        "tiers-are-complete-and-falling",
    ),
]


@pytest.mark.parametrize(("mutation", "rules"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_mutation_is_seen_by_its_rules_and_by_no_other(
    mutation: Mutation, rules: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mutation(BASE).fires(tmp_path, monkeypatch) == set(rules.split())


def test_the_stack_that_is_mutated_satisfies_every_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert BASE.fires(tmp_path, monkeypatch) == set()


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_in_the_table(rule: str) -> None:
    assert any(rule in rules.split() for _, _, rules in TABLE)
