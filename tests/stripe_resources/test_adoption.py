"""What a new resource begins with: an object it made before, one that it is told to adopt, or none."""

from __future__ import annotations

import re
from typing import Any

import pytest

from stripe_resources import StripeError
from stripe_resources.register import KINDS
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.kinds.test_meter import METER
from tests.stripe_resources.kinds.test_product import PRODUCT
from tests.stripe_resources.run import Run, unmarked
from tests.stripe_resources.sample import Values
from tests.stripe_resources.samples import SAMPLES
from tests.stripe_resources.test_handlers import catalogue, metered, subscribe
from tests.stripe_resources.world import World

A_DAY = 30 * 3600
"""Seconds after which Stripe has forgotten an idempotency key."""


def later(run: Run, **settings: Any) -> Run:
    """Another run, when Stripe has forgotten the idempotency keys and the state file is lost."""
    run.server.clock(advance=A_DAY)
    run.server.forget_requests()
    return Run(run.server, **settings)


def failures(run: Run, kind: str, args: Values) -> list[str]:
    """What a preview says of a new resource."""
    return [str(f) for f in run.handler(kind).check({}, {**args, "__owner": f"p/dev/{kind}/it"})[1]]


def posts(run: Run) -> list[str]:
    return [r["path"] for r in run.server.requests() if r["method"] == "POST"]


# -- found again


@pytest.mark.parametrize(("kind", "args"), [("Product", PRODUCT), ("Customer", {"name": "John Doe"})])
def test_after_a_lost_state_the_object_is_found_by_its_name(kind: str, args: Values, run: Run) -> None:
    id_, outputs = run.create(kind, "it", args)
    again = later(run)
    found, now = again.create(kind, "it", args)
    assert (found, unmarked(now)) == (id_, outputs)
    [request] = [r for r in again.server.requests() if r["method"] != "GET"]
    assert request["parameters"].keys() == {"metadata"}, "nothing had to be changed but whose it is"
    assert again.said == [
        f'{kind} "it": finds {id_} again',
        f'{kind} "it": found again {id_} (1 so far); another state of this stack that has what this run finds again is refused '
        "from now on",
    ]


def test_what_changed_since_is_brought_in_line(run: Run) -> None:
    meter, product = catalogue(run)
    args = metered(meter, product, lookup_key="tokens", nickname="Tokens", metadata={"a": "1"})
    id_, _ = run.create("Price", "it", args)
    changed = {**args, "nickname": "All tokens", "metadata": {"a": "2"}}
    again, outputs = later(run).create("Price", "it", changed)
    assert again == id_
    price = run.server.client().v1.prices.retrieve(id_)
    assert (price.nickname, price.metadata["a"]) == ("All tokens", "2")
    assert run.update("Price", id_, outputs, changed) is None


def test_a_subscription_is_found_again_with_its_items(run: Run) -> None:
    id_, outputs, args = subscribe(run)
    again, found = later(run).create("Subscription", "s", args)
    assert (again, unmarked(found)) == (id_, outputs)


def test_a_meter_is_found_again_by_the_prices_that_bill_by_it(run: Run) -> None:
    meter, product = catalogue(run)
    run.create("Price", "it", metered(meter, product))
    assert later(run).create("Meter", "m", {**METER, "display_name": "New"})[0] == meter
    assert run.server.client().v1.billing.meters.retrieve(meter).display_name == "New"


def test_a_meter_that_nothing_shows_to_be_ours_is_left_alone(run: Run) -> None:
    theirs = run.server.client().v1.billing.meters.create({**METER, "display_name": "Theirs"})
    with pytest.raises(StripeError, match=rf'"tokens" is counted by {theirs.id} already, and nothing shows .* adopt=True') as e:
        run.create("Meter", "m", METER)
    assert e.value.__suppress_context__, "a user sees one line"
    count = {**METER, "default_aggregation": {"formula": "count"}}
    assert "which has another default_aggregation; choose another one" in failures(Run(run.server), "Meter", count)[0]
    with pytest.raises(StripeError, match="a meter with another default_aggregation; choose another name"):
        run.handler("Meter").create({**count, "__owner": "p/dev/Meter/m"})
    assert run.server.client().v1.billing.meters.retrieve(theirs.id).status == "active"


