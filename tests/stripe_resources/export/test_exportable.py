"""Which kinds can be exported; and that what a sample makes of each comes out as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stripe_client.client import Client
from stripe_resources.export.exportable import catalogue, exportable
from stripe_resources.register import KINDS
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.samples import SAMPLES
from tests.stripe_resources.world import World

from .exporting import export
from .test_account import holds

EXPORTABLE = exportable(KINDS)


def test_what_an_import_cannot_find_is_not_exported() -> None:
    """A feature of a product has no address without the product."""
    assert KINDS.keys() - EXPORTABLE.keys() == {"stripe:ProductFeature"}


@pytest.mark.parametrize(("kind", "secret"), [("WebhookEndpoint", "secret"), ("EventDestination", "signing_secret")])
def test_that_a_secret_stays_unknown_is_said(kind: str, secret: str, server: LocalStripe, reader: Client) -> None:
    id_ = World(server).made(KINDS[f"stripe:{kind}"].schema.path, **SAMPLES[kind].args)["id"]
    (line,) = export(reader, kinds=[f"stripe:{kind}"]).selection.incomplete
    assert line.startswith(f"{kind} {id_}")
    assert line.endswith(f"{secret} stays unknown: Stripe tells it only when the object is made")


def test_the_catalogue_begins_with_what_others_refer_to() -> None:
    wanted = catalogue(KINDS)
    assert [token for token in EXPORTABLE if token in wanted] == [
        *("stripe:Meter", "stripe:Product", "stripe:Price", "stripe:DefaultPrice"),
    ]


def holding(part: Any, whole: Any) -> bool:
    """Whether the whole has all that the part has, at every depth of maps."""
    return all(holding(v, whole.get(k)) for k, v in part.items()) if isinstance(part, dict) else part == whole


@pytest.mark.parametrize("kind", [k for k, s in SAMPLES.items() if s.has_create and f"stripe:{k}" in EXPORTABLE])
def test_what_a_sample_makes_is_exported(kind: str, server: LocalStripe, reader: Client, tmp_path: Path) -> None:
    world, sample = World(server), SAMPLES[kind]
    args = world.filled(sample.args)
    id_ = world.made(KINDS[f"stripe:{kind}"].schema.path, **args)["id"]
    exported = export(reader, kinds=[f"stripe:{kind}"])
    assert exported.selection.left_out == []
    (resource,) = [r for r in exported.resources if r["id"] == id_]
    assert holding(args, resource["inputs"])
    holds(exported, tmp_path)
