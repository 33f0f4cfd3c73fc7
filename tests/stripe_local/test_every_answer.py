"""No answer is of another shape than Stripe's: as its description of the API has it, and as the SDK's types have it.

The description comes with stripe-mock, and is older than the API version that the SDK speaks. So what it does not declare and the
SDK does is no fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from stripe_local.resources import OPERATIONS
from stripe_local.wire.errors import NOT_SUPPORTED
from stripe_local.wire.operation import Operation
from tests.stripe_local import judges
from tests.stripe_local.calls import CALLS, Account, Call, furnished, merged
from tests.stripe_local.judges import UNDECLARED, Description, Fault, objects
from tests.stripe_local.sdk import endpoint
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.contract import stripe_mock

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(600)]

DAY = 86400


@pytest.fixture(scope="module")
def description() -> Description:
    found = stripe_mock.description()
    if found is None:
        pytest.skip(
            f"there is no description of Stripe's API; `go mod download {stripe_mock.MODULE}` gets it (Go: https://go.dev/dl/)"
        )
    return Description(found)


@pytest.fixture(scope="module")
def account(shared_server: LocalStripe) -> Account:
    return furnished(shared_server)


def faults(answer: dict[str, Any], description: Description) -> Iterator[Fault]:
    """What either judge says against an answer."""
    if "error" in answer:
        yield from description.judge(answer)
    for shown in objects(answer):
        of_sdk = list(judges.judge(shown))
        refused = {fault.path for fault in of_sdk}
        newer = judges.sdk_class(shown["object"]) is not None
        found = [f for f in description.judge(shown) if f.path in refused or not (newer and f.what == UNDECLARED)]
        yield from {*found, *of_sdk}


def _name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if _name(o) in CALLS], ids=_name)
def test_answers(account: Account, description: Description, operation: Operation) -> None:
    answer = account.send(operation.method, CALLS[_name(operation)](account))
    assert answer.status_code == 200 or answer.json()["error"]["code"] == NOT_SUPPORTED, answer.text
    assert sorted(faults(answer.json(), description)) == []


def test_what_time_makes(account: Account, description: Description) -> None:
    """Invoices in every state, subscriptions that end, pause and are past due, events."""
    account.make("webhook_endpoints", {"url": "http://127.0.0.1:9/hook", "enabled_events": ["*"]})
    account.make("billing/alerts", {**account.alert(), "usage_threshold": {**account.alert()["usage_threshold"], "gte": 1}})
    for behavior in ("keep_as_draft", "mark_uncollectible", "void"):
        made = account.new_subscription()
        account.make(f"subscriptions/{made['id']}", {"pause_collection": {"behavior": behavior}})
    poor = account.make("customers", {"name": "Poor"})["id"]
    seats = [{"price": account.licensed, "quantity": 1}]
    for more in (
        {"customer": poor, "collection_method": "send_invoice", "days_until_due": 5},
        {"customer": poor, "payment_behavior": "default_incomplete"},
        {"customer": poor, "trial_period_days": 3},
        {"customer": poor, "trial_period_days": 3, "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}},
        {"customer": account.new_customer(), "cancel_at_period_end": "true"},
        {"customer": account.new_customer(), "billing_mode": {"type": "classic"}},
        {
            "customer": account.new_customer(),
            "discounts": [{"promotion_code": account.new_code()}],
            "default_tax_rates": [account.new_rate()],
            "billing_mode": {"type": "flexible", "flexible": {"proration_discounts": "itemized"}},
        },
    ):
        account.make("subscriptions", {"items": seats, **more})
    for more in ({}, {"end_behavior": "cancel"}, {"start_date": account.server.clock() + 3 * DAY}):
        phase = {
            "items": [{"price": account.licensed, "discounts": [{"coupon": account.new_coupon()}], "metadata": {"a": "b"}}],
            "add_invoice_items": [{"price": account.one_time, "tax_rates": [account.new_rate()]}],
            "automatic_tax": {"enabled": False},
            "default_tax_rates": [account.new_rate()],
            "discounts": [{"promotion_code": account.new_code()}],
            "duration": {"interval": "week"},
            "invoice_settings": {"footer": "Bye"},
        }
        phases = [phase, {"items": [{"price": account.metered}]}]
        made = {"customer": account.new_customer(), "start_date": "now", "phases": phases, **more}
        account.make("subscription_schedules", made)
    account.make("billing/credit_grants", {**account.grant(), "customer": account.new_subscription()["customer"]})
    for gte in ({"amount_gte": 50}, {"amount_gte": 50, "reset_billing_cycle_anchor": "true"}):
        made = account.new_subscription(billing_thresholds=gte)
        more = {"id": made["items"]["data"][0]["id"], "billing_thresholds": {"usage_gte": 10}}
        account.make(f"subscriptions/{made['id']}", {"items": [more]})
    account.make(f"subscriptions/{account.new_subscription()['id']}/pause", {})
    for card in ("pm_card_chargeCustomerFail", "pm_card_authenticationRequired"):
        for behavior in ("allow_incomplete", "pending_if_incomplete"):
            made = account.make("subscriptions", {"customer": account.new_customer(), "items": seats})
            account.make(f"payment_methods/{card}/attach", {"customer": made["customer"]})
            account.make(f"customers/{made['customer']}", {"invoice_settings": {"default_payment_method": card}})
            more = {"items": [{"id": made["items"]["data"][0]["id"], "quantity": 3}], "proration_behavior": "always_invoice"}
            account.make(f"subscriptions/{made['id']}", {**more, "payment_behavior": behavior})
        account.send("POST", Call("/v1/subscriptions", {"customer": made["customer"], "items": seats}))
    found: set[Fault] = set()
    for days in (1, 4, 20, 8, 1, 30):
        account.server.clock(advance=days * DAY)
        for path in (
            *("subscriptions", "invoices", "invoiceitems", "events", "customers", "billing/credit_grants"),
            *("payment_intents", "charges", "invoice_payments", "subscription_schedules"),
        ):
            more = {"status": "all", "expand": ["data.discounts"]} if path == "subscriptions" else {}
            if path == "invoices":
                more = {"expand": ["data.total_discount_amounts.discount", "data.total_taxes.tax_rate_details.tax_rate"]}
                more["expand"] += ["data.payments", "data.confirmation_secret"]
            answer = account.look(path, {"limit": 100, **more})
            for event in answer["data"]:
                if event.get("type") == "invoice.upcoming":
                    # It has no id, whatever the description says: https://docs.stripe.com/api/events/types#event_types-invoice.upcoming
                    assert "id" not in event["data"]["object"]
                    event["data"]["object"]["id"] = "in_1"
            found |= set(faults(answer, description))
    assert sorted(found) == []


def _list_of(operation: Operation) -> str:
    return f"GET {operation.path.rpartition('/{')[0]}"


READ = [o for o in OPERATIONS if o.method == "GET" and o.version == 1 and _name(o) in CALLS]
ONE = [o for o in OPERATIONS if (o.method, o.version) == ("GET", 1) and o.path.endswith("}") and _list_of(o) in CALLS]
"""Those that answer with one object of a list."""


def _answered(operation: Operation, description: Description) -> dict[str, Any]:
    """The description of what the operation answers with."""
    paths = {endpoint("GET", path): operations["get"] for path, operations in description.paths.items() if "get" in operations}
    answer: dict[str, Any] = paths[endpoint("GET", operation.path)]["responses"]["200"]["content"]["application/json"]["schema"]
    return answer


def _not_expanded(account: Account, call: Call, paths: list[str]) -> dict[str, str]:
    """What is refused other than by name, or is left as an id."""
    found: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        answer = account.send("GET", Call(call.path, merged(dict(call.params), {"expand": [path]}))).json()
        error = answer.get("error")
        if error and error.get("code") != NOT_SUPPORTED:
            found[path] = error["message"]
        if error is None and any(isinstance(left, str) for left in _reached(answer, path.split("."))):
            found[path] = "is left as an id"
    return found


@pytest.mark.parametrize("operation", READ, ids=_name)
def test_expansions(account: Account, description: Description, operation: Operation) -> None:
    """Everything that Stripe expands in a list is expanded, or does not exist here."""
    schema = _answered(operation, description)
    if "data" not in schema.get("properties", {}):
        pytest.skip("nothing in it can be expanded: it is no list")
    paths = [f"data.{path}" for path in description.expansions(schema["properties"]["data"]["items"], depth=3)]
    assert _not_expanded(account, CALLS[_name(operation)](account), paths) == {}


@pytest.mark.parametrize("operation", ONE, ids=_name)
def test_expansions_of_one(account: Account, description: Description, operation: Operation) -> None:
    """Likewise in what is read by its id."""
    listed = CALLS[_list_of(operation)](account)
    (some, *_) = account.send("GET", listed).json()["data"]
    call = Call(f"{listed.path}/{some['id']}", {})
    paths = list(description.expansions(_answered(operation, description), depth=4))
    assert _not_expanded(account, call, paths) == {}


def _reached(value: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _reached(one, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _reached(value[path[0]], path[1:])


def test_the_judges_find_faults(account: Account, description: Description) -> None:
    product = account.look(f"products/{account.product}")
    for wrong in ({"name": 5}, {"nonsense": 1}, {"active": None}, {"package_dimensions": {"height": "x"}}):
        assert list(judges.judge({**product, **wrong}))
        assert list(description.judge({**product, **wrong}))
    assert [*judges.judge(product), *faults(product, description)] == []
