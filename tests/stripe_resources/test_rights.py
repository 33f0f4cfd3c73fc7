"""docs/keys.md: the permissions that each kind of resource needs are those that a run needs, one taken away at a time."""

from __future__ import annotations

import pytest

from scripts.rights_docs import TARGET, rows
from stripe_local.wire.rights import PERMISSIONS
from tests.sampling import short
from tests.stripe_local.server import LocalStripe

from .kind_rights import COMMAND, NOTHING, row
from .samples import SAMPLES

ROWS = rows(TARGET.read_text(), "kinds")


def test_every_kind_has_a_row_of_stripes_permissions() -> None:
    assert list(ROWS) == [f"`{kind}`" for kind in sorted(SAMPLES)]
    named = {one.strip("`") for row in ROWS.values() for cell in row[1:] for one in cell.split(", ")}
    assert named - {NOTHING} <= PERMISSIONS


@pytest.mark.parametrize("kind", short(sorted(SAMPLES), 3, str))
def test_a_kind_needs_what_the_table_says(shared_server: LocalStripe, kind: str) -> None:
    assert row(shared_server, SAMPLES[kind]) == ROWS[f"`{kind}`"], f"write it with `{COMMAND}`"
