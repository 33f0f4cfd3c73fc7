"""One well-formed call of each operation of the local Stripe, on objects that are there, for checks over all operations."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
from stripe._encode import _api_encode

from stripe_local.resources import OPERATIONS
from tests.stripe_local.guide import METER, price_params
from tests.stripe_local.server import TEST_KEY, LocalStripe

Params = Mapping[str, Any]
_NOTHING: Params = MappingProxyType({})


class Call(NamedTuple):
    """What is sent, where; `path` is without the operation's placeholders."""

    path: str
    params: Params = _NOTHING


def merged(below: Any, above: Any) -> Any:
    """Both, `above` where they differ; what is None there is left out."""
    if isinstance(below, dict) and isinstance(above, dict):
        both = {**below, **{name: merged(below.get(name), value) for name, value in above.items()}}
        return {name: value for name, value in both.items() if value is not None}
    if isinstance(below, list) and isinstance(above, list) and below and above and isinstance(above[0], dict):
        return [merged(below[0], above[0]), *below[1:]]
    return above


class Account:
    """A local Stripe with objects of every kind; what a call uses up is made anew for each."""

    def __init__(self, server: LocalStripe) -> None:
        self.server = server
        self._numbers = itertools.count(1)
        self.meter = self.make("billing/meters", METER)["id"]
        self.product = self.make("products", {"name": "Tokens"})["id"]
        self.metered = self.price(unit_amount=4, recurring={"interval": "month", "usage_type": "metered", "meter": self.meter})
        self.licensed = self.price(currency_options={"eur": {"unit_amount": 900}})
        self.other = self.price(unit_amount=2000, currency_options={"eur": {"unit_amount": 1800}})
        self.trial = self.price(recurring={"interval": "month", "trial_period_days": 7})
        self.one_time = self.price(unit_amount=300, recurring=None)
        self.coupon = self.new_coupon()
        self.feature = self.new_feature()
        self.customer = self.new_customer()

    def send(self, method: str, call: Call, *, key: str = TEST_KEY) -> httpx.Response:
        """The answer to a request, whatever it is."""
        if call.path == "/v2/billing/meter_event_stream":
            return self.server.http(method, call.path, json=dict(call.params), key=self.session_token())
        if call.path.startswith("/v2/") and method == "POST":
            return self.server.http(method, call.path, key=key, json=dict(call.params))
        form = urlencode(list(_api_encode(dict(call.params))))
        if method == "POST":
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            return self.server.http(method, call.path, key=key, content=form, headers=headers)
        return self.server.http(method, f"{call.path}?{form}", key=key)

    def make(self, path: str, params: Params) -> dict[str, Any]:
        """What is made by a request that is not refused."""
        answer = self.send("POST", Call(f"/v1/{path}", params))
        assert answer.status_code == 200, (path, params, answer.text)
        made: dict[str, Any] = answer.json()
        return made

    def look(self, path: str, params: Params = _NOTHING) -> dict[str, Any]:
        """What is found by a request that is not refused."""
        answer = self.send("GET", Call(f"/v1/{path}", params))
        assert answer.status_code == 200, (path, params, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    def session_token(self) -> str:
        """What a stream of meter events shows instead of a key."""
        return str(self.send("POST", Call("/v2/billing/meter_event_session")).json()["authentication_token"])

    def fresh(self, word: str) -> str:
        return f"{word}{next(self._numbers)}"

    def price(self, **more: Any) -> str:
        plain = {"product": self.product, "unit_amount": 1000, "recurring": {"interval": "month"}}
        params = price_params("", **{"product_data": None, "transform_quantity": None, **plain, **more})
        return str(self.make("prices", params)["id"])

    def new_coupon(self) -> str:
        return str(self.make("coupons", COUPON)["id"])

    def new_code(self) -> str:
        return str(self.make(*_code(self))["id"])

    def new_rate(self) -> str:
        return str(self.make("tax_rates", TAX_RATE)["id"])

    def new_feature(self) -> str:
        return str(self.make("entitlements/features", {"name": "SSO", "lookup_key": self.fresh("key")})["id"])

    def new_meter(self) -> str:
        return str(self.make("billing/meters", {**METER, "event_name": self.fresh("meter")})["id"])

    def new_clock(self) -> str:
        return str(self.make("test_helpers/test_clocks", {"frozen_time": self.server.clock()})["id"])

    def new_customer(self, **more: Any) -> str:
        card = {"invoice_settings": {"default_payment_method": "pm_card_visa"}}
        return str(self.make("customers", {"name": "Jane Roe", "email": "jane@example.com", **card, **more})["id"])

    def new_subscription(self, **more: Any) -> dict[str, Any]:
        """One of a metered price and two seats, with usage."""
        items = [{"price": self.metered}, {"price": self.licensed, "quantity": 2}]
        customer = self.new_customer()
        made = self.make("subscriptions", {"customer": customer, "items": items, **more})
        self.make("billing/meter_events", self.usage(customer))
        return made

    def last_subscription(self) -> dict[str, Any]:
        (last,) = self.look("subscriptions", {"limit": 1})["data"]
        found: dict[str, Any] = last
        return found

    def waiting(self) -> str:
        """A customer for whom something waits."""
        item = {"customer": self.new_customer(), "amount": 1000, "currency": "usd"}
        return str(self.make("invoiceitems", item)["customer"])

    def seats(self) -> str:
        """The item of the two seats of the last new subscription."""
        return str(self.last_subscription()["items"]["data"][1]["id"])

    def line(self) -> str:
        """The first line item of the last new payment link."""
        (last,) = self.look("payment_links", {"limit": 1, "expand": ["data.line_items"]})["data"]
        return str(last["line_items"]["data"][0]["id"])

    def paused(self) -> str:
        """A subscription whose trial ended without a way to pay; there is one now."""
        customer = str(self.make("customers", {"name": "Paused"})["id"])
        trial = {"trial_period_days": 1, "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}}
        made = self.make("subscriptions", {"customer": customer, "items": [{"price": self.licensed}], **trial})
        self.server.clock(advance=86400 + 60)
        self.make(f"customers/{customer}", {"invoice_settings": {"default_payment_method": "pm_card_visa"}})
        return str(made["id"])

    def usage(self, customer: str) -> dict[str, Any]:
        payload = {"stripe_customer_id": customer, "value": "30"}
        return {"event_name": METER["event_name"], "payload": payload, "identifier": self.fresh("event")}

    def grant(self) -> dict[str, Any]:
        return {
            "customer": self.customer,
            "category": "paid",
            "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 100}},
            "applicability_config": {"scope": {"price_type": "metered"}},
        }

    def alert(self) -> dict[str, Any]:
        threshold = {"gte": 1_000_000, "meter": self.meter, "recurrence": "one_time"}
        return {"alert_type": "usage_threshold", "title": "Much", "usage_threshold": threshold}

    def session(self) -> dict[str, Any]:
        lines = [{"price": price, "quantity": 1} for price in (self.licensed, self.other)]
        return {"mode": "subscription", "line_items": lines, "success_url": "https://example.com/thanks"}

    def portal(self) -> dict[str, Any]:
        products = [{"product": self.product, "prices": [self.licensed]}]
        features = {
            "customer_update": {"enabled": True, "allowed_updates": ["email"]},
            "subscription_cancel": {"enabled": True, "cancellation_reason": {"enabled": True, "options": ["other"]}},
            "subscription_update": {"enabled": True, "default_allowed_updates": ["price"], "products": products},
        }
        return {"features": features}

    def endpoint(self) -> dict[str, Any]:
        """Makes room for one: an account has at most 16."""
        for old in self.look("webhook_endpoints", {"limit": 100})["data"][8:]:
            self.server.http("DELETE", f"/v1/webhook_endpoints/{old['id']}")
        return ENDPOINT

    def link(self) -> dict[str, Any]:
        return {"line_items": [{"price": price, "quantity": 1} for price in (self.licensed, self.other)]}


ENDPOINT = {"url": "https://example.com/hook", "enabled_events": ["*"]}
DESTINATION = {
    "name": "Hook",
    "type": "webhook_endpoint",
    "webhook_endpoint": {"url": "https://example.com/hook"},
    "enabled_events": ["*"],
    "event_payload": "snapshot",
}
TAX_RATE = {"display_name": "VAT", "percentage": 19, "inclusive": False}
SHIPPING = {"display_name": "Post", "type": "fixed_amount", "fixed_amount": {"amount": 500, "currency": "usd"}}
TAX_ID = {"type": "eu_vat", "value": "DE123456789"}
COUPON = {"percent_off": 5, "duration": "forever"}
SCOPE = {"type": "applicability_scope", "applicability_scope": {"price_type": "metered"}}


def _of(make: Callable[[Account], tuple[str, Params]], more: Params = _NOTHING, under: str = "") -> Callable[[Account], Call]:
    def call(account: Account) -> Call:
        path, params = make(account)
        return Call(f"/v1/{path}/{account.make(path, params)['id']}{under}", more)

    return call


def _plain(path: str, params: Params = _NOTHING) -> Callable[[Account], Call]:
    return lambda account: Call(path, params)


def _meter(account: Account) -> tuple[str, Params]:
    return "billing/meters", {**METER, "event_name": account.fresh("meter")}


def _product(account: Account) -> tuple[str, Params]:
    return "products", {"name": "Plain"}


def _price(account: Account) -> tuple[str, Params]:
    return "prices", {"currency": "usd", "product": account.product, "unit_amount": 100, "recurring": {"interval": "month"}}


def _customer(account: Account) -> tuple[str, Params]:
    return "customers", {"name": "Jane Roe"}


def _subscription(account: Account) -> tuple[str, Params]:
    return "subscriptions", {"customer": account.new_customer(), "items": [{"price": account.licensed, "quantity": 2}]}


def _schedule(account: Account) -> tuple[str, Params]:
    """One of two phases, whose subscription is there."""
    phases = [{"items": [{"price": price, "quantity": 2}]} for price in (account.licensed, account.other)]
    return "subscription_schedules", {"customer": account.new_customer(), "start_date": "now", "phases": phases}


def _code(account: Account) -> tuple[str, Params]:
    return "promotion_codes", {"promotion": {"type": "coupon", "coupon": account.coupon}}


def _v2(account: Account) -> Call:
    made = account.send("POST", Call("/v2/core/event_destinations", DESTINATION)).json()
    return Call(f"/v2/core/event_destinations/{made['id']}")


def _item(account: Account) -> Call:
    return Call(f"/v1/subscription_items/{account.new_subscription()['items']['data'][1]['id']}")


def _adjustment(account: Account) -> dict[str, Any]:
    event = account.make("billing/meter_events", account.usage(account.customer))["identifier"]
    return {"event_name": METER["event_name"], "type": "cancel", "cancel": {"identifier": event}}


def _summaries(account: Account) -> Call:
    today = account.server.clock() // 86400 * 86400
    wanted = {"customer": account.customer, "start_time": today - 86400, "end_time": today + 86400}
    return Call(f"/v1/billing/meters/{account.meter}/event_summaries", wanted)


def _open_invoice(account: Account, **more: Any) -> str:
    """The invoice of a customer with a card, which is final and not paid."""
    made = _draft(account, **more)
    return str(account.make(f"invoices/{made['id']}/finalize", {})["id"])


def _draft(account: Account, **more: Any) -> dict[str, Any]:
    """A draft of one line, whose item is the newest of all."""
    customer = account.new_customer()
    made = account.make("invoices", {"customer": customer, **more})
    account.make("invoiceitems", {"customer": customer, "invoice": made["id"], "amount": 1000, "currency": "usd"})
    return account.look(f"invoices/{made['id']}")


def _line_of(account: Account) -> Call:
    made = _draft(account)
    return Call(f"/v1/invoices/{made['id']}/lines/{made['lines']['data'][0]['id']}")


def _lines_of(account: Account, under: str, **line: Any) -> Call:
    made = _draft(account)
    if under == "add_lines":
        return Call(f"/v1/invoices/{made['id']}/add_lines", {"lines": [{"amount": 700, "description": "Help", **line}]})
    named = {"id": made["lines"]["data"][0]["id"], **line}
    return Call(f"/v1/invoices/{made['id']}/{under}", {"lines": [named]})


def _item_that_waits(account: Account) -> tuple[str, Params]:
    return "invoiceitems", {"customer": account.new_customer(), "amount": 1000, "currency": "usd"}


def _intent(account: Account) -> str:
    seats = {"customer": account.new_customer(), "items": [{"price": account.licensed}]}
    account.make("subscriptions", {**seats, "payment_behavior": "default_incomplete"})
    (last,) = account.look("payment_intents", {"limit": 1})["data"]
    return str(last["id"])


def _credit_note(account: Account) -> tuple[str, Params]:
    """Of an open invoice of 1,000."""
    lines = [{"type": "custom_line_item", "description": text, "unit_amount": 100} for text in ("Late", "Slow")]
    return "credit_notes", {"invoice": _open_invoice(account), "lines": lines}


def _refund(account: Account) -> tuple[str, Params]:
    account.new_subscription()
    (last,) = account.look("payment_intents", {"limit": 1})["data"]
    return "refunds", {"payment_intent": last["id"]}


def _method(account: Account) -> str:
    customer = account.new_customer()
    return str(account.look("payment_methods", {"customer": customer})["data"][0]["id"])


def _balance(account: Account) -> tuple[str, Params]:
    return f"customers/{account.new_customer()}/balance_transactions", {"amount": -500, "currency": "usd"}


def _list_of_balance(account: Account) -> Call:
    place, params = _balance(account)
    for amount in (-500, 200):
        account.make(place, {**params, "amount": amount})
    return Call(f"/v1/{place}")


def _with_cards(account: Account) -> str:
    customer = account.new_customer()
    account.make("payment_methods/pm_card_jcb/attach", {"customer": customer})
    return customer


def _clocks(account: Account) -> Call:
    account.new_clock()
    return Call("/v1/test_helpers/test_clocks")


def _first_of(account: Account, listed: Call) -> Call:
    """That of the first object of a list."""
    found = account.send("GET", listed).json()["data"]
    assert found, listed
    return Call(f"{listed.path}/{found[0]['id']}")


def _first(path: str, params: Callable[[Account], Params] = lambda account: _NOTHING) -> Callable[[Account], Call]:
    return lambda account: _first_of(account, Call(path, params(account)))


def _entitled(account: Account) -> Call:
    account.make(f"products/{account.product}/features", {"entitlement_feature": account.new_feature()})
    customer = account.new_subscription()["customer"]
    return Call("/v1/entitlements/active_entitlements", {"customer": customer})


def _discounted_customer(account: Account) -> Call:
    """Of a customer who has a discount, as no parameter gives any more: a subscription's."""
    made = account.new_subscription(discounts=[{"coupon": account.coupon}], expand=["discounts"])
    customer = account.new_customer()
    own = {"id": account.fresh("di_"), "customer": customer, "subscription": None, "subscription_item": None}
    account.server.change(customer, discount={**made["discounts"][0], **own})
    return Call(f"/v1/customers/{customer}/discount")


def _inactive(path: str, make: Callable[[Account], str], verb: str) -> Callable[[Account], Call]:
    def call(account: Account) -> Call:
        made = make(account)
        account.make(f"{path}/{made}/deactivate", {})
        return Call(f"/v1/{path}/{made}/{verb}")

    return call


def _disabled(account: Account) -> Call:
    place = _v2(account).path
    account.send("POST", Call(f"{place}/disable"))
    return Call(f"{place}/enable")


def _pinged(account: Account) -> Call:
    event = account.send("POST", Call(f"{_v2(account).path}/ping")).json()
    return Call(f"/v2/core/events/{event['id']}")


def _with_tax_ids(account: Account) -> str:
    customer = account.new_customer()
    for _ in range(2):
        account.make(f"customers/{customer}/tax_ids", TAX_ID)
    return customer


def _list_of_credits(account: Account) -> Call:
    customer = account.new_customer()
    for value in (100, 200):
        amount = {"type": "monetary", "monetary": {"currency": "usd", "value": value}}
        account.make("billing/credit_grants", {**account.grant(), "customer": customer, "amount": amount})
    return Call("/v1/billing/credit_balance_transactions", {"customer": customer})


def _portal_session(account: Account) -> dict[str, Any]:
    configuration = account.make("billing_portal/configurations", account.portal())["id"]
    return {"customer": account.new_customer(), "configuration": configuration, "return_url": "https://example.com/account"}


def _features(account: Account) -> str:
    return f"/v1/products/{account.make('products', {'name': 'Plain'})['id']}/features"


_WRITTEN: dict[str, Callable[[Account], Call]] = {
    "POST /v1/billing/meters": lambda account: Call("/v1/billing/meters", _meter(account)[1]),
    "GET /v1/billing/meters": _plain("/v1/billing/meters"),
    "POST /v1/billing/meters/{id}": _of(_meter),
    "POST /v1/billing/meter_events": lambda account: Call("/v1/billing/meter_events", account.usage(account.customer)),
    "POST /v2/billing/meter_events": lambda account: Call("/v2/billing/meter_events", account.usage(account.customer)),
    "POST /v1/billing/meter_event_adjustments": lambda a: Call("/v1/billing/meter_event_adjustments", _adjustment(a)),
    "POST /v2/billing/meter_event_adjustments": lambda a: Call("/v2/billing/meter_event_adjustments", _adjustment(a)),
    "GET /v1/billing/meters/{id}/event_summaries": _summaries,
    "POST /v1/billing/alerts": lambda account: Call("/v1/billing/alerts", account.alert()),
    "GET /v1/billing/alerts": _plain("/v1/billing/alerts"),
    "POST /v1/billing/credit_grants": lambda account: Call("/v1/billing/credit_grants", account.grant()),
    "POST /v1/billing/credit_grants/{id}": _of(lambda account: ("billing/credit_grants", account.grant())),
    "GET /v1/billing/credit_grants": _plain("/v1/billing/credit_grants"),
    "GET /v1/billing/credit_balance_summary": lambda account: Call(
        "/v1/billing/credit_balance_summary", {"customer": account.customer, "filter": SCOPE}
    ),
    "POST /v1/products": _plain("/v1/products", {"name": "Plain"}),
    "POST /v1/products/{id}": _of(_product),
    "GET /v1/products": _plain("/v1/products"),
    "GET /v1/products/search": _plain("/v1/products/search", {"query": "active:'true'"}),
    "POST /v1/prices": lambda account: Call("/v1/prices", _price(account)[1]),
    "POST /v1/prices/{price}": _of(_price),
    "GET /v1/prices": _plain("/v1/prices"),
    "GET /v1/prices/search": _plain("/v1/prices/search", {"query": "active:'true'"}),
    "POST /v1/coupons": _plain("/v1/coupons", COUPON),
    "POST /v1/coupons/{coupon}": _of(lambda account: ("coupons", {"amount_off": 100, "currency": "usd"})),
    "GET /v1/coupons": _plain("/v1/coupons"),
    "POST /v1/promotion_codes": lambda account: Call("/v1/promotion_codes", _code(account)[1]),
    "POST /v1/promotion_codes/{promotion_code}": _of(_code),
    "GET /v1/promotion_codes": _plain("/v1/promotion_codes"),
    "POST /v1/tax_rates": _plain("/v1/tax_rates", TAX_RATE),
    "POST /v1/tax_rates/{tax_rate}": _of(lambda account: ("tax_rates", TAX_RATE)),
    "GET /v1/tax_rates": _plain("/v1/tax_rates"),
    "POST /v1/shipping_rates": _plain("/v1/shipping_rates", SHIPPING),
    "POST /v1/shipping_rates/{shipping_rate}": _of(lambda account: ("shipping_rates", SHIPPING)),
    "GET /v1/shipping_rates": _plain("/v1/shipping_rates"),
    "POST /v1/entitlements/features": lambda account: Call(
        "/v1/entitlements/features", {"name": "X", "lookup_key": account.fresh("key")}
    ),
    "POST /v1/entitlements/features/{id}": lambda account: Call(f"/v1/entitlements/features/{account.new_feature()}"),
    "GET /v1/entitlements/features": _plain("/v1/entitlements/features"),
    "POST /v1/products/{product}/features": lambda account: Call(_features(account), {"entitlement_feature": account.feature}),
    "GET /v1/products/{product}/features": lambda account: Call(f"/v1/products/{account.product}/features"),
    "POST /v1/customers": _plain("/v1/customers", {"name": "Jane Roe"}),
    "POST /v1/customers/{customer}": _of(_customer),
    "GET /v1/customers": _plain("/v1/customers"),
    "GET /v1/customers/search": _plain("/v1/customers/search", {"query": "name:'Jane Roe'"}),
    "POST /v1/subscriptions": lambda account: Call("/v1/subscriptions", _subscription(account)[1]),
    "POST /v1/subscriptions/{id}": lambda account: Call(f"/v1/subscriptions/{account.new_subscription()['id']}"),
    "DELETE /v1/subscriptions/{id}": lambda account: Call(f"/v1/subscriptions/{account.new_subscription()['id']}"),
    "GET /v1/subscriptions": _plain("/v1/subscriptions"),
    "GET /v1/subscriptions/search": _plain("/v1/subscriptions/search", {"query": "status:'active'"}),
    "POST /v1/subscriptions/{id}/pause": lambda a: Call(f"/v1/subscriptions/{a.new_subscription()['id']}/pause"),
    "POST /v1/subscriptions/{id}/resume": lambda account: Call(f"/v1/subscriptions/{account.paused()}/resume"),
    "POST /v1/subscriptions/{id}/migrate": lambda account: Call(
        f"/v1/subscriptions/{account.new_subscription(billing_mode={'type': 'classic'})['id']}/migrate",
        {"billing_mode": {"type": "flexible"}},
    ),
    "POST /v1/subscription_items": lambda account: Call(
        "/v1/subscription_items", {"subscription": account.new_subscription()["id"], "price": account.other}
    ),
    "POST /v1/subscription_items/{item}": _item,
    "DELETE /v1/subscription_items/{item}": _item,
    "GET /v1/subscription_items": lambda account: Call(
        "/v1/subscription_items", {"subscription": account.new_subscription()["id"]}
    ),
    "POST /v1/subscription_schedules": lambda account: Call("/v1/subscription_schedules", _schedule(account)[1]),
    "GET /v1/subscription_schedules": _plain("/v1/subscription_schedules"),
    "POST /v1/subscription_schedules/{schedule}": _of(_schedule),
    "POST /v1/subscription_schedules/{schedule}/cancel": _of(_schedule, under="/cancel"),
    "POST /v1/subscription_schedules/{schedule}/release": _of(_schedule, under="/release"),
    "POST /v1/invoices/create_preview": lambda account: Call(
        "/v1/invoices/create_preview", {"subscription": account.new_subscription()["id"]}
    ),
    "GET /v1/invoices": _plain("/v1/invoices"),
    "GET /v1/invoices/search": _plain("/v1/invoices/search", {"query": "status:'paid'"}),
    "GET /v1/invoices/{invoice}/lines": lambda account: Call(
        f"/v1/invoices/{account.new_subscription(add_invoice_items=[{'price': account.one_time}])['latest_invoice']}/lines"
    ),
    "POST /v1/invoices": lambda account: Call("/v1/invoices", {"customer": account.new_customer()}),
    "POST /v1/invoices/{invoice}": lambda account: Call(f"/v1/invoices/{_draft(account)['id']}"),
    "POST /v1/invoices/{invoice}/finalize": lambda account: Call(f"/v1/invoices/{_draft(account)['id']}/finalize"),
    "POST /v1/invoices/{invoice}/pay": lambda account: Call(f"/v1/invoices/{_open_invoice(account)}/pay"),
    "POST /v1/invoices/{invoice}/void": lambda account: Call(f"/v1/invoices/{_open_invoice(account)}/void"),
    "POST /v1/invoices/{invoice}/mark_uncollectible": lambda account: Call(
        f"/v1/invoices/{_open_invoice(account)}/mark_uncollectible"
    ),
    "POST /v1/invoices/{invoice}/send": lambda account: Call(
        f"/v1/invoices/{_open_invoice(account, collection_method='send_invoice', days_until_due=3)}/send"
    ),
    "DELETE /v1/invoices/{invoice}": lambda account: Call(f"/v1/invoices/{_draft(account)['id']}"),
    "POST /v1/invoices/{invoice}/add_lines": lambda account: _lines_of(account, "add_lines"),
    "POST /v1/invoices/{invoice}/update_lines": lambda account: _lines_of(account, "update_lines"),
    "POST /v1/invoices/{invoice}/remove_lines": lambda account: _lines_of(account, "remove_lines", behavior="delete"),
    "POST /v1/invoices/{invoice}/lines/{line_item_id}": _line_of,
    "GET /v1/invoice_payments": _plain("/v1/invoice_payments"),
    "POST /v1/invoiceitems": lambda account: Call("/v1/invoiceitems", _item_that_waits(account)[1]),
    "POST /v1/invoiceitems/{invoiceitem}": _of(_item_that_waits),
    "DELETE /v1/invoiceitems/{invoiceitem}": _of(_item_that_waits),
    "GET /v1/invoiceitems": _plain("/v1/invoiceitems"),
    "GET /v1/charges": _plain("/v1/charges"),
    "GET /v1/payment_intents": _plain("/v1/payment_intents"),
    "POST /v1/payment_intents/{intent}/confirm": lambda account: Call(f"/v1/payment_intents/{_intent(account)}/confirm"),
    "POST /v1/payment_methods": _plain("/v1/payment_methods", {"type": "card", "card": {"token": "tok_visa"}}),
    "GET /v1/payment_methods": lambda account: Call("/v1/payment_methods", {"customer": _with_cards(account)}),
    "POST /v1/payment_methods/{payment_method}": lambda account: Call(f"/v1/payment_methods/{_method(account)}"),
    "POST /v1/payment_methods/{payment_method}/attach": lambda account: Call(
        "/v1/payment_methods/pm_card_jcb/attach", {"customer": account.new_customer()}
    ),
    "POST /v1/payment_methods/{payment_method}/detach": lambda account: Call(f"/v1/payment_methods/{_method(account)}/detach"),
    "GET /v1/customers/{customer}/payment_methods": lambda account: Call(f"/v1/customers/{_with_cards(account)}/payment_methods"),
    "POST /v1/customers/{customer}/balance_transactions": lambda account: Call(
        f"/v1/{_balance(account)[0]}", _balance(account)[1]
    ),
    "POST /v1/customers/{customer}/balance_transactions/{transaction}": _of(_balance),
    "GET /v1/customers/{customer}/balance_transactions": _list_of_balance,
    "GET /v1/payment_intents/{intent}": lambda account: Call(f"/v1/payment_intents/{_intent(account)}"),
    "POST /v1/credit_notes": lambda account: Call("/v1/credit_notes", _credit_note(account)[1]),
    "GET /v1/credit_notes": _plain("/v1/credit_notes"),
    "GET /v1/credit_notes/preview": lambda account: Call("/v1/credit_notes/preview", _credit_note(account)[1]),
    "GET /v1/credit_notes/preview/lines": lambda account: Call("/v1/credit_notes/preview/lines", _credit_note(account)[1]),
    "POST /v1/credit_notes/{id}": _of(_credit_note),
    "GET /v1/credit_notes/{credit_note}/lines": _of(_credit_note, under="/lines"),
    "POST /v1/tax_ids": _plain("/v1/tax_ids", TAX_ID),
    "GET /v1/tax_ids": _plain("/v1/tax_ids"),
    "POST /v1/customers/{customer}/tax_ids": lambda account: Call(f"/v1/customers/{account.new_customer()}/tax_ids", TAX_ID),
    "GET /v1/customers/{customer}/tax_ids": lambda account: Call(f"/v1/customers/{_with_tax_ids(account)}/tax_ids"),
    "GET /v1/entitlements/active_entitlements": _entitled,
    "POST /v1/refunds": lambda account: Call("/v1/refunds", _refund(account)[1]),
    "POST /v1/refunds/{refund}": _of(_refund),
    "GET /v1/refunds": _plain("/v1/refunds"),
    "GET /v1/billing/credit_balance_transactions": lambda account: Call(
        "/v1/billing/credit_balance_transactions",
        {"customer": account.make("billing/credit_grants", account.grant())["customer"]},
    ),
    "POST /v1/billing_portal/sessions": lambda account: Call("/v1/billing_portal/sessions", _portal_session(account)),
    "POST /v1/checkout/sessions": lambda account: Call("/v1/checkout/sessions", account.session()),
    "POST /v1/checkout/sessions/{session}": _of(lambda account: ("checkout/sessions", account.session())),
    "GET /v1/checkout/sessions": _plain("/v1/checkout/sessions"),
    "GET /v1/checkout/sessions/{session}/line_items": _of(
        lambda account: ("checkout/sessions", account.session()), under="/line_items"
    ),
    "POST /v1/payment_links": lambda account: Call("/v1/payment_links", account.link()),
    "POST /v1/payment_links/{payment_link}": _of(lambda account: ("payment_links", account.link())),
    "GET /v1/payment_links": _plain("/v1/payment_links"),
    "GET /v1/payment_links/{payment_link}/line_items": _of(
        lambda account: ("payment_links", account.link()), under="/line_items"
    ),
    "POST /v1/billing_portal/configurations": lambda account: Call("/v1/billing_portal/configurations", account.portal()),
    "POST /v1/billing_portal/configurations/{configuration}": _of(
        lambda account: ("billing_portal/configurations", account.portal())
    ),
    "GET /v1/billing_portal/configurations": _plain("/v1/billing_portal/configurations"),
    "POST /v1/payment_method_configurations": _plain("/v1/payment_method_configurations", {"name": "Plain"}),
    "POST /v1/payment_method_configurations/{configuration}": _of(
        lambda account: ("payment_method_configurations", {"name": "Plain"})
    ),
    "GET /v1/payment_method_configurations": _plain("/v1/payment_method_configurations"),
    "POST /v1/test_helpers/test_clocks": lambda account: Call(
        "/v1/test_helpers/test_clocks", {"frozen_time": account.server.clock()}
    ),
    "GET /v1/test_helpers/test_clocks": _clocks,
    "POST /v1/test_helpers/test_clocks/{test_clock}/advance": lambda account: Call(
        f"/v1/test_helpers/test_clocks/{account.new_clock()}/advance", {"frozen_time": account.server.clock() + 3600}
    ),
    "DELETE /v1/test_helpers/test_clocks/{test_clock}": lambda account: Call(
        f"/v1/test_helpers/test_clocks/{account.new_clock()}"
    ),
    "POST /v1/webhook_endpoints": lambda account: Call("/v1/webhook_endpoints", account.endpoint()),
    "POST /v1/webhook_endpoints/{webhook_endpoint}": _of(lambda account: ("webhook_endpoints", account.endpoint())),
    "GET /v1/webhook_endpoints": _plain("/v1/webhook_endpoints"),
    "GET /v1/events": _plain("/v1/events"),
    "POST /v2/core/event_destinations": _plain("/v2/core/event_destinations", DESTINATION),
    "POST /v2/core/event_destinations/{id}": _v2,
    "GET /v2/core/event_destinations": _plain("/v2/core/event_destinations"),
    "GET /v2/core/event_destinations/{id}": _v2,
    "GET /v1/account": _plain("/v1/account"),
    "GET /v1/events/{id}": _first("/v1/events"),
    "GET /v1/charges/{charge}": _first("/v1/charges"),
    "GET /v1/invoice_payments/{invoice_payment}": _first("/v1/invoice_payments"),
    "GET /v1/invoices/{invoice}": _first("/v1/invoices", lambda account: {"subscription": account.new_subscription()["id"]}),
    "GET /v1/subscriptions/{id}": lambda account: Call(f"/v1/subscriptions/{account.new_subscription()['id']}"),
    "GET /v1/billing/credit_balance_transactions/{id}": lambda account: _first_of(account, _list_of_credits(account)),
    "GET /v1/entitlements/active_entitlements/{id}": lambda account: _first_of(account, _entitled(account)),
    "GET /v1/customers/{customer}/payment_methods/{payment_method}": lambda account: _first_of(
        account, Call(f"/v1/customers/{_with_cards(account)}/payment_methods")
    ),
    "GET /v1/customers/{customer}/discount": _discounted_customer,
    "DELETE /v1/customers/{customer}/discount": _discounted_customer,
    "DELETE /v1/subscriptions/{subscription_exposed_id}/discount": lambda account: Call(
        f"/v1/subscriptions/{account.new_subscription(discounts=[{'coupon': account.coupon}])['id']}/discount"
    ),
    "POST /v1/billing/meters/{id}/reactivate": _inactive("billing/meters", Account.new_meter, "reactivate"),
    "POST /v1/billing/alerts/{id}/activate": _inactive(
        "billing/alerts", lambda account: str(account.make("billing/alerts", account.alert())["id"]), "activate"
    ),
    "POST /v2/billing/meter_event_session": _plain("/v2/billing/meter_event_session"),
    "POST /v2/billing/meter_event_stream": lambda account: Call(
        "/v2/billing/meter_event_stream", {"events": [account.usage(account.customer)]}
    ),
    "DELETE /v2/core/event_destinations/{id}": _v2,
    "POST /v2/core/event_destinations/{id}/disable": lambda account: Call(f"{_v2(account).path}/disable"),
    "POST /v2/core/event_destinations/{id}/enable": _disabled,
    "POST /v2/core/event_destinations/{id}/ping": lambda account: Call(f"{_v2(account).path}/ping"),
    "GET /v2/core/events": _plain("/v2/core/events"),
    "GET /v2/core/events/{id}": _pinged,
}
"""By operation; what is missing here is derived from these in `CALLS`."""


def _made(create: str, under: str) -> Callable[[Account], Call]:
    """A call on what another one has just made."""

    def call(account: Account) -> Call:
        collection = _WRITTEN[create](account)
        made = account.send("POST", collection)
        assert made.status_code == 200, (collection, made.text)
        return Call(f"{collection.path}/{made.json()['id']}{under}")

    return call


def _derived() -> Iterator[tuple[str, Callable[[Account], Call]]]:
    """The operations on one object of a collection that a call above makes, by its id alone."""
    for operation in OPERATIONS:
        place = f"{operation.method} {operation.path}"
        found = re.fullmatch(r"(.+)/\{\w+\}(/\w+)?", operation.path)
        if found and place not in _WRITTEN and (create := f"POST {found[1]}") in _WRITTEN:
            yield place, _made(create, found[2] or "")


CALLS: dict[str, Callable[[Account], Call]] = {**_WRITTEN, **dict(_derived())}
"""By operation, every one that there is."""

ALWAYS_REFUSED = {
    "POST /v1/refunds/{refund}/cancel": "only a refund that requires an action can be canceled, and no refund here does"
}
"""By operation, why no call of it is answered with a 200."""


def furnished(server: LocalStripe) -> Account:
    """A server with two objects of every kind, so that lists have something to choose from, and an event."""
    server.reset()
    account = Account(server)
    account.make("billing/alerts", {**account.alert(), "usage_threshold": {**account.alert()["usage_threshold"], "gte": 1}})
    for age in (0, 7200):
        account.new_subscription()
        account.make("billing/meter_events", {**account.usage(account.customer), "timestamp": server.clock() - age})
        account.make(f"products/{account.product}/features", {"entitlement_feature": account.new_feature()})
        for place, make in CALLS.items():
            if place.startswith("POST") and "{" not in place:
                account.send("POST", make(account))
    return account


DAY = 86400
DAYS = (1, 4, 20, 8, 1, 30)
"""After how many days each there is something new of what `varied` makes."""


def varied(account: Account) -> None:
    """Make what time brings into every state: subscriptions that end, pause and are past due, schedules, credits, an alert."""
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
