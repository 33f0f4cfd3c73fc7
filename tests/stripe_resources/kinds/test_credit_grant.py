"""CreditGrant: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import time
from typing import Any

import pytest
from stripe.params import billing

from stripe_client.errors import NotAllowed
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.run import Run, read
from tests.stripe_resources.sample import A_AND_B, YEARS_AWAY, Drift, Plan, Sample, Values, Wrong, without
from tests.stripe_resources.world import World

SOON = int(time.time()) + 10_000_000
CREDIT_GRANT: Values = {
    "customer": "{customer}",
    "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 1000}},
    "applicability_config": {"scope": {"price_type": "metered"}},
}
MONEY: Values = CREDIT_GRANT["amount"]
SCOPE = "applicability_config.scope"


def scoped(**scope: Any) -> Values:
    return {**CREDIT_GRANT, "applicability_config": {"scope": scope}}


SAMPLE = Sample(
    "CreditGrant",
    "/v1/billing/credit_grants",
    CREDIT_GRANT,
    billing.CreditGrantCreateParams,
    billing.CreditGrantUpdateParams,
    wrong=[
        Wrong("credits of nobody", without(CREDIT_GRANT, "customer"), "customer"),
        Wrong("credits of two", {**CREDIT_GRANT, "customer_account": "acct_1"}, "customer_account"),
        Wrong("no credits", {**CREDIT_GRANT, "amount": {"type": "monetary"}}, "amount.monetary"),
        Wrong(
            "credits of nothing",
            {**CREDIT_GRANT, "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 0}}},
            "amount.monetary.value",
        ),
        Wrong(
            "fraction of a cent",
            {**CREDIT_GRANT, "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 0.5}}},
            "amount.monetary.value",
        ),
        Wrong("no scope", scoped(), f"{SCOPE}.price_type"),
        Wrong("two scopes", scoped(price_type="metered", prices=[{"id": "p"}]), f"{SCOPE}.prices"),
        Wrong("too many prices", scoped(prices=[{"id": f"p{i}"} for i in range(21)]), f"{SCOPE}.prices"),
        Wrong("expired before effective", {**CREDIT_GRANT, "effective_at": 1900000000, "expires_at": 1900000000}, "expires_at"),
        Wrong("no such priority", {**CREDIT_GRANT, "priority": 101}, "priority"),
    ],
    mutable=[
        Drift("expires_at", YEARS_AWAY, YEARS_AWAY + 60),
        Drift("metadata", *A_AND_B, left={"a": None, "b": None}),
    ],
    immutable=[
        Drift("amount", MONEY, {**MONEY, "monetary": {"currency": "eur", "value": 1000}}),
        Drift(
            "applicability_config",
            {"scope": {"prices": [{"id": "{metered_price}"}]}},
            {"scope": {"prices": [{"id": "{other_metered_price}"}]}},
        ),
        Drift("category", "promotional", "paid"),
        Drift("customer", "{customer}", "{other_customer}"),
        Drift("effective_at", SOON, SOON + 60),
        Drift("name", "Ours", "Theirs"),
        Drift("priority", 0, 50),
    ],
    absent={"customer_account": "acct_1"},
    plans=[
        Plan("metered", frozenset({"customer_account", f"{SCOPE}.prices"}), {"expires_at": [YEARS_AWAY]}),
        Plan("prices", frozenset({"customer", f"{SCOPE}.price_type"}), {"expires_at": [YEARS_AWAY]}),
    ],
    retired_by="POST /v1/billing/credit_grants/id_1/void",
)


def granted(world: World, **more: Any) -> Values:
    return {**CREDIT_GRANT, "customer": world.customer, **more}


def test_a_grant_that_expired_outside_shows(run: Run, world: World) -> None:
    id_, outputs = run.create("CreditGrant", "it", granted(world))
    world.made(f"/v1/billing/credit_grants/{id_}/expire")
    shown = read(run, "CreditGrant", id_, outputs)
    assert {k for k in shown if shown[k] != outputs.get(k)} == {"expires_at"}
    world.made(f"/v1/billing/credit_grants/{id_}", expires_at="")
    world.made(f"/v1/billing/credit_grants/{id_}/void")
    assert run.read("CreditGrant", id_, outputs) is None


def test_a_live_stack_takes_no_credits_away(server: LocalStripe) -> None:
    client = server.client()
    customer = client.v1.customers.create({}).id
    run = Run(server, livemode=True)
    id_, outputs = run.create("CreditGrant", "it", {**CREDIT_GRANT, "customer": customer})
    with pytest.raises(NotAllowed, match="stripe:allowDelete CreditGrant"):
        run.handler("CreditGrant").delete(id_, outputs)
    Run(server, livemode=True, allow_delete=("CreditGrant",)).handler("CreditGrant").delete(id_, outputs)
    assert client.v1.billing.credit_grants.retrieve(id_).voided_at is not None
