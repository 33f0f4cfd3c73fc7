"""The handlers against a real local Stripe: what Stripe has afterwards, and what was asked of it."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_client.retry import PATIENCE_SECONDS
from stripe_resources import ConfigurationError, Refused, StripeError, Unreachable
from stripe_resources.register import KINDS
from tests.stripe_local.server import LocalStripe

from .kinds.test_meter import METER
from .kinds.test_product import PRODUCT
from .run import Run, unmarked
from .sample import Values


def catalogue(run: Run) -> tuple[str, str]:
    return run.create("Meter", "m", METER)[0], run.create("Product", "p", PRODUCT)[0]


def metered(meter: str, product: str, **args: Any) -> Values:
    recurring = {"interval": "month", "usage_type": "metered", "meter": meter}
    return {"currency": "usd", "product": product, "unit_amount": 4, "recurring": recurring, **args}


FULL: dict[str, Values] = {
    "Product": {
        "name": "Hypernian",
        "description": "Tokens",
        "images": ["https://example.com/a.png"],
        "marketing_features": [{"name": "fast"}],
        "metadata": {"a": "1"},
        "package_dimensions": {"height": 1, "length": 2.5, "weight": 3, "width": 4},
        "shippable": True,
        "statement_descriptor": "HYPERNIAN",
        "tax_code": "txcd_10000000",
        "unit_label": "token",
        "url": "https://example.com",
        "product_id": "hypernian",
    },
    "Customer": {
        "name": "John Doe",
        "email": "john@example.com",
        "phone": "555",
        "description": "a customer",
        "address": {"city": "Cork", "country": "IE", "line1": "1 Quay"},
        "shipping": {"name": "John", "address": {"city": "Cork"}},
        "invoice_settings": {"footer": "Thanks", "custom_fields": [{"name": "PO", "value": "1"}]},
        "preferred_locales": ["en"],
        "tax_exempt": "exempt",
        "balance": -500,
        "metadata": {"a": "1"},
    },
    "Meter": {**METER, "event_time_window": "day", "customer_mapping": {"type": "by_id", "event_payload_key": "c"}},
}


@pytest.mark.parametrize("kind", FULL)
def test_all_that_was_declared_is_there_and_nothing_else_is_a_change(kind: str, run: Run) -> None:
    id_, outputs = run.create(kind, "it", FULL[kind])
    assert run.update(kind, id_, outputs, FULL[kind]) is None
    assert {k: v for k, v in outputs.items() if k in FULL[kind]} == FULL[kind]
    found = run.read(kind, id_, outputs)
    assert found == (outputs, {**FULL[kind], "__owner": f"p/dev/{kind}/it"})


@pytest.mark.parametrize("kind", ["Product", "Customer"])
def test_all_that_leaves_the_program_is_cleared(kind: str, run: Run) -> None:
    kept = {k: v for k, v in FULL[kind].items() if k in ("name", "product_id", "balance")}
    id_, outputs = run.create(kind, "it", FULL[kind])
    after = run.update(kind, id_, outputs, kept)
    assert after is not None
    assert run.update(kind, id_, after, kept) is None
    live = run.server.http("GET", f"{KINDS[f'stripe:{kind}'][0].path}/{id_}").json()
    assert (live["description"], live["metadata"]) == (None, {"pulumi_resource": f"p/dev/{kind}/it"})


PRICES: dict[str, Values] = {
    "graduated": {
        "billing_scheme": "tiered",
        "tiers_mode": "graduated",
        "tiers": [{"up_to": 1000, "unit_amount": 4, "flat_amount": 100}, {"up_to": "inf", "unit_amount_decimal": "0.5"}],
    },
    "volume": {
        "billing_scheme": "tiered",
        "tiers_mode": "volume",
        "tiers": [{"up_to": 10, "flat_amount_decimal": "0.25"}, {"up_to": "inf", "unit_amount": 0}],
    },
    "sub-cent": {"unit_amount_decimal": "0.0004"},
    "packages": {"unit_amount": 4, "transform_quantity": {"divide_by": 100, "round": "up"}},
    "currencies": {"unit_amount": 4, "currency_options": {"eur": {"unit_amount": 5}, "jpy": {"unit_amount_decimal": "6.5"}}},
    "tiers in two currencies": {
        "billing_scheme": "tiered",
        "tiers_mode": "graduated",
        "tiers": [{"up_to": 10, "unit_amount": 4}, {"up_to": "inf", "unit_amount": 3}],
        "currency_options": {"eur": {"tiers": [{"up_to": 10, "unit_amount": 5}, {"up_to": "inf", "unit_amount_decimal": "2.5"}]}},
    },
    "all mutable": {
        "unit_amount": 0,
        "nickname": "Free",
        "lookup_key": "free",
        "tax_behavior": "exclusive",
        "metadata": {"a": "1"},
        "active": False,
    },
}


@pytest.mark.parametrize("name", PRICES)
def test_prices(name: str, run: Run) -> None:
    meter, product = catalogue(run)
    args = {k: v for k, v in metered(meter, product).items() if k != "unit_amount"} | PRICES[name]
    id_, outputs = run.create("Price", "it", args)
    assert {k: v for k, v in outputs.items() if k in args} == args
    assert run.update("Price", id_, outputs, args) is None
    assert run.read("Price", id_, outputs) == (outputs, {**args, "__owner": "p/dev/Price/it"})


def test_a_price_that_lets_the_customer_decide(run: Run) -> None:
    _, product = catalogue(run)
    args = {"currency": "usd", "product": product, "custom_unit_amount": {"enabled": True, "minimum": 100}}
    id_, outputs = run.create("Price", "it", args)
    assert run.update("Price", id_, outputs, args) is None


def test_a_replacement_takes_the_lookup_key_and_archives_last(run: Run) -> None:
    meter, product = catalogue(run)
    args = metered(meter, product, lookup_key="tokens")
    old, outputs = run.create("Price", "it", args)
    new, _ = run.replace("Price", old, outputs, {**args, "unit_amount": 5})
    prices = run.server.client().v1.prices
    assert (prices.retrieve(new).lookup_key, prices.retrieve(old).lookup_key) == ("tokens", None)
    assert (prices.retrieve(new).active, prices.retrieve(old).active) == (True, False)


def test_a_lookup_key_comes_back_after_a_destroy(run: Run) -> None:
    meter, product = catalogue(run)
    args = metered(meter, product, lookup_key="tokens")
    old, outputs = run.create("Price", "it", args)
    run.handler("Price").delete(old, outputs)
    new, again = Run(run.server).create("Price", "it", args)
    assert new != old
    assert again["lookup_key"] == "tokens"


def test_a_foreign_lookup_key_is_taken_only_when_asked_for(run: Run) -> None:
    meter, product = catalogue(run)
    theirs = run.server.client().v1.prices.create(
        {"currency": "usd", "product": product, "unit_amount": 1, "lookup_key": "tokens"}
    )
    args = metered(meter, product, lookup_key="tokens")
    with pytest.raises(StripeError, match=rf'"tokens" belongs to {theirs.id}, an active price that no stack') as e:
        run.create("Price", "it", args)
    assert 'Price "it" could not be created: ' in str(e.value)
    run.create("Price", "it", {**args, "transfer_lookup_key": True})


def test_a_meter_under_the_same_event_name(run: Run) -> None:
    old, outputs = run.create("Meter", "m", METER)
    new, _ = run.replace("Meter", old, outputs, {**METER, "default_aggregation": {"formula": "count"}})
    meters = run.server.client().v1.billing.meters
    assert (meters.retrieve(new).status, meters.retrieve(old).status) == ("active", "inactive")


def test_a_deactivated_meter_is_reactivated(run: Run) -> None:
    id_, outputs = run.create("Meter", "m", METER)
    meters = run.server.client().v1.billing.meters
    meters.deactivate(id_)
    found = run.read("Meter", id_, outputs)
    assert found is not None
    assert found[0]["status"] == "inactive"
    assert run.update("Meter", id_, found[0], METER) == outputs
    assert meters.retrieve(id_).status == "active"


def test_a_product_is_deleted_or_archived(run: Run) -> None:
    meter, product = catalogue(run)
    run.create("Price", "it", metered(meter, product))
    alone, outputs = run.create("Product", "alone", PRODUCT)
    for id_ in (product, alone):
        run.handler("Product").delete(id_, outputs)
    products = run.server.client().v1.products
    assert products.retrieve(product).active is False
    with pytest.raises(Exception, match="No such product"):
        products.retrieve(alone)


def test_a_product_with_its_own_id_comes_back(run: Run) -> None:
    args = {"name": "Hypernian", "product_id": "hypernian"}
    id_, outputs = run.create("Product", "it", args)
    run.server.client().v1.prices.create({"currency": "usd", "product": id_, "unit_amount": 1})
    run.handler("Product").delete(id_, outputs)
    run.server.clock(advance=30 * 3600)  # Stripe has forgotten the idempotency key
    again, outputs = Run(run.server).create("Product", "it", {**args, "description": "new"})
    assert (again, outputs["active"], outputs["description"]) == (id_, True, "new")


def subscribe(run: Run, **args: Any) -> tuple[str, Values, Values]:
    meter, product = catalogue(run)
    price, _ = run.create("Price", "it", metered(meter, product))
    customer, _ = run.create("Customer", "c", {"name": "John Doe"})
    declared = {"customer": customer, "items": [{"price": price}], **args}
    id_, outputs = run.create("Subscription", "s", declared)
    return id_, outputs, declared


def test_a_subscription_and_its_items(run: Run) -> None:
    id_, outputs, args = subscribe(run, collection_method="send_invoice", days_until_due=30, description="Tokens")
    assert run.update("Subscription", id_, outputs, args) is None
    assert run.read("Subscription", id_, outputs) is not None

    product = run.server.client().v1.products.list().data[0].id
    flat = run.server.client().v1.prices.create(
        {"currency": "usd", "product": product, "unit_amount": 900, "recurring": {"interval": "month"}}
    )
    two = {**args, "items": [*args["items"], {"price": flat.id, "quantity": 3}]}
    after = run.update("Subscription", id_, outputs, two)
    assert after is not None
    assert [(i["price"], i.get("quantity")) for i in after["items"]] == [(args["items"][0]["price"], None), (flat.id, 3)]
    assert run.update("Subscription", id_, after, two) is None

    one = {**args, "items": two["items"][1:]}
    last = run.update("Subscription", id_, after, one)
    assert last is not None
    assert [i["id"] for i in last["items"]] == [after["items"][1]["id"]]


def test_usage_is_billed_when_a_subscription_is_cancelled(run: Run) -> None:
    id_, outputs, args = subscribe(run)
    client = run.server.client()
    client.v1.billing.meter_events.create(
        {"event_name": "tokens", "payload": {"stripe_customer_id": args["customer"], "value": "25"}}
    )
    run.handler("Subscription").delete(id_, outputs)
    assert [i.total for i in client.v1.invoices.list({"subscription": id_}).data] == [100]


def test_usage_is_not_billed_where_the_program_says_so(run: Run) -> None:
    id_, outputs, args = subscribe(run)
    run.server.forget_requests()
    after = run.update("Subscription", id_, outputs, {**args, "invoice_now": False})
    assert after is not None
    assert run.sent() == [], "how it will be retired is the state's business"
    run.handler("Subscription").delete(id_, after)
    assert run.server.requests()[0]["parameters"] == {"invoice_now": "false", "prorate": "false"}


def test_what_is_gone_is_gone(run: Run) -> None:
    id_, outputs, args = subscribe(run)
    client = run.server.client()
    client.v1.subscriptions.cancel(id_)
    client.v1.customers.delete(args["customer"])
    assert run.read("Subscription", id_, outputs) is None
    assert run.read("Customer", args["customer"], {}) is None
    for kind, gone in (("Subscription", id_), ("Customer", args["customer"]), ("Product", "prod_none"), ("Meter", "mtr_none")):
        run.handler(kind).delete(gone, outputs)


def test_an_archived_price_is_put_back_into_use(run: Run) -> None:
    meter, product = catalogue(run)
    args = metered(meter, product)
    id_, outputs = run.create("Price", "it", args)
    run.server.client().v1.prices.update(id_, {"active": False})
    found = run.read("Price", id_, outputs)
    assert found is not None
    assert found[0]["active"] is False
    assert run.update("Price", id_, found[0], args) == outputs


def test_foreign_metadata_is_neither_drift_nor_touched(run: Run) -> None:
    args = {**PRODUCT, "metadata": {"a": "1", "b": "2"}}
    id_, outputs = run.create("Product", "it", args)
    products = run.server.client().v1.products
    products.update(id_, {"metadata": {"theirs": "x"}})
    found = run.read("Product", id_, outputs)
    assert found is not None
    assert found[0] == outputs
    run.update("Product", id_, outputs, {**PRODUCT, "metadata": {"a": "3"}})
    assert products.retrieve(id_).metadata.to_dict() == {"a": "3", "theirs": "x", "pulumi_resource": "p/dev/Product/it"}


# -- creating once


def test_a_run_that_died_after_stripes_answer_gets_its_object_back(run: Run) -> None:
    first, outputs = run.create("Product", "it", PRODUCT)
    again, found = Run(run.server).create("Product", "it", PRODUCT)
    assert (again, unmarked(found)) == (first, outputs)
    assert len(run.server.client().v1.products.list().data) == 1


def test_two_resources_with_the_same_inputs_are_two_objects(run: Run) -> None:
    assert run.create("Product", "a", PRODUCT)[0] != run.create("Product", "b", PRODUCT)[0]


def test_one_owner_twice_in_a_run_is_two_objects(run: Run) -> None:
    """Only the types of grandparents can tell their URNs apart, and those the owner does not have."""
    assert run.create("Product", "a", PRODUCT)[0] != run.create("Product", "a", PRODUCT)[0]


def test_after_a_destroy_there_is_a_new_object_however_often(run: Run) -> None:
    seen = set()
    for _ in range(4):
        id_, outputs = Run(run.server).create("Meter", "m", METER)
        seen.add(id_)
        assert outputs["status"] == "active"
        run.handler("Meter").delete(id_, outputs)
    assert len(seen) == 4


def test_a_forced_replacement_is_a_new_object(run: Run) -> None:
    old, outputs = run.create("Meter", "m", METER)
    forced = Run(run.server, forced=True)
    new, _ = forced.create("Meter", "m", METER)
    forced.handler("Meter").delete(old, outputs)
    meters = run.server.client().v1.billing.meters
    assert (meters.retrieve(new).status, meters.retrieve(old).status) == ("active", "inactive")


def test_a_replacement_that_nothing_announced_destroys_nothing(run: Run) -> None:
    old, outputs = run.create("Product", "it", PRODUCT)
    unannounced = Run(run.server)
    new, _ = unannounced.create("Product", "it", PRODUCT)
    unannounced.handler("Product").delete(old, outputs)
    assert new == old
    assert run.server.client().v1.products.retrieve(old).active is True


def test_a_refusal_whose_cause_is_gone_is_not_replayed(run: Run) -> None:
    args = {"currency": "usd", "product": "later", "unit_amount": 4}
    with pytest.raises(Refused, match="No such product"):
        run.create("Price", "it", args)
    run.server.client().v1.products.create({"name": "x", "id": "later"})
    assert Run(run.server).create("Price", "it", args)[1]["product"] == "later"


# -- faults


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 409},
        {"status": 500},
        {"status": 503},
        {"lose_connection": "before_work"},
        {"lose_connection": "after_work"},
    ],
    ids=str,
)
def test_passing_faults_are_gone_through(fault: Values, run: Run) -> None:
    run.server.fault(match={"path": "/v1/products"}, times=2, **fault)
    run.create("Product", "it", PRODUCT)
    assert len(run.server.client().v1.products.list().data) == 1
    assert run.waited, "it was tried again"
    assert len({r["idempotency_key"] for r in run.server.requests() if r["method"] == "POST"}) == 1


def test_a_final_failure_says_what_where_and_what_to_do(run: Run) -> None:
    with pytest.raises(Refused) as e:
        run.create("Price", "it", {"currency": "usd", "product": "prod_none", "unit_amount": 4})
    text = str(e.value)
    assert text.startswith('Price "it" could not be created: POST /v1/prices: Stripe said: No such product: ')
    assert "HTTP 400, code resource_missing, parameter product, req_" in text
    assert "sk_test" not in text


def test_no_answer_is_said_too(server: LocalStripe) -> None:
    with LocalStripe() as gone:
        other = Run(gone)
    with pytest.raises(Unreachable) as e:
        other.create("Product", "it", PRODUCT)
    said = f"GET /v1/products: no answer from {gone.url} in 1 attempt (Connection refused). Nothing listens there: start "
    assert str(e.value).startswith(f'Product "it" could not be created: {said}')
    assert other.waited == [], "at once"


def test_a_wrong_key_at_refresh_says_which_key_is_used_there(run: Run) -> None:
    id_, outputs = run.create("Product", "it", PRODUCT)
    body = {"error": {"message": "Invalid API Key provided: sk_test_****\n(see docs)", "type": "invalid_request_error"}}
    run.server.fault(match={"method": "GET", "path": "/v1/products"}, status=401, body=body, headers={"Request-Id": "req_1"})
    with pytest.raises(Refused) as e:
        run.read("Product", id_, outputs)
    assert str(e.value) == (
        f'Product "it" could not be read: GET /v1/products/{id_}: Stripe said: Invalid API Key provided: sk_test_**** (see docs) '
        "(HTTP 401, req_1). Check STRIPE_API_KEY, or `pulumi config set --secret stripe:apiKey`; "
        "refresh and destroy use the key of the last `up` unless STRIPE_API_KEY is set or --run-program is given."
    )


def test_a_key_that_an_answer_repeats_is_not_shown(run: Run) -> None:
    body = {"error": {"message": "A proxy does not like Bearer sk_test_local"}}
    run.server.fault(match={"path": "/v1/products"}, times=2, status=403, body=body)
    with pytest.raises(Refused, match=r"Stripe said: A proxy does not like Bearer \(the key\)") as e:
        run.create("Product", "it", PRODUCT)
    assert "sk_test_local" not in str(e.value)


def test_a_failure_that_stripe_keeps_for_the_key_is_not_asked_for_again_and_again(run: Run) -> None:
    run.server.fault(match={"method": "POST", "path": "/v1/products"}, status=500, after_work=True)
    id_, _ = run.create("Product", "it", PRODUCT)
    assert [path for method, path in run.sent() if method == "POST"] == ["/v1/products", "/v1/products", f"/v1/products/{id_}"]
    assert [p.id for p in run.server.client().v1.products.list().data] == [id_], "the object that was made all the same"


def test_a_429_that_never_ends_is_said_in_the_end(run: Run) -> None:
    run.server.fault(match={"path": "/v1/products"}, times=None, status=429)
    with pytest.raises(Refused, match=r"HTTP 429, code rate_limit, .*after \d+ attempts.*run it again in a minute"):
        run.create("Product", "it", PRODUCT)
    assert 250 < sum(run.waited) <= PATIENCE_SECONDS


def test_wrong_settings_send_nothing(server: LocalStripe) -> None:
    run = Run(server, problems=("stripe:apiKey is not set",))
    with pytest.raises(ConfigurationError, match="stripe:apiKey is not set"):
        run.handler("Product").create({"name": "x", "__owner": "p/dev/Product/x"})
    with pytest.raises(ConfigurationError):
        run.handler("Product").delete("prod_1", {})
    assert server.requests() == []


def test_another_account_is_refused_after_asking_who_it_is(server: LocalStripe) -> None:
    run = Run(server, account="acct_another")
    handler, inputs = run.handler("Product"), {**PRODUCT, "__owner": "p/dev/Product/x"}
    assert "deploys to acct_another" in str(handler.check({}, inputs)[1][0])
    with pytest.raises(ConfigurationError, match="deploys to acct_another"):
        handler.create(inputs)
    assert set(run.sent()) == {("GET", "/v1/account")}
