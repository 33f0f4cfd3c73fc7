"""What counts as a change, and what an update then sends."""

from typing import Any

import pytest

from stripe_resources._core.values import parameters
from stripe_resources._core.values.outputs import outputs_of
from stripe_resources._core.values.schema import UNKNOWN, Difference
from stripe_resources.register import KINDS
from tests.stripe_resources.kinds.test_meter import METER
from tests.stripe_resources.kinds.test_price import PRICE, TIERED
from tests.stripe_resources.sent import sent as sent_by


def outputs(kind: str, declared: dict[str, Any], **live: Any) -> dict[str, Any]:
    """The outputs after Stripe took what was declared, save for what `live` says."""
    schema, behaviour = KINDS[f"stripe:{kind}"]
    stripes = behaviour.seen({"active": True, "livemode": False, "created": 1, **declared, **live})
    return behaviour.outputs(outputs_of(schema, declared, stripes), declared, stripes)


def changes(kind: str, olds: dict[str, Any], news: dict[str, Any]) -> Difference:
    return KINDS[f"stripe:{kind}"].behaviour.changes(olds, news)


def sent(kind: str, olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
    schema, behaviour = KINDS[f"stripe:{kind}"]
    params = parameters.update_params(schema, olds, news, changes(kind, olds, news))
    return dict(sent_by(behaviour, olds, news, params))


def test_nothing_declared_nothing_changed() -> None:
    for kind, declared in (("Price", PRICE), ("Price", TIERED), ("Meter", METER)):
        assert not changes(kind, outputs(kind, declared), declared)


def test_what_stripe_fills_in_is_no_change() -> None:
    filled = {
        "nickname": None,
        "tax_behavior": "unspecified",
        "billing_scheme": "per_unit",
        "metadata": {"added": "by somebody"},
        "recurring": {**PRICE["recurring"], "interval_count": 1, "trial_period_days": None},
        "unit_amount_decimal": "4",
    }
    assert not changes("Price", outputs("Price", PRICE, **filled), PRICE)


def test_saying_a_default_aloud_is_no_change() -> None:
    loud = {**PRICE, "billing_scheme": "per_unit", "active": True, "recurring": {**PRICE["recurring"], "interval_count": 1}}
    assert not changes("Price", outputs("Price", PRICE), loud)
    assert not changes("Price", outputs("Price", loud), PRICE)
    assert not changes("Meter", outputs("Meter", METER), {**METER, "value_settings": {"event_payload_key": "value"}})


def test_a_map_without_a_key_says_nothing() -> None:
    """Stripe merges maps, so that there is nothing to send."""
    assert not changes("Price", outputs("Price", PRICE), {**PRICE, "metadata": {}})
    assert not changes("Price", outputs("Price", {**PRICE, "metadata": {}}), PRICE)


def test_an_amount_is_one_however_it_is_written() -> None:
    decimal = {**{k: v for k, v in PRICE.items() if k != "unit_amount"}, "unit_amount_decimal": "4"}
    assert not changes("Price", outputs("Price", PRICE), decimal)
    assert not changes("Price", outputs("Price", decimal, unit_amount_decimal="4.000000"), decimal)
    assert changes("Price", outputs("Price", PRICE), {**decimal, "unit_amount_decimal": "4.5"}).replaces


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("unit_amount", 5),
        ("currency", "eur"),
        ("product", "prod_2"),
        ("transform_quantity", {"divide_by": 10, "round": "up"}),
        ("recurring", {**PRICE["recurring"], "interval": "year"}),
        ("recurring", {**PRICE["recurring"], "meter": UNKNOWN}),
        ("product", UNKNOWN),
    ],
)
def test_what_stripe_cannot_change_replaces(field: str, value: Any) -> None:
    found = changes("Price", outputs("Price", PRICE), {**PRICE, field: value})
    assert found.replaces == [field]
    assert found.changed == [field]


