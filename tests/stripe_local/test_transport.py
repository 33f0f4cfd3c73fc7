"""Requests as they come over the wire: bodies, keys, URLs, headers and errors."""

from __future__ import annotations

import base64
import socket
from typing import Any

import pytest
import stripe

from tests.stripe_local.guide import METER, refusal
from tests.stripe_local.server import TEST_KEY, LocalStripe


def error(response: Any, status: int = 400) -> dict[str, Any]:
    assert response.status_code == status, response.text
    found: dict[str, Any] = response.json()["error"]
    return found


@pytest.mark.parametrize(
    "body",
    [
        "name=a&marketing_features[0][name]=x&marketing_features[1][name]=y",
        "name=a&marketing_features[][name]=x&marketing_features[][name]=y",
        "name=a&marketing_features%5B1%5D%5Bname%5D=y&marketing_features%5B0%5D%5Bname%5D=x",
    ],
)
def test_lists_of_hashes_in_every_notation(server: LocalStripe, body: str) -> None:
    response = server.http("POST", "/v1/products", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert response.json()["marketing_features"] == [{"name": "x"}, {"name": "y"}]
    assert server.requests()[-1]["parameters"]["marketing_features"] == [{"name": "x"}, {"name": "y"}]


@pytest.mark.parametrize("notation", ["expand[]=product", "expand[0]=product", "expand%5B%5D=product"])
def test_expand_in_every_notation(server: LocalStripe, notation: str) -> None:
    price = server.http("POST", "/v1/prices", data={"currency": "usd", "unit_amount": "1", "product_data[name]": "a"}).json()
    assert server.http("GET", f"/v1/prices/{price['id']}?{notation}").json()["product"]["name"] == "a"


def test_numeric_metadata_keys_are_keys(server: LocalStripe) -> None:
    made = server.http("POST", "/v1/customers", data={"metadata[0]": "a", "metadata[1]": "b"}).json()
    assert made["metadata"] == {"0": "a", "1": "b"}


def test_chunked_bodies(server: LocalStripe) -> None:
    def pieces() -> Any:
        yield b"name=Hyper"
        yield b"nian"

    response = server.http(
        "POST", "/v1/products", content=pieces(), headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert response.request.headers["transfer-encoding"] == "chunked"
    assert response.json()["name"] == "Hypernian"


def test_a_post_without_a_body(server: LocalStripe) -> None:
    request = (
        f"POST /v1/customers HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TEST_KEY}\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), 5) as connection:
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"object": "customer"' in answer


def test_basic_authentication(server: LocalStripe) -> None:
    credentials = base64.b64encode(f"{TEST_KEY}:".encode()).decode()
    response = server.http("GET", "/v1/account", key=None, headers={"Authorization": f"Basic {credentials}"})
    assert response.json()["object"] == "account"


@pytest.mark.parametrize("prefix", ["sk_test_", "rk_test_", "sk_live_", "rk_live_"])
def test_keys_of_both_modes(server: LocalStripe, prefix: str) -> None:
    if prefix.startswith("rk"):
        server.restricted_key("customer_write", key=f"{prefix}abc", livemode="live" in prefix)
    made = server.http("POST", "/v1/customers", key=f"{prefix}abc").json()
    assert made["livemode"] == ("live" in prefix)


@pytest.mark.parametrize("key", ["sk_", "sk_prod_abc", "whatever-it-is-1234", "sk_test_", "sk_org_abc"])
def test_other_keys_are_refused(server: LocalStripe, key: str) -> None:
    found = error(server.http("GET", "/v1/account", headers={"Authorization": f"Bearer {key}"}, key=None), 401)
    assert found["type"] == "invalid_request_error"
    if len(key) > 12:
        assert key not in found["message"]
        assert found["message"].startswith("Invalid API Key provided: ")
        assert found["message"].endswith(key[-4:])


def test_no_key_and_a_publishable_key(server: LocalStripe) -> None:
    """In Stripe's words, as clients and tests of others quote them; the code is that of https://docs.stripe.com/error-codes."""
    assert error(server.http("GET", "/v1/account", key=None), 401) == {
        "message": "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer "
        "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we "
        "can help at https://support.stripe.com/.",
        "type": "invalid_request_error",
    }
    publishable = error(server.http("GET", "/v1/account", key="pk_test_abc"), 401)
    assert publishable["message"] == (
        "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API "
        "keys at https://dashboard.stripe.com/account/apikeys."
    )
    assert (publishable["type"], publishable["code"]) == ("invalid_request_error", "secret_key_required")
    unknown = error(server.http("GET", "/v1/account", key="sk_prod_12345678abcd"), 401)
    assert unknown == {"message": "Invalid API Key provided: sk**************abcd", "type": "invalid_request_error"}
    assert isinstance(refusal(server.client("sk_wrong").v1.accounts.retrieve_current), stripe.AuthenticationError)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/nonsense"),
        ("DELETE", "/v1/billing/meters/mtr_1"),
        ("DELETE", "/v1/prices/price_1"),
        ("POST", "/v2/nonsense"),
        ("GET", "/v1/invoices/upcoming/x/y"),
        ("PUT", "/v1/products"),
    ],
)
def test_unknown_urls(server: LocalStripe, method: str, path: str) -> None:
    found = error(server.http(method, path), 404)
    assert found["message"].startswith(f"Unrecognized request URL ({method}: {path}).")
    assert found["type"] == "invalid_request_error"
    recorded = server.requests()[-1]
    assert (recorded["method"], recorded["path"], recorded["status"]) == (method, path, 404)


def test_every_answer_has_a_request_id_and_echoes_the_version(server: LocalStripe) -> None:
    for path, status in (("/v1/account", 200), ("/v1/nonsense", 404), ("/v1/products/none", 404)):
        response = server.http("GET", path, headers={"Stripe-Version": "2026-10-28.endive"})
        assert response.status_code == status
        assert response.headers["request-id"].startswith("req_")
        assert response.headers["stripe-version"] == "2026-10-28.endive"
        assert server.requests()[-1]["request_id"] == response.headers["request-id"]
    assert server.http("GET", "/v1/account", headers={"Stripe-Version": "2020-08-27"}).status_code == 200


# Validation


def test_unknown_parameters(server: LocalStripe) -> None:
    found = error(server.http("POST", "/v1/products", data={"name": "a", "bogus": "1"}))
    assert (found["code"], found["param"]) == ("parameter_unknown", "bogus")
    assert found["message"] == "Received unknown parameter: bogus"
    found = error(server.http("POST", "/v1/prices", data={"currency": "usd", "recurring[bogus]": "1"}))
    assert (found["code"], found["param"]) == ("parameter_unknown", "recurring[bogus]")
    assert error(server.http("GET", "/v1/products?bogus=1"))["code"] == "parameter_unknown"
    assert error(server.http("DELETE", "/v1/products/prod_1?bogus=1"))["code"] == "parameter_unknown"


def test_missing_parameters(server: LocalStripe) -> None:
    found = error(server.http("POST", "/v1/products"))
    assert (found["code"], found["param"]) == ("parameter_missing", "name")
    assert found["message"] == "Missing required param: name."
    found = error(server.http("POST", "/v1/billing/meters", data={"default_aggregation[x]": "sum", "event_name": "a"}))
    assert found["code"] in ("parameter_missing", "parameter_unknown")
    found = error(
        server.http("POST", "/v1/prices", data={"currency": "usd", "unit_amount": "1", "recurring[interval_count]": "1"})
    )
    assert (found["code"], found["param"]) == ("parameter_missing", "recurring[interval]")


def test_empty_parameters(server: LocalStripe) -> None:
    for data, param in (({"name": ""}, "name"), ({"name": "a", "active": ""}, "active")):
        found = error(server.http("POST", "/v1/products", data=data))
        assert (found["code"], found["param"]) == ("parameter_invalid_empty", param)


@pytest.mark.parametrize(
    ("path", "data", "param", "code"),
    [
        ("/v1/prices", {"unit_amount": "four"}, "unit_amount", "parameter_invalid_integer"),
        ("/v1/prices", {"unit_amount": "4.5"}, "unit_amount", "parameter_invalid_integer"),
        ("/v1/prices", {"unit_amount": "-1"}, "unit_amount", "parameter_invalid_integer"),
        ("/v1/prices", {"unit_amount_decimal": "1e3"}, "unit_amount_decimal", None),
        ("/v1/prices", {"unit_amount_decimal": "0.0000000000001"}, "unit_amount_decimal", None),
        ("/v1/prices", {"currency": "zzz"}, "currency", None),
        ("/v1/prices", {"billing_scheme": "monthly"}, "billing_scheme", None),
        ("/v1/prices", {"active": "maybe"}, "active", None),
        ("/v1/prices", {"lookup_key": "x" * 201}, "lookup_key", None),
        ("/v1/prices", {"recurring": "month"}, "recurring", None),
        ("/v1/prices", {"tiers": "1"}, "tiers", None),
        ("/v1/products", {"statement_descriptor": "x" * 23}, "statement_descriptor", None),
        ("/v1/products", {f"images[{index}]": "x" for index in range(9)}, "images", None),
        ("/v1/products", {"metadata[" + "k" * 41 + "]": "v"}, "metadata", None),
        ("/v1/products", {"metadata[k]": "v" * 501}, "metadata[k]", None),
    ],
)
def test_wrong_values(server: LocalStripe, path: str, data: dict[str, str], param: str, code: str | None) -> None:
    base = {"/v1/prices": {"currency": "usd", "product_data[name]": "a"}, "/v1/products": {"name": "a"}}[path]
    found = error(server.http("POST", path, data={**base, **data}))
    assert (found.get("param"), found.get("code")) == (param, code)
    assert server.http("GET", path).json()["data"] == []


def test_missing_ids_in_the_path_and_in_parameters(server: LocalStripe) -> None:
    found = error(server.http("GET", "/v1/prices/price_none"), 404)
    assert (found["code"], found["param"], found["message"]) == (
        "resource_missing",
        "price",
        "No such price: 'price_none'",
    )
    found = error(server.http("POST", "/v1/prices", data={"currency": "usd", "unit_amount": "1", "product": "prod_none"}))
    assert (found["code"], found["param"]) == ("resource_missing", "product")
    assert error(server.http("GET", "/v1/prices?product=prod_none"))["code"] == "resource_missing"


def test_what_is_not_emulated_is_refused_by_name(server: LocalStripe) -> None:
    found = error(server.http("POST", "/v1/customers", data={"source": "tok_visa"}))
    assert (found["param"], found["code"]) == ("source", "not_supported_here")
    assert "pm_card_visa" in found["message"]


def test_a_body_that_is_not_utf8(server: LocalStripe) -> None:
    error(server.http("POST", "/v1/products", content=b"name=\xff\xfe"))
    error(server.http("POST", "/v1/products", content=b"name=a&name[b]=c"))


# v2


def test_v2_takes_json(server: LocalStripe) -> None:
    client = server.client()
    client.v1.billing.meters.create(METER)
    customer = client.v1.customers.create({})
    event = client.v2.billing.meter_events.create(
        {"event_name": "hypernian_tokens", "payload": {"stripe_customer_id": customer.id, "value": "25"}}
    )
    assert event.object == "v2.billing.meter_event"
    again = refusal(
        client.v2.billing.meter_events.create,
        {
            "event_name": "hypernian_tokens",
            "identifier": event.identifier,
            "payload": {"stripe_customer_id": customer.id, "value": "25"},
        },
    )
    assert again.code == "duplicate_meter_event"
    adjusted = client.v2.billing.meter_event_adjustments.create(
        {"event_name": "hypernian_tokens", "type": "cancel", "cancel": {"identifier": event.identifier}}
    )
    assert adjusted.cancel.identifier == event.identifier
    assert error(server.http("POST", "/v2/billing/meter_events", content=b"{nonsense"))["message"].startswith("Invalid JSON")


@pytest.mark.parametrize("path", ["/v1/customers/", "/v1/tax_rates//"])
def test_an_empty_id_is_refused(server: LocalStripe, path: str) -> None:
    """In Stripe's words: https://github.com/stripe/stripe-php/issues/598"""
    assert error(server.http("GET", path), 404)["message"] == (
        f"Unrecognized request URL (GET: {path}). If you are trying to list objects, remove the trailing slash. If you are "
        "trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. Please see "
        "https://stripe.com/docs or we can help at https://support.stripe.com/."
    )
