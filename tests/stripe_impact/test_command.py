"""The command line, as a process, against the local Stripe."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from stripe_impact.computing.bills import ENOUGH
from tests.e2e.project import ROOT
from tests.stripe_impact.command import KEPT, refused, run
from tests.stripe_impact.previews import PRICE, Change, text
from tests.stripe_local.server import LIVE_KEY, TEST_KEY, LocalStripe

DEARER = {**PRICE, "unit_amount": 5, "existing_subscriptions": "migrate"}
USAGE = "customer,price,value\ncus_1,tokens,3025\ncus_2,tokens,25\n"
RETIRED = Change("delete", "Price", "gone", "price_gone", PRICE)


@pytest.fixture
def server(shared_server: LocalStripe) -> Iterator[LocalStripe]:
    shared_server.reset()
    yield shared_server
    shared_server.clear_faults()


class Shop:
    """A price with subscribers, and the preview of a change to it."""

    def __init__(self, server: LocalStripe) -> None:
        self.server, self.client = server, server.client()
        self.meter = self.client.v1.billing.meters.create(
            {"display_name": "T", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
        ).id
        self.product = self.client.v1.products.create({"name": "Tokens", "unit_label": "token"}).id
        recurring = {"interval": "month", "usage_type": "metered", "meter": self.meter}
        self.old = {**PRICE, "product": self.product, "recurring": recurring}
        self.price = self.client.v1.prices.create(self.old).id  # type: ignore[arg-type]

    def subscribe(self, *values: str) -> str:
        customer = self.client.v1.customers.create().id
        self.subscribe_again(customer)
        for value in values:
            payload = {"stripe_customer_id": customer, "value": value}
            self.client.v1.billing.meter_events.create({"event_name": "tokens", "payload": payload})
        return customer

    def subscribe_again(self, customer: str) -> None:
        self.client.v1.subscriptions.create(
            {"customer": customer, "items": [{"price": self.price}], "collection_method": "send_invoice", "days_until_due": 30}
        )

    def preview(self, **config: str) -> str:
        new = {**DEARER, "product": self.product, "recurring": self.old["recurring"]}
        change = Change("replace", "Price", "tokens", self.price, self.old, new)
        return text(change, config={"stripe:apiBase": self.server.url, **config})


@pytest.fixture
def shop(server: LocalStripe) -> Shop:
    return Shop(server)


def test_files(tmp_path: Path, shop: Shop) -> None:
    for _ in range(ENOUGH):
        shop.subscribe("3025")
    options = ("--format", "markdown", "--output", "impact.md", "--svg", "impact.svg", "--svg-url", "https://example.com/i.svg")
    command = [sys.executable, "-m", "stripe_impact", "-", *options]
    done = subprocess.run(
        command, input=shop.preview(), cwd=tmp_path, env={**KEPT, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    comment = (tmp_path / "impact.md").read_text()
    assert comment.startswith("<!-- billing-impact: dev -->\n")
    assert "![How many bills change by how much](https://example.com/i.svg)" in comment
    picture = ElementTree.parse(tmp_path / "impact.svg").getroot()
    texts = {e.tag.rpartition("}")[2]: e.text for e in picture}
    assert picture.attrib["role"] == "img"
    assert picture.attrib["aria-labelledby"] == "title description"
    assert texts["title"] == "Bills by change (USD), shop/dev"
    assert texts["desc"] == (
        "11 customers pay more: 13.64 USD → 17.05 USD (+3.41 USD, +25.0%). "
        "Customers by change of their bill: +0.30 to +0.40 USD: 11."
    )
    assert "prefers-color-scheme: dark" in str(texts["style"])


def test_text_is_the_default(tmp_path: Path, shop: Shop) -> None:
    shop.subscribe("3025")
    assert "then tokens: 3,025 tokens → 31 packages of 100 × 0.05 USD = 1.55 USD" in run(tmp_path, shop.preview()).stdout


def test_no_digit_of_usage_is_lost(tmp_path: Path, shop: Shop) -> None:
    shop.subscribe("123456789012345", "0.001", "-0.0004")
    (bill,) = json.loads(run(tmp_path, shop.preview(), "--format", "json").stdout)["bills"]
    words = bill["subscriptions"][0]["before"][0]["words"]
    assert words.startswith("123,456,789,012,345.0006 tokens → 1,234,567,890,124 packages of 100")


def test_many_subscriptions_and_a_rate_limit(tmp_path: Path, shop: Shop) -> None:
    customer = shop.subscribe("100")
    for _ in range(100):
        shop.subscribe_again(customer)
    shop.server.forget_requests()
    for path in ("/v1/subscriptions", f"/v1/billing/meters/{shop.meter}/event_summaries"):
        shop.server.fault(match={"path": path}, times=1, status=429)
    done = run(tmp_path, shop.preview(**{"stripe:requestsPerSecond": "1000"}), "--format", "json")
    report = json.loads(done.stdout)
    assert report["prices"][0]["subscriptions"] == 101
    assert [len(b["subscriptions"]) for b in report["bills"]] == [101]
    assert {r["method"] for r in shop.server.requests()} == {"GET"}


# -- the right account


def test_a_key_of_the_wrong_mode_is_refused_before_any_request(tmp_path: Path, shop: Shop) -> None:
    shop.server.forget_requests()
    live = refused(run(tmp_path, shop.preview(), STRIPE_API_KEY=LIVE_KEY))
    assert live.startswith("error: STRIPE_API_KEY holds a live key, but this stack is not a live one")
    test = refused(run(tmp_path, shop.preview(**{"stripe:livemode": "true"}), STRIPE_API_KEY=TEST_KEY))
    assert test.startswith("error: STRIPE_API_KEY holds a test key, but this stack says `stripe:livemode: true`")
    assert shop.server.requests() == []
    assert LIVE_KEY not in live
    assert TEST_KEY not in test


def test_another_account_is_refused(tmp_path: Path, shop: Shop) -> None:
    shop.server.forget_requests()
    line = refused(run(tmp_path, shop.preview(**{"stripe:account": "acct_other"}), STRIPE_API_KEY=TEST_KEY))
    assert line.startswith("error: stripe:account: this stack deploys to acct_other, but the key belongs to acct_")
    assert [r["path"] for r in shop.server.requests()] == ["/v1/account"], "which only asks whose key it is"


def test_the_key_is_in_the_environment_only(tmp_path: Path, shop: Shop) -> None:
    preview = shop.preview(**{"stripe:apiBase": "https://api.stripe.com", "stripe:apiKey": "[secret]"})
    line = refused(run(tmp_path, preview))
    assert line.startswith("error: STRIPE_API_KEY is not set, and the change touches prices that somebody may pay")


def test_the_environment_names_the_address_too(tmp_path: Path, shop: Shop) -> None:
    shop.subscribe("1")
    done = run(tmp_path, shop.preview(**{"stripe:apiBase": "https://api.stripe.com"}), STRIPE_API_BASE=shop.server.url)
    assert "1 customer pays more" in done.stdout


# -- what is wrong is one line


def test_what_is_wrong_is_one_line(tmp_path: Path, shop: Shop) -> None:
    cut = refused(run(tmp_path, shop.preview()[:400]))
    assert cut.startswith(
        f"error: {tmp_path / 'preview.json'} is not JSON or was cut off; give what `pulumi preview --json` printed"
    )
    missing = "error: GET /v1/prices/price_gone: Stripe said: No such price: 'price_gone'"
    assert refused(run(tmp_path, text(RETIRED, config={"stripe:apiBase": shop.server.url}))).startswith(missing)
    folder, absent = tmp_path / "no" / "report.md", tmp_path / "none.csv"
    nowhere = refused(run(tmp_path, shop.preview(), "--output", str(folder)))
    assert nowhere == f"error: {folder}: No such file or directory; give another place"
    assert refused(run(tmp_path, shop.preview(), "--usage", str(absent))) == f"error: {absent}: No such file or directory"


# -- without Stripe


def test_a_usage_file(tmp_path: Path, server: LocalStripe) -> None:
    usage = tmp_path / "usage.csv"
    usage.write_text(USAGE)
    change = text(Change("replace", "Price", "tokens", "price_old", PRICE, DEARER), config={"stripe:apiBase": server.url})
    report: dict[str, Any] = json.loads(run(tmp_path, change, "--usage", str(usage), "--format", "json").stdout)
    assert report["verdict"] == "2 customers pay more: 1.28 USD → 1.60 USD (+0.32 USD, +25.0%)."
    assert {b["customer"]: b["after"] for b in report["bills"]} == {"cus_1": 155, "cus_2": 5}
    assert report["source"] == str(usage)
    assert server.requests() == []
