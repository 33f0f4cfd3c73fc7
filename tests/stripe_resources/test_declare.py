"""What annotations mean; and that inputs are taken at every depth."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import pulumi
import pytest
from typing_extensions import Required, TypedDict

from stripe_resources import declare
from stripe_resources._core import schema
from stripe_resources.declare import Input


class Inner(TypedDict, total=False):
    amount: Required[Annotated[Input[str], declare.DECIMAL]]


class Declared(TypedDict, total=False):
    name: Required[Annotated[Input[str], declare.Length(5), declare.IMMUTABLE]]
    kind: Annotated[Input[Literal["a", "b"]], declare.Default("a"), declare.ENFORCED]
    count: Annotated[Input[int], declare.Between(1, 9), declare.UNREADABLE]
    up_to: Input[Literal["inf"] | Annotated[int, declare.Between(1)]]
    inner: Annotated[Input[Sequence[Input[Inner]]], declare.Size(3, minimum=1)]
    by_key: Input[Mapping[Annotated[str, declare.Length(2)], Input[Inner]]]
    share: Annotated[Input[float], declare.UPDATE_ONLY]
    own_id: Annotated[Input[str], declare.Wire("id")]


def test_annotations_are_compiled() -> None:
    inner = schema.Object({"amount": schema.Field("amount", schema.DecimalText(), required=True)})
    assert declare.fields_of(Declared) == {
        "name": schema.Field("name", schema.Text(5), required=True, role=schema.Role.IMMUTABLE, only="create"),
        "kind": schema.Field("kind", schema.Enum(("a", "b")), default="a", enforced=True, unset=schema.Unset.DEFAULT),
        "count": schema.Field("count", schema.Integer(1, 9), readable=False),
        "up_to": schema.Field("up_to", schema.AnyOf((schema.Enum(("inf",)), schema.Integer(1)))),
        "inner": schema.Field("inner", schema.ListOf(inner, 3, 1)),
        "by_key": schema.Field("by_key", schema.MapOf(inner, schema.Text(2))),
        "share": schema.Field("share", schema.Number(), only="update"),
        "own_id": schema.Field("own_id", schema.Text(), wire="id"),
    }


def test_a_type_without_meaning_is_refused() -> None:
    class Wrong(TypedDict, total=False):
        data: Input[bytes]

    with pytest.raises(TypeError, match="no meaning for <class 'bytes'>"):
        declare.fields_of(Wrong)


class Recorded(pulumi.runtime.Mocks):
    def __init__(self) -> None:
        self.inputs: dict[str, Any] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.inputs[args.name] = args.inputs
        return f"{args.name}-id", args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], None]:
        return {}, None


def test_inputs_are_taken_at_every_depth() -> None:
    recorded = Recorded()
    pulumi.runtime.set_mocks(recorded, preview=False)

    @pulumi.runtime.test
    def program() -> Any:
        from stripe_resources import Price

        eventually = pulumi.Output.from_input
        return Price(
            "p",
            currency=eventually("usd"),
            product=eventually("prod_1"),
            billing_scheme="tiered",
            tiers_mode="graduated",
            tiers=eventually([{"up_to": 10, "unit_amount": eventually(4)}, eventually({"up_to": "inf", "flat_amount": 1})]),
            recurring={"interval": eventually("month"), "usage_type": "metered", "meter": eventually("mtr_1")},
            currency_options={"eur": {"tiers": [{"up_to": eventually("inf"), "unit_amount": 3}]}},
            metadata={"a": eventually("1")},
        ).id

    program()
    assert {k: v for k, v in recorded.inputs["p"].items() if not k.startswith("__")} == {
        "currency": "usd",
        "product": "prod_1",
        "billing_scheme": "tiered",
        "tiers_mode": "graduated",
        "tiers": [{"up_to": 10, "unit_amount": 4}, {"up_to": "inf", "flat_amount": 1}],
        "recurring": {"interval": "month", "usage_type": "metered", "meter": "mtr_1"},
        "currency_options": {"eur": {"tiers": [{"up_to": "inf", "unit_amount": 3}]}},
        "metadata": {"a": "1"},
    }
