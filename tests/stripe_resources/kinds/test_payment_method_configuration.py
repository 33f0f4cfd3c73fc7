"""PaymentMethodConfiguration: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import stripe.params as params

from stripe_resources.register import KINDS
from tests.stripe_resources.run import Run, read
from tests.stripe_resources.sample import Drift, Sample, Values, Wrong, without
from tests.stripe_resources.world import World

CONFIGURATION: Values = {"name": "Subscriptions"}
METHODS = sorted(KINDS["stripe:PaymentMethodConfiguration"].schema.fields.keys() - {"name", "active", "adopt"})


def shown(preference: str) -> Values:
    return {"display_preference": {"preference": preference}}


SAMPLE = Sample(
    "PaymentMethodConfiguration",
    "/v1/payment_method_configurations",
    CONFIGURATION,
    params.PaymentMethodConfigurationCreateParams,
    params.PaymentMethodConfigurationUpdateParams,
    wrong=[
        Wrong("configuration without a name", without(CONFIGURATION, "name"), "name"),
        Wrong("a card perhaps", {**CONFIGURATION, "card": shown("maybe")}, "card.display_preference.preference"),
        Wrong("a card plainly on", {**CONFIGURATION, "card": "on"}, "card"),
        Wrong("cowries", {**CONFIGURATION, "cowries": shown("on")}, "cowries"),
    ],
    mutable=[
        Drift("active", True, False, left=True),
        Drift("name", "Subscriptions", "Theirs"),
        *(Drift(method, shown("on"), shown("off"), left=shown("none")) for method in METHODS),
    ],
    newer=dict.fromkeys(("paypay", "sequra"), "not in the description of 2026-08-26.dahlia"),
    retired_by="POST /v1/payment_method_configurations/id_1",
)


def test_the_account_s_default_is_adopted_and_stays_when_it_leaves(run: Run, world: World) -> None:
    (default,) = run.server.client().v1.payment_method_configurations.list().data
    id_, outputs = run.create("PaymentMethodConfiguration", "it", {"name": "Ours", "klarna": shown("on"), "adopt": default.id})
    assert id_ == default.id
    assert read(run, "PaymentMethodConfiguration", id_, outputs) == outputs
    assert world.live("PaymentMethodConfiguration", id_)["klarna"]["display_preference"]["value"] == "on"
    run = Run(run.server)
    run.handler("PaymentMethodConfiguration").delete(id_, outputs)
    assert world.live("PaymentMethodConfiguration", id_)["active"] is True
    assert any("stays in use: it is the account's default PaymentMethodConfiguration" in line for line in run.said)
