"""What programs import is written from the files of the kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.resource_exports import PACKAGE, TARGET, TYPES, kind_text, kinds, text, types_text
from stripe_resources.register import KINDS

STALE = "write it with `python -m scripts.resource_exports`, or all with `make generate`"


def test_it_is_not_stale() -> None:
    assert TARGET.read_text() == text(), STALE
    assert TYPES.read_text() == types_text(), STALE


@pytest.mark.parametrize("module", [module for module, _ in kinds()])
def test_each_kind_has_its_arguments_as_outputs(module: str) -> None:
    path = PACKAGE / "kinds" / f"{module}.py"
    assert path.read_text() == kind_text(path), STALE


def test_a_kind_without_a_place_for_outputs_is_named(tmp_path: Path) -> None:
    (tmp_path / "price.py").write_text("class Price: ...\n")
    with pytest.raises(SystemExit, match=r"price.py has no place for the outputs, between\n    # arguments: begin"):
        kind_text(tmp_path / "price.py")


def test_each_file_is_a_kind() -> None:
    assert {f"stripe:{kind}" for _, kind in kinds()} == KINDS.keys()


def test_a_file_that_is_not_of_a_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "shipping_rate.py").write_text("class ShippingRateArgs: ...\n")
    with pytest.raises(SystemExit, match=r"shipping_rate.py needs the classes ShippingRate and ShippingRateArgs"):
        list(kinds(tmp_path))
