"""What one account has, another one does not: by no operation, with one well-formed call of each."""

from __future__ import annotations

import re

import pytest

from stripe_local.resources import OPERATIONS
from stripe_local.wire.operation import Operation
from tests.sampling import short
from tests.stripe_local import calls
from tests.stripe_local.calls import ALWAYS_REFUSED, CALLS, Call
from tests.stripe_local.server import LocalStripe

LOOKED_FOR = [operation for operation in OPERATIONS if "{" in operation.path and f"{operation.method} {operation.path}" in CALLS]
LISTED = [operation for operation in OPERATIONS if "{" in operation.path and operation not in LOOKED_FOR]
"""Those that need no call of their own: an object of a list will do."""
LISTS = [
    *(operation for operation in OPERATIONS if operation.method == "GET" and "{" not in operation.path),
    *(operation for operation in OPERATIONS if operation.path.endswith("/search")),
]
MISSING = {
    # Cards for tests are everybody's; the customer is not there.
    "POST /v1/payment_methods/{payment_method}/attach": (400, "resource_missing"),
    # "Invalid subscription_item id", without a code.
    "DELETE /v1/subscription_items/{item}": (404, None),
    "GET /v1/subscription_items/{item}": (404, None),
    "POST /v1/subscription_items/{item}": (404, None),
}
"""How it is told, where otherwise."""
OF_EACH = {"pmc_local_default"}
"""What each account has from the start."""


@pytest.fixture(scope="module")
def everything(shared_server: LocalStripe) -> calls.Account:
    return calls.furnished(shared_server)


def _name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


@pytest.mark.parametrize("operation", short(LOOKED_FOR, 8, _name))
def test_an_object_of_another_account_is_not_there(everything: calls.Account, operation: Operation) -> None:
    """As one that nobody has: https://docs.stripe.com/error-codes#resource-missing."""
    call = CALLS[_name(operation)](everything)
    stranger, code = everything.server.account(), "resource_missing" if operation.version == 1 else "not_found"
    answer = everything.send(operation.method, call, key=stranger.key)
    assert (answer.status_code, answer.json()["error"].get("code")) == MISSING.get(_name(operation), (404, code)), answer.text
    own = 400 if _name(operation) in ALWAYS_REFUSED else 200
    assert everything.send(operation.method, call).status_code == own, "and its own account has it as it was"


def _listed(account: calls.Account, path: str) -> str:
    """The id of an object of that path, which is made where there is none."""
    call = CALLS.get(f"GET {path}", lambda _: Call(path))(account)
    if not account.send("GET", call).json()["data"]:
        assert account.send("POST", CALLS[f"POST {path}"](account)).status_code == 200
    return str(account.send("GET", call).json()["data"][0]["id"])


@pytest.mark.parametrize("operation", short(LISTED, 8, _name))
def test_nor_is_one_of_its_lists(everything: calls.Account, operation: Operation) -> None:
    path = re.sub(r"{\w+}", _listed(everything, operation.path.partition("/{")[0]), operation.path)
    stranger, code = everything.server.account(), "resource_missing" if operation.version == 1 else "not_found"
    answer = everything.send(operation.method, Call(path), key=stranger.key)
    assert (answer.status_code, answer.json()["error"].get("code")) == MISSING.get(_name(operation), (404, code)), answer.text


def test_lists_and_searches_have_nothing_of_another_account(everything: calls.Account) -> None:
    stranger = everything.server.account()
    seen = 0
    for operation in LISTS:
        if _name(operation) in CALLS:
            call = CALLS[_name(operation)](everything)
            mine = everything.send("GET", call).json().get("data", [])
            answer = everything.send("GET", call, key=stranger.key)
            theirs = answer.json().get("data", []) if answer.status_code == 200 else []
            assert {one["id"] for one in theirs} <= OF_EACH, operation.path
            seen += bool(mine)
    assert seen > 20
