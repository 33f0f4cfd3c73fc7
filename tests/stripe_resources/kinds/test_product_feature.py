"""ProductFeature: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import stripe.params as params

from tests.stripe_resources.sample import Sample, Values, Wrong, without

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
