"""Payment method configurations: the default one, preferences and their values, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LIVE_KEY, LocalStripe
from tests.stripe_local.shapes import check, plain

DEFAULT = "pmc_local_default"


def prefer(preference: str) -> Any:
    return {"display_preference": {"preference": preference}}


def shown(preference: str, value: str) -> dict[str, Any]:
    display = {"overridable": None, "preference": preference, "value": value}
    return {"available": value == "on", "display_preference": display}


def test_there_is_a_default_configuration(client: StripeClient) -> None:
    (listed,) = client.v1.payment_method_configurations.list().data
    assert listed == client.v1.payment_method_configurations.retrieve(DEFAULT)
    found = plain(listed)
    assert (found["id"], found["name"], found["is_default"], found["active"]) == (DEFAULT, "Default", True, True)
    assert (found["card"], found["affirm"]) == (shown("on", "on"), shown("off", "off"))
    assert client.v1.payment_method_configurations.list({"active": False}).data == []
    assert client.v1.payment_method_configurations.list({"application": "ca_x"}).data == []


def test_a_new_configuration_has_all_fields_and_no_others(client: StripeClient) -> None:
    made = client.v1.payment_method_configurations.create({"name": "Later", "affirm": prefer("on"), "card": prefer("off")})
    found = plain(made)
    check(found, stripe.PaymentMethodConfiguration)
    assert found["id"].startswith("pmc_")
    assert (found["name"], found["is_default"], found["parent"], found["application"]) == ("Later", False, None, None)
    assert (found["affirm"], found["card"]) == (shown("on", "on"), shown("off", "off"))
    assert (found["link"], found["klarna"]) == (shown("none", "on"), shown("none", "off"))


def test_an_update_keeps_what_is_not_sent(client: StripeClient) -> None:
    v1 = client.v1.payment_method_configurations
    id = v1.create({"name": "Later", "affirm": prefer("on"), "klarna": prefer("on")}).id
    found = plain(v1.update(id, {"name": "Now", "affirm": prefer("none"), "card": {}, "active": False}))
    assert (found["name"], found["active"]) == ("Now", False)
    assert (found["affirm"], found["klarna"], found["card"]) == (shown("none", "off"), shown("on", "on"), shown("none", "on"))
    assert plain(v1.retrieve(id)) == found
    assert [configuration.id for configuration in v1.list({"active": False}).data] == [id]


def test_the_default_one_is_listed_after_the_others(client: StripeClient) -> None:
    v1 = client.v1.payment_method_configurations
    made = [v1.create({"name": name}).id for name in "ab"]
    assert [found.id for found in v1.list({"limit": 1}).auto_paging_iter()] == [made[1], made[0], DEFAULT]
    assert [found.id for found in v1.list({"application": ""}).data] == [made[1], made[0], DEFAULT]


def test_the_default_one_can_be_changed_and_stays_active(client: StripeClient, server: LocalStripe) -> None:
    v1 = client.v1.payment_method_configurations
    v1.update(DEFAULT, {"affirm": prefer("on")})
    found = plain(v1.retrieve(DEFAULT))
    assert (found["affirm"], found["card"], found["name"]) == (shown("on", "on"), shown("on", "on"), "Default")
    error = refusal(v1.update, DEFAULT, {"active": False})
    assert (error.param, error.http_status) == ("active", 400)
    live = server.client(LIVE_KEY).v1.payment_method_configurations.retrieve(DEFAULT)
    assert (live.livemode, plain(live)["affirm"]) == (True, shown("off", "off"))


PREFERENCE = "affirm[display_preference][preference]"


@pytest.mark.parametrize(
    ("params", "param", "message"),
    [
        ({}, "name", "Missing required param: name."),
        ({"name": "a" * 101}, "name", "Invalid string: aaaaaaa...aaaaaaa; must be at most 100 characters"),
        ({"name": "a", "affirm": prefer("yes")}, PREFERENCE, f"Invalid {PREFERENCE}: must be one of none, off, or on"),
        ({"name": "a", "cheque": prefer("on")}, "cheque", "Received unknown parameter: cheque"),
        ({"name": "a", "active": False}, "active", "Received unknown parameter: active"),
        (
            {"name": "a", "affirm": {"available": True}},
            "affirm[available]",
            "Received unknown parameter: affirm[available]",
        ),
        (
            {"name": "a", "parent": "pmc_x"},
            "parent",
            "The parameter 'parent' is not supported here: connected accounts do not exist here.",
        ),
    ],
)
def test_what_is_refused(client: StripeClient, params: Any, param: str, message: str) -> None:
    error = refusal(client.v1.payment_method_configurations.create, params)
    assert (error.param, error.user_message, error.http_status) == (param, message, 400)


def test_there_is_no_such_configuration_and_none_is_deleted(client: StripeClient, server: LocalStripe) -> None:
    error = refusal(client.v1.payment_method_configurations.retrieve, "pmc_x")
    message = "No such payment_method_configuration: 'pmc_x'"
    assert (error.user_message, error.code, error.http_status) == (message, "resource_missing", 404)
    assert server.http("DELETE", f"/v1/payment_method_configurations/{DEFAULT}").status_code == 404
