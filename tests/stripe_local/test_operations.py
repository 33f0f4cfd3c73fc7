"""Which endpoints there are, and which of them serves a URL."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from stripe_local import resources
from stripe_local.wire import sdk as stripes
from stripe_local.wire.operation import Context, Operation, by_specificity, get, post
from tests.stripe_local import sdk
from tests.stripe_local.sdk import endpoint
from tests.stripe_local.server import LocalStripe


def nothing(context: Context) -> dict[str, object]:
    return {}


def ordered(*operations: Operation) -> list[str]:
    orders = [[found.path for found in by_specificity(given)] for given in (operations, operations[::-1])]
    assert orders[0] == orders[1]
    return orders[0]


def test_a_path_comes_before_more_general_ones() -> None:
    assert ordered(get("/v1/products/{id}", nothing), get("/v1/products/search", nothing)) == [
        "/v1/products/search",
        "/v1/products/{id}",
    ]
    assert ordered(
        post("/v1/{kind}/{id}", nothing), post("/v1/invoices/{id}", nothing), post("/v1/invoices/create_preview", nothing)
    ) == ["/v1/invoices/create_preview", "/v1/invoices/{id}", "/v1/{kind}/{id}"]


def test_no_endpoint_is_there_twice() -> None:
    counted = Counter(endpoint(operation.method, operation.path) for operation in resources.OPERATIONS)
    assert [name for name, count in counted.items() if count > 1] == []


def test_every_file_that_has_operations_is_found() -> None:
    folder = Path(resources.__file__).parent
    files = [path for path in folder.glob("*/*.py") if "\nOPERATIONS = [" in path.read_text()]
    modules = {operation.handler.__module__ for operation in resources.OPERATIONS}
    assert len(files) > 20
    assert modules == {".".join(("stripe_local", "resources", path.parent.name, path.stem)) for path in files}


def test_the_endpoints_of_the_sdk_are_those_that_it_has_parameters_for() -> None:
    assert {endpoint(method, path) for method, path in stripes.endpoints()} == set(sdk.parameters())


def test_what_is_served_is_listed(server: LocalStripe) -> None:
    listed = server.http("GET", "/_local/endpoints", key=None).json()["endpoints"]
    assert listed == [f"{operation.method} {operation.path}" for operation in resources.OPERATIONS]


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/quotes"), ("GET", "/v1/disputes/dp_1"), ("GET", "/v2/core/accounts")])
def test_what_only_stripe_has_is_said_to_be_missing_here(server: LocalStripe, method: str, path: str) -> None:
    response = server.http(method, path)
    assert response.status_code == 404
    assert response.json()["error"]["message"] == (
        f"The local Stripe does not have {method} {path} yet; Stripe has it. {server.url}/_local/endpoints lists what is here."
    )
