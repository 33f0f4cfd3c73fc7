"""What programs import is written from the files of the kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.resource_exports import TARGET, kinds, text
from stripe_resources.register import KINDS


def test_it_is_not_stale() -> None:
    assert TARGET.read_text() == text(), "write it with `python -m scripts.resource_exports`, or all with `make generate`"


def test_each_file_is_a_kind() -> None:
    assert {f"stripe:{kind}" for _, kind in kinds()} == KINDS.keys()


def test_a_file_that_is_not_of_a_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "_shared.py").write_text("")
    (tmp_path / "shipping_rate.py").write_text("class ShippingRateArgs: ...\n")
    with pytest.raises(SystemExit, match=r"shipping_rate.py needs the classes ShippingRate and ShippingRateArgs"):
        list(kinds(tmp_path))
