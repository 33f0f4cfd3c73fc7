"""What users hold on to changes only with an entry in the changelog: between released versions, and since the last one."""

from __future__ import annotations

import itertools

from scripts.changelog import UNRELEASED, dates, sections
from tests.surface.collecting import ROOT, flat, surface
from tests.surface.comparing import Change, changes, unnamed
from tests.surface.released import released, version

CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
RELEASED = released()
LAST = list(RELEASED)[-1]


def missing(old: dict[str, str], new: dict[str, str], section: str) -> str:
    return "\n".join(unnamed(changes(old, new), sections(CHANGELOG)[section]))


def test_every_change_since_the_last_release_is_in_the_changelog() -> None:
    lines = missing(RELEASED[LAST], flat(surface()), UNRELEASED)
    if lines and version() == LAST:
        lines += f"\n(or, while v{LAST} is not tagged, `make surface` writes its surface anew)"
    assert not lines, f"CHANGELOG.md, section {UNRELEASED}, does not name these:\n{lines}"


def test_every_change_of_a_release_is_in_its_section() -> None:
    assert {
        new: lines for old, new in itertools.pairwise(RELEASED) if (lines := missing(RELEASED[old], RELEASED[new], new))
    } == {}


def test_every_surface_has_its_section_and_date() -> None:
    assert [v for v in RELEASED if not dates(CHANGELOG).get(v)] == []
    assert next(iter(sections(CHANGELOG))) == UNRELEASED


# -- how it is compared

OLD = {"Price": "stripe:Price", "Price.amount": "argument", "stripe-usage": "command", "stripe-usage record": "command"}


def test_what_came_or_went_as_a_whole_is_named_as_a_whole() -> None:
    new = {**OLD, "Refund": "stripe:Refund", "Refund.amount": "argument", "Refund.reason": "argument"}
    assert changes(OLD, new) == [Change("Refund", None, "stripe:Refund")]
    assert changes(new, OLD) == [Change("Refund", "stripe:Refund", None)]
    assert changes(OLD, OLD) == []


def test_a_part_that_came_or_went_or_changed_is_named_by_itself() -> None:
    new = {**OLD, "Price.amount": "required argument", "Price.tiers": "argument"}
    del new["stripe-usage record"]
    assert [str(change) for change in changes(OLD, new)] == [
        "changed `Price.amount` (argument → required argument)",
        "added `Price.tiers` (argument)",
        "removed `stripe-usage record` (command)",
    ]


def test_a_whole_that_changed_does_not_stand_for_its_parts() -> None:
    new = {**OLD, "Price": "stripe:billing:Price", "Price.tiers": "argument"}
    assert [change.name for change in changes(OLD, new)] == ["Price", "Price.tiers"]


def test_only_a_name_between_backticks_counts() -> None:
    found = changes(OLD, {**OLD, "Price.tiers": "argument"})
    assert unnamed(found, "### Added\n\n- Price.tiers, `Price.tiers_mode`") == ["added `Price.tiers` (argument)"]
    assert unnamed(found, "### Added\n\n- `Price.tiers`: amounts by quantity") == []


# -- what it sees


def test_the_surface_has_every_group() -> None:
    names = flat(surface())
    assert {
        "Price.unit_amount",
        "Tier.up_to",
        "UsageBasedPlan.meter_ids",
        "stripe_resources.testing.run",
        "stripe:apiKey",
        "STRIPE_API_KEY",
        "PULUMI_SKIP_CONFIRMATIONS",
        "NO_COLOR",
        "stripe-usage record --event-name",
        "stripe-project diff --exit-code",
        "stripe-resources export --out",
        "stripe-impact preview",
        "stripe-local --port",
        "pulumi-local stack select",
        "exit code of stripe-usage: rows were rejected",
        "stripe-impact JSON bills[].subscriptions[].before[].amount",
        "stripe-project diff JSON settings[].setting",
    } <= names.keys()
    assert names["__provider"] == "a pickle of stripe_resources.provider load stripe:Price"
    assert names["Price"] == "pulumi-python:dynamic/stripe:Price"
    assert names["Price.unit_amount"] == "argument; a change replaces"
    assert names["Product.name"] == "required argument; a change updates"
    assert names["WebhookEndpoint.secret"] == "secret output"
