"""Orphans, found and declared again without an engine."""

from __future__ import annotations

import ast
from typing import Any

from stripe_client.client import Client
from stripe_client.settings import Settings
from stripe_resources.orphans.finding import orphans
from stripe_resources.orphans.retiring import lines

from .kinds.test_price import TIERED, TIERS
from .run import Run
from .world import World


def client(run: Run) -> Client:
    return Client(Settings("sk_test_x", run.server.url, livemode=False, requests_per_second=1000))


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

    # What is declared so changes nothing.
    run.server.forget_requests()
    assert Run(run.server).create("Price", "tokens", {**again, "product": args["product"]})[0] == id_
    assert [sent for sent in run.sent() if sent[0] != "GET"] == []
