"""docs/local-stripe-coverage.md: every endpoint for billing is in it, and what it says is refused is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from scripts.local_stripe_docs import COMMAND, NO, PARTLY, TARGET, Row, rows, section, written
from stripe_local.resources import OPERATIONS
from stripe_local.wire.errors import NOT_SUPPORTED
from tests.stripe_local.sdk import endpoint
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.contract import stripe_mock

ROWS = rows()

# In Stripe's description, and in no client of today's; or a file, which is on another host.
ELSEWHERE = re.compile(
    r"/v1/customers/\{\}/(bank_accounts|cards|sources|subscriptions)\b"
    r"|/v1/quotes/\{\}/pdf|/v1/(charges|payment_methods|subscription_items)/\{\}/(dispute|refund|usage_record)|/v1/charges/\{\}/refunds"
)


def test_the_tables_are_not_stale() -> None:
    page = TARGET.read_text()
    assert written(page) == page, f"write them with `{COMMAND}`, or all that is generated with `make generate`"


def test_what_is_served_is_listed_once_and_as_there() -> None:
    there = [endpoint(row.method, row.path) for row in ROWS if row.here != NO]
    assert sorted(there) == sorted(endpoint(one.method, one.path) for one in OPERATIONS)
    assert len(ROWS) == len({endpoint(row.method, row.path) for row in ROWS})


def test_every_path_for_billing_of_stripes_description_is_listed() -> None:
    """The description is older than the SDK, and has what no client calls any more."""
    described = stripe_mock.description()
    if described is None:
        pytest.skip(
            f"there is no description of Stripe's API; `go mod download {stripe_mock.MODULE}` gets it (Go: https://go.dev/dl/)"
        )
    found = {endpoint(method, path) for path, operations in described["paths"].items() if section(path) for method in operations}
    listed = {endpoint(row.method, row.path) for row in ROWS}
    assert sorted(name for name in found - listed if not ELSEWHERE.search(name)) == []


def _sent(server: LocalStripe, row: Row, name: str) -> dict[str, str]:
    """The error with which the parameter, or the value, is answered."""
    name, _, value = name.replace("[]", "[0]").partition("=")
    sent = {name: value or "x"}
    path = re.sub(r"{\w+}", "x_1", row.path)
    how: dict[str, Any] = {"data": sent} if row.method == "POST" else {"params": sent}
    answer = server.http(row.method, path, **how)
    error: dict[str, str] = answer.json()["error"]
    return error


def test_what_is_said_to_be_refused_is_refused_by_name(shared_server: LocalStripe) -> None:
    """Whatever else is missing, of what is sent along with it."""
    named = 0
    for row in (row for row in ROWS if row.here == PARTLY and row.path.startswith("/v1/")):
        for name in row.refused:
            error = _sent(shared_server, row, name)
            assert error["code"] in (NOT_SUPPORTED, "parameter_missing"), (row, name, error)
            named += error.get("param") == name.replace("[]", "[0]").partition("=")[0]
    assert named > 100
