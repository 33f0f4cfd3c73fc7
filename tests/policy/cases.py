"""Stacks that violate a rule, and stacks that satisfy it, as data.

`test_pack_process.py` plays them to the pack's own process. `program` renders them as Pulumi programs, for engines: a preview
must report exactly the violations (an `up` that skips its preview stops at the first).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

TEST_KEY = "sk_test_Case"
LIVE_KEY = "sk_live_Case"

DEV = {"hypernian:environment": "dev", "stripe:livemode": "false"}
STAGING = {"hypernian:environment": "staging", "stripe:livemode": "false"}
PROD = {"hypernian:environment": "prod", "stripe:livemode": "true"}


@dataclass(frozen=True)
class Id:
    """The id of another resource of the stack."""

    of: str


@dataclass(frozen=True)
class Resource:
    """One declared resource: Stripe's create parameters, any value of which may be (or hold) an `Id`."""

    kind: Literal["Meter", "Product", "Price", "Customer", "Subscription"]
    name: str
    props: Mapping[str, Any]
    protect: bool = False


@dataclass(frozen=True)
class Case:
    """One stack, and what the pack must say about it."""

    rule: str
    about: str
    resources: tuple[Resource, ...]
    config: Mapping[str, str]
    """The stack's configuration. The API key is given separately."""
    key: str = TEST_KEY
    """What STRIPE_API_KEY is set to; with `key_in_config`, the secret stripe:apiKey instead."""
    key_in_config: bool = False
    violations: tuple[tuple[str, str], ...] = field(default=())
    """(name of the resource, message without the rule's description); empty: the stack satisfies the rule."""

    @property
    def id(self) -> str:
        return f"{self.rule}: {self.about}"


METER = Resource(
    "Meter",
    "tokens-meter",
    {
        "display_name": "Tokens",
        "event_name": "tokens",
        "default_aggregation": {"formula": "sum"},
        "customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"},
        "value_settings": {"event_payload_key": "value"},
    },
)
PRODUCT = Resource("Product", "tokens-product", {"name": "Tokens"})
PRICE = Resource(
    "Price",
    "tokens-price",
    {
        "currency": "usd",
        "product": Id("tokens-product"),
        "unit_amount": 4,
        "billing_scheme": "per_unit",
        "recurring": {"interval": "month", "usage_type": "metered", "meter": Id("tokens-meter")},
        "transform_quantity": {"divide_by": 100, "round": "up"},
        "lookup_key": "tokens_monthly",
    },
)
CATALOGUE = (METER, PRODUCT, PRICE)
CUSTOMERS = (
    Resource("Customer", "john", {"name": "John Doe", "email": "john.doe@example.com"}),
    Resource(
        "Subscription",
        "johns",
        {
            "customer": Id("john"),
            "items": [{"price": Id("tokens-price")}],
            "collection_method": "send_invoice",
            "days_until_due": 30,
        },
    ),
)


def _protected(*resources: Resource) -> tuple[Resource, ...]:
    return tuple(replace(resource, protect=True) for resource in resources)


def _price(**changes: Any) -> Resource:
    """The price with other parameters; one that is None is left out."""
    props = {**PRICE.props, **changes}
    return replace(PRICE, props={key: value for key, value in props.items() if value is not None})


_NO_CUSTOMERS = "Declare test customers in dev or staging only; the application makes the real ones."
_PROTECT = "protect is false in a production stack. Declare it with opts=pulumi.ResourceOptions(protect=True)."
_TEST_KEY_REMEDY = "to a test key (sk_test_… or rk_test_…); or, if this is production, set stripe:livemode to true."
_LIVE_KEY_REMEDY = (
    "to a live key (sk_live_… or rk_live_…) and stripe:livemode to true; or, if this is not production, set "
    "stripe:livemode to false and hypernian:environment to dev or staging."
)

