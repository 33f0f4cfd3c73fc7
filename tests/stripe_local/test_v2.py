"""What version 2 of the API does in its own way."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from stripe_local.store.database import Database
from stripe_local.store.objects import equal
from stripe_local.wire import forms, v2
from stripe_local.wire.errors import StripeError
from stripe_local.wire.operation import Context, Settings, delete, get
from stripe_local.wire.params import Metadata, Params
from tests.stripe_local.server import LocalStripe

PATH = "/v2/core/things"
LIST = Params({**v2.include("secret.key"), **v2.PAGE})


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    with contextlib.closing(Database(tmp_path / "stripe.db")) as database, database.writing() as connection:
        yield Context(connection, False, 0.0, Settings("acct"))


def shown(context: Context, url: str) -> tuple[list[str], Any, Any]:
    """(ids, next page, previous page) of the list at a URL, as a request would see it."""
    params = LIST.parse(forms.decode(urlsplit(url).query), "")
    found, addresses = v2.page(context.objects, "thing", PATH, params, [equal("good", True)])
    answer = v2.list_object(found, addresses)
    return [body["id"] for body in answer["data"]], answer["next_page_url"], answer["previous_page_url"]


def test_a_list_leads_to_its_next_page_and_back(context: Context) -> None:
    for index in range(7):
        context.objects.insert("thing", {"id": f"t{index}", "object": "v2.core.thing", "good": index != 3})
    first = shown(context, f"{PATH}?limit=3&include[0]=secret.key")
    assert (first[0], first[2]) == (["t6", "t5", "t4"], None)
    assert parse_qs(urlsplit(first[1]).query)["include[0]"] == ["secret.key"]
    second = shown(context, first[1])
    assert (second[0], second[1]) == (["t2", "t1", "t0"], None)
    back = shown(context, second[2])
    assert (back[0], back[2]) == (first[0], None)
    assert shown(context, back[1])[0] == second[0]
    assert shown(context, PATH)[0] == [*first[0], *second[0]]
    with pytest.raises(StripeError, match="Invalid page token: x"):
        shown(context, f"{PATH}?page=x")


def test_an_empty_list(context: Context) -> None:
    assert shown(context, PATH) == ([], None, None)


def test_values_have_to_be_asked_for() -> None:
    body = {"id": "t", "secret": {"key": "k", "name": "n"}, "other": None, "_own": 1}
    names = ("secret.key", "other.key")
    assert v2.included(body, names, {}) == {"id": "t", "secret": {"key": None, "name": "n"}, "other": None}
    assert v2.included(body, names, {"include": ["secret.key"]})["secret"] == {"key": "k", "name": "n"}
    assert body["secret"] == {"key": "k", "name": "n"}


def test_null_unsets_a_key_of_metadata() -> None:
    assert Metadata().parse({"a": None, "b": "x"}, "metadata") == {"a": None, "b": "x"}
    with pytest.raises(StripeError, match="must be strings"):
        Metadata().parse({"a": 5}, "metadata")


def test_expand_is_not_a_parameter() -> None:
    def nothing(context: Context) -> dict[str, object]:
        return {}

    assert [list(operation.params.fields) for operation in (get(PATH, nothing), delete(PATH, nothing))] == [[], []]


def test_errors_have_a_shape_of_their_own(server: LocalStripe) -> None:
    error = server.http("POST", "/v2/billing/meter_events", json={"x": 1}).json()["error"]
    assert error == {
        "code": "parameter_unknown",
        "message": "Received unknown parameter: x",
        "type": "invalid_request_error",
    }
    error = server.http("GET", "/v2/core/none").json()["error"]
    assert (error["code"], sorted(error)) == ("not_found", ["code", "message", "type"])


def test_the_version_must_be_said(server: LocalStripe) -> None:
    answer = server.http("POST", "/v2/billing/meter_event_session", json={}, headers={"Stripe-Version": ""})
    assert (answer.status_code, "Stripe-Version" in answer.json()["error"]["message"]) == (400, True)
