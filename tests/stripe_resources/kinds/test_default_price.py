"""DefaultPrice: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import stripe.params as params

from tests.stripe_resources.sample import Drift, Sample, Values, Wrong, without

DEFAULT_PRICE: Values = {"product": "{product}", "default_price": "{price}"}


class DefaultPriceParams(params.ProductUpdateParams):
    """A default price is set by an update of the product, which the path names."""

    id: str
    __module__ = params.ProductUpdateParams.__module__  # whose names the annotations are made of


SAMPLE = Sample(
    "DefaultPrice",
    "/v1/products",
    DEFAULT_PRICE,
    DefaultPriceParams,
    params.ProductUpdateParams,
    wrong=[
        Wrong("default price of nothing", without(DEFAULT_PRICE, "product"), "product"),
        Wrong("no default price", without(DEFAULT_PRICE, "default_price"), "default_price"),
    ],
    mutable=[
        Drift("default_price", "{price}", "{other_price}", {"product": "{product}"}),
    ],
    tried_elsewhere={"product": "nowhere: it is a part of its product, and that one's id is its own"},
    has_create=False,
    retired_by="GET /v1/products/id_1",
)