def test_a_run_that_died_in_a_replacement_leaves_one_price_whatever_is_edited_then(run: Run) -> None:
    meter, product = catalogue(run)
    args = metered(meter, product, lookup_key="tokens")
    old, outputs = run.create("Price", "it", args)
    dying, dearer = Run(run.server), {**args, "unit_amount": 5, "__owner": outputs["__owner"]}
    dying.handler("Price").diff(old, outputs, dying.handler("Price").check(outputs, dearer)[0])
    left, _ = dying.handler("Price").create(dying.handler("Price").check({}, dearer)[0])
    new, _ = Run(run.server).replace("Price", old, outputs, {**args, "unit_amount": 6})
    assert new not in (old, left)
    assert [p.id for p in run.server.client().v1.prices.list({"active": True}).data] == [new]
    assert run.server.client().v1.prices.retrieve(new).lookup_key == "tokens"


def test_an_object_that_carries_the_name_but_would_bill_otherwise_is_not_taken(run: Run) -> None:
    meter, product = catalogue(run)
    packages = metered(meter, product, transform_quantity={"divide_by": 100, "round": "up"})
    old, _ = run.create("Price", "it", packages)
    new, _ = later(run).create("Price", "it", metered(meter, product))
    assert new != old
    assert [p.id for p in run.server.client().v1.prices.list({"active": True}).data] == [new]


def test_what_another_resource_has_is_not_taken(run: Run) -> None:
    """A resource is renamed with an alias, and its old name given to a new one."""
    id_, outputs = run.create("Product", "it", PRODUCT)
    again = later(run)
    renamed = {**PRODUCT, "__owner": "p/dev/Product/other"}
    inputs, _ = again.handler("Product").check(outputs, renamed)
    assert again.handler("Product").diff(id_, outputs, inputs)
    assert again.create("Product", "it", PRODUCT)[0] != id_


def test_two_resources_with_one_object_are_refused(run: Run) -> None:
    id_, outputs = run.create("Product", "it", PRODUCT)
    handler = Run(run.server).handler("Product")
    one, other = (handler.check(outputs, {**PRODUCT, "__owner": f"p/dev/Product/{name}"})[0] for name in ("it", "other"))
    handler.diff(id_, outputs, one)
    with pytest.raises(StripeError, match=rf'{id_} is in the state of "it" as well'):
        handler.diff(id_, outputs, other)


def test_a_meter_whose_creation_failed_after_the_work_was_done_is_found_too(run: Run) -> None:
    run.server.fault(match={"method": "POST", "path": "/v1/billing/meters"}, status=500, after_work=True)
    id_, _ = run.create("Meter", "m", METER)
    assert [m.id for m in run.server.client().v1.billing.meters.list({"status": "active"}).data] == [id_]


def test_objects_are_looked_for_once_per_kind_and_run(run: Run) -> None:
    for i in range(5):
        run.create("Product", f"p{i}", PRODUCT)
    assert [r["path"] for r in run.server.requests() if r["method"] == "GET"] == ["/v1/products"]


@pytest.mark.thorough
def test_in_a_large_account_old_objects_are_found_by_search(run: Run) -> None:
    id_, _ = run.create("Customer", "it", {"name": "John Doe"})
    run.server.clock(advance=A_DAY)
    customers = run.server.client().v1.customers
    for i in range(1001):
        customers.create({"name": str(i)})
    run.server.forget_requests()
    again = Run(run.server)
    assert again.create("Customer", "it", {"name": "John Doe"})[0] == id_
    assert [r["path"] for r in run.server.requests()].count("/v1/customers/search") == 1


# -- found again under a former name


def renamed(run: Run, kind: str, args: Values, name: str = "new", former: tuple[str, ...] = ("it",)) -> tuple[str, Values]:
    """A resource that has another name by now, of which the program has an alias."""
    return run.create(kind, name, {**args, "__former": [f"p/dev/{kind}/{each}" for each in former]})


def writes(run: Run) -> list[str]:
    return [f"{r['method']} {r['path']}" for r in run.server.requests() if r["method"] != "GET"]


