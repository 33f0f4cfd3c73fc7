"""What engines cannot carry is taken exactly, or refused by its field; what is secret is in no message."""

from __future__ import annotations

import asyncio
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pulumi import Output, RunError

from stripe_client.settings import Settings
from stripe_resources._core.handler import connect
from stripe_resources.carrying import carried, secret_places
from stripe_resources.checking import failures_of
from stripe_resources.register import KINDS
from stripe_resources.testing import run as run_program
from tests.stripe_local.server import LocalStripe

from .run import Run

HIDDEN = "hunter2-hidden"
PRICE = {"product": "prod_x", "currency": "usd", "recurring": {"interval": "month"}}
TIERS = {**PRICE, "billing_scheme": "tiered", "tiers_mode": "graduated"}
COUPON = {"duration": "once", "percent_off": 5}
ITEMS = {"customer": "cus_x", "items": [{"price": "price_x"}]}
NEW_YEAR = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
LAST = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)


def later(value: Any) -> Any:
    """Stands for an output of that value, which takes a running loop to make."""
    return lambda: Output.from_input(value)


def secret(value: Any) -> Any:
    return lambda: Output.secret(value)


def made(value: Any) -> Any:
    if callable(value):
        return value()
    if isinstance(value, dict):
        return {k: made(v) for k, v in value.items()}
    return [made(v) for v in value] if isinstance(value, list) else value


def inputs_of(kind: str, args: dict[str, Any]) -> dict[str, Any]:
    """What an engine tells the provider of these arguments: secrets in plain."""

    async def resolved() -> dict[str, Any]:
        props, found = carried(KINDS[f"stripe:{kind}"].schema.fields, made(args))
        places = await secret_places(found)
        inputs: Any = await Output.from_input(props).future()
        return {**inputs, **({"__secrets": places} if places else {})}

    return asyncio.run(resolved())


def refusal(kind: str, args: dict[str, Any]) -> str:
    """What the provider says is wrong; a component, and a unit test, say the same."""
    inputs = inputs_of(kind, args)
    settings = Settings("sk_test_x", "http://127.0.0.1:9", livemode=False)
    (found,) = connect(settings, KINDS)(f"stripe:{kind}").check({}, inputs)[1]
    assert [found] == failures_of(kind, inputs)
    return str(found)


@pytest.mark.parametrize(
    ("kind", "args", "path", "taken"),
    [
        ("Price", {**PRICE, "unit_amount_decimal": Decimal("0.04")}, ["unit_amount_decimal"], "0.04"),
        ("Price", {**PRICE, "unit_amount_decimal": Decimal("1E-7")}, ["unit_amount_decimal"], "0.0000001"),
        ("Price", {**PRICE, "unit_amount_decimal": Decimal("12345678901234567.000000000001")}, ["unit_amount_decimal"], None),
        ("Price", {**PRICE, "unit_amount_decimal": later(Decimal("0.04"))}, ["unit_amount_decimal"], "0.04"),
        ("Price", {**PRICE, "unit_amount_decimal": lambda: asyncio.sleep(0, Decimal("0.04"))}, ["unit_amount_decimal"], "0.04"),
        ("Price", {**PRICE, "unit_amount": Decimal("4.00")}, ["unit_amount"], 4),
        ("Price", {**TIERS, "tiers": [{"up_to": "inf", "unit_amount_decimal": Decimal("0.5")}]}, ["tiers", 0], None),
        ("Price", {**TIERS, "tiers": later([{"up_to": "inf", "unit_amount_decimal": Decimal("0.5")}])}, ["tiers", 0], None),
        (
            "Price",
            {**PRICE, "unit_amount": 1, "currency_options": {"eur": {"unit_amount_decimal": Decimal("0.9")}}},
            ["currency_options", "eur", "unit_amount_decimal"],
            "0.9",
        ),
        ("Coupon", {**COUPON, "percent_off": Decimal("12.5")}, ["percent_off"], 12.5),
        ("Coupon", {**COUPON, "redeem_by": NEW_YEAR}, ["redeem_by"], 1893456000),
        ("Coupon", {**COUPON, "redeem_by": dt.datetime.fromisoformat("2030-01-01T02:00:00+02:00")}, ["redeem_by"], 1893456000),
        ("Coupon", {**COUPON, "redeem_by": LAST}, ["redeem_by"], 253402300799),
        ("Subscription", {**ITEMS, "trial_end": later(NEW_YEAR)}, ["trial_end"], 1893456000),
    ],
)
def test_decimals_and_times_are_taken_exactly(kind: str, args: dict[str, Any], path: list[Any], taken: object) -> None:
    inputs = inputs_of(kind, args)
    assert failures_of(kind, inputs) == []
    found: Any = inputs
    for step in path:
        found = found[step]
    default = {"unit_amount_decimal": "12345678901234567.000000000001", "tiers": {"up_to": "inf", "unit_amount_decimal": "0.5"}}
    assert found == (default[path[0]] if taken is None else taken)


