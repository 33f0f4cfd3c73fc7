"""What annotations mean; and that inputs are taken at every depth."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Required, TypedDict

import pytest

from stripe_resources import declare
from stripe_resources._core.values import schema
from stripe_resources.declare import Input
from tests.stack.program import run


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
        dict(declare.fields_of(Wrong))


PROGRAM = """
import pulumi
from stripe_resources import Price

eventually = pulumi.Output.from_input
Price(
    "p",
    currency=eventually("usd"),
    product=eventually("prod_1"),
    billing_scheme="tiered",
    tiers_mode="graduated",
    tiers=eventually([{"up_to": 10, "unit_amount": eventually(4)}, eventually({"up_to": "inf", "flat_amount": 1})]),
    recurring={"interval": eventually("month"), "usage_type": "metered", "meter": eventually("mtr_1")},
    currency_options={"eur": {"tiers": [{"up_to": eventually("inf"), "unit_amount": 3}]}},
    metadata={"a": eventually("1")},
)
"""


def test_inputs_are_taken_at_every_depth(tmp_path: Path) -> None:
    program = tmp_path / "__main__.py"
    program.write_text(PROGRAM)
    assert run("dev", program=program).resources["p"].inputs == {
        "currency": "usd",
        "product": "prod_1",
        "billing_scheme": "tiered",
        "tiers_mode": "graduated",
        "tiers": [{"up_to": 10, "unit_amount": 4}, {"up_to": "inf", "flat_amount": 1}],
        "recurring": {"interval": "month", "usage_type": "metered", "meter": "mtr_1"},
        "currency_options": {"eur": {"tiers": [{"up_to": "inf", "unit_amount": 3}]}},
        "metadata": {"a": "1"},
    }
