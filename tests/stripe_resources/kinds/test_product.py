"""Product: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import stripe.params as params

from tests.stripe_resources.sample import A_AND_B, Drift, Plan, Sample, Values, Wrong

PRODUCT: Values = {"name": "Hypernian"}
BOX = {"height": 1, "length": 2.5, "weight": 3, "width": 4}

AMOUNTS = ("unit_amount", "unit_amount_decimal", "custom_unit_amount")
TIERS = [
    {"up_to": 10, "unit_amount": 4, "flat_amount": 0},
    {"up_to": "inf", "unit_amount_decimal": "0.5", "flat_amount_decimal": "1.5"},
]
DATA = "default_price_data"


def priced(kept: str, choose: Values | None = None) -> Plan:
    """A product with a default price that says its amount in this way."""
    others = {*AMOUNTS, "tiers"} - {kept}
    omit = {f"{DATA}.{name}" for name in others} | {f"{DATA}.currency_options.{name}" for name in others}
    kept_too = {f"{DATA}.unit_amount"} if kept == "tiers" else set()
    name = kept if kept == "tiers" else f"amount as {kept}"
    return Plan(name, frozenset({"default_price", *omit} - kept_too), {f"{DATA}.currency": ["usd"], **(choose or {})})


SAMPLE = Sample(
    "Product",
    "/v1/products",
    PRODUCT,
    params.ProductCreateParams,
    params.ProductUpdateParams,
    wrong=[
        Wrong("misspelt field", {**PRODUCT, "descripton": "tokens"}, "descripton"),
        Wrong("product without name", {"description": "tokens"}, "name"),
        Wrong("statement descriptor too long", {**PRODUCT, "statement_descriptor": "x" * 23}, "statement_descriptor"),
        Wrong("nine images", {**PRODUCT, "images": [f"https://example.com/{i}.png" for i in range(9)]}, "images"),
        Wrong("url without scheme", {**PRODUCT, "url": "example.com"}, "url"),
        Wrong("boolean as text", {**PRODUCT, "shippable": "yes"}, "shippable"),
        Wrong("metadata key too long", {**PRODUCT, "metadata": {"k" * 41: "v"}}, 'metadata["'),
        Wrong("metadata value too long", {**PRODUCT, "metadata": {"k": "v" * 501}}, 'metadata["k"]'),
        Wrong("too much metadata", {**PRODUCT, "metadata": {f"k{i}": "v" for i in range(50)}}, "metadata"),
        Wrong("metadata is no text", {**PRODUCT, "metadata": {"k": 1}}, 'metadata["k"]'),
    ],
    mutable=[
        Drift("name", "Hypernian", "Theirs"),
        Drift("active", True, False, left=True),
        Drift("default_price", "{price}", "{other_price}"),
        Drift("description", "Tokens", "Theirs"),
        Drift("images", ["https://example.com/a.png"], ["https://example.com/b.png"], left=[]),
        Drift("marketing_features", [{"name": "fast"}], [{"name": "fast"}, {"name": "slow"}], left=[]),
        Drift("metadata", *A_AND_B, left={"a": None, "b": None}),
        Drift("package_dimensions", BOX, {**BOX, "height": 9}),
        Drift("shippable", True, False, left=False),
        Drift("statement_descriptor", "HYPERNIAN", "THEIRS"),
        Drift("tax_code", "txcd_10000000", "txcd_20030000"),
        Drift("unit_label", "token", "theirs"),
        Drift("url", "https://example.com", "https://example.com/theirs"),
    ],
    immutable=[
        Drift("product_id", "ours", "theirs"),
    ],
    plans=[
        Plan("default price", frozenset({DATA})),
        *(priced(amount) for amount in AMOUNTS),
        priced("tiers", {f"{DATA}.currency_options.tiers": [TIERS]}),
    ],
    newer={"tax_details": "new in 2026-09-30.endive", "type": "deprecated: the SDK has it still, the description no more"},
)
