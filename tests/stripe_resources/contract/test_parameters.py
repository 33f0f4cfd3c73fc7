"""Every parameter that the resources can send, with every listed value, is one that Stripe's description of its API has.

stripe-mock's description of the API (2026-08-26) is older than the API version that the SDK speaks (2026-10-28). What only the
newer one has is listed as `newer` in the samples; each of them really is refused, so that the lists cannot outlive their reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_resources._core.handler import Handler
from stripe_resources._core.values.ownership import OWNER
from stripe_resources._core.values.schema import Field, Role
from stripe_resources.register import KINDS
from tests.stripe_resources.samples import VERSION_1 as SAMPLES
from tests.stripe_resources.sent import sent

from .samples import creatable, known, paths, pruned, samples
from .stripe_mock import StripeMock

Handlers = Callable[[str], Handler]
Update = tuple[str, dict[str, Any], dict[str, Any]]

REFUSED = "Request validation error"


@pytest.fixture(params=SAMPLES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def owned(kind: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {**inputs, OWNER: f"project/stack/{kind}/name"}


def created(handler: Handler, kind: str, inputs: dict[str, Any]) -> str:
    """Checks and creates; what Stripe's checker says against it, or ""."""
    checked, failures = handler.check({}, owned(kind, inputs))
    assert [str(f) for f in failures] == []
    try:
        handler.create(checked)
    except Refused as e:
        return e.said
    return ""


# -- the samples


def test_nothing_that_is_declared_goes_untried(kind: str) -> None:
    schema = KINDS[f"stripe:{kind}"][0]
    tried = (paths(schema.fields, inputs) for plan in SAMPLES[kind].plans for inputs in samples(schema, plan))
    assert set().union(*tried) == paths(schema.fields, None)


# -- create


@pytest.mark.parametrize("kind", [kind for kind, sample in SAMPLES.items() if sample.has_create])
def test_creates(handlers: Handlers, kind: str) -> None:
    schema, handler = KINDS[f"stripe:{kind}"][0], handlers(f"stripe:{kind}")
    inputs = [(plan.name, made) for plan in creatable(SAMPLES[kind]) for made in samples(schema, plan)]
    refusals = {f"{name}: {said}" for name, made in inputs if (said := created(handler, kind, made))}
    assert sorted(refusals) == []


EXCEPTIONS = [(kind, exception) for kind, sample in SAMPLES.items() for exception in sample.newer]


@pytest.mark.parametrize(("kind", "exception"), EXCEPTIONS, ids=lambda value: value)
def test_what_stripe_mock_does_not_know_is_really_refused(
    stripe_mock: StripeMock, handlers: Handlers, kind: str, exception: str
) -> None:
    if not stripe_mock.strict and "." in exception:
        pytest.skip("stripe-mock was found, but not its source: with Go (https://go.dev/dl/) nested parameters are checked too")
    schema, sample = KINDS[f"stripe:{kind}"][0], SAMPLES[kind]
    others = {**sample.newer, **sample.not_at_creation}.keys() - {exception}
    path = exception.partition("=")[0]
    plan = next(p for p in sample.plans if not any(f"{path}.".startswith(f"{omitted}.") for omitted in p.omit)).without(others)
    refusals = [said for inputs in samples(schema, plan) if (said := created(handlers(f"stripe:{kind}"), kind, inputs))]
    assert refusals
    assert all(REFUSED in said for said in refusals)


# -- update


def updates(kind: str) -> Iterator[Update]:
    """(what is done, olds, news): each field that an update takes is set, changed, removed, and has each of its parts removed."""
    schema = KINDS[f"stripe:{kind}"][0]
    for plan in known(SAMPLES[kind]):
        done: set[str] = set()
        for made in samples(schema, plan):
            inputs = owned(kind, made)
            for name, field in schema.fields.items():
                if name in inputs and field.in_update and field.role is Role.MUTABLE:
                    for what, olds, news in _updates_of(field, inputs):
                        if "without" not in what or what not in done:  # sets differ by their values, removals do not
                            yield what, olds, news
                        done.add(what)


def _updates_of(field: Field, inputs: dict[str, Any]) -> Iterator[Update]:
    name = field.name
    without = {k: v for k, v in inputs.items() if k != name}
    if not field.required:
        yield f"{name} set", without, inputs
        yield f"{name} left out", inputs, without
    elif name == "line_items":  # another price is another object: see below
        yield f"{name} changed", {**inputs, name: [{**i, "quantity": i["quantity"] + 1} for i in inputs[name]]}, inputs
    elif isinstance(inputs[name], (str, list)) and name != "items":  # which are changed one by one: see below
        before = "before" if isinstance(inputs[name], str) else []
        yield f"{name} changed", {**inputs, name: before}, inputs
    for path, part in pruned(field.type, inputs[name], name):
        yield f"{name} without {path}", inputs, {**inputs, name: part}
    if isinstance(inputs[name], list) and not field.required:
        yield f"{name} emptied", inputs, {**inputs, name: []}


def identified(values: dict[str, Any], first: int = 0) -> dict[str, Any]:
    """Items as outputs have them, with ids."""
    names = [n for n in ("items", "line_items") if n in values]
    return {**values, **{n: [{"id": f"si_{first + i}", **item} for i, item in enumerate(values[n])] for n in names}}


def test_updates(handlers: Handlers, kind: str) -> None:
    handler = handlers(f"stripe:{kind}")
    seen, refusals = set(), set()
    for what, olds, news in updates(kind):
        olds = identified(olds)
        if handler.diff("id_1", olds, news).replaces or ("emptied" in what and handler.check({}, news)[1]):
            continue  # no update is what comes of it
        try:
            handler.update("id_1", olds, news)
        except Refused as e:
            refusals.add(f"{what}: {e.said}")
        seen.add(what.partition(" ")[0])
    assert sorted(refusals) == []
    updatable = {n for n, f in handler.schema.fields.items() if f.in_update and f.role is Role.MUTABLE}
    assert seen == updatable - SAMPLES[kind].newer.keys() - {"items"}  # which are changed one by one: see below


def test_subscription_items_are_changed_added_and_removed(client: Client) -> None:
    schema, behaviour = KINDS["stripe:Subscription"]
    item = schema.fields["items"].type.item  # type: ignore[union-attr]
    for made in samples(schema, known(SAMPLES["Subscription"])[0]):
        inputs, items = owned("Subscription", made), made["items"]
        plain = [{"price": i["price"]} for i in items]
        steps = [(plain, items), (items, plain), (items, items[1:]), (items[1:], items)]
        steps.append((items, [*items[:-1], {**items[-1], "price": "price_new"}]))
        steps += [(items, [part, *items[1:]]) for _, part in pruned(item, items[0], "items")]
        for before, after in steps:
            olds, news = identified({**inputs, "items": before}), {**inputs, "items": after}
            live = {"items": {"data": [{**i, "price": {"id": i["price"]}} for i in olds["items"]]}}
            # stripe-mock keeps no state, so that what the update looks at first has to be given.
            params = sent(behaviour, olds, news, {"items": after}, live)
            client.post("/v1/subscriptions/sub_1", params)