def test_a_tier_replaces() -> None:
    dearer = {**TIERED, "tiers": [{"up_to": 200, "unit_amount": 4}, {"up_to": "inf", "unit_amount": 3}]}
    assert changes("Price", outputs("Price", TIERED), dearer).replaces == ["tiers"]


def test_a_last_tier_that_stripe_writes_as_null_is_no_change() -> None:
    live = [{**TIERED["tiers"][0], "flat_amount": None}, {"up_to": None, "unit_amount": 3, "unit_amount_decimal": "3"}]
    assert not changes("Price", outputs("Price", TIERED, tiers=live), TIERED)


def test_a_price_s_own_currency_is_none_of_its_options() -> None:
    option = {"unit_amount": 4, "unit_amount_decimal": "4", "tax_behavior": "unspecified", "custom_unit_amount": None}
    live = KINDS["stripe:Price"].behaviour.seen({**PRICE, "currency_options": {"eur": option, "usd": option}})
    assert live["currency_options"] == {"eur": option}


def test_tiers_in_other_currencies_are_asked_for_by_name() -> None:
    behaviour = KINDS["stripe:Price"].behaviour
    stripes = {"billing_scheme": "tiered", "currency_options": {"eur": {"tax_behavior": "unspecified"}}}
    for values in (stripes, {"currency_options": {"eur": {"tiers": []}}}):
        assert behaviour.expand(values) == ["currency_options", "tiers", "currency_options.eur.tiers"]
    assert behaviour.expand({"currency_options": {"eur": {"unit_amount": 4}}}) == ["currency_options", "tiers"]


def test_mutable_fields_change_in_place() -> None:
    found = changes("Price", outputs("Price", PRICE), {**PRICE, "nickname": "Tokens", "metadata": {"a": "1"}})
    assert found.changed == ["metadata", "nickname"]
    assert not found.replaces


def test_drift_is_a_change() -> None:
    declared = {**PRICE, "nickname": "Tokens", "metadata": {"a": "1"}, "lookup_key": "tokens"}
    drifted = outputs("Price", declared, nickname="Other", metadata={"a": "2"}, lookup_key=None, active=False)
    assert changes("Price", drifted, declared).changed == ["active", "lookup_key", "metadata", "nickname"]
    expected = {"active": True, "lookup_key": "tokens", "metadata": {"a": "1"}, "nickname": "Tokens"}
    assert sent("Price", drifted, declared) == expected


def test_a_field_that_leaves_the_program_is_cleared() -> None:
    before = {**PRICE, "nickname": "Tokens", "lookup_key": "tokens", "metadata": {"a": "1", "b": "2"}}
    after = {**PRICE, "metadata": {"a": "1"}}
    assert sent("Price", outputs("Price", before), after) == {"nickname": "", "lookup_key": "", "metadata": {"b": None}}
    assert sent("Price", outputs("Price", before), PRICE)["metadata"] == {"a": None, "b": None}


def test_a_field_with_a_default_goes_back_to_it() -> None:
    product = {"name": "Hypernian", "shippable": True, "images": ["https://example.com/a.png"], "active": False}
    assert sent("Product", outputs("Product", product), {"name": "Hypernian"}) == {
        "shippable": False,
        "images": "",
        "active": True,
    }


def test_parts_of_an_object_are_cleared_one_by_one() -> None:
    before = {"name": "John", "address": {"city": "Cork", "line1": "1 Quay"}, "invoice_settings": {"footer": "Thanks"}}
    after = {"name": "John", "address": {"city": "Cork"}}
    assert sent("Customer", outputs("Customer", before), after) == {
        "address": {"city": "Cork", "line1": ""},
        "invoice_settings": {"footer": ""},
    }


def test_tax_behavior_can_be_set_once() -> None:
    exclusive = {**PRICE, "tax_behavior": "exclusive"}
    assert not changes("Price", outputs("Price", PRICE), exclusive).replaces
    assert changes("Price", outputs("Price", exclusive), {**PRICE, "tax_behavior": "inclusive"}).replaces == ["tax_behavior"]


