"""ProductFeature: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import pytest
import stripe.params as params

from stripe_resources import StripeError
from tests.stripe_resources.run import Run, read
from tests.stripe_resources.sample import Sample, Values, Wrong, without
from tests.stripe_resources.world import World

PRODUCT_FEATURE: Values = {"product": "{product}", "entitlement_feature": "{feature}"}


class ProductFeatureParams(params.ProductFeatureCreateParams):
    """The path of the request names the product."""

    product: str
    __module__ = params.ProductFeatureCreateParams.__module__  # whose names the annotations are made of


SAMPLE = Sample(
    "ProductFeature",
    "/v1/products/prod_1/features",
    PRODUCT_FEATURE,
    ProductFeatureParams,
    wrong=[
        Wrong("feature of nothing", without(PRODUCT_FEATURE, "product"), "product"),
        Wrong("no feature", without(PRODUCT_FEATURE, "entitlement_feature"), "entitlement_feature"),
    ],
    tried_elsewhere={"entitlement_feature": "below: it is changed at another address"},
    found_by={"product": "prod_1"},
)


def test_a_feature_is_attached_replaced_and_detached(run: Run, world: World) -> None:
    args = {"product": world.product, "entitlement_feature": world.feature}
    id_, outputs = run.create("ProductFeature", "it", args)
    assert read(run, "ProductFeature", id_, outputs) == outputs
    features = f"/v1/products/{world.product}/features"
    other = world.made(features, entitlement_feature=world.other_feature)["id"]
    shown = read(run, "ProductFeature", other, outputs)
    assert {k for k in outputs if shown[k] != outputs[k]} == {"entitlement_feature"}
    run.handler("ProductFeature").delete(id_, outputs)
    new, after = run.replace("ProductFeature", other, shown, args)
    assert after["entitlement_feature"] == world.feature
    assert [f["id"] for f in world.server.http("GET", features).json()["data"]] == [new]
    run.handler("ProductFeature").delete(new, after)
    assert run.read("ProductFeature", new, after) is None


def test_a_feature_that_somebody_else_attached_stays_theirs(run: Run, world: World) -> None:
    args = {"product": world.product, "entitlement_feature": world.feature}
    world.made(f"/v1/products/{world.product}/features", entitlement_feature=world.feature)
    with pytest.raises(StripeError, match="this stack declares neither"):
        run.create("ProductFeature", "it", args)


def test_a_feature_moves_to_another_product_and_back_within_a_day(run: Run, world: World) -> None:
    feature = {"entitlement_feature": world.feature}
    id_, outputs = run.create("ProductFeature", "it", {"product": world.product, **feature})
    for product, left in ((world.other_product, world.product), (world.product, world.other_product)):
        id_, outputs = run.replace("ProductFeature", id_, outputs, {"product": product, **feature})
        attached = {
            p: [f["id"] for f in world.server.http("GET", f"/v1/products/{p}/features").json()["data"]] for p in (product, left)
        }
        assert attached == {product: [id_], left: []}
