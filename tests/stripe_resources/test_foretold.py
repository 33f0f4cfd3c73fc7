"""What a deployment would meet, said by the preview: one key for two resources, another account, another way to bill."""

from __future__ import annotations

import pytest

from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.kinds.test_coupon import AMOUNT_OFF
from tests.stripe_resources.kinds.test_meter import METER
from tests.stripe_resources.kinds.test_price import PRICE
from tests.stripe_resources.kinds.test_product import PRODUCT

from .run import Run
from .sample import Values

CODE: Values = {"promotion": {"type": "coupon", "coupon": "c"}, "code": "SUMMER20"}


def failures(run: Run, kind: str, name: str, args: Values) -> list[str]:
    found = run.handler(kind).check({}, {**args, "__owner": f"p/dev/{kind}/{name}"})[1]
    return [str(f) for f in found]


@pytest.mark.parametrize(
    ("kind", "first", "second", "field"),
    [
        ("Price", {**PRICE, "lookup_key": "tokens"}, {**PRICE, "lookup_key": "tokens"}, "lookup_key"),
        ("Price", {**PRICE, "lookup_key": "k"}, {**PRICE, "lookup_key": "k", "transfer_lookup_key": True}, "lookup_key"),
        ("Meter", METER, METER, "event_name"),
        ("Coupon", {**AMOUNT_OFF, "coupon_id": "c"}, {**AMOUNT_OFF, "coupon_id": "c"}, "coupon_id"),
        ("Product", {**PRODUCT, "product_id": "p"}, {**PRODUCT, "product_id": "p"}, "product_id"),
        ("PromotionCode", CODE, {**CODE, "code": "summer20"}, "code"),
        ("PromotionCode", {**CODE, "customer": "cus_a"}, {**CODE, "customer": "cus_a"}, "code"),
        ("EntitlementFeature", {"name": "x", "lookup_key": "f"}, {"name": "y", "lookup_key": "f"}, "lookup_key"),
    ],
)
def test_two_resources_of_one_key(kind: str, first: Values, second: Values, field: str, run: Run) -> None:
    assert failures(run, kind, "a", first) == []
    (found,) = failures(run, kind, "b", second)
    assert found == f'{field}: {second[field]!r} is that of both "a" and "b"; Stripe takes it once: give each its own'
    assert failures(run, kind, "a", first) == [], "asked again, as in the deployment after the preview"


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("Price", PRICE, PRICE),
        ("Customer", {"email": "a@b.example"}, {"email": "a@b.example"}),
        ("PromotionCode", CODE, {**CODE, "active": False}),
        ("PromotionCode", CODE, {**CODE, "customer": "cus_a"}),
        ("PromotionCode", {**CODE, "customer": "cus_a"}, {**CODE, "customer": "cus_b"}),
    ],
)
def test_what_stripe_takes_twice(kind: str, first: Values, second: Values, run: Run) -> None:
    assert failures(run, kind, "a", first) == failures(run, kind, "b", second) == []


def test_a_key_of_another_account_is_refused_by_the_preview_which_asks_once(server: LocalStripe) -> None:
    run = Run(server, account="acct_another")
    for kind, args in (("Product", PRODUCT), ("Meter", METER), ("Product", PRODUCT)):
        (found,) = failures(run, kind, "it", args)
        assert found.startswith("stripe:account: this stack deploys to acct_another, but the key belongs to acct_")
    assert run.sent() == [("GET", "/v1/account")]


def test_the_right_account_is_asked_for_once(server: LocalStripe) -> None:
    run = Run(server, account=server.client().raw_request("get", "/v1/account").data["id"])
    server.forget_requests()
    for name in ("a", "b"):
        run.create("Product", name, PRODUCT)
    assert run.sent().count(("GET", "/v1/account")) == 1


def test_an_account_that_cannot_be_asked_for_is_left_to_the_deployment() -> None:
    with LocalStripe() as gone:
        run = Run(gone, account="acct_x")
    assert failures(run, "Product", "it", PRODUCT) == []


METERED = {"interval": "month", "usage_type": "metered", "meter": "mtr_x"}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (METERED, {"interval": "month"}, "it bills the quantity of each subscription from now on, and no longer usage"),
        ({"interval": "month"}, METERED, "it bills usage from now on, which its meter counts, and no longer the quantity"),
        (METERED, {**METERED, "interval": "year"}, ""),
    ],
)
def test_a_price_that_changes_sides_says_what_it_bills(before: Values, after: Values, said: str, run: Run) -> None:
    owner = "p/dev/Price/it"
    olds = {**PRICE, "recurring": before, "__owner": owner}
    handler = run.handler("Price")
    news, wrong = handler.check(olds, {**PRICE, "recurring": after, "__owner": owner})
    assert wrong == []
    assert handler.diff("price_x", olds, news).replaces == ["recurring"]
    start = f'Price "it": {said}'
    assert [line[: len(start)] for line in run.said] == ([start] if said else [])
