"""PromotionCode: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import time
from typing import Any

import stripe.params as params

from tests.stripe_resources.run import Run
from tests.stripe_resources.sample import A_AND_B, Drift, Plan, Sample, Values, Wrong, without
from tests.stripe_resources.world import World

SOON = int(time.time()) + 10_000_000
CODELESS: Values = {"promotion": {"type": "coupon", "coupon": "{coupon}"}}
PROMOTION_CODE: Values = {**CODELESS, "code": "SUMMER20"}


def restricted(**restrictions: Any) -> Values:
    return {**PROMOTION_CODE, "restrictions": restrictions}


SAMPLE = Sample(
    "PromotionCode",
    "/v1/promotion_codes",
    PROMOTION_CODE,
    params.PromotionCodeCreateParams,
    params.PromotionCodeUpdateParams,
    wrong=[
        Wrong("no promotion", without(PROMOTION_CODE, "promotion"), "promotion"),
        Wrong("promotion without coupon", {"promotion": {"type": "coupon"}}, "promotion.coupon"),
        Wrong("blank in a code", {**PROMOTION_CODE, "code": "SUMMER 20"}, "code"),
        Wrong("two customers", {**PROMOTION_CODE, "customer": "c", "customer_account": "a"}, "customer_account"),
        Wrong("least amount without currency", restricted(minimum_amount=100), "restrictions.minimum_amount_currency"),
        Wrong("currency of no least amount", restricted(minimum_amount_currency="usd"), "restrictions.minimum_amount"),
        Wrong(
            "further amounts beside none",
            restricted(currency_options={"eur": {"minimum_amount": 1}}),
            "restrictions.currency_options",
        ),
        Wrong(
            "least amount twice",
            restricted(minimum_amount=5, minimum_amount_currency="usd", currency_options={"usd": {"minimum_amount": 1}}),
            'restrictions.currency_options["usd"]',
        ),
    ],
    mutable=[
        Drift("active", True, False, CODELESS, left=True),
        Drift("metadata", *A_AND_B, CODELESS, left={"a": None, "b": None}),
    ],
    immutable=[
        Drift("code", "OURS", "THEIRS", CODELESS),
        Drift("customer", "{customer}", "{other_customer}", CODELESS),
        Drift("expires_at", SOON, SOON + 60, CODELESS),
        Drift("max_redemptions", 10, 20, CODELESS),
        Drift(
            "promotion",
            {"type": "coupon", "coupon": "{coupon}"},
            {"type": "coupon", "coupon": "{other_coupon}"},
            {"code": "OURS"},
        ),
        Drift(
            "restrictions",
            {"minimum_amount": 100, "minimum_amount_currency": "usd", "currency_options": {"eur": {"minimum_amount": 90}}},
            {"minimum_amount": 100, "minimum_amount_currency": "usd", "currency_options": {"eur": {"minimum_amount": 80}}},
            CODELESS,
        ),
    ],
    absent={"customer_account": "acct_1"},
    plans=[
        Plan("customer", frozenset({"customer_account"}), {"restrictions.minimum_amount_currency": ["usd"]}),
        Plan("account", frozenset({"customer"}), {"restrictions.minimum_amount_currency": ["usd"]}),
    ],
    texts={"[A-Za-z0-9-]{1,500}": "SUMMER-20"},
    retired_by="POST /v1/promotion_codes/id_1",
)


def test_a_code_is_free_for_its_successor(run: Run, world: World) -> None:
    args: Values = {"promotion": {"type": "coupon", "coupon": world.coupon}, "code": "SUMMER"}
    id_, outputs = run.create("PromotionCode", "it", args)
    new, after = run.replace("PromotionCode", id_, outputs, {**args, "max_redemptions": 5})
    assert not world.live("PromotionCode", id_)["active"]
    assert world.live("PromotionCode", new)["active"]
    assert after["code"] == "SUMMER"
