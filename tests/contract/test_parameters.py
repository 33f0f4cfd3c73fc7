"""Every parameter that the resources can send, with every listed value, is one that Stripe's description of its API has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stripe_client.client import Client
from stripe_client.errors import Refused
from stripe_resources._core.handler import Handler
from stripe_resources._core.schema import Field, Role
from stripe_resources._core.shape import OWNER
from stripe_resources.register import KINDS

from .plans import NEWER, NOT_AT_CREATION, PLANS, creatable, known
from .samples import paths, pruned, samples
from .stripe_mock import StripeMock

Handlers = Callable[[str], Handler]
Update = tuple[str, dict[str, Any], dict[str, Any]]

TOKENS = sorted(KINDS)
REFUSED = "Request validation error"


@pytest.fixture(params=TOKENS)
def token(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def owned(token: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {**inputs, OWNER: f"project/stack/{KINDS[token][0].kind}/name"}


def created(handler: Handler, token: str, inputs: dict[str, Any]) -> str:
    """Checks and creates; what Stripe's checker says against it, or ""."""
    checked, failures = handler.check({}, owned(token, inputs))
    assert [str(f) for f in failures] == []
    try:
        handler.create(checked)
    except Refused as e:
        return e.said
    return ""


# -- the samples


def test_nothing_that_is_declared_goes_untried(token: str) -> None:
    schema = KINDS[token][0]
    tried = (paths(schema.fields, inputs) for plan in PLANS[token] for inputs in samples(schema, plan))
    assert set().union(*tried) == paths(schema.fields, None)


# -- create

CREATED = [t for t in TOKENS if t != "stripe:DefaultPrice"]
"""Those with a create request; a default price is made by an update of the product, see test_verbs."""


@pytest.mark.parametrize("token", CREATED)
def test_creates(handlers: Handlers, token: str) -> None:
    schema = KINDS[token][0]
    inputs = [(plan.name, made) for plan in creatable(token) for made in samples(schema, plan)]
    refusals = {f"{name}: {said}" for name, made in inputs if (said := created(handlers(token), token, made))}
    assert sorted(refusals) == []


EXCEPTIONS = [(t, p) for t in TOKENS for p in NEWER[t]]


@pytest.mark.parametrize(("kind", "exception"), EXCEPTIONS, ids=lambda value: value)
def test_what_stripe_mock_does_not_know_is_really_refused(
    stripe_mock: StripeMock, handlers: Handlers, kind: str, exception: str
) -> None:
    if not stripe_mock.strict and "." in exception:
        pytest.skip("stripe-mock was found, but not its source: with Go (https://go.dev/dl/) nested parameters are checked too")
    schema = KINDS[kind][0]
    others = {**NEWER[kind], **NOT_AT_CREATION.get(kind, {})}.keys() - {exception}
    path = exception.partition("=")[0]
    plan = next(p for p in PLANS[kind] if not any(f"{path}.".startswith(f"{omitted}.") for omitted in p.omit)).without(others)
    refusals = [said for inputs in samples(schema, plan) if (said := created(handlers(kind), kind, inputs))]
    assert refusals
    assert all(REFUSED in said for said in refusals)


# -- update


def updates(token: str) -> Iterator[Update]:
    """(what is done, olds, news): each field that an update takes is set, changed, removed, and has each of its parts removed."""
    schema = KINDS[token][0]
    for plan in known(token):
        done: set[str] = set()
        for made in samples(schema, plan):
            inputs = owned(token, made)
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


def test_updates(handlers: Handlers, token: str) -> None:
    handler = handlers(token)
    seen, refusals = set(), set()
    for what, olds, news in updates(token):
        olds = identified(olds)
        if handler.diff("id_1", olds, news).replaces or ("emptied" in what and handler.check({}, news)[1]):
            continue  # no update is what comes of it
        try:
            handler.update("id_1", olds, news)
        except Refused as e:
            refusals.add(f"{what}: {e.said}")
        seen.add(what.partition(" ")[0])
    assert sorted(refusals) == []
    updatable = {n for n, f in KINDS[token][0].fields.items() if f.in_update and f.role is Role.MUTABLE}
    assert seen == updatable - NEWER[token].keys() - {"items"}  # which are changed one by one: see below


def test_subscription_items_are_changed_added_and_removed(client: Client) -> None:
    token = "stripe:Subscription"
    item = KINDS[token][0].fields["items"].type.item  # type: ignore[union-attr]
    for made in samples(KINDS[token][0], known(token)[0]):
        inputs, items = owned(token, made), made["items"]
        plain = [{"price": i["price"]} for i in items]
        steps = [(plain, items), (items, plain), (items, items[1:]), (items[1:], items)]
        steps.append((items, [*items[:-1], {**items[-1], "price": "price_new"}]))
        steps += [(items, [part, *items[1:]]) for _, part in pruned(item, items[0], "items")]
        for before, after in steps:
            olds, news = identified({**inputs, "items": before}), {**inputs, "items": after}
            live = {"items": {"data": [{**i, "price": {"id": i["price"]}} for i in olds["items"]]}}
            # stripe-mock keeps no state, so that what the update looks at first has to be given.
            params = KINDS["stripe:Subscription"].behaviour.update_params({"items": after}, olds, news, live)
            client.post("/v1/subscriptions/sub_1", params)
