"""Orphans, found and declared again without an engine."""

from __future__ import annotations

import ast
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from stripe_client.client import Client
from stripe_client.settings import Settings
from stripe_resources.orphans.finding import orphans
from stripe_resources.orphans.retiring import lines
from tests.rooms.sources import ROOT
from tests.stripe_local.server import LocalStripe

from .kinds.test_price import TIERED, TIERS
from .run import Run
from .world import World


def client(run: Run) -> Client:
    return Client(Settings("sk_test_local", run.server.url, livemode=False, requests_per_second=1000))


def declared(text: str) -> dict[str, Any]:
    """The arguments of the one resource that a program declares."""
    [call] = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}


def test_the_lines_for_a_price_have_the_tiers_of_its_further_currencies(run: Run, world: World) -> None:
    args = world.filled({**TIERED, "currency_options": {"eur": {"tiers": TIERS}}})
    id_, _ = run.create("Price", "tokens", args)
    run.server.forget_requests()
    again = declared(lines(client(run), orphans(client(run), "p/dev/", set()).owned))
    assert again["currency_options"]["eur"]["tiers"] == again["tiers"] == TIERS
    assert again["adopt"] == id_
    assert ("GET", f"/v1/prices/{id_}") in run.sent()

    # What is declared so changes nothing, but that it has the mark of this state.
    run.server.forget_requests()
    assert Run(run.server).create("Price", "tokens", {**again, "product": args["product"]})[0] == id_
    [written] = [request["parameters"] for request in run.server.requests() if request["method"] != "GET"]
    assert set(written) == {"metadata", "expand"}
    assert "pulumi_lineage" in written["metadata"]


OURS = 30
LOOK_ALIKES = ("", "p/devil/Customer/x", "p/staging/Customer/x", "q/p/dev/Customer/x", "P/dev/Customer/x", "p/dev")
"""Names that objects of others carry: none, and some that begin or end as ours do."""


def fill(server: LocalStripe, count: int) -> set[str]:
    """An account with so many objects, of which 30 are the stack's; the ids of those."""
    api = server.client()

    def one(number: int) -> tuple[bool, str]:
        mine = number % (count // OURS) == 0 and number // (count // OURS) < OURS
        owner = f"p/dev/Kind/{number}" if mine else LOOK_ALIKES[number % len(LOOK_ALIKES)]
        tag = {"metadata": {"pulumi_resource": owner}} if owner else {}
        body = {"name": f"{number}", **tag}
        made = api.raw_request("post", "/v1/products" if number % 5 == 0 else "/v1/customers", **body).data["id"]
        return mine, str(made)

    with ThreadPoolExecutor(4) as pool:
        return {id_ for mine, id_ in pool.map(one, range(count)) if mine}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.thorough)])
def test_in_a_large_account_the_stacks_own_are_listed_and_no_others_with_a_request_for_each_hundred(run: Run, count: int) -> None:
    ours = fill(run.server, count)
    assert len(ours) == OURS
    run.server.forget_requests()
    found = orphans(client(run), "p/dev/", set())
    assert {one.key[1] for one in found.owned} == ours
    assert found.perhaps == []
    sent = Counter(run.sent())
    assert {method for method, _ in sent} == {"GET"}
    pages = {path: -(-many // 100) for path, many in (("/v1/products", count // 5), ("/v1/customers", count - count // 5))}
    assert count < 10_000 or f"8,000 customers and little else | {sent.total()} |" in (ROOT / "docs" / "orphans.md").read_text()
    assert {path: n for (_, path), n in sent.items() if n > 1 or path in pages} == pages
