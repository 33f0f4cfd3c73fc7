from __future__ import annotations

import os
import string
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_policy.live_keys_only_in_production import policy
from tests.stripe_policy.arguments import PROVIDER, UNKNOWN, declared, report_of
from tests.stripe_policy.cases import DEV, PROD, STAGING

TEST_KEYS = ["sk_test_Abc123", "rk_test_Abc123"]
LIVE_KEYS = ["sk_live_Abc123", "rk_live_Abc123"]


def report(config: dict[str, str], *, variable: str = "", secret: str = "") -> list[str]:
    """What the rule says of a provider with an API key in the environment, in its configuration, or both."""
    props = {**config, **({"stripe:apiKey": secret} if secret else {})}
    environment = {"STRIPE_API_KEY": variable} if variable else {}
    with mock.patch.dict(os.environ, environment):
        return report_of(policy, declared(PROVIDER, props, name="default"))


RIGHT = [(config, key) for config in (DEV, STAGING, {}) for key in TEST_KEYS] + [(PROD, key) for key in LIVE_KEYS]
WRONG = [(config, key) for config in (DEV, STAGING, {}) for key in LIVE_KEYS] + [(PROD, key) for key in TEST_KEYS]


@pytest.mark.parametrize(("config", "key"), RIGHT)
def test_a_key_of_the_right_mode(config: dict[str, str], key: str) -> None:
    assert report(config, variable=key) == []
    assert report(config, secret=key) == []
    assert report(config, variable=key, secret=key) == []


@pytest.mark.parametrize(("config", "key"), WRONG)
def test_a_key_of_the_wrong_mode(config: dict[str, str], key: str) -> None:
    [of_variable] = report(config, variable=key)
    [of_secret] = report(config, secret=key)
    assert of_variable.startswith('Provider "default": STRIPE_API_KEY is a ')
    assert of_secret.startswith('Provider "default": stripe:apiKey is a ')
    assert all(f"{key[:8]}…" in message and "Abc123" not in message for message in (of_variable, of_secret))


def test_a_live_key_at_rest_is_refused_even_where_the_variable_wins() -> None:
    assert report(DEV, variable=TEST_KEYS[0], secret=LIVE_KEYS[0]) == [
        'Provider "default": stripe:apiKey is a live key (sk_live_…) in a stack that is not production. Set '
        "stripe:apiKey to a test key (sk_test_… or rk_test_…); or, if this is "
        "production, set stripe:livemode to true."
    ]


@pytest.mark.parametrize("config", [DEV, PROD], ids=["dev", "prod"])
@pytest.mark.parametrize("key", ["pk_live_Abc123", "pk_test_Abc123", "whsec_Abc123", "Abc123", "SK_LIVE_Abc123"])
def test_what_is_no_api_key(config: dict[str, str], key: str) -> None:
    [message] = report(config, variable=key)
    assert message.startswith('Provider "default": STRIPE_API_KEY is neither a secret nor a restricted key of Stripe\'s')
    assert "Abc123" not in message


@pytest.mark.parametrize("key", ["", "   ", "[secret]", UNKNOWN], ids=["none", "blank", "masked", "unknown"])
@pytest.mark.parametrize("config", [DEV, PROD], ids=["dev", "prod"])
def test_no_key_to_look_at(config: dict[str, str], key: str) -> None:
    assert report(config, secret=key) == []


def test_white_space_around_a_key_does_not_hide_its_mode() -> None:
    assert len(report(DEV, variable=f" {LIVE_KEYS[0]}\n")) == 1
    assert report(DEV, variable=f" {TEST_KEYS[0]}\n") == []


def test_a_key_is_reported_once_and_not_for_every_resource() -> None:
    with mock.patch.dict(os.environ, {"STRIPE_API_KEY": LIVE_KEYS[0]}):
        assert report_of(policy, declared("Price", {}, config={**DEV, "stripe:apiKey": LIVE_KEYS[0]})) == []


@given(
    prefix=st.sampled_from(["", "sk_test_", "sk_live_", "rk_test_", "rk_live_", "pk_live_", "sk_org_", "whsec_"]),
    secret=st.text(string.ascii_uppercase + string.digits, min_size=16),
    config=st.sampled_from([DEV, STAGING, PROD]),
)
def test_no_message_ever_holds_a_key(prefix: str, secret: str, config: dict[str, str]) -> None:
    messages = report(config, variable=prefix + secret, secret=prefix + secret)
    assert not any(secret in message for message in messages)
