"""Who moves, who stays, what each pays, and what is said first: from a preview and what Stripe has, without either."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from stripe_impact.computing.bills import largest
from stripe_impact.computing.impact import Impact
from stripe_impact.reading.facts import subscription_of
from tests.stripe_impact.previews import METER, METERED, PRICE, UNKNOWN, Change, Shop

DEARER = {**PRICE, "unit_amount": 5}
MIGRATED = {**DEARER, "existing_subscriptions": "migrate"}
OWN = {"metadata": {"pulumi_resource": "shop/dev/Subscription/theirs"}}
SEATS = {"currency": "usd", "product": "prod_1", "unit_amount": 1000, "recurring": {"interval": "month"}}


def replaced(new: dict[str, Any] = MIGRATED) -> Change:
    return Change("replace", "Price", "tokens", "price_old", PRICE, new)


def declared(new: dict[str, Any], old: dict[str, Any] | None = None, op: str = "update") -> Change:
    before = {"customer": "cus_a", "items": [{"id": "si_0", "price": "price_old"}], **(old or {})}
    return Change(op, "Subscription", "theirs", "sub_a", before, None if op == "delete" else {"customer": "cus_a", **new})


def sides(impact: Impact) -> dict[str, tuple[int, int, int]]:
    return {b.customer: (b.before, b.after, b.if_moved) for b in impact.bills}


def why(impact: Impact) -> dict[str, tuple[str, str]]:
    return {b.customer: (p.kind, p.reason) for b in impact.bills for p in b.parts}


def said(impact: Impact) -> list[str]:
    return [f"{n.level}: {n.text}" for n in impact.notices]


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.subscribe("cus_a", ("price_old", 3025))
    shop.subscribe("cus_b", ("price_old", 25))
    shop.subscribe("cus_c", ("price_old", 1000))
    return shop


# -- who moves


def test_migrated(shop: Shop) -> None:
    impact = shop.impact(replaced())
    assert sides(impact) == {"cus_a": (124, 155, 155), "cus_b": (4, 5, 5), "cus_c": (40, 50, 50)}
    assert impact.verdict == "3 customers pay more: 1.68 USD → 2.10 USD (+0.42 USD, +25.0%)."
    (total,) = impact.totals
    assert (total.before, total.after, total.change, total.more, total.less) == (168, 210, 42, 3, 0)
    assert total.medians is None, "there are too few: each is listed"
    assert (total.over, total.compared) == ("a month", False)
    assert (total.present.before, total.present.after) == (168, 168), "what is used before the move is billed at the old price"
    (price,) = impact.prices
    assert (price.before, price.after) == ("0.04 USD per 100 tokens", "0.05 USD per 100 tokens")
    assert (price.subscriptions, price.customers, price.moving, price.staying) == (3, 3, 3, 0)
    (line,) = impact.bills[0].parts[0].after
    assert line.words == "3,025 tokens → 31 packages of 100 × 0.05 USD = 1.55 USD"
    assert said(impact) == [
        "note: 1 of 3 invoices then is below 0.50 USD, the minimum charge: not charged, but due with the next one."
    ]
    assert [p.charged for b in impact.bills for p in b.parts] == [155, 0, 50]


def test_grandfathered(shop: Shop) -> None:
    impact = shop.impact(replaced(DEARER))
    assert sides(impact) == {"cus_a": (124, 124, 155), "cus_b": (4, 4, 5), "cus_c": (40, 40, 50)}
    assert why(impact)["cus_a"] == ("stays", "grandfathered")
    assert impact.verdict == "No bill changes: 3 customers pay as before."
    assert said(impact) == [
        "note: No one pays the new price tokens: its 3 subscriptions stay on the old one "
        '(existing_subscriptions is "grandfather").'
    ]


def test_what_the_program_declares_moves(shop: Shop) -> None:
    shop.subscribe("cus_a", ("price_old", 3025), **OWN)
    impact = shop.impact(replaced(DEARER), declared({"items": [{"price": UNKNOWN}]}))
    assert sides(impact) == {"cus_a": (124, 155, 155), "cus_b": (4, 4, 5), "cus_c": (40, 40, 50)}
    assert why(impact)["cus_a"] == ("moves", "declared")
    assert impact.verdict == "1 customer pays more: 1.68 USD → 1.99 USD (+0.31 USD, +18.5%)."
    assert (impact.prices[0].moving, impact.prices[0].staying) == (1, 2)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (OWN, "declared here, and left as it is"),
        ({"metadata": {"pulumi_resource": "other/prod/Subscription/s"}}, "declared by the stack other/prod"),
        (
            {"billing_mode": {"type": "classic"}},
            "under classic billing Stripe never bills the usage of a price that an item leaves",
        ),
        ({"status": "incomplete"}, "its first payment is incomplete"),
        ({"schedule": "sub_sched_1"}, "a subscription schedule manages it"),
        ({"pending_update": {"expires_at": 1}}, "an update of it waits for a payment"),
    ],
)
def test_what_stays_though_others_are_migrated(shop: Shop, fields: dict[str, Any], reason: str) -> None:
    shop.subscribe("cus_a", ("price_old", 3025), **fields)
    impact = shop.impact(replaced())
    assert sides(impact)["cus_a"] == (124, 124, 155)
    kind, said_why = why(impact)["cus_a"]
    assert kind == "stays"
    assert said_why.startswith(reason)


def test_another_interval_moves_nobody(shop: Shop) -> None:
    impact = shop.impact(replaced({**MIGRATED, "recurring": {**METERED, "interval": "year"}}))
    assert why(impact)["cus_a"] == ("stays", "the new price is billed every year, the old one every month")
    assert impact.prices[0].before == "0.04 USD per 100 tokens, billed every month"
    assert impact.prices[0].after == "0.05 USD per 100 tokens, billed every year"


def test_a_currency_that_the_new_price_lacks(shop: Shop) -> None:
    shop.facts.prices["price_old"] = {**shop.facts.prices["price_old"], "currency_options": {"eur": {"unit_amount": 3}}}
    shop.subscribe("cus_a", ("price_old", 3025), currency="eur")
    impact = shop.impact(replaced())
    assert why(impact)["cus_a"] == ("stays", "the new price has no amount in its currency, eur")
    assert sides(impact)["cus_a"] == (93, 93, 93)
    assert [t.currency for t in impact.totals] == ["usd", "eur"], "each currency by itself"


def test_a_declared_move_that_the_deployment_refuses(shop: Shop) -> None:
    shop.subscribe("cus_a", ("price_old", 3025), billing_mode={"type": "classic"}, **OWN)
    impact = shop.impact(replaced(DEARER), declared({"items": [{"price": UNKNOWN}]}))
    assert sides(impact)["cus_a"] == (124, 124, 155)
    assert said(impact)[0] == (
        "warning: The deployment will refuse the move: under classic billing Stripe never bills the usage of a price that an "
        "item leaves (sub_a)."
    )
    flexible = declared({"items": [{"price": UNKNOWN}], "billing_mode": {"type": "flexible"}})
    assert why(shop.impact(replaced(DEARER), flexible))["cus_a"] == ("moves", "declared")


# -- what bills consist of


def test_all_items_of_a_subscription_are_on_the_bill(shop: Shop) -> None:
    shop.price("price_seats", SEATS)
    shop.subscribe("cus_a", ("price_old", 3025), ("price_seats", 3))
    bill = shop.impact(replaced()).bills[0]
    assert (bill.before, bill.after) == (3124, 3155)
    assert [line.words for line in bill.parts[0].after] == [
        "3,025 tokens → 31 packages of 100 × 0.05 USD = 1.55 USD",
        "3 tokens × 10.00 USD = 30.00 USD",
    ]


def test_two_subscriptions_of_a_customer_are_one_bill(shop: Shop) -> None:
    stripe = shop.facts.subscriptions["sub_a"].stripe
    shop.facts.subscriptions["sub_z"] = subscription_of({**stripe, "id": "sub_z"})
    impact = shop.impact(replaced())
    assert sides(impact)["cus_a"] == (248, 310, 310)
    assert (impact.prices[0].subscriptions, impact.prices[0].customers) == (4, 3)


def test_a_declared_quantity(shop: Shop) -> None:
    shop.price("price_seats", SEATS)
    shop.subscribe("cus_a", ("price_seats", 3), **OWN)
    seats = [{"price": "price_seats", "quantity": 3}]
    impact = shop.impact(declared({"items": [{"price": "price_seats", "quantity": 5}]}, {"items": seats}))
    assert sides(impact)["cus_a"] == (3000, 5000, 5000)
    assert impact.verdict == "1 customer pays more: 30.44 USD → 50.44 USD (+20.00 USD, +65.7%)."


def test_an_exchange_of_known_prices(shop: Shop) -> None:
    shop.price("price_cheap", {**PRICE, "unit_amount": 1})
    shop.subscribe("cus_a", ("price_old", 3025), **OWN)
    impact = shop.impact(declared({"items": [{"price": "price_cheap"}]}))
    assert sides(impact)["cus_a"] == (124, 31, 31)
    assert "1 customer pays less" in impact.verdict


def test_items_that_others_added_stay(shop: Shop) -> None:
    shop.price("price_seats", SEATS)
    shop.subscribe("cus_a", ("price_old", 3025), ("price_seats", 1), **OWN)
    impact = shop.impact(replaced(DEARER), declared({"items": [{"price": UNKNOWN}]}))
    assert sides(impact)["cus_a"] == (1124, 1155, 1155)


def test_several_unknown_prices_are_told_apart_by_what_they_replace(shop: Shop) -> None:
    other = {**PRICE, "unit_amount": 10}
    shop.price("price_other", other)
    shop.subscribe("cus_a", ("price_old", 100), ("price_other", 100), **OWN)
    before = [{"price": "price_old"}, {"price": "price_other"}]
    impact = shop.impact(
        Change("replace", "Price", "other", "price_other", other, {**other, "unit_amount": 20}),
        replaced(DEARER),
        declared({"items": [{"price": UNKNOWN}, {"price": UNKNOWN}]}, {"items": before}),
    )
    assert [line.price for line in impact.bills[0].parts[0].after] == ["tokens", "other"]
    assert sides(impact)["cus_a"] == (14, 25, 25)


def test_what_the_preview_does_not_tell_is_not_guessed(shop: Shop) -> None:
    shop.subscribe("cus_a", ("price_old", 3025), **OWN)
    impact = shop.impact(declared({"items": [{"price": "price_old"}, {"price": UNKNOWN}]}))
    assert "cus_a" not in sides(impact)
    assert said(impact) == [
        "warning: Not in the figures: sub_a, now 1.24 USD: the preview does not tell which price its item 2 will have."
    ]
    assert impact.verdict.endswith("Not known: what 1 subscription will pay, now 1.24 USD.")


def test_an_amount_that_is_known_later(shop: Shop) -> None:
    impact = shop.impact(replaced({**MIGRATED, "unit_amount": UNKNOWN}))
    assert impact.bills == ()
    assert "warning: Not in the figures: sub_a, now 1.24 USD: its amount is only known after the deployment." in said(impact)
    assert impact.verdict == (
        "No bill is known to change, but some could not be computed. Not known: what 3 subscriptions will pay, now 1.68 USD."
    )
    assert impact.prices[0].after == "its amount is only known after the deployment"


def test_a_cancelled_subscription(shop: Shop) -> None:
    shop.subscribe("cus_a", ("price_old", 3025), **OWN)
    impact = shop.impact(declared({}, {"invoice_now": False}, op="delete"))
    assert sides(impact)["cus_a"] == (124, 0, 0)
    assert said(impact) == ["warning: sub_a is cancelled with invoice_now=False: its usage, 1.24 USD, is not billed."]
    assert said(shop.impact(declared({}, op="delete"))) == []


def test_a_deleted_customer_takes_all_subscriptions_along(shop: Shop) -> None:
    gone = Change("delete", "Customer", "somebody", "cus_a", {"name": "Somebody"})
    impact = shop.impact(gone)
    assert (sides(impact)["cus_a"], why(impact)["cus_a"]) == ((124, 0, 0), ("ends", "its customer is deleted"))
    assert said(impact) == ["warning: sub_a is cancelled together with its customer cus_a: its usage, 1.24 USD, is not billed."]
    assert said(shop.impact(gone, declared({}, op="delete"))) == [], "its own cancellation, which goes first, bills it"


def test_a_price_on_another_meter_bills_what_that_one_counted(shop: Shop) -> None:
    shop.facts.usage["mtr_2", "cus_a", 60, 120] = Decimal(100)
    impact = shop.impact(replaced({**MIGRATED, "recurring": {**METERED, "meter": "mtr_2"}}))
    assert sides(impact) == {"cus_a": (124, 5, 5), "cus_b": (4, 0, 0), "cus_c": (40, 0, 0)}
    assert "1.68 USD → 0.05 USD" in impact.verdict


def test_a_price_changed_in_place(shop: Shop) -> None:
    before = {**PRICE, "currency_options": {"eur": {"unit_amount": 3}}}
    after = {**PRICE, "currency_options": {"eur": {"unit_amount": 6}}}
    shop.price("price_old", before)
    shop.subscribe("cus_a", ("price_old", 3025), currency="eur")
    impact = shop.impact(Change("update", "Price", "tokens", "price_old", before, after))
    assert sides(impact)["cus_a"] == (93, 186, 186)
    assert sides(impact)["cus_b"] == (4, 4, 4)
    assert (why(impact)["cus_a"], why(impact)["cus_b"]) == (("changes", ""), ("stays", ""))
    assert (impact.prices[0].moving, impact.prices[0].staying) == (1, 2)
    shop.subscribe("cus_a", ("price_old", 3025), currency="eur", **OWN)
    assert sides(shop.impact(Change("update", "Price", "tokens", "price_old", before, after)))["cus_a"] == (93, 186, 186)
    assert impact.prices[0].before == "0.04 USD per 100 tokens, in EUR 0.03 EUR per 100 tokens"
    assert impact.prices[0].after == "0.04 USD per 100 tokens, in EUR 0.06 EUR per 100 tokens"


def test_a_price_archived_in_place(shop: Shop) -> None:
    impact = shop.impact(Change("update", "Price", "tokens", "price_old", {**PRICE, "active": True}, {**PRICE, "active": False}))
    assert (impact.prices[0].action, why(impact)["cus_a"]) == ("archived", ("stays", "the price is archived"))


def test_what_is_retained(shop: Shop) -> None:
    retained = {"retainOnDelete": True}
    impact = shop.impact(Change("replace", "Price", "tokens", "price_old", PRICE, MIGRATED, retained))
    assert why(impact)["cus_a"] == ("stays", "the old price is left as it is (retain_on_delete)")
    assert sides(impact)["cus_a"] == (124, 124, 155)
    assert shop.impact(Change("delete", "Price", "tokens", "price_old", PRICE, more=retained)).prices == ()
    assert said(shop.impact(Change("delete", "Meter", "m", "mtr_1", METER, more=retained))) == []


def test_the_largest_changes_and_the_median() -> None:
    shop = Shop()
    for number in range(12):
        shop.subscribe(f"cus_{number:02}", ("price_old", number * 1000))
    impact = shop.impact(replaced())
    assert [b.customer for b in largest(impact.bills)] == [f"cus_{n:02}" for n in range(11, 1, -1)]
    (total,) = impact.totals
    assert total.medians is not None
    assert (total.medians.before, total.medians.change) == (Decimal(220), Decimal(55))
    assert (total.more, total.customers) == (11, 12)


# -- over the same time, and whose bills those are


def seats(new: dict[str, Any], old: dict[str, Any] = SEATS, **more: Any) -> Change:
    return Change("replace", "Price", "seats", "price_seats", old, {**new, **more})


MONTHLY, YEARLY = {"interval": "month"}, {"interval": "year"}


@pytest.mark.parametrize(
    ("old", "new", "quantity", "sides_", "verdict"),
    [
        # 3 × 10.00 a month are 360.00 a year, 3 × 100.00 a year are 300.00
        (MONTHLY, ({"unit_amount": 10000}, YEARLY), 3, (36000, 30000), "pays less: 360.00 USD → 300.00 USD (-60.00 USD, -16.7%)"),
        (YEARLY, ({"unit_amount": 100}, MONTHLY), 2, (2000, 2400), "pays more: 20.00 USD → 24.00 USD (+4.00 USD, +20.0%)"),
        (MONTHLY, ({"unit_amount": 3000}, {**MONTHLY, "interval_count": 3}), 1, (12000, 12000), "pays as before"),
        # a year has 52 1/7 weeks: 365 × 7.00 / 7
        ({"interval": "week"}, ({"unit_amount": 3000}, MONTHLY), 1, (52143, 36000), "pays less"),
    ],
)
def test_amounts_of_different_intervals_are_compared_over_a_year(
    old: Any, new: Any, quantity: int, sides_: Any, verdict: str
) -> None:
    shop, before, (amount, recurring) = Shop(), {**SEATS, "recurring": old}, new
    shop.price("price_seats", before)
    shop.subscribe("cus_d", ("price_seats", quantity), **OWN)
    theirs = {"customer": "cus_d", "items": [{"price": "price_seats", "quantity": quantity}]}
    change = Change(
        "update", "Subscription", "s", "sub_d", theirs, {"customer": "cus_d", "items": [{"price": UNKNOWN, "quantity": quantity}]}
    )
    impact = shop.impact(seats({**SEATS, **amount}, before, recurring=recurring), change)
    assert sides(impact)["cus_d"][:2] == sides_
    assert verdict in impact.verdict
    (total,) = impact.totals
    assert (total.over, total.compared, total.present.after) == ("a year", True, None)


def test_usage_that_is_billed_by_the_year_is_the_usage_of_a_year() -> None:
    """A hundred a month in packages of a thousand: two packages a year, and not one a month."""
    old = {**PRICE, "transform_quantity": {"divide_by": 1000, "round": "up"}, "unit_amount": 100}
    shop = Shop()
    shop.price("price_old", old)
    shop.subscribe("cus_a", ("price_old", 100), **OWN)
    new = {**old, "recurring": {**METERED, "interval": "year"}}
    impact = shop.impact(Change("replace", "Price", "tokens", "price_old", old, new), declared({"items": [{"price": UNKNOWN}]}))
    assert sides(impact)["cus_a"][:2] == (1200, 200)


def test_an_exchange_for_a_known_price_of_another_interval() -> None:
    shop = Shop()
    shop.price("price_year", {**PRICE, "unit_amount": 3, "recurring": {**METERED, "interval": "year"}})
    shop.subscribe("cus_a", ("price_old", 100), **OWN)
    assert sides(shop.impact(declared({"items": [{"price": "price_year"}]})))["cus_a"][:2] == (48, 36)


def test_a_flat_amount_of_the_new_price_is_on_the_invoice_of_this_period_too() -> None:
    tiers = {"tiers_mode": "graduated", "billing_scheme": "tiered", "tiers": [{"up_to": "inf", "flat_amount": 300}]}
    tiered = {k: v for k, v in PRICE.items() if k not in ("unit_amount", "transform_quantity")} | tiers
    for fields, sides_ in (({}, (124, 300)), ({"cancel_at_period_end": True}, (124, 424))):
        shop = Shop()
        shop.subscribe("cus_a", ("price_old", 3025), **fields)
        impact = shop.impact(replaced({**tiered, "existing_subscriptions": "migrate"}))
        assert sides(impact)["cus_a"][:2] == sides_
        assert (impact.bills[0].present.before, impact.bills[0].present.after) == (124, 424)


@pytest.mark.parametrize("existing", ["migrate", "grandfather"])
@pytest.mark.parametrize("fields", [{"cancel_at_period_end": True}, {"cancel_at": 120}, {"cancel_at": 100}])
def test_who_leaves_at_the_end_of_the_period_pays_nothing_more(shop: Shop, existing: str, fields: dict[str, Any]) -> None:
    shop.price("price_seats", SEATS)
    shop.subscribe("cus_d", ("price_seats", 3), ("price_old", 3025), **fields)
    dearer = seats({**SEATS, "unit_amount": 1100}, existing_subscriptions=existing)
    impact = shop.impact(dearer, replaced({**DEARER, "existing_subscriptions": existing}))
    assert sides(impact)["cus_d"] == (124, 124, 124), "its last invoice: what is used until a move costs what it cost"
    assert "it ends at 1970-01-01 00:0" in why(impact)["cus_d"][1]
    (bill,) = [b for b in impact.bills if b.customer == "cus_d"]
    assert (bill.present.before, bill.present.after) == (124, 124)


def test_who_leaves_later_pays_until_then(shop: Shop) -> None:
    shop.subscribe("cus_a", ("price_old", 3025), cancel_at=10**9)
    assert sides(shop.impact(replaced()))["cus_a"] == (124, 155, 155)


def changed(new: dict[str, Any], old: dict[str, Any] | None = None) -> Change:
    """The declared subscription, with its items as they are."""
    items = {"items": [{"price": "price_old"}]}
    return declared({**items, **new}, {**items, **(old or {})})


@pytest.mark.parametrize(
    ("new", "this_period"),
    [
        ({"cancel_at_period_end": True}, 124),
        ({"cancel_at": 120}, 124),
        ({"cancel_at": "min_period_end"}, 124),
        ({"cancel_at": "max_period_end"}, 124),
        ({"cancel_at": 100}, None),
    ],
)
def test_who_is_declared_to_leave_pays_the_last_invoice_and_nothing_more(
    shop: Shop, new: dict[str, Any], this_period: int | None
) -> None:
    shop.price("price_seats", SEATS)
    shop.subscribe("cus_a", ("price_old", 3025), ("price_seats", 3), **OWN)
    impact = shop.impact(changed(new))
    assert (sides(impact)["cus_a"], why(impact)["cus_a"][0]) == ((3124, 0, 0), "ends")
    assert why(impact)["cus_a"][1].startswith("declared to end at 1970-01-01 00:0")
    assert (impact.bills[0].present.before, impact.bills[0].present.after) == (3124, this_period)


def test_who_is_declared_to_stay_after_all_pays_on(shop: Shop) -> None:
    shop.price("price_seats", SEATS)
    shop.subscribe("cus_a", ("price_old", 3025), ("price_seats", 3), cancel_at_period_end=True, **OWN)
    for new in ({}, {"cancel_at_period_end": False}, {"cancel_at": 10**9}):
        impact = shop.impact(changed(new, {"cancel_at_period_end": True}))
        assert (sides(impact)["cus_a"], why(impact)["cus_a"]) == ((124, 3124, 3124), ("changes", "declared"))
        assert (impact.bills[0].present.before, impact.bills[0].present.after) == (124, 3124)


def test_usage_of_a_trial_is_not_billed_and_nothing_is_prorated(shop: Shop) -> None:
    shop.price("price_seats", SEATS)
    shop.subscribe("cus_a", ("price_old", 3025), ("price_seats", 3), status="trialing", **OWN)
    impact = shop.impact(replaced(DEARER), declared({"items": [{"price": UNKNOWN}]}))
    assert sides(impact)["cus_a"] == (3124, 3155, 3155)
    assert (impact.bills[0].present.before, impact.bills[0].present.after) == (3000, 3000)
    impact = shop.impact(changed({"trial_end": "now"}, {"trial_end": 120}))
    assert (sides(impact)["cus_a"], impact.bills[0].present.after) == ((3124, 3124, 3124), 3000)


def test_a_trial_that_is_declared_later_credits_what_was_paid(shop: Shop) -> None:
    shop.subscribe("cus_a", ("price_old", 3025), **OWN)
    assert shop.impact(changed({"trial_end": 110})).bills[0].present.after == 124, "usage until then"
    shop.price("price_seats", SEATS)
    shop.subscribe("cus_a", ("price_old", 3025), ("price_seats", 3), **OWN)
    assert shop.impact(changed({"trial_end": 110})).bills[0].present.after is None
    left = shop.impact(changed({}, {"trial_end": 110}))
    assert why(left)["cus_a"] == ("stays", "declared here, and left as it is"), "a trial that is no longer declared is left alone"


def test_a_declared_move_to_another_currency_is_refused(shop: Shop) -> None:
    shop.subscribe("cus_a", ("price_old", 3025), **OWN)
    impact = shop.impact(replaced({**DEARER, "currency": "eur"}), declared({"items": [{"price": UNKNOWN}]}))
    reason = "the deployment will refuse the move: the new price has no amount in its currency, usd"
    assert (sides(impact)["cus_a"][:2], why(impact)["cus_a"]) == ((124, 124), ("stays", reason))


def test_between_usage_and_seats_nobody_moves_and_no_quantity_is_taken_for_the_other(shop: Shop) -> None:
    shop.price("price_seats", SEATS)
    shop.subscribe("cus_d", ("price_seats", 7))
    impact = shop.impact(
        replaced({**SEATS, "existing_subscriptions": "migrate"}), seats({**PRICE, "existing_subscriptions": "migrate"})
    )
    assert sides(impact) == {"cus_a": (124,) * 3, "cus_b": (4,) * 3, "cus_c": (40,) * 3, "cus_d": (7000,) * 3}
    assert [p.moving for p in impact.prices] == [0, 0]
    assert why(impact)["cus_d"] == ("stays", "the new price is metered, the old one licensed")


def test_what_a_new_meter_will_count_instead_of_seats_is_not_known(shop: Shop) -> None:
    shop.price("price_seats", SEATS)
    shop.subscribe("cus_d", ("price_seats", 7), **OWN)
    theirs = {"customer": "cus_d", "items": [{"price": "price_seats", "quantity": 7}]}
    change = Change("update", "Subscription", "s", "sub_d", theirs, {"customer": "cus_d", "items": [{"price": UNKNOWN}]})
    impact = shop.impact(seats({**PRICE, "recurring": {**METERED, "meter": UNKNOWN}}), change)
    assert "cus_d" not in sides(impact)
    assert impact.verdict.endswith("Not known: what 1 subscription will pay, now 70.00 USD.")


def test_what_is_prorated_on_the_invoice_of_this_period_is_not_known() -> None:
    shop = Shop()
    shop.price("price_seats", SEATS)
    shop.subscribe("cus_d", ("price_seats", 3), **OWN)
    theirs = {"customer": "cus_d", "items": [{"price": "price_seats", "quantity": 3}]}
    for behavior, then in ((None, None), ("always_invoice", None), ("none", 5000)):
        new = {"customer": "cus_d", "items": [{"price": "price_seats", "quantity": 5}], "proration_behavior": behavior}
        impact = shop.impact(Change("update", "Subscription", "s", "sub_d", theirs, new))
        (bill,) = impact.bills
        assert (bill.present.before, bill.present.after) == (3000, then)


@pytest.mark.parametrize(
    ("currency", "unit_amount", "charged", "words"),
    [
        ("ugx", 550, 600, "Stripe charges 5.50 UGX as 6.00 UGX (cus_d), and keeps the rest on the customer's balance."),
        ("isk", 1549, 1500, "Stripe charges 15.49 ISK as 15.00 ISK (cus_d), and keeps the rest on the customer's balance."),
        ("kwd", 5125, 5130, "Stripe charges 5.125 KWD as 5.130 KWD (cus_d), and keeps the rest on the customer's balance."),
        ("jpy", 49, 0, "The invoice then is below 50 JPY, the minimum charge: not charged, but due with the next one."),
        ("usd", 50, 50, ""),
    ],
)
def test_what_is_charged_of_what_cannot_be(currency: str, unit_amount: int, charged: int, words: str) -> None:
    shop, old = Shop(), {**SEATS, "currency": currency, "unit_amount": 1000}
    shop.price("price_seats", old)
    shop.subscribe("cus_d", ("price_seats", 1), currency=currency)
    impact = shop.impact(seats({**old, "unit_amount": unit_amount, "existing_subscriptions": "migrate"}, old))
    (bill,) = impact.bills
    assert [p.charged for p in bill.parts] == [charged]
    assert said(impact) == ([f"note: {words}"] if words else [])


# -- prices in words


@pytest.mark.parametrize(
    ("new", "before", "after"),
    [
        (
            {**PRICE, "transform_quantity": {"divide_by": 100, "round": "down"}},
            "0.04 USD per 100 tokens, a package begun is billed in full",
            "0.04 USD per 100 tokens, a package that is not full is not billed",
        ),
        (
            {k: v for k, v in PRICE.items() if k not in ("unit_amount", "transform_quantity")}
            | {
                "tiers_mode": "graduated",
                "tiers": [{"up_to": 1000, "unit_amount": 1}, {"up_to": "inf", "unit_amount_decimal": "0.5"}],
            },
            "0.04 USD per 100 tokens, a package begun is billed in full",
            "the first 1,000 tokens: 0.01 USD each; all above 1,000: 0.005 USD each",
        ),
        (
            {**SEATS, "product": "prod_1"},
            "0.04 USD per 100 tokens, a package begun is billed in full",
            "10.00 USD per token, in advance",
        ),
    ],
)
def test_formulas(shop: Shop, new: dict[str, Any], before: str, after: str) -> None:
    (price,) = shop.impact(replaced(new)).prices
    assert (price.before, price.after) == (before, after)


def test_new_prices_and_what_is_no_price(shop: Shop) -> None:
    product = {"name": "Shop", "unit_label": "image"}
    impact = shop.impact(
        Change("create", "Product", "images", new=product),
        Change("create", "Price", "images", new={**PRICE, "product": UNKNOWN}),
        Change("update", "Product", "shop", "prod_1", {"name": "Shop"}, {"name": "The shop"}),
        Change("update", "Price", "named", "price_9", PRICE, {**PRICE, "nickname": "n"}),
    )
    images, named = impact.prices
    assert images.after == "0.04 USD per 100 images, a package begun is billed in full, billed every month"
    assert (named.action, named.fields) == ("updated", ("nickname",))
    assert [(o.kind, o.name, o.action, o.fields) for o in impact.others] == [
        ("Product", "images", "new", ()),
        ("Product", "shop", "updated", ("name",)),
    ]
    assert said(impact) == ["note: No one pays images yet: it is new."]


def test_nothing_changes() -> None:
    assert Shop().impact().verdict == "No bill changes: nothing that is billed does."


# -- what is said first


def test_a_retired_price(shop: Shop) -> None:
    shop.facts.prices_of_meter["mtr_1"] = {"price_old": True}
    impact = shop.impact(Change("delete", "Price", "tokens", "price_old", PRICE))
    assert why(impact)["cus_a"] == ("stays", "the price is archived")
    assert impact.verdict == "No bill changes: 3 customers pay as before."
    assert said(impact) == [
        'warning: Usage of "tokens" is not billed to new customers: no price that can be sold is backed by its meter.'
    ]
    shop.facts.prices_of_meter["mtr_1"]["price_other"] = True
    assert said(shop.impact(Change("delete", "Price", "tokens", "price_old", PRICE))) == []


def test_a_retired_price_that_no_one_pays() -> None:
    impact = Shop().impact(Change("delete", "Price", "tokens", "price_old", PRICE))
    assert said(impact) == ["note: No one pays tokens, which is retired."]


def test_a_replaced_price_that_no_one_pays() -> None:
    assert said(Shop().impact(replaced())) == ["note: No one pays tokens: nobody is subscribed to the old price."]


NEW_METER = {**PRICE, "recurring": {**METERED, "meter": UNKNOWN}}
COUNTS = {**METER, "default_aggregation": {"formula": "count"}}
RENAMED = {**METER, "event_name": "units"}
LEFT = "3 subscriptions stay on its prices: what the new meter counts is not billed to them (sub_a, sub_b, sub_c)."


@pytest.mark.parametrize(
    ("meter", "existing", "warning", "later"),
    [
        (
            COUNTS,
            "grandfather",
            'Meter m stops counting: a new one counts "tokens" from 0. It counts otherwise (default_aggregation), and the '
            f"figures are of what was counted so far. {LEFT}",
            0,
        ),
        (
            COUNTS,
            "migrate",
            "The deployment will end with an error at tokens: 3 subscriptions cannot be migrated, and stay on the old price "
            "(sub_a, sub_b, sub_c): the old price has to go before the new one exists, since its meter is replaced under the "
            "same event name.",
            124,
        ),
        (
            RENAMED,
            "migrate",
            'Meter m stops counting "tokens": the application has to report "units" from the deployment on.',
            124,
        ),
        (
            RENAMED,
            "grandfather",
            f'Meter m stops counting "tokens": the application has to report "units" from the deployment on. {LEFT}',
            0,
        ),
    ],
)
def test_a_replaced_meter(shop: Shop, meter: dict[str, Any], existing: str, warning: str, later: int) -> None:
    shop.facts.prices_of_meter["mtr_1"] = {"price_old": True}
    impact = shop.impact(
        Change("replace", "Meter", "m", "mtr_1", METER, meter), replaced({**NEW_METER, "existing_subscriptions": existing})
    )
    assert said(impact)[0] == f"warning: {warning}"
    assert sides(impact)["cus_a"] == (124, later, 124), "on the new price as if its meter had counted the same, else nothing"
    assert (impact.bills[0].present.before, impact.bills[0].present.after) == (124, 124), "what was counted is billed"


def test_a_removed_meter(shop: Shop) -> None:
    shop.facts.prices_of_meter["mtr_1"] = {"price_old": True}
    impact = shop.impact(Change("delete", "Meter", "m", "mtr_1", METER), Change("delete", "Price", "tokens", "price_old", PRICE))
    assert said(impact) == [
        'warning: Meter m stops counting: events "tokens" are refused from the deployment on. 3 subscriptions stay on its '
        "prices: what they use from then on is not billed (sub_a, sub_b, sub_c)."
    ]


def test_a_new_meter_without_a_price() -> None:
    meter = Change("create", "Meter", "images", new={**METER, "event_name": "images"})
    assert said(Shop().impact(meter)) == [
        'warning: Usage of the new meter images ("images") is not billed: no price is backed by it.'
    ]
    priced = Change("create", "Price", "images", new={**NEW_METER, "product": "prod_1"})
    assert said(Shop().impact(meter, priced)) == ["note: No one pays images yet: it is new."]


def test_a_meter_that_is_inactive_at_stripe(shop: Shop) -> None:
    shop.facts.meters["mtr_1"] = {**shop.facts.meters["mtr_1"], "status": "inactive"}
    assert said(shop.impact(replaced()))[:1] == [
        'warning: Usage of "tokens" is not counted: its meter mtr_1 is inactive at Stripe.'
    ]


def test_a_price_of_nothing(shop: Shop) -> None:
    assert said(shop.impact(replaced({**MIGRATED, "unit_amount": 0})))[0] == (
        "warning: Price tokens charges nothing: what it meters is not billed."
    )
