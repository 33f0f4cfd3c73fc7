"""A user's own project under mocks: what `run` reads, runs and tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from stripe_resources.testing import run

SETTINGS = """
name: shop
runtime: python
main: program
config:
  currency: usd
  amount:
    type: integer
    default: 4
  other:key:
    value: x
  owner: {type: string}
"""

PROGRAM = """
import pulumi
from beside import NAME
from stripe_resources import Price, Product

config = pulumi.Config()
product = Product("it", name=NAME, metadata={"owner": config.get("owner") or "nobody"}, opts=pulumi.ResourceOptions(protect=True))
price = Price("price", product=product.id, currency=config.require("currency"), unit_amount=config.require_int("amount"))
pulumi.export("key", pulumi.Config("stripe").get("apiKey"))
pulumi.export("other", pulumi.Config("other").get("key"))
pulumi.export("price", price.id)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "program").mkdir()
    (tmp_path / "Pulumi.yaml").write_text(SETTINGS)
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  shop:owner: me\n")
    (tmp_path / "Pulumi.empty.yaml").write_text("")
    (tmp_path / "program" / "beside.py").write_text('NAME = "It"\n')
    (tmp_path / "program" / "__main__.py").write_text(PROGRAM)
    return tmp_path


def test_it_runs_as_configured(folder: Path) -> None:
    deployment = run("dev", folder)
    product = deployment.of("Product", "it")
    assert (product.inputs, product.protect) == ({"name": "It", "metadata": {"owner": "me"}}, True)
    assert deployment.resources["price"].inputs == {"product": "it-id", "currency": "usd", "unit_amount": 4}
    assert deployment.outputs == {"key": None, "other": "x", "price": "price-id"}
    assert deployment.problems == []


def test_each_run_is_apart_from_the_next(folder: Path) -> None:
    run("dev", folder, settings={"amount": "5"}, secrets={"stripe:apiKey": "sk_test_x"})
    deployment = run("empty", folder)
    assert deployment.of("Price", "price").inputs["unit_amount"] == 4
    assert deployment.of("Product", "it").inputs["metadata"] == {"owner": "nobody"}
    assert deployment.outputs["key"] is None


def test_ids_of_ones_own_and_none_in_a_preview(folder: Path) -> None:
    kind = "pulumi-python:dynamic/stripe:Product"
    assert run("dev", folder, ids={(kind, "it"): "prod_1"}).of("Price", "price").inputs["product"] == "prod_1"
    preview = run("dev", folder, preview=True)
    assert preview.of("Price", "price").inputs["product"] != "it-id"
    assert preview.problems == []


def test_what_a_preview_would_refuse(folder: Path) -> None:
    deployment = run("dev", folder, settings={"amount": "-1", "currency": "USD"})
    assert sorted(deployment.problems) == [
        "Price \"price\": currency: is 'USD'; give a three-letter ISO currency code in lower case, such as usd",
        'Price "price": unit_amount: -1 is too small; give 0 or more',
    ]


def test_what_there_is_not_is_told_with_what_there_is(folder: Path) -> None:
    with pytest.raises(KeyError, match=r'there is no Price \\?"it\\?"; declared are Product it, Price price'):
        run("dev", folder).of("Price", "it")


def test_what_the_program_raises_comes_through(folder: Path) -> None:
    with pytest.raises(Exception, match="shop:currency"):
        run("dev", folder, missing=["currency"])
