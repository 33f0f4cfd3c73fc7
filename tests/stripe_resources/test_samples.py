"""Every kind has a sample, in a file of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stripe_resources.register import KINDS

from .samples import SAMPLES

FOLDER = Path(__file__).parent / "kinds"


@pytest.mark.parametrize("token", KINDS)
def test_a_kind_has_its_sample(token: str) -> None:
    kind = token.partition(":")[2]
    file = f"test_{re.sub('(?<=[a-z])(?=[A-Z])', '_', kind).lower()}.py"
    assert kind in SAMPLES, (
        f"write {(FOLDER / file).relative_to(Path.cwd())} with SAMPLE = Sample({kind!r}, …): test_tax_rate.py beside it "
        "is an example, and sample.py says what each part is for"
    )
    assert (FOLDER / file).exists(), f"the sample of {kind} belongs into {file}"


def test_a_sample_is_of_a_kind() -> None:
    assert {f"stripe:{kind}" for kind in SAMPLES} <= KINDS.keys()
