"""Whatever an account has: the exported program declares it, and no change to it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stripe_client.client import Client
from stripe_resources._core.values.ownership import TAG
from tests.stripe_local.server import LocalStripe

from .exporting import export
from .test_account import holds

CATALOGUE = ("stripe:Meter", "stripe:Product", "stripe:Price")

# What people type: any character that JSON and forms carry, not only blanks.
ADDRESS = st.from_regex(r"https://[a-z]{1,9}\.example/[\w%?=&-]{0,9}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=20).filter(str.strip)
METADATA = st.dictionaries(TEXT.filter(lambda key: not set("[]") & set(key) and key != TAG), TEXT, max_size=3)
WHOLE = st.integers(0, 10**11)
DECIMAL = st.decimals(0, 10**6, places=12, allow_nan=False).map(lambda d: format(d, "f"))
AMOUNT = WHOLE.map(lambda n: {"unit_amount": n}) | DECIMAL.map(lambda d: {"unit_amount_decimal": d})
FLAT = WHOLE.map(lambda n: {"flat_amount": n}) | DECIMAL.map(lambda d: {"flat_amount_decimal": d})
TAX = st.sampled_from(["unspecified", "exclusive", "inclusive"]).map(lambda t: {"tax_behavior": t}) | st.just({})
CUSTOM = st.fixed_dictionaries(
    {"enabled": st.just(True)}, optional={"minimum": st.integers(50, 99), "maximum": st.integers(100, 10**6)}
)


def merged(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda found: {k: v for part in found for k, v in part.items()})


@st.composite
def tiers(draw: st.DrawFn) -> list[dict[str, Any]]:
    bounds = sorted(draw(st.sets(st.integers(1, 10**9), max_size=3)))
    amounts = AMOUNT | FLAT | merged(AMOUNT, FLAT)
    return [{"up_to": up_to, **draw(amounts)} for up_to in (*bounds, "inf")]


def options(amounts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    found = st.dictionaries(st.sampled_from(["eur", "gbp", "jpy"]), merged(amounts, TAX), min_size=1, max_size=2)
    return found.map(lambda o: {"currency_options": o}) | st.just({})


METERS = st.fixed_dictionaries(
    {"display_name": TEXT, "default_aggregation": st.sampled_from(["sum", "count", "last"]).map(lambda f: {"formula": f})},
    optional={
        "customer_mapping": TEXT.map(lambda key: {"type": "by_id", "event_payload_key": key}),
        "value_settings": TEXT.map(lambda key: {"event_payload_key": key}),
        "event_time_window": st.sampled_from(["day", "hour"]),
    },
)
PRODUCTS = st.fixed_dictionaries(
    {"name": TEXT},
    optional={
        "description": TEXT,
        "images": st.lists(ADDRESS, min_size=1, max_size=2),
        "marketing_features": st.lists(TEXT.map(lambda name: {"name": name}), min_size=1, max_size=2),
        "metadata": METADATA,
        "package_dimensions": st.fixed_dictionaries(
            dict.fromkeys(("height", "length", "weight", "width"), st.integers(0, 400).map(lambda n: n / 4))
        ),
        "shippable": st.booleans(),
        "statement_descriptor": st.from_regex(r"[A-Z][A-Z0-9.#]{0,9}", fullmatch=True),
        "tax_code": st.from_regex("txcd_[0-9]{8}", fullmatch=True),
        "unit_label": TEXT.map(lambda text: text.strip()[:12].strip()).filter(bool),
        "url": ADDRESS,
    },
)
SAYING = st.fixed_dictionaries({}, optional={"nickname": TEXT, "metadata": METADATA})
INTERVAL = st.fixed_dictionaries(
    {"interval": st.sampled_from(["day", "week", "month", "year"])}, optional={"interval_count": st.integers(1, 3)}
)
LICENSED = merged(INTERVAL, st.fixed_dictionaries({}, optional={"trial_period_days": st.integers(1, 730)}))
METERED = INTERVAL.map(lambda i: {**i, "usage_type": "metered", "meter": ""})
PACKAGES = st.builds(lambda n, r: {"divide_by": n, "round": r}, st.integers(1, 10**6), st.sampled_from(["up", "down"]))

ONE_TIME = merged(AMOUNT, options(AMOUNT)) | CUSTOM.map(lambda c: {"custom_unit_amount": c})
RECURRING = merged(
    AMOUNT,
    options(AMOUNT),
    (LICENSED | METERED).map(lambda r: {"recurring": r}),
    st.fixed_dictionaries({}, optional={"transform_quantity": PACKAGES}),
)
TIERED = merged(
    tiers().map(lambda t: {"billing_scheme": "tiered", "tiers": t}),
    st.sampled_from(["graduated", "volume"]).map(lambda mode: {"tiers_mode": mode}),
    options(tiers().map(lambda t: {"tiers": t})),
    (LICENSED | METERED).map(lambda r: {"recurring": r}),
)
PRICES = merged(SAYING, TAX, ONE_TIME | RECURRING | TIERED)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    meters=st.lists(st.tuples(TEXT, METERS), min_size=1, max_size=2, unique_by=lambda m: m[0].strip()),
    products=st.lists(PRODUCTS, min_size=1, max_size=2),
    prices=st.lists(st.tuples(PRICES, st.none() | TEXT), max_size=5, unique_by=lambda p: (p[1] or "").strip() or id(p)),
    data=st.data(),
)
@pytest.mark.thorough
def test_any_account(
    server: LocalStripe, reader: Client, meters: list[Any], products: list[Any], prices: list[Any], data: st.DataObject
) -> None:
    server.reset()
    stripe = server.client().v1
    counted = [stripe.billing.meters.create({"event_name": name, **meter}).id for name, meter in meters]
    sold = [stripe.products.create(product).id for product in products]
    for price, key in prices:
        params = {"currency": "usd", "product": data.draw(st.sampled_from(sold)), **price}
        if "meter" in price.get("recurring", {}):
            params["recurring"] = {**price["recurring"], "meter": data.draw(st.sampled_from(counted))}
        stripe.prices.create({**params, "lookup_key": key} if key else params)
    exported = export(reader, kinds=CATALOGUE)
    assert exported.selection.left_out == []
    assert len(exported.resources) == len(meters) + len(products) + len(prices)
    with tempfile.TemporaryDirectory() as folder:
        holds(exported, Path(folder))