def test_a_currency_that_is_taken_away_replaces() -> None:
    two = {**PRICE, "currency_options": {"eur": {"unit_amount": 4}, "gbp": {"unit_amount": 3}}}
    one = {**PRICE, "currency_options": {"eur": {"unit_amount": 4}}}
    stripes = {c: {"unit_amount": a, "unit_amount_decimal": str(a)} for c, a in (("usd", 4), ("eur", 4), ("gbp", 3))}
    assert not changes("Price", outputs("Price", two, currency_options=stripes), two)
    assert changes("Price", outputs("Price", two, currency_options=stripes), one).replaces == ["currency_options"]
    assert not changes("Price", outputs("Price", one, currency_options=stripes), two).replaces
    dearer = {**PRICE, "currency_options": {"eur": {"unit_amount": 5}}}
    assert sent("Price", outputs("Price", one), dearer) == {"currency_options": {"eur": {"unit_amount": 5}}}


def test_a_meter_under_the_same_event_name_waits_for_the_old_one_to_go() -> None:
    counted = {**METER, "default_aggregation": {"formula": "count"}}
    found = changes("Meter", outputs("Meter", METER, status="active"), counted)
    assert (found.replaces, found.delete_before_replace) == (["default_aggregation"], True)
    renamed = changes("Meter", outputs("Meter", METER, status="active"), {**METER, "event_name": "other"})
    assert (renamed.replaces, renamed.delete_before_replace) == (["event_name"], False)


def test_a_deactivated_meter_is_drift() -> None:
    assert changes("Meter", outputs("Meter", METER, status="inactive"), METER).changed == ["status"]


def test_how_a_request_is_carried_out_is_no_change() -> None:
    before = {"customer": "cus_1", "items": [{"price": "p"}]}
    olds = outputs("Subscription", before, items={"data": [{"id": "si_1", "price": {"id": "p"}}]})
    assert not changes("Subscription", olds, {**before, "proration_behavior": "none", "payment_behavior": "allow_incomplete"})
    loud = {**before, "proration_behavior": "none", "description": "x"}
    assert sent("Subscription", olds, loud) == {"description": "x", "proration_behavior": "none"}


def test_how_a_subscription_is_retired_is_kept_without_a_request() -> None:
    before = {"customer": "cus_1", "items": [{"price": "p"}]}
    olds = outputs("Subscription", before, items={"data": [{"id": "si_1", "price": {"id": "p"}}]})
    news = {**before, "invoice_now": False}
    assert changes("Subscription", olds, news).changed == ["invoice_now"]
    assert sent("Subscription", olds, news) == {}


def test_classic_billing_becomes_flexible_in_place_and_never_back() -> None:
    base = {"customer": "cus_1", "items": [{"price": "p"}]}
    live = {"data": [{"id": "si_1", "price": {"id": "p"}}]}
    classic, flexible = ({**base, "billing_mode": {"type": t}} for t in ("classic", "flexible"))
    assert not changes("Subscription", outputs("Subscription", classic, items=live), flexible).replaces
    assert changes("Subscription", outputs("Subscription", flexible, items=live), classic).replaces == ["billing_mode"]


def test_an_owner_is_written_once() -> None:
    schema = KINDS["stripe:Product"][0]
    inputs = {"name": "Hypernian", "__owner": "p/dev/Product/a"}
    assert parameters.create_params(schema, inputs) == {"name": "Hypernian", "metadata": {"pulumi_resource": "p/dev/Product/a"}}
    renamed = {**inputs, "__owner": "p/dev/Product/b"}
    assert parameters.update_params(schema, inputs, renamed, Difference(["__owner"])) == {
        "metadata": {"pulumi_resource": "p/dev/Product/b"}
    }
