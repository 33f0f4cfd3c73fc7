"""What `policy --explain` makes of the judgements of the rules."""

from __future__ import annotations

import json
from typing import Any

from stripe_project.explaining import told


def judgement(name: str, rule: str, result: str, *why: str, **settings: Any) -> str:
    urn = f"urn:pulumi:dev::shop::stripe:components:Plan$pulumi-python:dynamic/stripe:Price::{name}"
    return json.dumps({"urn": urn, "rule": rule, "result": result, "why": why, "settings": settings})


JUDGEMENTS = "\n".join(
    [
        judgement("seat", "prices-have-a-product", "passed", "product comes from `seats`", unknown="warn"),
        judgement("seat", "amounts-are-sane", "violated", maximum={"*": 10}, unknown="warn"),
        judgement("other", "amounts-are-sane", "cannot be judged yet", "unit_amount is not known", unknown="warn"),
    ]
)
COUNTED = "2 resources under 2 rules: 1 passed, 1 violated, 1 cannot be judged yet."


def test_all_are_counted() -> None:
    assert told(JUDGEMENTS, None) == COUNTED
    assert told("", None) == "0 resources under 0 rules: 0 passed, 0 violated, 0 cannot be judged yet."


def test_one_resource_is_explained() -> None:
    assert told(JUDGEMENTS, "seat").splitlines() == [
        COUNTED,
        "",
        "Price seat",
        "  amounts-are-sane: violated",
        '    settings: maximum={"*": 10}, unknown="warn"',
        "  prices-have-a-product: passed",
        "    product comes from `seats`",
        '    settings: unknown="warn"',
    ]


def test_every_resource_is_explained() -> None:
    assert [line for line in told(JUDGEMENTS, "").splitlines() if line.startswith("Price")] == ["Price other", "Price seat"]


def test_a_name_that_no_resource_has() -> None:
    assert told(JUDGEMENTS, "sete").splitlines()[1:] == ["No rule looked at a resource sete; they looked at other, seat."]