@pytest.mark.parametrize("kind", [kind for kind, sample in SAMPLES.items() if KINDS[f"stripe:{kind}"].schema.tagged])
def test_after_a_lost_state_what_was_renamed_is_found_by_its_former_name(kind: str, run: Run, world: World) -> None:
    schema, args = KINDS[f"stripe:{kind}"].schema, world.filled(SAMPLES[kind].args)
    id_, outputs = run.create(kind, "it", args)
    again = later(run)
    found, now = renamed(again, kind, args)
    if schema.shown_once:  # another one is made, as under its present name, and the old one goes
        assert found != id_
        assert writes(again) == [f"POST {schema.path}", f"DELETE {schema.path}/{id_}"]
        return
    assert found == id_
    assert again.said[0].startswith(f'{kind} "new": finds {id_} again under its former name "it"')
    assert again.said[-1].startswith(f'{kind} "new": found again {id_} (1 so far)')
    assert writes(again) == [f"POST {schema.path}/{id_}"], "its name at Stripe becomes the present one"
    assert world.live(kind, id_)["metadata"]["pulumi_resource"] == f"p/dev/{kind}/new"
    names = {"__owner": f"p/dev/{kind}/new", "__former": [f"p/dev/{kind}/it"]}
    assert unmarked(now) == {**outputs, **names}
    further = Run(run.server)
    assert further.handler(kind).diff(id_, now, further.handler(kind).check(now, {**args, **names})[0]).changed == []


def test_a_meter_is_known_by_the_prices_of_the_stack_that_it_was_of(run: Run) -> None:
    meter, product = catalogue(run)
    run.create("Price", "it", metered(meter, product))
    again = later(run)
    inputs = {**METER, "__owner": "p/prod/Meter/m", "__former": ["p/dev/Meter/m"]}
    assert again.handler("Meter").check({}, inputs)[1] == []
    assert again.handler("Meter").create(inputs)[0] == meter


def test_a_coupon_of_the_same_id_is_known_by_its_former_name_too(run: Run) -> None:
    """Where the list of what is there does not have it yet."""
    id_, _ = run.create("Coupon", "it", {"coupon_id": "half", "percent_off": 50})
    again = later(run)
    run.server.fault(match={"method": "GET", "path": "/v1/coupons"}, times=1, status=500)
    assert renamed(again, "Coupon", {"coupon_id": "half", "percent_off": 50})[0] == id_ == "half"


def test_of_a_present_and_a_former_object_the_present_one_stays(run: Run) -> None:
    before, _ = run.create("Customer", "it", {"name": "John Doe"})
    present, _ = run.create("Customer", "new", {"name": "John Doe"})
    again = later(run)
    assert renamed(again, "Customer", {"name": "John Doe"})[0] == present
    assert writes(again) == [f"POST /v1/customers/{present}", f"DELETE /v1/customers/{before}"]
    assert again.said[-1] == f'Customer "new": retired {before}, which an earlier run had left'


def test_a_former_name_that_the_program_gives_to_another_resource_is_that_ones(run: Run) -> None:
    old, _ = run.create("Customer", "it", {"name": "John Doe"})
    present, _ = run.create("Customer", "new", {"name": "John Doe"})
    again = later(run)
    assert again.create("Customer", "it", {"name": "John Doe"})[0] == old
    assert renamed(again, "Customer", {"name": "John Doe"})[0] == present
    assert writes(again) == [f"POST /v1/customers/{id_}" for id_ in (old, present)]


def test_a_price_that_changed_since_it_had_its_former_name_is_replaced(run: Run) -> None:
    meter, product = catalogue(run)
    old, _ = run.create("Price", "it", metered(meter, product, lookup_key="tokens"))
    again = later(run)
    new, _ = renamed(again, "Price", metered(meter, product, lookup_key="tokens", unit_amount=5))
    assert f'Price "new": replaces {old}, which an earlier run left: unit_amount is 4, not 5' in again.said
    assert writes(again) == ["POST /v1/prices", "POST /v1/prices", f"POST /v1/prices/{old}"], "the second takes the lookup key"
    prices = run.server.client().v1.prices
    assert (prices.retrieve(old).active, prices.retrieve(new).lookup_key) == (False, "tokens")


def test_what_a_run_that_died_left_under_a_former_name_is_retired_later(run: Run) -> None:
    meter, product = catalogue(run)
    args = metered(meter, product)
    left, _ = run.create("Price", "it", args)
    again, inputs = later(run), {**args, "unit_amount": 5, "__owner": "p/dev/Price/new", "__former": ["p/dev/Price/it"]}
    id_, outputs = Run(run.server).handler("Price").create({k: v for k, v in inputs.items() if k != "__former"})
    again.handler("Price").diff(id_, outputs, again.handler("Price").check(outputs, inputs)[0])
    run.create("Customer", "c", {})
    again.create("Customer", "c", {})  # what finds something again looks for what else is left
    prices = run.server.client().v1.prices
    assert (prices.retrieve(left).active, prices.retrieve(id_).active) == (False, True)


