"""EntitlementFeature: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import pytest
from stripe.params import entitlements

from stripe_resources import StripeError
from tests.stripe_resources.run import Run
from tests.stripe_resources.sample import A_AND_B, Drift, Sample, Values, Wrong, without
from tests.stripe_resources.world import World

FEATURE: Values = {"lookup_key": "long-context", "name": "Long context"}

SAMPLE = Sample(
    "EntitlementFeature",
    "/v1/entitlements/features",
    FEATURE,
    entitlements.FeatureCreateParams,
    entitlements.FeatureUpdateParams,
    wrong=[
        Wrong("feature without key", without(FEATURE, "lookup_key"), "lookup_key"),
        Wrong("feature with a long key", {**FEATURE, "lookup_key": "x" * 81}, "lookup_key"),
        Wrong("feature without name", without(FEATURE, "name"), "name"),
    ],
    mutable=[
        Drift("active", True, False, left=True),
        Drift("metadata", *A_AND_B, left={"a": None, "b": None}),
        Drift("name", "Long context", "Theirs"),
    ],
    immutable=[
        Drift("lookup_key", "ours", "theirs"),
    ],
    retired_by="POST /v1/entitlements/features/id_1",
)


def test_an_archived_feature_of_somebody_else_stays(run: Run, world: World) -> None:
    theirs = world.made("/v1/entitlements/features", **FEATURE)["id"]
    world.made(f"/v1/entitlements/features/{theirs}", active=False)
    with pytest.raises(StripeError, match="already uses that lookup key"):
        run.create("EntitlementFeature", "it", FEATURE)
