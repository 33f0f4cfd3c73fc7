"""The front: the pickled provider is part of every state, and numbers and unknowns cross the border unharmed."""

import base64
import pickle
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pulumi.dynamic import Config, ConfigureRequest
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.output import Unknown

from stripe_resources.provider import StripeProvider, load
from stripe_resources.register import KINDS
from tests.sampling import short
from tests.stripe_resources.kinds.test_meter import METER
from tests.stripe_resources.kinds.test_price import PRICE

ROOT = Path(__file__).parents[2]


def pickled(token: str, protocol: int = pickle.DEFAULT_PROTOCOL) -> str:
    """What is in the states of users: the call `stripe_resources.provider.load(token)`, in base64.

    A change here makes their stacks unreadable: there is no reason that is good enough. The SDK pickles in Python's default
    protocol, which is 5 from Python 3.14 on and 4 before; all that it changes is the number.
    """
    call = b"\x8c\x19stripe_resources.provider\x94\x8c\x04load\x94\x93\x94"
    argument = b"\x8c" + bytes([len(token)]) + token.encode() + b"\x94\x85\x94R\x94."
    return base64.b64encode(bytes([0x80, protocol, 0x95]) + struct.pack("<Q", len(call + argument)) + call + argument).decode()


@pytest.fixture(params=sorted(KINDS))
def token(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_pickle_that_is_in_states_since_the_beginning() -> None:
    state = "gASVOQAAAAAAAACMGXN0cmlwZV9yZXNvdXJjZXMucHJvdmlkZXKUjARsb2FklJOUjAxzdHJpcGU6TWV0ZXKUhZRSlC4="
    assert pickled("stripe:Meter", protocol=4) == state


def test_the_pickle_is_a_constant(token: str) -> None:
    provider = StripeProvider(token)
    assert serialize_provider(provider) == pickled(token)
    provider.configure(ConfigureRequest(Config({"stripe:apiKey": "sk_test_x"}, "p")))
    assert serialize_provider(provider) == pickled(token), "whatever the provider holds"


def test_the_pickle_is_small_and_holds_no_code(token: str) -> None:
    raw = base64.b64decode(pickled(token))
    assert len(raw) < 100
    assert str(ROOT).encode() not in raw


@pytest.mark.parametrize("token", short(sorted(KINDS), 6, str))
def test_the_pickle_alone_finds_its_kind(token: str) -> None:
    """A provider host begins with it, in an interpreter that has imported nothing else."""
    code = (
        f"import base64, dill; provider = dill.loads(base64.b64decode({pickled(token)!r})); "
        "print(type(provider).__qualname__, len(provider.check({}, {'unknown': 1}).failures) > 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env={"PATH": ""}, check=False)
    assert (done.stdout, done.stderr) == ("StripeProvider True\n", "")


def test_it_is_no_secret() -> None:
    assert load("stripe:Meter").serialize_as_secret_always is False


def configured(token: str, **config: str) -> StripeProvider:
    provider = load(token)
    provider.configure(ConfigureRequest(Config({"stripe:apiKey": "sk_test_x", **config}, "p")))
    return provider


def test_numbers_that_pulumi_carries_as_doubles_are_whole_again() -> None:
    wire: dict[str, Any] = {**PRICE, "unit_amount": 4.0, "transform_quantity": {"divide_by": 100.0, "round": "up"}}
    result = configured("stripe:Price").check({}, wire)
    assert result.failures == []
    assert type(result.inputs["unit_amount"]) is int
    assert type(result.inputs["transform_quantity"]["divide_by"]) is int


def test_unknowns_stay_unknown() -> None:
    wire = {**PRICE, "product": Unknown()}  # type: ignore[no-untyped-call]
    result = configured("stripe:Price").check({}, wire)
    assert result.failures == []
    assert isinstance(result.inputs["product"], Unknown)


def test_failures_name_the_field_and_not_the_serialised_value() -> None:
    failures = configured("stripe:Price").check({}, {**PRICE, "currency": "USD"}).failures
    assert [(f.property, f.reason.partition(":")[0]) for f in failures] == [("", "currency")]


def test_a_wrong_key_is_a_failure_of_every_check_and_is_not_shown() -> None:
    failures = configured("stripe:Meter", **{"stripe:apiKey": "sk_live_s3cret"}).check({}, METER).failures
    assert len(failures) == 1
    assert "live key" in failures[0].reason
    assert "s3cret" not in failures[0].reason


def test_a_traceback_limit_is_set_in_the_provider_host_only() -> None:
    configured("stripe:Meter")
    assert not hasattr(sys, "tracebacklimit")