# -- adopted


def test_an_object_is_adopted_by_its_id(run: Run) -> None:
    theirs = run.server.client().v1.products.create({"name": "Old", "description": "Theirs", "metadata": {"team": "x"}})
    id_, outputs = run.create("Product", "it", {**PRODUCT, "adopt": theirs.id})
    assert id_ == theirs.id
    assert run.said == [f'Product "it": adopts {id_} and changes name', f'Product "it": adopted {id_}']
    live = run.server.client().v1.products.retrieve(id_)
    assert (live.name, live.description, live.metadata.to_dict()) == (
        PRODUCT["name"],
        "Theirs",
        {"team": "x", "pulumi_resource": "p/dev/Product/it", "pulumi_lineage": outputs["__lineage"]},
    )
    assert run.update("Product", id_, outputs, {**PRODUCT, "adopt": theirs.id}) is None
    assert run.read("Product", id_, outputs) == (outputs, {**PRODUCT, "adopt": theirs.id, "__owner": "p/dev/Product/it"})
    assert run.update("Product", id_, outputs, PRODUCT) is None, "`adopt` may go when it is done"


def test_objects_are_adopted_by_their_natural_keys(run: Run) -> None:
    client = run.server.client()
    meter = client.v1.billing.meters.create({**METER, "display_name": "Theirs"}).id
    product = client.v1.products.create({"name": "Hypernian", "id": "hypernian"}).id
    price = client.v1.prices.create(metered(meter, product, lookup_key="tokens")).id
    customer = client.v1.customers.create({"email": "john@example.com"}).id
    assert run.create("Meter", "m", {**METER, "adopt": True})[0] == meter
    assert run.create("Product", "p", {"name": "Hypernian", "product_id": product, "adopt": True})[0] == product
    args = metered(meter, product, lookup_key="tokens", unit_amount=4, adopt=True)
    assert run.create("Price", "it", args)[0] == price
    assert run.create("Customer", "c", {"email": "john@example.com", "adopt": True})[0] == customer


def test_where_there_is_nothing_to_adopt_by_its_natural_key_it_is_made(run: Run) -> None:
    run.create("Meter", "m", {**METER, "adopt": True})
    assert run.server.client().v1.billing.meters.list().data[0].event_name == METER["event_name"]


def test_an_archived_price_is_adopted_back_into_use(run: Run) -> None:
    meter, product = catalogue(run)
    prices = run.server.client().v1.prices
    theirs = prices.create(metered(meter, product))
    prices.update(theirs.id, {"active": False})
    run.create("Price", "it", {**metered(meter, product), "adopt": theirs.id})
    assert prices.retrieve(theirs.id).active


def test_what_cannot_be_changed_is_refused_by_name_before_anything_is_changed(run: Run) -> None:
    meter, product = catalogue(run)
    theirs = run.server.client().v1.prices.create(
        {**metered(meter, product), "tax_behavior": "inclusive", "transform_quantity": {"divide_by": 100, "round": "up"}}
    )
    run.server.forget_requests()
    wanted = {**metered(meter, product), "unit_amount": 5, "tax_behavior": "exclusive", "adopt": theirs.id}
    found = failures(run, "Price", wanted)
    assert [f.partition(":")[0] for f in found] == ["transform_quantity", "unit_amount", "tax_behavior"]
    assert f"is 5, but {theirs.id}, which is to be adopted, has 4" in found[1]
    with pytest.raises(StripeError, match="transform_quantity"):
        run.handler("Price").create({**wanted, "__owner": "p/dev/Price/it"})
    assert posts(run) == []


TIERS = {
    "billing_scheme": "tiered",
    "tiers_mode": "graduated",
    "tiers": [{"up_to": 1000, "unit_amount": 4, "flat_amount": 100}, {"up_to": "inf", "unit_amount_decimal": "0.5"}],
}


def test_tiers_are_compared_amount_by_amount(run: Run) -> None:
    meter, product = catalogue(run)
    args = {k: v for k, v in metered(meter, product).items() if k != "unit_amount"} | TIERS
    theirs = run.server.client().v1.prices.create(args)
    assert failures(run, "Price", {**args, "adopt": theirs.id}) == []
    free = [TIERS["tiers"][0] | {"flat_amount": 0}, TIERS["tiers"][1]]
    assert [f[:6] for f in failures(run, "Price", {**args, "tiers": free, "adopt": theirs.id})] == ["tiers:"]


