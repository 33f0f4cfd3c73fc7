"""`usage checkout`: an address at which a customer subscribes."""

from __future__ import annotations

import json
from typing import Any

from .running import Usage


def price(usage: Usage, **more: Any) -> Any:
    recurring = {"interval": "month", "usage_type": "metered", "meter": usage.meter.id}
    made: Any = {"currency": "usd", "unit_amount": 4, "recurring": recurring, "product_data": {"name": "Tokens"}, **more}
    return usage.stripe.v1.prices.create(made)


def complete(usage: Usage, session: str, **answer: Any) -> Any:
    return usage.server.http("POST", f"/_local/checkout/{session}", json=answer, key=None)


def test_a_customer_subscribes_to_a_metered_price(usage: Usage) -> None:
    metered = price(usage, lookup_key="tokens_monthly")
    ran = usage.run("checkout", "--price", "tokens_monthly", "--success-url", "https://example.com/?id={CHECKOUT_SESSION_ID}")
    assert ran.code == 0, ran.err
    url = ran.out.strip()
    assert url.startswith(f"{usage.server.url}/c/pay/cs_test_")
    assert "Open until " in ran.err
    session = url.rpartition("/")[2]
    asked = [r["parameters"] for r in usage.server.requests() if r["path"] == "/v1/checkout/sessions"]
    assert asked[0]["line_items"] == {"0": {"price": metered.id}} or asked[0]["line_items"] == [{"price": metered.id}]
    answer = complete(usage, session, email="jane@example.com", payment_method="pm_card_visa").json()
    assert answer == {"redirect": f"https://example.com/?id={session}"}
    customer = usage.stripe.v1.checkout.sessions.retrieve(session).customer
    assert usage.record("--customer", str(customer), "--value", "25").code == 0
    assert "25 units × 0.04 USD = 1.00 USD" in usage.run("invoice", "--customer", str(customer)).out


def test_the_stacks_price_for_a_customer_that_is_there(usage: Usage) -> None:
    (customer,) = usage.customers(1)
    metered = price(usage)
    base = price(usage, unit_amount=2000, recurring={"interval": "month"}).id
    (usage.folder / "outputs.json").write_text(json.dumps({"price_id": metered.id}))
    ran = usage.run("checkout", "--outputs", "outputs.json", "--customer", customer, "--format", "json")
    told = json.loads(ran.out)
    assert (told["customer"], told["success_url"]) == (customer, f"{usage.server.url}/#customers")
    both = usage.run("checkout", "--price", metered.id, "--price", base, "--format", "json")
    items = usage.stripe.v1.checkout.sessions.line_items.list(json.loads(both.out)["id"]).data
    assert [item.amount_total for item in items] == [0, 2000]


def test_what_is_wrong_is_said_before_a_session_is_made(usage: Usage) -> None:
    once, old = price(usage, recurring=None), price(usage)
    usage.stripe.v1.prices.update(old.id, {"active": False})
    for options, said in (
        (("--price", "x", "--success-url", "example.com", "--cancel-url", "javascript:1"), "--cancel-url: "),
        (("--price", "none", "--price", old.id), f'"{old.id}" is archived'),
        (("--price", once.id), "is charged once"),
        ((), "which price?"),
    ):
        ran = usage.run("checkout", *options)
        assert (ran.code, said in ran.err) == (1, True), ran.err
    assert [r for r in usage.server.requests() if r["path"] == "/v1/checkout/sessions"] == []
    gone = usage.run("checkout", "--price", price(usage).id, "--customer", "cus_none")
    assert '--customer: there is no customer "cus_none"' in gone.err
