"""Displays, from events of our own making."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_local.display import colors, detailed, diffing, outputs, steps, summary, textdiff
from pulumi_local.display.progress import ProgressDisplay, Scene
from pulumi_local.display.properties import Printer, number
from pulumi_local.interfaces import SECRET_SIGNATURE, SECRET_SIGNATURE_KEY, UNKNOWN

ROOT = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


def urn(name: str, kind: str = "shop:index:Shelf") -> str:
    return f"urn:pulumi:dev::shop::{kind}::{name}"


SECRET = {SECRET_SIGNATURE_KEY: SECRET_SIGNATURE, "ciphertext": "[secret]"}


def state(name: str, inputs: dict[str, Any], outs: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "urn": urn(name), "type": "shop:index:Shelf", "custom": True, "id": f"{name}-1", "parent": ROOT,
        "inputs": inputs, "outputs": outs or {}, "provider": "", **more,
    }  # fmt: skip


def step(op: str, name: str, old: dict[str, Any] | None, new: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    return {
        "op": op,
        "urn": urn(name),
        "type": "shop:index:Shelf",
        "old": old,
        "new": new,
        "detailedDiff": None,
        "provider": "",
        **more,
    }


def root(op: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[str, Any]:
    def of(outs: dict[str, Any] | None) -> dict[str, Any] | None:
        return (
            None if outs is None else {"urn": ROOT, "type": "pulumi:pulumi:Stack", "inputs": {}, "outputs": outs, "provider": ""}
        )

    return {
        "op": op,
        "urn": ROOT,
        "type": "pulumi:pulumi:Stack",
        "old": of(old),
        "new": of(new),
        "detailedDiff": None,
        "provider": "",
    }


def pre(metadata: dict[str, Any]) -> dict[str, Any]:
    return {"resourcePreEvent": {"metadata": metadata}}


def done(metadata: dict[str, Any]) -> dict[str, Any]:
    return {"resOutputsEvent": {"metadata": metadata}}


def shown(events: list[dict[str, Any]], *, preview: bool = True) -> str:
    """What the progress view prints, without colours."""
    out = io.StringIO()
    display = ProgressDisplay(Scene("shop", "dev", preview), colors.Output(out, False))
    for event in events:
        display.emit(event)
    display.close()
    return out.getvalue()


def summary_event(changes: dict[str, int], **more: Any) -> dict[str, Any]:
    return {"summaryEvent": {"resourceChanges": changes, "isPreview": True, "durationSeconds": 65, **more}}


def test_rows_tell_what_changes() -> None:
    old, new = state("a", {"kept": 1, "size": 1, "gone": "x"}), state("a", {"kept": 1, "size": 2, "fresh": True})
    text = shown(
        [
            {"preludeEvent": {"config": {}}},
            pre(root("same", {}, {})),
            pre(step("update", "a", old, new)),
            done(step("update", "a", old, new)),
        ]
    )
    assert " ~  shop:index:Shelf a update [diff: +fresh-gone~size]\n" in text


def test_secrets_are_not_told_apart() -> None:
    old, new = state("a", {"key": SECRET, "size": 1}), state("a", {"key": SECRET, "size": 2})
    assert "[diff: ~size]" in shown([pre(step("update", "a", old, new))])
    opened, sealed = state("a", {"key": "x"}), state("a", {"key": SECRET})
    assert "[diff: ~key]" in shown([pre(step("update", "a", opened, sealed))])


def test_what_stays_the_same_is_not_shown_unless_its_protection_changes() -> None:
    same = step("same", "a", state("a", {"x": 1}), state("a", {"x": 2}))
    assert "shop:index:Shelf" not in shown([pre(same), done(same)])
    freed = step("same", "a", state("a", {}, protect=True), state("a", {}))
    assert "    shop:index:Shelf a  [diff: ~protect]\n" in shown([pre(freed), done(freed)])


def test_a_failure_is_marked_and_explained_below() -> None:
    failing = step("create", "a", None, state("a", {}))
    text = shown(
        [
            pre(failing),
            {"resOpFailedEvent": {"metadata": failing, "status": 0, "steps": 0}},
            {
                "diagnosticEvent": {
                    "urn": urn("a"),
                    "prefix": "error: ",
                    "message": "no room\nat all\n",
                    "severity": "error",
                    "color": "never",
                }
            },
            {"diagnosticEvent": {"prefix": "error: ", "message": "update failed\n", "severity": "error", "color": "never"}},
            summary_event({}, isPreview=False),
        ],
        preview=False,
    )
    assert " +  shop:index:Shelf a **creating failed** error: no room\n" in text
    assert text.endswith(
        "Diagnostics:\n"
        "  shop:index:Shelf (a):\n"
        "    error: no room\n"
        "    at all\n"
        "\n"
        "  pulumi:pulumi:Stack (shop-dev):\n"
        "    error: update failed\n"
        "\n"
        "Resources:\n"
        "    2 errored\n"
        "\n"
        "Duration: 1m5s\n"
        "\n"
    )


def test_outputs_show_old_and_new() -> None:
    old = {"same": 1, "text": "colour", "gone": [1], "hidden": "open", "list": [1, 2]}
    new = {"same": 1, "text": "color", "fresh": {"a": None, "b": ""}, "hidden": SECRET, "list": [1, 3, UNKNOWN]}
    text = colors.plain(outputs.rendered(root("same", old, new), indent=1, planning=True))
    assert '  ~ hidden: "open" => [secret]\n' in text
    assert '  ~ text  : "colour" => "color"\n' in text
    assert "same" not in text
    assert "    same  : 1\n" in colors.plain(outputs.rendered(root("same", old, new), indent=1, planning=False))


def test_an_output_that_is_not_known_yet_is_no_change() -> None:
    assert outputs.rendered(root("same", {"id": "x"}, {"id": UNKNOWN}), indent=1, planning=True) == ""
    assert colors.plain(outputs.rendered(root("create", None, {"id": UNKNOWN}), indent=1, planning=True)) == "    id: [unknown]\n"


def test_summary_counts() -> None:
    event = {"resourceChanges": {"create": 1, "update": 2, "same": 3, "read": 4}, "isPreview": True}
    assert (
        colors.plain(summary.rendered(event, 0))
        == "Resources:\n    + 1 to create\n    ~ 2 to update\n    3 changes. 3 unchanged\n"
    )
    event = {"resourceChanges": {"delete": 1}, "isPreview": False, "durationSeconds": 3700}
    assert colors.plain(summary.rendered(event, 1)) == "Resources:\n    - 1 deleted\n    1 errored\n\nDuration: 1h1m40s\n"


def test_policies_are_listed_worst_first() -> None:
    def violation(policy: str, level: str, name: str) -> dict[str, Any]:
        return {
            "policyEvent": {
                "resourceUrn": urn(name), "policyName": policy, "policyPackName": "rules", "policyPackVersion": "1.0.0",
                "enforcementLevel": level, "message": f"{policy}\nis broken\n", "color": "never",
            }
        }  # fmt: skip

    text = shown(
        [
            violation("b", "advisory", "x"),
            violation("a", "mandatory", "y"),
            summary_event({}, PolicyPacks={"rules|local|policy": "1.0.0"}),
        ]
    )
    assert text.endswith(
        "Policies:\n"
        "    ❌ rules@v1.0.0 (local: policy)\n"
        "        - [mandatory]  a  (shop:index:Shelf: y)\n"
        "          a\n"
        "          is broken\n"
        "        - [advisory]  b  (shop:index:Shelf: x)\n"
        "          b\n"
        "          is broken\n"
        "\n"
    )
    assert "✅ rules@v1.0.0" in shown([summary_event({"same": 1}, PolicyPacks={"rules": "1.0.0"})])


def test_details_of_a_preview_are_short() -> None:
    gone = step("delete", "gone", state("gone", {"size": 1}), None)
    made = step("create", "made", None, state("made", {"size": 2}, id=""))
    text = colors.plain(detailed.of_events([pre(root("same", {}, {})), pre(made), pre(gone)]))
    assert text.splitlines() == [
        "pulumi:pulumi:Stack: (same)",
        f"    [urn={ROOT}]",
        "    + shop:index:Shelf: (create)",
        f"        [urn={urn('made')}]",
        "        size: 2",
        "    - shop:index:Shelf: (delete)",
        "        [id=gone-1]",
        f"        [urn={urn('gone')}]",
    ]


def test_a_detailed_diff_of_the_engine_is_followed() -> None:
    old = state("a", {}, {"tags": {"x": "1"}, "list": [1, 2], "size": 1})
    new = state("a", {"tags": {"x": "2", "y": "3"}, "list": [1], "size": 1})
    changes = {"tags.x": {"diffKind": "update"}, "tags.y": {"diffKind": "add-replace"}, "list[1]": {"diffKind": "delete"}}
    parts, _ = diffing.translated(step("update", "a", old, new, detailedDiff=changes), refresh=False)
    assert parts is not None
    printer = Printer(indent=1, prefix=True)
    printer.object_diff(parts)
    assert colors.plain(printer.text).splitlines() == [
        "  ~ list: [",
        "      - [1]: 2",
        "    ]",
        "  ~ tags: {",
        '      ~ x: "1" => "2"',
        '      + y: "3"',
        "    }",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", '"plain"'),
        ('with "quotes"\tand\n', '"with \\"quotes\\"\\tand\\n"'),
        ("übermäßig €", '"übermäßig €"'),
        ("\x07\x80", '"\\a\\u0080"'),
        ('{"a":1}', "(json) {\n        a: 1\n    }\n"),
        (12345678901234567000.0, "12345678901234567168"),
        (1.5, "1.5"),
        (1e-7, "1e-07"),
        (True, "true"),
        (None, "<null>"),
        ([], "[]"),
        ({}, "{}"),
        (UNKNOWN, "[unknown]"),
        (SECRET, "[secret]"),
        ("a\nb\nc\nd", '"a\\nb\\nc\\n..."'),
        ("x" * 200, f'"{"x" * 150}..."'),
    ],
)
def test_values(value: Any, text: str) -> None:
    printer = Printer(indent=1)
    printer.value(value)
    assert colors.plain(printer.text) == f"{text}\n"


@pytest.mark.parametrize(
    ("token", "display"),
    [
        ("pulumi-python:dynamic/stripe:Price", "pulumi-python:dynamic/stripe:Price"),
        ("pulumi-python:dynamic/price:Price", "pulumi-python:dynamic:Price"),
        ("aws:s3/bucketV2:BucketV2", "aws:s3:BucketV2"),
        ("pulumi:pulumi:Stack", "pulumi:pulumi:Stack"),
        ("strange", "strange"),
    ],
)
def test_types_are_shortened_as_the_cli_does(token: str, display: str) -> None:
    assert steps.display_type(token) == display


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3) | st.just(UNKNOWN) | st.just(SECRET),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", min_size=1, max_size=2), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text("abc", min_size=1, max_size=2), json_values, max_size=4)


@settings(max_examples=200, deadline=None)
@given(old=objects, new=objects)
def test_any_two_property_maps_can_be_compared_and_printed(old: dict[str, Any], new: dict[str, Any]) -> None:
    parts = diffing.between_objects(old, new)
    assert diffing.between_objects(new, new) is None
    if parts is not None:
        printer = Printer(indent=1, prefix=True)
        printer.object_diff(parts)
        assert set(parts.keys()) == {
            k for k in {*old, *new} if k in parts.sames or old.get(k) is not None or new.get(k) is not None
        }
        assert all(old.get(k) != new.get(k) for k in (*parts.adds, *parts.deletes, *parts.updates))


@settings(max_examples=100, deadline=None)
@given(old=st.text(max_size=20), new=st.text(max_size=20))
def test_the_pieces_of_a_text_difference_are_both_texts(old: str, new: str) -> None:
    pieces = textdiff.characters(old, new)
    whole = "".join(text for _, text in pieces)
    assert whole == f"{textdiff.quote(old)} => {textdiff.quote(new)}"


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back(value: float) -> None:
    assert float(number(value)) == pytest.approx(value, rel=1e-15, abs=0)