def test_what_adopt_means_has_to_be_clear(run: Run) -> None:
    customers = run.server.client().v1.customers
    first, second = (customers.create({"email": "john@example.com"}).id for _ in range(2))
    both = failures(run, "Customer", {"email": "john@example.com", "adopt": True})
    assert first in both[0]
    assert second in both[0]
    assert "give that, or an id here" in failures(run, "Customer", {"adopt": True})[0]
    assert failures(run, "Product", {**PRODUCT, "adopt": "prod_none"})[0].startswith('adopt: "prod_none" is not a Product')
    assert (
        "known by its id only"
        in failures(run, "Subscription", {"customer": first, "items": [{"price": "price_1"}], "adopt": True})[0]
    )
    assert failures(run, "Product", {**PRODUCT, "adopt": "../customers"})[0].startswith("adopt: is")


def test_what_was_adopted_can_be_replaced_later(run: Run) -> None:
    meter, product = catalogue(run)
    theirs = run.server.client().v1.prices.create(metered(meter, product, lookup_key="tokens"))
    args = {**metered(meter, product, lookup_key="tokens"), "adopt": theirs.id}
    id_, outputs = run.create("Price", "it", args)
    new, _ = Run(run.server).replace("Price", id_, outputs, {**args, "unit_amount": 5})
    assert new != theirs.id
    assert run.server.client().v1.prices.retrieve(theirs.id).active is False


def two(run: Run, **more: Any) -> tuple[str, Values]:
    """(id, inputs that adopt it) of a subscription that no stack declares."""
    meter, product = catalogue(run)
    price, _ = run.create("Price", "it", metered(meter, product))
    args = {"customer": run.create("Customer", "c", {})[0], "items": [{"price": price}]}
    theirs = run.server.client().v1.subscriptions.create(args).id
    return theirs, {**args, "adopt": theirs, **more}


def subscriptions(run: Run) -> list[str]:
    return [s.id for s in run.server.client().v1.subscriptions.list().data]


@pytest.mark.parametrize("looked", [True, False], ids=["a preview", "a deployment"])
def test_two_new_resources_cannot_adopt_one_object(looked: bool, run: Run) -> None:
    theirs, args = two(run)
    handler = run.handler("Subscription")
    first, _ = handler.check({}, {**args, "__owner": "p/dev/Subscription/a"})
    if not looked:
        handler.create(first)
    (failure,) = handler.check({}, {**args, "__owner": "p/dev/Subscription/b"})[1]
    assert f'"b" cannot have {theirs}, which is of "a": two resources cannot have one object' in str(failure)
    if looked:
        handler.create(first)
    with pytest.raises(StripeError, match=f'"b" cannot have {theirs}, which is of "a"'):
        handler.create({**args, "__owner": "p/dev/Subscription/b"})
    assert subscriptions(run) == [theirs]


@pytest.mark.parametrize("first", ["a", "b"])
def test_what_a_resource_of_the_program_has_is_not_adopted_by_another(first: str, run: Run) -> None:
    """In whatever order the engine asks about the two."""
    theirs, args = two(run)
    id_, outputs = run.create("Subscription", "a", args)
    handler = Run(run.server).handler("Subscription")
    a, b = ({**args, "__owner": f"p/dev/Subscription/{name}"} for name in "ab")
    inputs, _ = handler.check(outputs, a)
    if first == "a":
        handler.diff(id_, outputs, inputs)
        assert f'"b" cannot have {theirs}, which is of "a"' in str(handler.check({}, b)[1][0])
    else:
        assert handler.check({}, b)[1] == []
        with pytest.raises(StripeError, match=f'Subscription "a" could not .*"b" is to adopt {theirs} too'):
            handler.diff(id_, outputs, inputs)


def test_a_resource_that_is_renamed_takes_its_object_along(run: Run) -> None:
    theirs, args = two(run)
    id_, outputs = run.create("Subscription", "a", args)
    again = Run(run.server)
    assert again.create("Subscription", "b", args)[0] == id_ == theirs
    again.handler("Subscription").delete(id_, outputs)
    assert subscriptions(run) == [theirs]


