"""Which endpoints there are, and which of them serves a URL."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from stripe_local import resources
from stripe_local.wire.operation import Context, Operation, by_specificity, get, post
from tests.stripe_local import sdk


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
    counted = Counter(sdk.endpoint(operation.method, operation.path) for operation in resources.OPERATIONS)
    assert [name for name, count in counted.items() if count > 1] == []


def test_every_file_that_has_operations_is_found() -> None:
    folder = Path(resources.__file__).parent
    files = [path for path in folder.glob("*/*.py") if "\nOPERATIONS = [" in path.read_text()]
    modules = {operation.handler.__module__ for operation in resources.OPERATIONS}
    assert len(files) > 20
    assert modules == {".".join(("stripe_local", "resources", path.parent.name, path.stem)) for path in files}