CASES = (
    Case(
        "metered-prices-have-a-meter",
        "the meter of the stack",
        CATALOGUE,
        DEV,
    ),
    Case(
        "metered-prices-have-a-meter",
        "the id of a meter that the stack does not declare",
        (
            METER,
            PRODUCT,
            _price(recurring={"interval": "month", "usage_type": "metered", "meter": "mtr_test_elsewhere"}),
        ),
        DEV,
        violations=(
            (
                "tokens-price",
                "Price \"tokens-price\": recurring.meter is 'mtr_test_elsewhere' and does not come "
                "from a meter "
                "declared in this stack. Declare a Meter in this stack and pass its id: "
                'recurring={..., "meter": meter.id}.',
            ),
        ),
    ),
    Case(
        "prices-have-a-lookup-key",
        "a lookup key",
        (PRODUCT, _price(recurring={"interval": "month"})),
        STAGING,
    ),
    Case(
        "prices-have-a-lookup-key",
        "no lookup key",
        (PRODUCT, _price(recurring={"interval": "month"}, lookup_key=None)),
        STAGING,
        violations=(
            (
                "tokens-price",
                'Price "tokens-price": lookup_key is not set. Set a name that outlives this '
                "price, for instance "
                'lookup_key="hypernian_tokens_monthly".',
            ),
        ),
    ),
    Case(
        "production-has-no-customers",
        "a customer and a subscription in dev",
        (*CATALOGUE, *CUSTOMERS),
        DEV,
    ),
    Case(
        "production-has-no-customers",
        "a customer and a subscription in prod",
        (*_protected(*CATALOGUE), *CUSTOMERS),
        PROD,
        key=LIVE_KEY,
        violations=(
            ("john", f'Customer "john": the stack is production. {_NO_CUSTOMERS}'),
            ("johns", f'Subscription "johns": the stack is production. {_NO_CUSTOMERS}'),
        ),
    ),
    Case(
        "live-keys-only-in-production",
        "a test key in staging",
        (PRODUCT,),
        STAGING,
        key_in_config=True,
    ),
    Case(
        "live-keys-only-in-production",
        "a live key in prod",
        _protected(PRODUCT),
        PROD,
        key=LIVE_KEY,
        key_in_config=True,
    ),
    Case(
        "live-keys-only-in-production",
        "a live key in dev",
        (PRODUCT,),
        DEV,
        key=LIVE_KEY,
        violations=(
            (
                "default",
                'Provider "default": STRIPE_API_KEY is a live key (sk_live_…) in a stack '
                "that is not production. "
                f"Set STRIPE_API_KEY {_TEST_KEY_REMEDY}",
            ),
        ),
    ),
    Case(
        "live-keys-only-in-production",
        "a test key in prod",
        _protected(PRODUCT),
        PROD,
        key_in_config=True,
        violations=(
            (
                "default",
                'Provider "default": stripe:apiKey is a test key (sk_test_…) in a stack that is production. '
                f"Set stripe:apiKey {_LIVE_KEY_REMEDY}",
            ),
        ),
    ),
    Case(
        "production-catalogue-is-protected",
        "everything protected in prod",
        _protected(*CATALOGUE),
        PROD,
        key=LIVE_KEY,
    ),
    Case(
        "production-catalogue-is-protected",
        "nothing protected in prod",
        CATALOGUE,
        PROD,
        key=LIVE_KEY,
        violations=(
            ("tokens-meter", f'Meter "tokens-meter": {_PROTECT}'),
            ("tokens-product", f'Product "tokens-product": {_PROTECT}'),
            ("tokens-price", f'Price "tokens-price": {_PROTECT}'),
        ),
    ),
)


def program(case: Case) -> str:
    """The stack of a case as the text of a `__main__.py` that uses `stripe_resources`."""
    lines = ["import pulumi", "import stripe_resources as stripe", ""]
    for resource in case.resources:
        arguments = [
            repr(resource.name),
            *(f"{key}={_source(value)}" for key, value in resource.props.items()),
        ]
        if resource.protect:
            arguments.append("opts=pulumi.ResourceOptions(protect=True)")
        lines.append(f"{_variable(resource.name)} = stripe.{resource.kind}({', '.join(arguments)})")
    return "\n".join(lines) + "\n"


def _source(value: Any) -> str:
    if isinstance(value, Id):
        return f"{_variable(value.of)}.id"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_source(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_source(item) for item in value) + "]"
    return repr(value)


def _variable(name: str) -> str:
    return name.replace("-", "_")
