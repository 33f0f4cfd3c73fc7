"""What cannot be declared is said, and why."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_resources.export.declaring import Inexpressible, declaration
from stripe_resources.export.references import targets
from stripe_resources.export.selection import select
from stripe_resources.register import KINDS

PRODUCT: dict[str, Any] = {"id": "prod_ABCDEFGHIJKLMN", "object": "product", "active": True, "name": "Pro", "metadata": {}}
PRICE: dict[str, Any] = {
    "id": "price_1",
    "object": "price",
    "active": True,
    "currency": "usd",
    "product": "prod_1",
    "metadata": {},
    "unit_amount": 4,
    "unit_amount_decimal": "4",
    "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed", "meter": None, "trial_period_days": None},
    "type": "recurring",
}


def declared(kind: str, live: dict[str, Any]) -> dict[str, Any]:
    return declaration(*KINDS[f"stripe:{kind}"], live).inputs


@pytest.mark.parametrize(
    ("kind", "live", "says"),
    [
        (
            "Price",
            {**PRICE, "recurring": {**PRICE["recurring"], "usage_type": "metered"}},
            'recurring.meter: is missing, which `usage_type="metered"` needs; give the id of a meter',
        ),
        (
            "Product",
            {**PRODUCT, "metadata": {f"key{i}": "x" for i in range(50)}},
            "metadata: has 50 keys; Stripe holds 50, of which two are needed here: give at most 48",
        ),
        ("Product", {**PRODUCT, "url": "example.com"}, "url: is 'example.com'; give a web address such as https://example.com"),
        ("Price", {**PRICE, "billing_scheme": "by_moon"}, 'billing_scheme: is \'by_moon\'; give one of "per_unit", "tiered"'),
        ("Price", {**PRICE, "unit_amount": 2**60, "unit_amount_decimal": str(2**60)}, f"unit_amount: {2**60} is too large"),
    ],
    ids=["metered without a meter", "too much metadata", "not an address", "a scheme that is new", "beyond exact numbers"],
)
def test_what_a_check_would_refuse_is_left_out_with_its_words(kind: str, live: dict[str, Any], says: str) -> None:
    with pytest.raises(Inexpressible) as refused:
        declared(kind, live)
    assert str(refused.value).startswith(says)
    selection = select({f"stripe:{kind}": [live]}, KINDS)
    assert selection.found == []
    assert len(selection.left_out) == 1
    assert f"{kind} {live['id']}" in selection.left_out[0]
    assert says in selection.left_out[0]


def test_an_object_of_which_stripe_shows_a_part_only_is_left_out() -> None:
    items = {"object": "list", "has_more": True, "data": [{"id": "si_1", "price": "price_1", "quantity": 1}]}
    live = {"id": "sub_1", "object": "subscription", "status": "active", "customer": "cus_1", "items": items}
    assert select({"stripe:Subscription": [live]}, KINDS).left_out == [
        "Subscription sub_1: items: there are more than Stripe shows with the object"
    ]


def test_a_decimal_is_canonical_however_stripe_writes_it() -> None:
    live = {**PRICE, "unit_amount": None, "unit_amount_decimal": "0.0015000000"}
    assert declared("Price", live)["unit_amount_decimal"] == "0.0015"


def test_a_product_that_stripe_made_up_the_id_of_has_none_declared() -> None:
    assert declared("Product", PRODUCT) == {"name": "Pro"}
    assert declared("Product", {**PRODUCT, "id": "prod_basic"}) == {"name": "Pro", "product_id": "prod_basic"}


@pytest.mark.parametrize("ends", [True, False])
def test_the_end_that_stripe_fills_in_is_not_declared(ends: bool) -> None:
    item = {"id": "si_1", "price": "price_1", "quantity": 1}
    items = {"object": "list", "has_more": False, "data": [item]}
    live = {"id": "sub_1", "object": "subscription", "status": "active", "customer": "cus_1", "items": items}
    found = declared("Subscription", {**live, "cancel_at": 1893456000, "cancel_at_period_end": ends})
    assert {k: v for k, v in found.items() if k.startswith("cancel_at")} == (
        {"cancel_at_period_end": True} if ends else {"cancel_at": 1893456000}
    )


@pytest.mark.parametrize(
    ("kind", "values", "named"),
    [
        ("Coupon", {"applies_to": {"products": ["prod_1", "prod_2"]}}, [("Product", "prod_1"), ("Product", "prod_2")]),
        (
            "Subscription",
            {"items": [{"price": "price_1"}], "default_tax_rates": ["txr_1"]},
            [("Price", "price_1"), ("TaxRate", "txr_1")],
        ),
        (
            "PortalConfiguration",
            {"features": {"subscription_update": {"products": [{"product": "prod_1", "prices": ["price_1"]}]}}},
            [("Product", "prod_1"), ("Price", "price_1")],
        ),
        ("WebhookEndpoint", {"enabled_events": ["price.created"]}, []),
    ],
)
def test_what_lists_name_is_linked_too(kind: str, values: dict[str, Any], named: list[tuple[str, str]]) -> None:
    found = targets(KINDS[f"stripe:{kind}"].schema, values, KINDS)
    assert found == [(f"stripe:{token}", id_) for token, id_ in named]


def test_objects_in_place_of_ids_are_their_ids() -> None:
    assert declared("Product", {**PRODUCT, "tax_code": {"id": "txcd_1", "object": "tax_code"}})["tax_code"] == "txcd_1"


def test_a_stacks_own_objects_are_left_out_too() -> None:
    live = {**PRODUCT, "metadata": {"pulumi_resource": "hypernian/dev/Product/pro"}}
    assert select({"stripe:Product": [live]}, KINDS).left_out == [
        'Product prod_ABCDEFGHIJKLMN "Pro": it belongs to hypernian/dev/Product/pro'
    ]


def test_an_archived_object_is_taken_when_it_is_named() -> None:
    archived = {"stripe:Product": [{**PRODUCT, "active": False}]}
    assert (select(archived, KINDS).found, select(archived, KINDS).archived) == ([], 1)
    (taken,) = select(archived, KINDS, named=[PRODUCT["id"]]).found
    assert taken.inputs == {"name": "Pro", "active": False}


def test_a_deleted_object_is_nothing_to_speak_of() -> None:
    selection = select({"stripe:Customer": [{"id": "cus_1", "object": "customer", "deleted": True}]}, KINDS)
    assert (selection.found, selection.left_out, selection.archived) == ([], [], 0)
