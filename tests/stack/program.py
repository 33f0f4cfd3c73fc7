"""This project's own program under mocks, see `stripe_resources.testing`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import yaml

from stripe_resources import testing
from stripe_resources.testing import Declared, Deployment

__all__ = ["NAME", "PROJECT", "ROOT", "STACKS", "Declared", "Deployment", "configuration", "run"]

ROOT = Path(__file__).parents[2]
PROJECT = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
NAME: str = PROJECT["name"]
STACKS = ("dev", "staging", "prod")


def configuration(stack: str) -> dict[str, str]:
    """See `testing.configuration`."""
    return testing.configuration(stack, ROOT)


def run(
    stack: str,
    *,
    preview: bool = False,
    secrets: Mapping[str, str] | None = None,
    missing: Collection[str] = (),
    program: Path | None = None,
    settings: Mapping[str, str] | None = None,
    ids: Mapping[tuple[str, str], str] | None = None,
) -> Deployment:
    """See `testing.run`."""
    return testing.run(
        stack, ROOT, preview=preview, settings=settings, missing=missing, secrets=secrets, ids=ids, program=program
    )
