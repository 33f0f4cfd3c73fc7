"""docs/retiring.md has a row for each kind, which says what the kind's docstring says."""

from __future__ import annotations

from scripts.retiring_docs import COMMAND, TARGET, written


def test_the_table_is_not_stale() -> None:
    page = TARGET.read_text()
    assert written(page) == page, f"write it with `{COMMAND}`, or all that is generated with `make generate`"
