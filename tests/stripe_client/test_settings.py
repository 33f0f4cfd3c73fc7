"""Which account, which mode, which key; and that no message shows a key."""

import pytest

from stripe_client.settings import LOCAL_KEY, Settings, load

SECRET = "s3cretS3cret"


def settings(config: dict[str, str] | None = None, **environment: str) -> Settings:
    return load((config or {}).get, environment)


def test_the_environment_wins() -> None:
    config = {"stripe:apiKey": "sk_test_config", "stripe:apiBase": "https://config.example"}
    found = settings(config, STRIPE_API_KEY="rk_test_env", STRIPE_API_BASE="https://env.example/")
    assert (found.api_key, found.api_base, found.problems) == ("rk_test_env", "https://env.example", ())


def test_the_default_is_stripe() -> None:
    found = settings({"stripe:apiKey": "sk_test_x"})
    assert (found.api_base, found.livemode, found.account, found.problems) == ("https://api.stripe.com", False, "", ())


def test_the_local_stripe_needs_no_key() -> None:
    found = settings({"stripe:apiBase": "http://127.0.0.1:12111"})
    assert (found.api_key, found.problems) == (LOCAL_KEY, ())


@pytest.mark.parametrize(
    ("config", "environment", "says"),
    [
        ({}, {}, "stripe:apiKey is not set"),
        ({"stripe:apiKey": f"sk_live_{SECRET}"}, {}, "holds a live key, but this stack is not a live one"),
        ({"stripe:apiKey": "sk_test_x"}, {"STRIPE_API_KEY": f"rk_live_{SECRET}"}, "STRIPE_API_KEY holds a live key"),
        ({"stripe:apiKey": f"sk_test_{SECRET}", "stripe:livemode": "true"}, {}, "holds a test key, but this stack says"),
        ({"stripe:apiKey": f"pk_test_{SECRET}"}, {}, "does not hold a secret or restricted key"),
        ({"stripe:apiKey": f"sk_org_{SECRET}"}, {}, "does not hold a secret or restricted key"),
        ({"stripe:apiKey": f"{SECRET}"}, {}, "does not hold a secret or restricted key"),
        ({"stripe:apiKey": "sk_test_x", "stripe:livemode": "yes"}, {}, 'stripe:livemode: "yes" is neither true nor false'),
        ({"stripe:apiKey": "sk_test_x", "stripe:account": "me"}, {}, 'stripe:account: "me" is not an account id'),
        ({"stripe:apiKey": "sk_test_x", "stripe:requestsPerSecond": "0"}, {}, '"0" is not a number above 0'),
        ({"stripe:apiKey": "sk_test_x", "stripe:requestsPerSecond": "many"}, {}, '"many" is not a number above 0'),
        ({"stripe:apiKey": "sk_test_x", "stripe:apiBase": "stripe"}, {}, 'stripe:apiBase: "stripe" is not an address'),
        ({"stripe:apiKey": "sk_test_x", "stripe:apiBase": "http://[::1"}, {}, "is not an address"),
        ({"stripe:apiKey": "sk_test_x", "stripe:apiBase": "http://example.com"}, {}, "in clear"),
    ],
)
def test_wrong_settings_are_named(config: dict[str, str], environment: dict[str, str], says: str) -> None:
    found = settings(config, **environment)
    assert len(found.problems) == 1
    assert says in found.problems[0]
    assert SECRET not in repr(found)
    assert SECRET not in " ".join(found.problems)


def test_all_problems_are_reported_together() -> None:
    assert len(settings({"stripe:apiBase": "nowhere", "stripe:livemode": "maybe", "stripe:account": "x"}).problems) == 4


@pytest.mark.parametrize(
    ("config", "rate"), [({}, 25), ({"stripe:livemode": "true"}, 100), ({"stripe:requestsPerSecond": "12.5"}, 12.5)]
)
def test_requests_are_limited_as_stripe_limits_them(config: dict[str, str], rate: float) -> None:
    assert settings(config).requests_per_second == rate
