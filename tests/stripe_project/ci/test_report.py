"""The comment and the issue, as people read them."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from stripe_project.ci.report import COMMENT, LONGEST, Finding, Preview, changes, comment, issue_body, issue_marker

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
        comment([STAGING, PROD])
        == f"""{COMMENT}

## What this does

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
    text = comment([Preview("prod", {"update": 1}, ("preview",), "error: no", "")])
    assert "- **prod**: ❌ preview failed" in text
    assert "<details open>" in text


def test_only_resources_count_and_a_replacement_once() -> None:
    price = "pulumi-python:dynamic/stripe:Price"
    component = {"custom": False}
    steps: list[dict[str, Any]] = [
        {"op": op, "urn": f"urn:pulumi:dev::shop::{kind}::x", "newState": {"custom": True}, **more}
        for op, kind, more in (
            ("create", "pulumi:pulumi:Stack", {"newState": component}),
            ("create", "pkg:Plan", {"newState": component}),
            ("update", "pulumi:providers:pulumi-python", {}),
            ("create-replacement", f"pkg:Plan${price}", {}),
            ("replace", f"pkg:Plan${price}", {}),
            ("delete-replaced", f"pkg:Plan${price}", {}),
            ("same", price, {}),
            ("delete", price, {"newState": None, "oldState": {"custom": True}}),
        )
    ]
    assert changes(steps) == {"delete": 1, "replace": 1}


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
    text = comment(previews)
    assert text.startswith(COMMENT)
    assert len(text) <= LONGEST
    assert text.count("</details>") >= len(previews)
    fences = re.findall(r"^(`{3,})$", text, re.M)
    assert len(fences) >= 2 * len(previews)


@given(TEXTS, st.booleans())
def test_an_issue_is_found_by_its_first_line(text: str, both: bool) -> None:
    finding = Finding(text, "`make up STACK=prod ARGS='--refresh --run-program'`")
    body = issue_body("prod", *((finding, finding) if both else (finding,)))
    assert body.startswith(issue_marker("prod"))
    assert not body.startswith(issue_marker("pro"))
    assert len(body) <= LONGEST