def test_two_customers_with_one_email_are_not_made_by_adopting_what_is_not_there_yet(run: Run) -> None:
    handler = run.handler("Customer")
    args = {"email": "john@example.com", "adopt": True}
    assert handler.check({}, {**args, "__owner": "p/dev/Customer/a"})[1] == []
    (failure,) = handler.check({}, {**args, "__owner": "p/dev/Customer/b"})[1]
    assert '"b" cannot have what has the email \'john@example.com\', which is of "a"' in str(failure)


def test_what_was_adopted_and_is_gone_is_made_anew(run: Run) -> None:
    """`adopt` may stay in the program: an object that is repaired is a new one, as of any resource."""
    theirs, args = two(run)
    id_, outputs = run.create("Subscription", "a", args)
    run.server.client().v1.subscriptions.cancel(id_)
    again = Run(run.server)
    assert again.read("Subscription", id_, outputs) is None
    assert again.create("Subscription", "a", args)[0] not in ("", theirs)
    never = {**args, "adopt": run.server.client().v1.subscriptions.create({k: args[k] for k in ("customer", "items")}).id}
    run.server.client().v1.subscriptions.cancel(str(never["adopt"]))
    assert "is not a Subscription in use" in failures(run, "Subscription", never)[0]


def test_a_leftover_price_goes_when_the_last_subscription_has_left_it(run: Run) -> None:
    meter, product = catalogue(run)
    old, _ = run.create("Price", "tok", metered(meter, product, unit_amount=5))
    customer, _ = run.create("Customer", "c", {})
    names = ("s1", "s2")
    ids = {name: run.create("Subscription", name, {"customer": customer, "items": [{"price": old}]})[0] for name in names}
    prices, again = run.server.client().v1.prices, later(run)
    new, _ = again.create("Price", "tok", metered(meter, product))
    for name in names:
        assert prices.retrieve(old).active
        found, _ = again.create("Subscription", name, {"customer": customer, "items": [{"price": new}]})
        assert found == ids[name]
    assert not prices.retrieve(old).active


def test_a_run_that_dies_before_it_retires_a_leftover_leaves_that_to_the_next(run: Run) -> None:
    meter, product = catalogue(run)
    args = metered(meter, product)
    old, _ = run.create("Price", "tok", {**args, "unit_amount": 5})
    customer, _ = run.create("Customer", "c", {})
    run.create("Subscription", "s", {"customer": customer, "items": [{"price": old}]})
    dying = later(run)
    new, outputs = dying.create("Price", "tok", args)
    declared = {"customer": customer, "items": [{"price": new}]}
    run.server.fault(match={"method": "POST", "path": f"/v1/prices/{old}"}, times=1, status=403)
    with pytest.raises(StripeError, match=f"{old}, which an earlier run left, could not be retired"):
        dying.create("Subscription", "s", declared)
    prices, again = run.server.client().v1.prices, Run(run.server)
    assert prices.retrieve(old).active
    assert again.update("Price", new, outputs, args) is None  # the engine has it in the state by now
    again.create("Subscription", "s", declared)
    assert not prices.retrieve(old).active


def test_an_object_that_moves_to_another_resource_is_not_retired_by_the_first(run: Run) -> None:
    id_, outputs = run.create("Product", "it", PRODUCT)
    again = Run(run.server)
    assert again.create("Product", "other", {**PRODUCT, "adopt": id_})[0] == id_
    again.handler("Product").delete(id_, outputs)
    assert run.server.client().v1.products.retrieve(id_).active


# -- live stacks


def test_a_live_stack_asks_for_leave_before_it_deletes_somebodys_subscription(run: Run) -> None:
    id_, outputs, args = subscribe(run)
    run.server.forget_requests()
    live = Run(run.server, livemode=True)
    for kind, gone in (("Subscription", id_), ("Customer", args["customer"])):
        with pytest.raises(StripeError, match=rf"{kind} .* live stack.*pulumi config set stripe:allowDelete {kind}"):
            live.handler(kind).delete(gone, {**outputs, "__owner": f"p/dev/{kind}/it"})
    assert run.server.requests() == []
    Run(run.server, livemode=True, allow_delete=("Subscription",)).handler("Subscription").delete(id_, outputs)
    assert run.server.client().v1.subscriptions.retrieve(id_).status == "canceled"


