"""The samples of all kinds, each from the kind's own test file."""

from __future__ import annotations

import importlib
from pathlib import Path

from .sample import Sample, Wrong

_FOLDER = Path(__file__).parent / "kinds"


def _samples() -> dict[str, Sample]:
    modules = [importlib.import_module(f"{__package__}.kinds.{path.stem}") for path in sorted(_FOLDER.glob("test_*.py"))]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Sample)]
    return {sample.kind: sample for sample in found}


SAMPLES = _samples()
"""By kind. That none is missing is tested in `test_samples`."""

VERSION_1 = {kind: sample for kind, sample in SAMPLES.items() if sample.path.startswith("/v1/")}
"""Those of version 1 of the API, which is what stripe-mock serves."""

WRONG: list[tuple[str, Wrong]] = [(kind, wrong) for kind, sample in SAMPLES.items() for wrong in sample.wrong]
"""(kind, arguments that a preview must refuse)"""
