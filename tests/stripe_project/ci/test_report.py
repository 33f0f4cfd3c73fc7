"""The comment and the issue, as people read them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stripe_project.ci.report import (
    LONGEST,
    Finding,
    Preview,
    changes,
    comment,
    comment_marker,
    deploys,
    issue_body,
    issue_marker,
    reason,
    rewires,
    steps,
)

COMMENT = comment_marker("shop")
STAGING = Preview(
    "staging",
    {"create": 1, "update": 2},
    (),
    "Previewing update (staging):\n + price",
    "<!-- billing-impact: staging -->\nBills.",
)
PROD = Preview("prod", {}, (), "Previewing update (prod):", "")


def test_the_comment_of_two_stacks() -> None:
    assert (
        comment("shop", [STAGING, PROD])
        == f"""{COMMENT}

## What this does to shop

- **staging**: 1 to create, 2 to update
- **prod**: no changes

<!-- billing-impact: staging -->
Bills.

<details>
<summary>Preview of staging, under the policies</summary>

```
Previewing update (staging):
 + price
```

</details>

<details>
<summary>Preview of prod, under the policies</summary>

```
Previewing update (prod):
```

</details>
"""
    )


def test_what_failed_is_said_first_and_shown_unfolded() -> None:
    text = comment("shop", [Preview("prod", {"update": 1}, ("preview",), "error: no", "")])
    assert "- **prod**: ❌ preview failed: ` error: no `\n" in text
    assert "<details open>" in text


@pytest.mark.parametrize(
    ("log", "why"),
    [
        ("Diagnostics:\n  a:Price (p):\n    error: no such\n      more\n    error: another", "error: no such"),
        ("Policies:\n      - [advisory]  a  (Price: p)\n      - [mandatory]  b  (Price: p)\n", "- [mandatory]  b  (Price: p)"),
        ("one\nthe last one\n\n", "the last one"),
        ("error: " + "x" * 1000, "error: " + "x" * 293 + "…"),
        ("", ""),
    ],
)
def test_the_line_of_the_log_that_says_why_is_beside_the_stack(log: str, why: str) -> None:
    assert reason(Preview("prod", {}, ("preview",), log, "")) == why
    assert reason(Preview("prod", {}, (), log, "")) == ""


def test_a_line_with_backquotes_stays_one_piece_of_code() -> None:
    assert "failed: ``` error: `make up` or ``x`` ```\n" in comment(
        "shop", [Preview("prod", {}, ("preview",), "error: `make up` or ``x``", "")]
    )


def test_it_says_where_the_logs_are() -> None:
    run = "https://github.example/acme/shop/actions/runs/5"
    assert f"the artifacts with all of this as a whole: {run}\n" in comment("shop", [PROD], run)


def test_only_resources_count_and_a_replacement_once() -> None:
    price = "pulumi-python:dynamic/stripe:Price"
    component = {"custom": False}
    found: list[dict[str, Any]] = [
        {"op": op, "urn": f"urn:pulumi:dev::shop::{kind}::x", "new": {"custom": True}, **more}
        for op, kind, more in (
            ("create", "pulumi:pulumi:Stack", {"new": component}),
            ("create", "pkg:Plan", {"new": component}),
            ("update", "pulumi:providers:pulumi-python", {}),
            ("create-replacement", f"pkg:Plan${price}", {}),
            ("replace", f"pkg:Plan${price}", {}),
            ("delete-replaced", f"pkg:Plan${price}", {}),
            ("same", price, {}),
            ("delete", price, {"new": None, "old": {"custom": True}}),
        )
    ]
    assert changes(found) == {"delete": 1, "replace": 1}


PROVIDER = "urn:pulumi:dev::shop::pulumi:providers:pulumi-python::default"
STACK, PRICE = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", "urn:pulumi:dev::shop::pkg:Price::p"


@pytest.mark.parametrize(
    ("stack", "price", "goes_out"),
    [
        ({}, {}, False),
        ({"outputs": {"id": 1, "more": 2}}, {}, True),
        ({"outputs": {}}, {}, True),
        ({}, {"protect": True}, True),
        ({}, {"retainOnDelete": True}, True),
        ({}, {"parent": "urn:other"}, True),
        ({}, {"urn": "urn:pulumi:dev::shop::pkg:Price::q"}, True),
        ({}, {"provider": "urn:pulumi:dev::shop::pulumi:providers:pulumi-python::other::1"}, True),
        ({}, {"provider": f"{PROVIDER}::04da6b54"}, False),
        ({}, {"inputs": {"__version": 2}, "outputs": {"__version": 2}}, False),
    ],
)
def test_what_is_written_into_the_state_goes_out(stack: dict[str, Any], price: dict[str, Any], goes_out: bool) -> None:
    was: dict[str, dict[str, Any]] = {
        STACK: {"urn": STACK, "outputs": {"id": 1}},
        PRICE: {"urn": PRICE, "inputs": {"__version": 1}, "custom": True, "provider": f"{PROVIDER}::5d2c"},
    }
    events = []
    for urn, new in ((STACK, stack), (PRICE, price)):
        metadata = {"op": "same", "urn": urn, "old": was[urn]}
        events += [
            {"resourcePreEvent": {"metadata": {**metadata, "new": {**was[urn], **new, "outputs": {}}}}},
            {"resOutputsEvent": {"metadata": {**metadata, "new": {**was[urn], **new}}}},
        ]
    found = steps("\n".join(map(json.dumps, [{"preludeEvent": {}}, *events])))
    assert [step["urn"] for step in found] == [STACK, PRICE]
    assert deploys(found) is goes_out
    assert changes(found) == {}
    only = "no changes at Stripe, only in the state" if goes_out else "no changes"
    assert f"- **dev**: {only}\n" in comment("shop", [Preview("dev", {}, (), "", "", deploys(found))])


@pytest.mark.parametrize(
    ("goal", "differs"),
    [
        ({}, False),
        ({"dependencies": ["urn:b", "urn:a", "urn:a"]}, False),
        ({"dependencies": ["urn:a"]}, True),
        ({"dependencies": []}, True),
        ({"propertyDependencies": {"product": ["urn:a"], "metadata": []}}, False),
        ({"propertyDependencies": {"product": ["urn:b"]}}, True),
        ({"additionalSecretOutputs": ["url"]}, True),
        ({"customTimeouts": {}}, False),
        ({"customTimeouts": {"create": 0}}, False),
        ({"customTimeouts": {"create": 60}}, True),
        ({"ignoreChanges": ["name"], "inputDiff": {"adds": {"__version": 2}}}, False),
    ],
)
def test_options_that_only_a_plan_shows_go_out(goal: dict[str, Any], differs: bool) -> None:
    """Pulumi writes an option that is empty, or leaves it out."""
    is_ = {"dependencies": ["urn:a", "urn:b"], "propertyDependencies": {"product": ["urn:a"]}}
    plan = {"resourcePlans": {PRICE: {"goal": {**is_, **goal}}, "urn:gone": {"goal": None}, "urn:new": {"goal": is_}}}
    before = {"resources": [{"urn": PRICE, **is_}, {"urn": PRICE, "delete": True}, {"urn": "urn:gone"}]}
    assert rewires(plan, before) is differs


TEXTS = st.text(st.sampled_from("`ab\n<"), max_size=50) | st.text(max_size=30).map(lambda t: t * 3000)


@given(
    st.lists(
        st.builds(Preview, st.sampled_from(["staging", "prod"]), st.just({}), st.just(()), TEXTS, TEXTS),
        min_size=1,
        max_size=4,
    )
)
@example([Preview("staging", {}, (), "```" * 3000, "x" * 6000)] * 3)
def test_a_comment_is_never_too_long_and_its_blocks_are_closed(previews: list[Preview]) -> None:
    text = comment("shop", previews)
    assert text.startswith(COMMENT)
    assert len(text) <= LONGEST
    assert text.count("</details>") >= len(previews)
    fences = re.findall(r"^(`{3,})$", text, re.M)
    assert len(fences) >= 2 * len(previews)


@given(TEXTS, st.booleans())
def test_an_issue_is_found_by_its_first_line(text: str, both: bool) -> None:
    finding = Finding(text, "`make up STACK=prod ARGS='--refresh --run-program'`")
    body = issue_body("shop", "prod", *((finding, finding) if both else (finding,)))
    assert body.startswith(issue_marker("shop", "prod"))
    assert not body.startswith(issue_marker("shop", "pro"))
    assert len(body) <= LONGEST


BLOCKS = ("```text\na line\n```", "````\n```\n````", "<details>\n<summary>Bills</summary>\n\nmore\n\n</details>", "words " * 20)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(BLOCKS), min_size=1).map("\n\n".join), st.integers(1, 4))
def test_what_is_cut_closes_what_it_opened(impact: str, stacks: int) -> None:
    impact = f"<details>\n<summary>All</summary>\n\n{impact}\n\n</details>\n" * (60_000 // len(impact) + 1)
    text = comment("shop", [Preview(f"s{n}", {}, (), "the preview", impact) for n in range(stacks)])
    assert len(text) <= LONGEST
    assert text.count("more characters: see impact.md") == stacks
    assert folds_of_previews(text) == [1] * stacks


def folds_of_previews(text: str) -> list[int]:
    """In how many folds each preview lies, its own included; 99 in a code block."""
    fence, depth, found = "", 0, []
    for line in text.splitlines():
        mark = re.match(r" {0,3}(`{3,})(.*)$", line)
        if "<summary>Preview of" in line:
            found.append(99 if fence else depth)
        if mark and not fence and "`" not in mark[2]:
            fence = mark[1]
        elif mark and fence and len(mark[1]) >= len(fence) and not mark[2].strip():
            fence = ""
        elif not fence:
            depth += line.count("<details") - line.count("</details>")
    return found