def test_a_live_preview_says_that_a_replacement_cancels_a_subscription(run: Run) -> None:
    id_, outputs, args = subscribe(run)
    handler = Run(run.server, livemode=True).handler("Subscription")
    inputs, _ = handler.check(outputs, {**args, "customer": "cus_another", "__owner": outputs["__owner"]})
    with pytest.raises(StripeError, match='Subscription "s" could not be compared: this is a live stack'):
        handler.diff(id_, outputs, inputs)


def test_a_live_stack_says_first_what_becomes_of_a_prices_subscriptions(run: Run) -> None:
    meter, product = catalogue(run)
    args = metered(meter, product)
    price, outputs = run.create("Price", "it", args)
    customer, _ = run.create("Customer", "c", {"name": "John Doe"})
    run.create("Subscription", "declared", {"customer": customer, "items": [{"price": price}]})

    def replaced() -> bool:
        handler = Run(run.server, livemode=True).handler("Price")
        inputs, _ = handler.check(outputs, {**args, "unit_amount": 5, "__owner": outputs["__owner"]})
        return bool(handler.diff(price, outputs, inputs).replaces)

    assert replaced(), "its own subscriptions are moved"
    theirs = run.server.client().v1.subscriptions.create({"customer": customer, "items": [{"price": price}]})
    with pytest.raises(StripeError, match=f"bills {theirs.id}, which this stack does not declare"):
        replaced()
    with pytest.raises(StripeError, match="existing_subscriptions"):
        Run(run.server, livemode=True).handler("Price").delete(price, outputs)
    assert run.server.client().v1.prices.retrieve(price).active


def test_an_object_whose_name_is_missing_at_stripe_gets_it_with_the_next_update(run: Run) -> None:
    """It was imported, or somebody emptied the metadata."""
    id_, outputs = run.create("Product", "it", PRODUCT)
    products = run.server.client().v1.products
    products.update(id_, {"metadata": ""})
    assert run.update("Product", id_, outputs, {**PRODUCT, "description": "New"}) is not None
    assert products.retrieve(id_).metadata.to_dict() == {"pulumi_resource": "p/dev/Product/it"}


KEYED: dict[str, Values] = {
    "Coupon": {"coupon_id": "SUMMER"},
    "EntitlementFeature": {"lookup_key": "sso"},
    "Price": {"lookup_key": "tokens"},
    "Product": {"product_id": "hypernian"},
    "PromotionCode": {"code": "SUMMER25"},
}


@pytest.mark.parametrize("kind", KEYED)
@pytest.mark.parametrize("parent", ["", "my:index:Plan$", "pulumi-python:dynamic/stripe:Product$"])
def test_a_resource_that_is_renamed_without_an_alias_is_refused_at_preview(
    kind: str, parent: str, server: LocalStripe, world: World
) -> None:
    args = world.filled({**SAMPLES[kind].args, **KEYED[kind]})
    id_, _ = Run(server).create(kind, "old", args)
    run, [(field, value)] = Run(server), KEYED[kind].items()
    owner = f"p/dev/{parent}{kind}/new"
    inputs, failures = run.handler(kind).check({}, {**args, "__owner": owner})
    moved = ", parent=pulumi.ROOT_STACK_RESOURCE" if parent else ""
    said = (
        f"'{value}' is that of \"old\" in this stack, {id_}; if that is what this resource was before, say so with "
        f'aliases=[pulumi.Alias(name="old"{moved})], else choose another one'
    )
    said += ", or take this one with transfer_lookup_key=True" if kind == "Price" else ""
    assert [(f.path, f.reason) for f in failures] == [(field, said)]
    with pytest.raises(StripeError, match=re.escape(said)):  # what a preview could not list
        run.handler(kind).create(inputs)
    renamed = {**args, "__owner": owner, "__former": [f"p/dev/{kind}/old"]}
    assert run.handler(kind).check({}, renamed)[1] == []
    _, failures = Run(server).handler(kind).check({}, {**args, "__owner": f"p/prod/{kind}/new"})
    assert failures == [], "another stack's is for Stripe to refuse"


def test_a_key_that_its_resource_gives_up_is_free(server: LocalStripe, world: World) -> None:
    price = {**world.filled(SAMPLES["Price"].args), "lookup_key": "tokens"}
    id_, outputs = Run(server).create("Price", "old", price)
    run = Run(server)
    run.update("Price", id_, outputs, {**price, "lookup_key": "tokens_v1"})
    assert run.create("Price", "new", price)[1]["lookup_key"] == "tokens"