DECIMAL = 'give a decimal as a string, such as "0.5", or as a Decimal'
TIME = "give Unix seconds, or a datetime with a time zone and of whole seconds"


@pytest.mark.parametrize(
    ("kind", "args", "said"),
    [
        ("Price", {**PRICE, "unit_amount": Decimal("0.04")}, "unit_amount: is Decimal('0.04'); give a whole number of minor "),
        ("Price", {**PRICE, "unit_amount": 0.04}, "unit_amount: is 0.04; give a whole number of minor currency units"),
        ("Price", {**PRICE, "unit_amount_decimal": 0.04}, "unit_amount_decimal: 0.04 is a number; money is exact, so give it as"),
        ("Price", {**PRICE, "unit_amount_decimal": Decimal("NaN")}, f"unit_amount_decimal: is Decimal('NaN'); {DECIMAL}"),
        ("Price", {**PRICE, "unit_amount_decimal": Decimal("1e999999999")}, "unit_amount_decimal: is Decimal('1E+999999999'); "),
        ("Price", {**PRICE, "unit_amount_decimal": "1e999999999"}, f"unit_amount_decimal: is '1e999999999'; {DECIMAL}"),
        ("Price", {**PRICE, "unit_amount": 10**400}, "unit_amount: is 1000"),
        ("Price", {**PRICE, "unit_amount": 1, "nickname": Decimal(1)}, "nickname: is Decimal('1'); give a string"),
        ("Price", {**PRICE, "unit_amount": 1, "nickname": b"x"}, "nickname: is b'x'; give a string"),
        ("Price", {**PRICE, "unit_amount": 1, "nickname": "\ud800"}, "nickname: is '\\ud800'; give a string"),
        ("Price", {**PRICE, "unit_amount": 1, "metadata": {"a": {1}}}, 'metadata["a"]: is {1}; give a string'),
        ("Price", {**PRICE, "unit_amount": 1, "metadata": {1: "a"}}, "metadata: is {1: 'a'}; give a map"),
        ("Price", {**TIERS, "tiers": {1}}, "tiers: is {1}; give a list"),
        ("Price", {**TIERS, "tiers": [b""]}, "tiers[0]: is b''; give an object with up_to"),
        ("Customer", {"address": frozenset()}, "address: is frozenset(); give an object with"),
        ("Customer", {"adress": Decimal(1)}, "adress: Stripe has no such field; did you mean `address`?"),
        ("Coupon", {**COUPON, "percent_off": Decimal(101)}, "percent_off: 101.0 is too large; give 100 or less"),
        (
            "Coupon",
            {**COUPON, "redeem_by": dt.datetime(2030, 1, 1)},
            f"redeem_by: is datetime.datetime(2030, 1, 1, 0, 0); {TIME}",
        ),
        ("Coupon", {**COUPON, "redeem_by": dt.date(2030, 1, 1)}, f"redeem_by: is datetime.date(2030, 1, 1); {TIME}"),
        ("Coupon", {**COUPON, "redeem_by": later(LAST.replace(microsecond=1))}, "redeem_by: is datetime.datetime(9999, 12, 31, "),
    ],
)
def test_what_cannot_be_carried_is_refused_by_its_field(kind: str, args: dict[str, Any], said: str) -> None:
    assert refusal(kind, args).startswith(said)


