"""What is taken for a preview, and what is not."""

from __future__ import annotations

import json

import pytest

from stripe_impact.errors import ImpactError
from stripe_impact.reading.preview import read
from tests.stripe_impact.previews import METER, PRICE, UNKNOWN, Change, text

DEARER = {**PRICE, "unit_amount": 5}
REPLACED = Change("replace", "Price", "tokens", "price_old", PRICE, DEARER)
FORMS = pytest.mark.parametrize("streaming", [False, True], ids=["object", "events"])


@FORMS
def test_steps(streaming: bool) -> None:
    retained = Change("delete", "Price", "kept", "price_kept", PRICE, more={"retainOnDelete": True})
    preview = read(text(REPLACED, Change("create", "Meter", "images", new=METER), retained, streaming=streaming))
    assert (preview.project, preview.stack) == ("shop", "dev")
    assert preview.config == {"stripe:apiBase": "http://127.0.0.1:1"}
    assert preview.complete is streaming
    assert [(s.op, s.kind, s.name, s.id, s.retained) for s in preview.steps] == [
        ("replace", "Price", "tokens", "price_old", False),
        ("create", "Meter", "images", "", False),
        ("delete", "Price", "kept", "price_kept", True),
    ]
    price = preview.steps[0]
    assert (price.old, price.new) == (PRICE, DEARER), "without what is internal"


@FORMS
def test_an_interrupted_replacement_is_a_retirement_of_its_own(streaming: bool) -> None:
    pending = Change("delete", "Price", "tokens", "price_older", PRICE, more={"delete": True})
    steps = read(text(REPLACED, pending, streaming=streaming)).steps
    assert [(s.op, s.id, s.superseded) for s in steps] == [("replace", "price_old", False), ("delete", "price_older", True)]


def test_refreshes_come_before_what_happens() -> None:
    before = Change("refresh", "Price", "tokens", "price_old", PRICE, PRICE)
    assert [s.op for s in read(text(before, REPLACED)).steps] == ["replace"]


def test_other_resources_are_none_of_its_business() -> None:
    other = text(REPLACED).replace("pulumi-python:dynamic/stripe:Price", "random:index:RandomPet")
    assert read(other).steps == ()


def test_amounts_are_exact() -> None:
    exact = text(Change("create", "Price", "p", new={**PRICE, "unit_amount_decimal": "X"})).replace('"X"', "0.1")
    assert str(read(exact).steps[0].new["unit_amount_decimal"]) == "0.1"


def test_text_around_events_is_skipped() -> None:
    lines = text(REPLACED, streaming=True).splitlines()
    assert len(read("\n".join([*lines[:3], "warning: a word of the engine", *lines[3:]])).steps) == 1


FAILED = [{"severity": "error", "message": "error: resource 'tokens' has a problem:\n unit_amount: is missing"}]
DOCUMENT = text(REPLACED)
EVENTS = text(REPLACED, streaming=True)
FAILED_EVENTS = EVENTS.replace('"succeeded"', '"failed"')


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", "p.json is empty; give what `pulumi preview --json` printed"),
        ("\n \n", "p.json is empty"),
        ("Previewing update (dev):\n", "p.json is not JSON; give what"),
        (DOCUMENT[: len(DOCUMENT) // 2], "p.json is not JSON or was cut off; give what"),
        (json.dumps({"version": 3, "deployment": {}}), "p.json is JSON, but not a preview"),
        ("[]", "p.json is JSON, but not a preview"),
        (EVENTS[: len(EVENTS) // 2], "p.json was cut off; give what"),
        ("\n".join(EVENTS.splitlines()[:4]), "p.json was cut off: it has no summary"),
        (text(diagnostics=FAILED), "p.json failed: resource 'tokens' has a problem: unit_amount: is missing"),
        (FAILED_EVENTS, "p.json failed; correct what it says"),
        (
            EVENTS + json.dumps({"sequence": 9, "diagnosticEvent": FAILED[0]}),
            "p.json failed: resource 'tokens' has a problem: unit_amount: is missing",
        ),
    ],
)
def test_what_is_refused(given: str, reason: str) -> None:
    with pytest.raises(ImpactError) as refused:
        read(given, "p.json")
    assert str(refused.value).startswith(reason)
    assert "\n" not in str(refused.value)


def test_what_is_unknown_stays_so() -> None:
    step = Change("create", "Price", "p", new={**PRICE, "product": UNKNOWN})
    assert read(text(step)).steps[0].new["product"] == UNKNOWN
