"""2,000 random changes of prices: each rule about amounts against bills calculated once more, at all quantities that count.

40 of them run by default, all of them with TESTS=thorough; `price_changes.change(17)` is one of them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pulumi.runtime
import pytest
from pulumi_policy import ResourceValidationPolicy

from stripe_policy import (
    amounts_are_sane,
    amounts_can_be_charged,
    approvals_are_current,
    currencies_are_allowed,
    price_changes_are_approved,
    price_increases_are_capped,
    tiers_are_complete_and_falling,
)
from stripe_policy._past import BASELINE
from tests.sampling import short
from tests.stripe_policy.arguments import declared, in_stack, report_of, token, urn
from tests.stripe_policy.bills import (
    Price,
    Rise,
    amount,
    bill,
    costs_nothing,
    currencies,
    exceeds,
    in_currency,
    is_metered,
    rises,
    sides,
    unit_costs,
)
from tests.stripe_policy.cases import PROD
from tests.stripe_policy.price_changes import change

BLOCK = 40
BLOCKS = [range(start, start + BLOCK) for start in range(0, 2000, BLOCK)]
MOST = Fraction(1_000_000)
"""The rule's default, in minor units of any currency."""
LEAST = {"usd": 50, "eur": 50, "gbp": 30, "jpy": 50, "chf": 50}
"""https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts"""
WHOLE = {"ugx": 100, "isk": 100, "kwd": 10, "bhd": 10}
"""https://docs.stripe.com/currencies#special-cases"""


