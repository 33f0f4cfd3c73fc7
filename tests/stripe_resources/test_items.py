"""Items of a subscription: matched by identity, whatever their order."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stripe_resources._core.values.items import changes, leaving, present, seen, with_quantities
from stripe_resources._core.values.schema import UNKNOWN
from stripe_resources.kinds.subscription import ITEM

Items = list[dict[str, Any]]


def stripe(existing: Items, sent: Items) -> Items:
    """What Stripe makes of the `items` parameter of an update."""
    result = {i["id"]: dict(i) for i in existing}
    for n, change in enumerate(sent):
        if change.get("deleted"):
            del result[change["id"]]
        else:
            id_ = change.get("id", f"new_{n}")
            before = result.get(id_, {})
            one = {"quantity": 1} if "price" in change else {}  # with another price, unless a quantity is sent
            result[id_] = {**before, **one, **change, "id": id_}
            result[id_] = {k: v for k, v in result[id_].items() if v != ""}
    return list(result.values())


def test_the_first_of_two_removed() -> None:
    existing = [{"id": "si_1", "price": "a"}, {"id": "si_2", "price": "b"}]
    assert changes(ITEM, [{"price": "b"}], existing) == [{"id": "si_1", "deleted": True}]


def test_a_changed_price_keeps_its_item() -> None:
    existing = [{"id": "si_1", "price": "a"}, {"id": "si_2", "price": "b"}]
    assert changes(ITEM, [{"price": "c"}, {"price": "b"}], existing) == [{"id": "si_1", "price": "c"}]


def test_a_quantity_goes_along_with_a_changed_price() -> None:
    """Stripe sets it to 1 otherwise."""
    existing = [{"id": "si_1", "price": "a", "quantity": 5}]
    assert changes(ITEM, [{"price": "b", "quantity": 5}], existing) == [{"id": "si_1", "price": "b", "quantity": 5}]


def test_a_quantity_that_is_declared_anew_is_sent_even_if_it_is_stripes_default() -> None:
    """Somebody else may have set another one, which the state does not have as long as none is declared."""
    existing = [{"id": "si_1", "price": "a"}]
    assert changes(ITEM, [{"price": "a", "quantity": 1}], existing) == [{"id": "si_1", "quantity": 1}]
    assert changes(ITEM, [{"price": "a", "quantity": 1}], [{**existing[0], "quantity": 1}]) == []


def test_a_quantity_that_leaves_with_the_price_is_not_sent() -> None:
    """The other price may be metered, and takes none."""
    assert changes(ITEM, [{"price": "b"}], [{"id": "si_1", "price": "a", "quantity": 5}]) == [{"id": "si_1", "price": "b"}]


def test_metadata_that_leaves_takes_no_foreign_key_along() -> None:
    existing = [{"id": "si_1", "price": "a", "metadata": {"ours": "1"}}]
    assert changes(ITEM, [{"price": "a"}], existing) == [{"id": "si_1", "metadata": {"ours": None}}]


def test_what_stripe_does_not_give_back_stays_with_its_item() -> None:
    wished = [{"price": "a", "discounts": [{"coupon": "c"}]}, {"price": "b"}]
    assert seen(ITEM, wished, [{"id": "si_2", "price": "b"}]) == [{"id": "si_2", "price": "b"}]


def test_an_added_item_has_no_id() -> None:
    assert changes(ITEM, [{"price": "a"}, {"price": "b"}], [{"id": "si_1", "price": "a"}]) == [{"price": "b"}]


def test_order_means_nothing() -> None:
    existing = [{"id": "si_1", "price": "a"}, {"id": "si_2", "price": "b"}]
    assert changes(ITEM, [{"price": "b"}, {"price": "a"}], existing) == []


def test_a_quantity_that_leaves_goes_back_to_one() -> None:
    assert changes(ITEM, [{"price": "a"}], [{"id": "si_1", "price": "a", "quantity": 5}]) == [{"id": "si_1", "quantity": 1}]
    assert changes(ITEM, [{"price": "a"}], [{"id": "si_1", "price": "a", "quantity": 1}]) == []


def test_an_unknown_price_is_a_change() -> None:
    assert changes(ITEM, [{"price": UNKNOWN}], [{"id": "si_1", "price": "a"}]) == [{"id": "si_1", "price": UNKNOWN}]


def test_foreign_items_are_seen() -> None:
    live = [{"id": "si_9", "price": "x", "quantity": 1}, {"id": "si_1", "price": "a", "quantity": 1}]
    assert seen(ITEM, [{"price": "a"}], live) == [{"id": "si_1", "price": "a"}, {"id": "si_9", "price": "x"}]


prices = st.lists(st.sampled_from("abcdefg"), min_size=1, unique=True)
quantities = st.one_of(st.none(), st.integers(1, 5))


@st.composite
def wishes(draw: st.DrawFn) -> Items:
    return [{"price": p, **({"quantity": q} if (q := draw(quantities)) else {})} for p in draw(prices)]


@given(wishes(), wishes())
def test_stripe_ends_with_what_is_wished(before: Items, after: Items) -> None:
    existing = [{"id": f"si_{i}", **item} for i, item in enumerate(before)]
    sent = changes(ITEM, after, existing)
    result = stripe(existing, sent)
    plain = [{"price": i["price"], "quantity": i.get("quantity", 1)} for i in result]
    wished = [{"price": i["price"], "quantity": i.get("quantity", 1)} for i in after]
    assert sorted(map(str, plain)) == sorted(map(str, wished))
    untouched = {i["id"] for i in existing} - {s.get("id") for s in sent}
    assert all(any(same_item(e, w) for w in after) for e in existing if e["id"] in untouched)
    assert changes(ITEM, after, seen(ITEM, after, result)) == []


def same_item(existing: dict[str, Any], wished: dict[str, Any]) -> bool:
    return bool(existing["price"] == wished["price"] and existing.get("quantity", 1) == wished.get("quantity", 1))


# -- a price that changes, and an update that a run had made before it died


def test_a_quantity_is_sent_with_a_price_that_changes() -> None:
    """Stripe makes it 1 otherwise."""
    existing = [{"id": "si_1", "price": "a", "quantity": 5}]
    assert changes(ITEM, [{"price": "b", "quantity": 5}], existing) == [{"id": "si_1", "price": "b", "quantity": 5}]
    live = [{"id": "si_1", "price": "a", "quantity": 5}]
    undeclared = changes(ITEM, [{"price": "b"}], [{"id": "si_1", "price": "a"}])
    assert with_quantities(undeclared, live, is_metered=lambda price: False) == [{"id": "si_1", "price": "b", "quantity": 5}]
    assert with_quantities(undeclared, live, is_metered=lambda price: price == "b") == [{"id": "si_1", "price": "b"}]


def test_a_metered_item_is_sent_without_a_quantity() -> None:
    live = [{"id": "si_1", "price": "a"}]
    assert with_quantities([{"id": "si_1", "price": "b"}], live, is_metered=lambda price: False) == [{"id": "si_1", "price": "b"}]


def test_what_leaves_its_price() -> None:
    live = [{"id": f"si_{n}", "price": p} for n, p in enumerate("abcd")]
    sent = [{"id": "si_0", "price": "z"}, {"id": "si_1", "deleted": True}, {"id": "si_2", "quantity": 2}, {"price": "y"}]
    assert [i["id"] for i in leaving(sent, live)] == ["si_0", "si_1"]


@given(wishes(), wishes(), wishes())
def test_an_update_made_twice_is_as_one(before: Items, after: Items, foreign: Items) -> None:
    """The second time Stripe has what the first made, and the state has not; what somebody else added stays in any case."""
    wished = {i["price"] for i in (*before, *after)}
    theirs = [{"id": f"theirs_{n}", **i} for n, i in enumerate(foreign) if i["price"] not in wished]
    known = [{"id": f"si_{n}", **i} for n, i in enumerate(before)]
    live = [*known, *theirs]
    for again in (False, True):
        sent = changes(ITEM, after, present(ITEM, after, known, live))
        assert not again or all("price" not in s and "deleted" not in s for s in sent), "at most a value is sent again"
        live = stripe(live, sent)
    assert [i for i in live if i["id"].startswith("theirs")] == theirs
    ours = [{"price": i["price"], "quantity": i.get("quantity", 1)} for i in live if not i["id"].startswith("theirs")]
    assert sorted(map(str, ours)) == sorted(str({"price": i["price"], "quantity": i.get("quantity", 1)}) for i in after)