def test_a_component_is_told_the_same_of_what_is_not_carried_yet() -> None:
    assert failures_of("Price", {**PRICE, "unit_amount_decimal": Decimal("0.04")}) == []
    (failure,) = failures_of("Price", {**PRICE, "unit_amount_decimal": Decimal("-0.04")})
    assert str(failure) == "unit_amount_decimal: -0.04 is too small; give 0 or more"


PROGRAM = """
from decimal import Decimal
from pulumi import Output
from stripe_resources import Customer, Price
Price("price", product="prod_x", currency="usd", unit_amount_decimal=Decimal("0.04"))
Customer("customer", name=Output.secret("Jane"))
"""


def test_a_program(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    declared = run_program("dev", tmp_path).resources
    assert declared["price"].inputs["unit_amount_decimal"] == "0.04"
    assert declared["customer"].internal["__secrets"] == [["name"]]
    assert declared["price"].internal.get("__secrets") is None


@pytest.mark.parametrize(
    "declared", ['Product(5, name="x")', 'Product("", name="x")', 'Product("\\ud800", name="x")', "UsageBasedPlan(None)"]
)
def test_what_has_no_name_is_named_by_the_programs_own_line(declared: str, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    imports = "from stripe_components import UsageBasedPlan\nfrom stripe_resources import Product\n"
    (tmp_path / "__main__.py").write_text(f"{imports}def make():\n    {declared}\nmake()\n")
    with pytest.raises(RunError) as refused:
        run_program("dev", tmp_path)
    kind = declared.split("(")[0]
    said = f"__main__.py, line 4: the first argument of {kind} is the resource's name: give a string of whole characters"
    assert str(refused.value).endswith(said)


# -- secrets


@pytest.mark.parametrize(
    ("kind", "args", "said"),
    [
        ("Customer", {"email": secret(HIDDEN)}, "email: is '[secret]'; give "),
        ("Customer", {"email": secret(HIDDEN * 20)}, "email: is '[secret]… (282 characters); give "),
        ("Customer", {"email": secret(f"a'b {HIDDEN}")}, 'email: is "[secret]"; give '),
        ("Customer", {"address": {"country": secret(HIDDEN)}}, "address.country: is '[secret]'; give "),
        ("Customer", {"address": secret({"country": HIDDEN})}, "address.country: is '[secret]'; give "),
        ("Customer", {"address": secret(["x" * 70, HIDDEN])}, "address: is ['[secret]', '[secret]…"),
        ("Customer", {"metadata": {"a": secret([HIDDEN])}}, "metadata[\"a\"]: is ['[secret]']; give a string"),
        ("Customer", {"preferred_locales": ["de", secret({"a": HIDDEN})]}, "preferred_locales[1]: is {'a': '[secret]'}; give "),
        ("Price", {**PRICE, "unit_amount": secret(-5)}, "unit_amount: [secret] is too small; give 0 or more"),
        ("Price", {**PRICE, "unit_amount_decimal": secret("-0.0400")}, "unit_amount_decimal: [secret] is too small; give 0 or"),
        ("Price", {**PRICE, "unit_amount": 1, "nickname": secret(True)}, "nickname: is [secret]; give a string"),
        ("Coupon", {**COUPON, "redeem_by": secret(dt.datetime(2031, 1, 1))}, "redeem_by: is [secret]; give Unix seconds"),
    ],
)
def test_no_message_shows_what_is_secret(kind: str, args: dict[str, Any], said: str) -> None:
    found = refusal(kind, args)
    assert found.startswith(said)
    assert "hunter" not in found


def test_what_stripe_says_of_a_secret_is_masked_too(server: LocalStripe) -> None:
    body = {"error": {"message": f"Invalid name: {HIDDEN}", "type": "invalid_request_error", "param": "name"}}
    server.fault(match={"method": "POST", "path": "/v1/customers"}, status=400, body=body)
    inputs = {"name": HIDDEN, "__owner": "p/dev/Customer/it", "__secrets": [["name"]]}
    with pytest.raises(Exception, match=r"Invalid name: \[secret\] \(HTTP 400"):
        Run(server).handler("Customer").create(inputs)