class Judge:
    """The rules, asked about one price as an engine asks."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch, self.asked = folder, monkeypatch, 0

    def was(self, price: Price) -> None:
        """What the state before has."""
        self.asked += 1
        exported = [{"urn": urn("Price", "it"), "type": token("Price"), "inputs": price}]
        path = self.folder / f"{self.asked}.json"  # one for each, since what is read is kept by name and time
        path.write_text(json.dumps({"version": 3, "deployment": {"resources": exported}}))
        self.monkeypatch.setenv(BASELINE, str(path))

    def says(self, rule: ResourceValidationPolicy, price: Price, **settings: Any) -> list[str]:
        return report_of(rule, declared("Price", wire(price), name="it", config=PROD, settings=settings))


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    return Judge(tmp_path, monkeypatch)


def wire(value: Any) -> Any:
    """Engines give every number as a double."""
    if isinstance(value, dict):
        return {k: wire(v) for k, v in value.items()}
    if isinstance(value, list):
        return [wire(v) for v in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


every_change = pytest.mark.parametrize("numbers", short(BLOCKS, 1, lambda block: f"{block.start}-{block.stop - 1}"))
pytestmark = pytest.mark.timeout(900)


# -- increases


@every_change
def test_the_cap_refuses_what_raises_a_bill_by_more(numbers: range, judge: Judge) -> None:
    for number in numbers:
        it = change(number)
        judge.was(it.before)
        found = [] if "custom_unit_amount" in it.before else list(rises(it.before, it.after))
        for cap in caps(found):
            said = judge.says(price_increases_are_capped.policy, it.after, maximumPercent=float(cap))
            refused = any(exceeds(rise, Fraction(cap)) for rise in found)
            assert len(said) == refused, f"change {number} under {cap} %: {said}"
            if said:
                assert names_the_worst(said[0], it.before, it.after, found), f"change {number}: {said}"


def caps(found: list[Rise]) -> list[Decimal]:
    """The default, none at all, and the ones just above and just below the worst bill."""
    worst = max((rise.percent for rise in found if rise.percent is not None), default=Fraction(0))
    just_above = Decimal(math.ceil(worst * 10**4)).scaleb(-4)
    around = [just_above, just_above - Decimal("0.0001")] if 0 < worst < 10**9 else []
    return [Decimal(50), Decimal(0), *(cap for cap in around if cap >= 0)]


def names_the_worst(message: str, before: Price, after: Price, found: list[Rise]) -> bool:
    """Whether the bill that a message speaks of rises as it says, and none by more."""
    told = re.search(r": for (large quantities|(\d+) in a period) a bill in ([A-Z]{3}) (.*?)\. More than", message)
    assert told, message
    currency, how = told[3].lower(), told[4]
    boundless = [rise for rise in found if rise.percent is None]
    if told[2] is None:
        [rise] = [rise for rise in found if rise.currency == currency and rise.quantity is None]
        old, new = Fraction(0), rise.percent
    else:
        both = sides(before, after, currency)
        old, raised = (side.a_year(int(told[2])) for side in both)
        assert old or raised
        new = (raised / old - 1) * 100 if old else None
    if new is None:
        return bool(boundless) and how in ("was nothing before", "has no limit any more")
    percent = re.fullmatch(r"rises by ([\d.]+) %", how)
    assert percent, message
    rounded_up = Fraction(math.ceil(new * 10), 10)
    return not boundless and Fraction(percent[1]) == rounded_up and new == max(r.percent for r in found if r.percent is not None)


# -- approvals


def at_stripe(price: Price) -> Any:
    """What Stripe keeps of a price and cannot change in place, with its defaults filled in."""
    every = price.get("recurring")
    recurring = every and (
        every["interval"],
        int(every.get("interval_count", 1)),
        every.get("usage_type", "licensed"),
        every.get("meter"),
        every.get("trial_period_days"),
    )
    package = price.get("transform_quantity")
    amounts = {currency: _kept(price, currency) for currency in currencies(price)}
    whole = package and (package["divide_by"], package["round"])
    return price["currency"], price["product"], recurring, whole, price.get("tiers_mode"), amounts


def _kept(price: Price, currency: str) -> Any:
    terms = in_currency(price, currency)
    tax = terms.get("tax_behavior", "unspecified")
    if custom := terms.get("custom_unit_amount"):
        return tax, custom.get("minimum"), custom.get("maximum"), custom.get("preset")
    if not terms.get("tiers"):
        return tax, amount(terms, "unit_amount")
    return tax, [(t["up_to"], amount(t, "unit_amount") or 0, amount(t, "flat_amount") or 0) for t in terms["tiers"]]


def bills_differ(before: Price, after: Price) -> bool:
    if "custom_unit_amount" in before:
        return False
    if set(currencies(before)) != set(currencies(after)):
        return True
    return any(rise.percent != 0 for rise in rises(before, after))


@every_change
def test_an_approval_covers_that_change_and_no_other(numbers: range, judge: Judge) -> None:
    rule = price_changes_are_approved.policy
    for number in numbers:
        it = change(number)
        judge.was(it.before)
        pulumi.runtime.set_all_config(PROD)
        said = judge.says(rule, it.after)
        differs = at_stripe(it.before) != at_stripe(it.after)
        assert differs or not bills_differ(it.before, it.after)
        assert len(said) == differs, f"change {number}: {said}"
        if not said:
            continue
        approval = approval_of(said[0])
        approve(approval)
        assert judge.says(rule, it.after) == [], f"change {number}: its own approval"
        other = at_stripe(it.other) not in (at_stripe(it.before), at_stripe(it.after))
        assert len(judge.says(rule, it.other)) == other, f"change {number}: another one goes through by its approval"
        judge.was(it.after)
        assert len(judge.says(rule, it.other)) == (at_stripe(it.other) != at_stripe(it.after)), f"change {number}: the next one"


@every_change
def test_an_approval_is_used_up_by_its_change(numbers: range, judge: Judge) -> None:
    rule, stack = approvals_are_current.policy, in_stack("pulumi:pulumi:Stack", {})
    judge.monkeypatch.setenv("PULUMI_DRY_RUN", "true")
    for number in numbers:
        it = change(number)
        judge.was(it.before)
        pulumi.runtime.set_all_config(PROD)
        if not (asked := judge.says(price_changes_are_approved.policy, it.after)):
            continue
        approve(approval_of(asked[0]))
        after = in_stack("Price", wire(it.after), name="it")
        assert report_of(rule, stack, after) == [], f"change {number}: the approval is needed"
        judge.was(it.after)
        assert len(report_of(rule, stack, after)) == 1, f"change {number}: the approval is used up"


def approval_of(message: str) -> dict[str, str]:
    found = re.search(r'{price: (.*), from: "(.*)", to: "(.*)"}', message)
    assert found, message
    return dict(zip(("price", "from", "to"), found.groups(), strict=True))


def approve(*approvals: Mapping[str, str]) -> None:
    pulumi.runtime.set_all_config({**PROD, "policy:approvedPriceChanges": json.dumps(approvals)})


# -- amounts


@every_change
def test_amounts_are_refused_as_the_limits_say(numbers: range, judge: Judge) -> None:
    for number in numbers:
        price = change(number).after
        said = {field_of(message) for message in judge.says(amounts_are_sane.policy, price)}
        assert said == not_sane(price), f"change {number}: {price}"


@every_change
def test_amounts_that_cannot_be_charged_are_told(numbers: range, judge: Judge) -> None:
    for number in numbers:
        price = change(number).after
        said = {field_of(message) for message in judge.says(amounts_can_be_charged.policy, price)}
        assert said == not_whole(price), f"change {number}: {price}"


@every_change
def test_currencies_and_tiers_are_refused_as_the_rules_say(numbers: range, judge: Judge) -> None:
    for number in numbers:
        price = change(number).after
        said = judge.says(currencies_are_allowed.policy, price)
        assert len(said) == len([c for c in currencies(price) if c not in ("usd", "eur", "gbp")]), f"change {number}: {said}"
        rising = {field_of(message) for message in judge.says(tiers_are_complete_and_falling.policy, price)}
        assert rising == not_falling(price), f"change {number}: {price}"


def field_of(message: str) -> str:
    found = re.match(r'Price "it": (\S+) is ', message)
    assert found, message
    return found[1]


def named(price: Price) -> list[tuple[str, str, Fraction]]:
    """(field, currency, amount) of each amount that is given."""
    found: list[tuple[str, str, Fraction]] = []
    for currency in currencies(price):
        path = "" if currency == price["currency"] else f'currency_options["{currency}"].'
        terms = in_currency(price, currency)
        lists = [(path, terms), *((f"{path}tiers[{i}].", tier) for i, tier in enumerate(terms.get("tiers") or []))]
        lists.append((f"{path}custom_unit_amount.", terms.get("custom_unit_amount") or {}))
        names = ("unit_amount", "unit_amount_decimal", "flat_amount", "flat_amount_decimal", "minimum", "maximum", "preset")
        found += [(where + n, currency, Fraction(str(fields[n]))) for where, fields in lists for n in names if n in fields]
    return found


def not_sane(price: Price) -> set[str]:
    """Above the maximum, a charge that is below the minimum, and what costs nothing at any quantity."""
    wrong = {field for field, _, value in named(price) if value > MOST}
    if is_metered(price):
        wrong |= {field for field, _, value in named(price) if ".unit" in f".{field}" and 0 < value < Fraction(1, 10**9)}
    else:
        alone = [(field, currency, value) for field, currency, value in named(price) if "tiers" not in field]
        wrong |= {field for field, currency, value in alone if 0 < value < LEAST.get(currency, 0)}
    for currency in currencies(price) if "custom_unit_amount" not in price else ():
        if costs_nothing(price, currency):
            wrong.add(next(field for field, of, _ in named(price) if of == currency))
    return wrong


def not_whole(price: Price) -> set[str]:
    """What is no multiple of the least that the currency is charged in; what a unit of usage costs need not be one."""
    counts = [(field, WHOLE[of], value) for field, of, value in named(price) if of in WHOLE]
    return {field for field, by, value in counts if value % by and not (is_metered(price) and "unit_amount" in field)}


def not_falling(price: Price) -> set[str]:
    """Tiers whose units cost more than those of the last tier before whose units cost something."""
    wrong: set[str] = set()
    for currency in currencies(price) if "tiers" in price else ():
        path, before = ("" if currency == price["currency"] else f'currency_options["{currency}"].'), Fraction(0)
        for i, unit in enumerate(unit_costs(price, currency)):
            if before and unit > before:
                wrong.add(f"{path}tiers[{i}]")
            before = unit or before
    return wrong


# -- the calculation itself


@pytest.mark.parametrize(
    ("mode", "quantity", "cents"),
    [("volume", 5, 3500), ("volume", 6, 3900), ("volume", 20, 12000), ("graduated", 5, 3500), ("graduated", 6, 4150)],
)
def test_the_figures_of_the_guide(mode: str, quantity: int, cents: int) -> None:
    """https://docs.stripe.com/subscriptions/pricing-models/tiered-pricing"""
    fonts = [{"up_to": 5, "unit_amount": 700}, {"up_to": 10, "unit_amount": 650}, {"up_to": "inf", "unit_amount": 600}]
    price = {"currency": "usd", "tiers_mode": mode, "tiers": fonts}
    assert bill(price, "usd", Fraction(quantity)) == cents


def test_no_quantity_between_those_that_are_looked_at_is_worse() -> None:
    """Every whole one from nothing on, of some of the changes."""
    for number in range(0, 2000, 100):
        it = change(number)
        if "custom_unit_amount" in it.before:
            continue
        found = list(rises(it.before, it.after))
        for currency in {rise.currency for rise in found}:
            looked_at = [rise.percent for rise in found if rise.currency == currency]
            worst = None if None in looked_at else max(percent for percent in looked_at if percent is not None)
            both = sides(it.before, it.after, currency)
            for quantity in range(300):
                old, new = (side.a_year(quantity) for side in both)
                if worst is not None:
                    assert (new / old - 1) * 100 <= worst if old else not new, f"change {number} at {quantity}"
