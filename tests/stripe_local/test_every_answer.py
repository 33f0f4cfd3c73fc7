"""No answer is of another shape than Stripe's: as its description of the API has it, and as the SDK's types have it.

The description comes with stripe-mock, and is older than the API version that the SDK speaks. So what it does not declare and the
SDK does is no fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from stripe_local.resources import OPERATIONS
from stripe_local.wire.errors import NOT_SUPPORTED
from stripe_local.wire.operation import Operation
from tests.stripe_local import judges
from tests.stripe_local.calls import ALWAYS_REFUSED, CALLS, DAY, DAYS, Account, Call, furnished, merged, varied
from tests.stripe_local.judges import UNDECLARED, Description, Fault, objects
from tests.stripe_local.sdk import endpoint
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.contract import stripe_mock

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def description() -> Description:
    found = stripe_mock.description()
    if found is None:
        pytest.skip(
            f"there is no description of Stripe's API; `go mod download {stripe_mock.MODULE}` gets it (Go: https://go.dev/dl/)"
        )
    return Description(found)


@pytest.fixture(scope="module")
def account(shared_server: LocalStripe) -> Account:
    return furnished(shared_server)


def faults(answer: dict[str, Any], description: Description) -> Iterator[Fault]:
    """What either judge says against an answer."""
    if "error" in answer:
        yield from description.judge(answer)
    for shown in objects(answer):
        of_sdk = list(judges.judge(shown))
        refused = {fault.path for fault in of_sdk}
        newer = judges.sdk_class(shown["object"]) is not None
        found = [f for f in description.judge(shown) if f.path in refused or not (newer and f.what == UNDECLARED)]
        yield from {*found, *of_sdk}


def _name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_answers(account: Account, description: Description, operation: Operation) -> None:
    answer = account.send(operation.method, CALLS[_name(operation)](account))
    refused = answer.json().get("error", {}).get("code") == NOT_SUPPORTED or _name(operation) in ALWAYS_REFUSED
    assert answer.status_code == (400 if refused else 200), answer.text
    assert sorted(faults(answer.json(), description)) == []


def test_what_time_makes(account: Account, description: Description) -> None:
    """Invoices in every state, subscriptions that end, pause and are past due, events."""
    varied(account)
    found: set[Fault] = set()
    for days in DAYS:
        account.server.clock(advance=days * DAY)
        for path in (
            *("subscriptions", "invoices", "invoiceitems", "events", "customers", "billing/credit_grants"),
            *("payment_intents", "charges", "invoice_payments", "subscription_schedules"),
        ):
            more = {"status": "all", "expand": ["data.discounts"]} if path == "subscriptions" else {}
            if path == "invoices":
                more = {"expand": ["data.total_discount_amounts.discount", "data.total_taxes.tax_rate_details.tax_rate"]}
                more["expand"] += ["data.payments", "data.confirmation_secret"]
            answer = account.look(path, {"limit": 100, **more})
            for event in answer["data"]:
                if event.get("type") == "invoice.upcoming":
                    # It has no id, whatever the description says: https://docs.stripe.com/api/events/types#event_types-invoice.upcoming
                    assert "id" not in event["data"]["object"]
                    event["data"]["object"]["id"] = "in_1"
            found |= set(faults(answer, description))
    place = "/v2/core/events"
    params: dict[str, Any] = {"limit": 100}
    while place:
        answer = account.send("GET", Call(place, params)).json()
        found |= set(faults(answer, description))
        place, _, query = (answer["next_page_url"] or "").partition("?")
        params = dict(parse_qsl(query))
    assert sorted(found) == []


def _list_of(operation: Operation) -> str:
    return f"GET {operation.path.rpartition('/{')[0]}"


READ = [o for o in OPERATIONS if o.method == "GET" and o.version == 1]
ONE = [o for o in OPERATIONS if (o.method, o.version) == ("GET", 1) and o.path.endswith("}") and _list_of(o) in CALLS]
"""Those that answer with one object of a list."""


def _answered(operation: Operation, description: Description) -> dict[str, Any]:
    """The description of what the operation answers with."""
    paths = {endpoint("GET", path): operations["get"] for path, operations in description.paths.items() if "get" in operations}
    answer: dict[str, Any] = paths[endpoint("GET", operation.path)]["responses"]["200"]["content"]["application/json"]["schema"]
    return answer


def _not_expanded(account: Account, call: Call, paths: list[str]) -> dict[str, str]:
    """What is refused other than by name, or is left as an id."""
    found: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        answer = account.send("GET", Call(call.path, merged(dict(call.params), {"expand": [path]}))).json()
        error = answer.get("error")
        if error and error.get("code") != NOT_SUPPORTED:
            found[path] = error["message"]
        if error is None and any(isinstance(left, str) for left in _reached(answer, path.split("."))):
            found[path] = "is left as an id"
    return found


@pytest.mark.parametrize("operation", READ, ids=_name)
def test_expansions(account: Account, description: Description, operation: Operation) -> None:
    """Everything that Stripe expands in a list is expanded, or does not exist here."""
    schema = _answered(operation, description)
    if "data" not in schema.get("properties", {}):
        pytest.skip("nothing in it can be expanded: it is no list")
    paths = [f"data.{path}" for path in description.expansions(schema["properties"]["data"]["items"], depth=3)]
    assert _not_expanded(account, CALLS[_name(operation)](account), paths) == {}


@pytest.mark.parametrize("operation", ONE, ids=_name)
def test_expansions_of_one(account: Account, description: Description, operation: Operation) -> None:
    """Likewise in what is read by its id."""
    listed = CALLS[_list_of(operation)](account)
    (some, *_) = account.send("GET", listed).json()["data"]
    call = Call(f"{listed.path}/{some['id']}", {})
    paths = list(description.expansions(_answered(operation, description), depth=4))
    assert _not_expanded(account, call, paths) == {}


def _reached(value: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _reached(one, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _reached(value[path[0]], path[1:])


def test_the_judges_find_faults(account: Account, description: Description) -> None:
    product = account.look(f"products/{account.product}")
    for wrong in ({"name": 5}, {"nonsense": 1}, {"active": None}, {"package_dimensions": {"height": "x"}}):
        assert list(judges.judge({**product, **wrong}))
        assert list(description.judge({**product, **wrong}))
    assert [*judges.judge(product), *faults(product, description)] == []
